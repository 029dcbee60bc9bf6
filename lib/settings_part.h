/* What the parts of the configuration's reader share; nobody else includes it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_PART_H
#define HA_SETTINGS_PART_H

#include <confuse.h>

struct settings_bond;
struct settings_dns;
struct settings_ipvs;
struct settings_peer;
struct settings_vrrp;

/* End the program, naming the file and the line. */
void settings_refuse(int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* A validation (confuse.h) that wants an absolute path of at most 107 octets. */
int settings_check_path(cfg_t *section, cfg_opt_t *option);

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

/* The section `ipvs'. */
extern cfg_opt_t settings_ipvs_options[];
void settings_ipvs_validate(cfg_t *parser);
struct settings_ipvs *settings_ipvs_take(cfg_t *section);
void settings_ipvs_free(struct settings_ipvs *ipvs);

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
