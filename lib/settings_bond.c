/* The section `bond' of the configuration: bonds that are expected, and their ports.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_bond.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_part.h"

static cfg_opt_t bond_options[] = { CFG_STR_LIST("ports", NULL, CFGF_NODEFAULT),
				    CFG_BOOL("switchable", cfg_false, CFGF_NONE), CFG_END() };

cfg_opt_t settings_bond_options[] = {
	CFG_STR("watch", "auto", CFGF_NONE),
	CFG_SEC("bond", bond_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES), CFG_END()
};

/* What the kernel takes for one (dev_valid_name), but printable, for it is shown. */
static bool is_interface(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= SETTINGS_INTERFACE_SIZE || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (!isgraph((unsigned char)*name) || *name == '/' || *name == ':')
			return false;
	return true;
}

static int check_bond(cfg_t *section, cfg_opt_t *option)
{
	const char *title = cfg_title(cfg_opt_getnsec(option, cfg_opt_size(option) - 1));

	if (cfg_opt_size(option) > SETTINGS_BONDS_MAX) {
		cfg_error(section, "more than %d bonds", SETTINGS_BONDS_MAX);
		return -1;
	}
	if (is_interface(title))
		return 0;
	cfg_error(section, "\"%s\" is not a name of an interface", title);
	return -1;
}

void settings_bond_validate(cfg_t *parser)
{
	cfg_set_validate_func(parser, "bond|bond", check_bond);
}

static bool is_taken(const struct settings_expected_bond *bond, const char *port)
{
	for (size_t i = 0; i < bond->ports_count; i++)
		if (!strcmp(bond->ports[i], port))
			return true;
	return false;
}

/* A port belongs to one bond, and once. */
static void take_port(const struct settings_bond *all, struct settings_expected_bond *bond,
		      cfg_t *section, const char *port)
{
	if (!is_interface(port))
		settings_refuse(section->line,
				"bond \"%s\", which ends here: \"%s\" is not a name of an "
				"interface",
				bond->name, port);
	for (size_t i = 0; i <= all->bonds_count; i++)
		if (is_taken(&all->bonds[i], port))
			settings_refuse(section->line,
					"bond \"%s\", which ends here: port \"%s\" is named twice",
					bond->name, port);
	text_put(bond->ports[bond->ports_count], SETTINGS_INTERFACE_SIZE, port);
	bond->ports_count++;
}

static void take_bond(struct settings_bond *all, cfg_t *section)
{
	struct settings_expected_bond *bond = &all->bonds[all->bonds_count];
	unsigned int count = cfg_size(section, "ports");

	TEXT_PUT(bond->name, cfg_title(section));
	if (count > SETTINGS_PORTS_MAX)
		settings_refuse(section->line, "bond \"%s\", which ends here: more than %d ports",
				bond->name, SETTINGS_PORTS_MAX);
	bond->ports = memory_new(count + 1, sizeof(*bond->ports));
	for (unsigned int i = 0; i < count; i++)
		take_port(all, bond, section, cfg_getnstr(section, "ports", i));
	bond->switchable = cfg_getbool(section, "switchable");
	if (bond->switchable && !count)
		settings_refuse(section->line,
				"bond \"%s\", which ends here: switchable needs its ports",
				bond->name);
	all->bonds_count++;
}

struct settings_bond *settings_bond_take(cfg_t *section)
{
	struct settings_bond *all = memory_new(1, sizeof(*all));
	unsigned int count = cfg_size(section, "bond");

	all->bonds = memory_new(count + 1, sizeof(*all->bonds));
	for (unsigned int i = 0; i < count; i++)
		take_bond(all, cfg_getnsec(section, "bond", i));
	return all;
}

void settings_bond_free(struct settings_bond *all)
{
	for (size_t i = 0; i < all->bonds_count; i++)
		free(all->bonds[i].ports);
	free(all->bonds);
	free(all);
}
