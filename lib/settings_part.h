/* What the parts of the configuration's reader share; nobody else includes it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_PART_H
#define HA_SETTINGS_PART_H

#include <confuse.h>
#include <stdbool.h>
#include <stddef.h>

struct settings;
struct settings_bond;
struct settings_dns;
struct settings_groups;
struct settings_ipvs;
struct settings_nfs;
struct settings_peer;
struct settings_vrrp;

/* End the program, naming the file and the line. */
void settings_refuse(int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* A validation (confuse.h) that wants an absolute path of at most 107 octets; the second one lets
 * an empty text pass. */
int settings_check_path(cfg_t *section, cfg_opt_t *option);
int settings_check_optional_path(cfg_t *section, cfg_opt_t *option);

/* What validations of whole numbers, with what is to stand behind them ("", " seconds"), and of
 * seconds with fractions end with. */
int settings_check_number(cfg_t *section, cfg_opt_t *option, long min, long max, const char *unit);
int settings_check_seconds(cfg_t *section, cfg_opt_t *option, double min, double max);

/* 1 to `longest' letters, digits, ._-+, beginning with a letter or a digit. */
bool settings_is_name(const char *name, size_t longest);

/* A copy of the text of an option; NULL when it is empty or was not said. */
char *settings_take_text(cfg_t *section, const char *option);

/* Behind the quoted text that begins here, or at the end of the file. */
char *settings_skip_quoted(char *text);

/* The section `dns': its options, their validations, what stands in it. */
extern cfg_opt_t settings_dns_options[];
void settings_dns_validate(cfg_t *parser);
struct settings_dns *settings_dns_take(cfg_t *section);
void settings_dns_free(struct settings_dns *dns);

/* The section `bond'. */
extern cfg_opt_t settings_bond_options[];
void settings_bond_validate(cfg_t *parser);
struct settings_bond *settings_bond_take(cfg_t *section);
void settings_bond_free(struct settings_bond *all);

/* The sections `group', taken when those of DRBD and VRRP are in `settings', to whose resources
 * theirs are added. */
extern cfg_opt_t settings_group_options[];
void settings_group_validate(cfg_t *parser);
struct settings_groups *settings_group_take(struct settings *settings, cfg_t *parser);
void settings_group_free(struct settings_groups *groups);

/* The section `ipvs'. */
extern cfg_opt_t settings_ipvs_options[];
void settings_ipvs_validate(cfg_t *parser);
struct settings_ipvs *settings_ipvs_take(cfg_t *section);
void settings_ipvs_free(struct settings_ipvs *ipvs);

/* The section `nfs'. */
extern cfg_opt_t settings_nfs_options[];
void settings_nfs_validate(cfg_t *parser);
struct settings_nfs *settings_nfs_take(cfg_t *section);
void settings_nfs_free(struct settings_nfs *nfs);

/* The section `peer'. Its passwords are taken out of the text of the whole file before it is read,
 * and the letter x put in their place; there is no comment in it. In `twin' the same octets are
 * overwritten. */
extern cfg_opt_t settings_peer_options[];
void settings_peer_hide(char *text, char *twin);
void settings_peer_validate(cfg_t *parser);
struct settings_peer *settings_peer_take(cfg_t *section);
void settings_peer_free(struct settings_peer *peer);

/* The section `vrrp'. */
extern cfg_opt_t settings_vrrp_options[];
void settings_vrrp_validate(cfg_t *parser);
struct settings_vrrp *settings_vrrp_take(cfg_t *section);
void settings_vrrp_free(struct settings_vrrp *vrrp);

#endif
