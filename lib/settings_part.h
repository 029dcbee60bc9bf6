/* What the parts of the configuration's reader share; nobody else includes it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_PART_H
#define HA_SETTINGS_PART_H

#include <confuse.h>

struct settings_bond;
struct settings_dns;
struct settings_ipvs;

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

#endif
