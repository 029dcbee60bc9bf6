/* The section `vrrp' of the configuration: keepalived, and its instances.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_vrrp.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_part.h"

static cfg_opt_t instance_options[] = { CFG_STR("hold", "", CFGF_NONE),
					CFG_BOOL("switchable", cfg_false, CFGF_NONE), CFG_END() };

cfg_opt_t settings_vrrp_options[] = { CFG_STR("watch", "auto", CFGF_NONE),
				      CFG_STR("pid-file", "/run/keepalived.pid", CFGF_NONE),
				      CFG_STR("fifo", "", CFGF_NONE),
				      CFG_STR("json", "/tmp/keepalived.json", CFGF_NONE),
				      CFG_STR("data", "/tmp/keepalived.data", CFGF_NONE),
				      CFG_FLOAT("interval", 10, CFGF_NONE),
				      CFG_FLOAT("grace", 2, CFGF_NONE),
				      CFG_SEC("instance", instance_options,
					      CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
				      CFG_END() };

/* ---- validation, where the reader knows the line ---- */

/* keepalived takes any word for a name. It is shown, and travels as an index. */
static bool is_instance(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= sizeof(((struct settings_instance *)0)->name))
		return false;
	for (; *name; name++)
		if (!isgraph((unsigned char)*name))
			return false;
	return true;
}

static int check_instance(cfg_t *section, cfg_opt_t *option)
{
	cfg_t *instance = cfg_opt_getnsec(option, cfg_opt_size(option) - 1);

	if (cfg_opt_size(option) > SETTINGS_INSTANCES_MAX) {
		cfg_error(section, "more than %d instances", SETTINGS_INSTANCES_MAX);
		return -1;
	}
	if (!is_instance(cfg_title(instance))) {
		cfg_error(section,
			  "\"%s\" is not a name of an instance (1 to 64 characters, no blanks)",
			  cfg_title(instance));
		return -1;
	}
	if (!cfg_getbool(instance, "switchable") || *cfg_getstr(instance, "hold"))
		return 0;
	cfg_error(section, "instance \"%s\" cannot be switchable without hold",
		  cfg_title(instance));
	return -1;
}

static int check_interval(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.5, 3600);
}

static int check_grace(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.1, 3600);
}

void settings_vrrp_validate(cfg_t *parser)
{
	cfg_set_validate_func(parser, "vrrp|pid-file", settings_check_path);
	cfg_set_validate_func(parser, "vrrp|fifo", settings_check_optional_path);
	cfg_set_validate_func(parser, "vrrp|json", settings_check_path);
	cfg_set_validate_func(parser, "vrrp|data", settings_check_path);
	cfg_set_validate_func(parser, "vrrp|interval", check_interval);
	cfg_set_validate_func(parser, "vrrp|grace", check_grace);
	cfg_set_validate_func(parser, "vrrp|instance|hold", settings_check_optional_path);
	cfg_set_validate_func(parser, "vrrp|instance", check_instance);
}

/* ---- what stands there ---- */

/* One file that held two instances could not be released for one of them. */
static void check_hold(const struct settings_vrrp *vrrp, const struct settings_instance *instance)
{
	for (const struct settings_instance *other = vrrp->instances; other < instance; other++)
		if (instance->hold && other->hold && !strcmp(instance->hold, other->hold))
			settings_refuse(instance->line,
					"instance \"%s\", which ends here: its hold is that of "
					"instance \"%s\"",
					instance->name, other->name);
}

struct settings_vrrp *settings_vrrp_take(cfg_t *section)
{
	struct settings_vrrp *vrrp = memory_new(1, sizeof(*vrrp));

	vrrp->pid_file = memory_text(cfg_getstr(section, "pid-file"));
	vrrp->fifo = settings_take_text(section, "fifo");
	vrrp->json = memory_text(cfg_getstr(section, "json"));
	vrrp->data = memory_text(cfg_getstr(section, "data"));
	vrrp->interval = llround(cfg_getfloat(section, "interval") * 1e3);
	vrrp->grace = llround(cfg_getfloat(section, "grace") * 1e3);
	vrrp->instances_count = cfg_size(section, "instance");
	vrrp->instances = memory_new(vrrp->instances_count + 1, sizeof(*vrrp->instances));
	for (unsigned int i = 0; i < vrrp->instances_count; i++) {
		struct settings_instance *instance = &vrrp->instances[i];
		cfg_t *part = cfg_getnsec(section, "instance", i);

		TEXT_PUT(instance->name, cfg_title(part));
		instance->line = part->line;
		instance->hold = settings_take_text(part, "hold");
		instance->switchable = cfg_getbool(part, "switchable");
		check_hold(vrrp, instance);
	}
	return vrrp;
}

void settings_vrrp_free(struct settings_vrrp *vrrp)
{
	for (size_t i = 0; i < vrrp->instances_count; i++)
		free(vrrp->instances[i].hold);
	free(vrrp->instances);
	free(vrrp->pid_file);
	free(vrrp->fifo);
	free(vrrp->json);
	free(vrrp->data);
	free(vrrp);
}
