/* The sections `group' of the configuration: services that move as a whole from node to node.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_group.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/path.h"
#include "lib/settings.h"
#include "lib/settings_part.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"

#define GROUP_NAME_MAX (sizeof(((struct settings_group *)0)->name) - 1)
#define MEMBER_NAME_MAX (sizeof(((struct settings_member *)0)->name) - 1)

/* Milliseconds from the last time that the watchdog must be fed to the end of its lease. */
#define WATCHDOG_MARGIN 200

/* RFC 7530, 3.1. */
#define NFS_PORT 2049

#define TITLED (CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)
#define TIMES CFG_FLOAT("start-time", 10, CFGF_NONE), CFG_FLOAT("stop-time", 10, CFGF_NONE)

static cfg_opt_t drbd_options[] = { TIMES, CFG_END() };

static cfg_opt_t mount_options[] = { CFG_STR("device", "", CFGF_NONE),
				     CFG_STR("resource", "", CFGF_NONE),
				     CFG_STR("type", "", CFGF_NONE),
				     CFG_STR("options", "", CFGF_NONE),
				     TIMES,
				     CFG_END() };

static cfg_opt_t service_options[] = { TIMES, CFG_END() };

static cfg_opt_t command_options[] = { CFG_STR_LIST("start", NULL, CFGF_NODEFAULT),
				       CFG_STR_LIST("stop", NULL, CFGF_NODEFAULT),
				       CFG_STR_LIST("status", NULL, CFGF_NODEFAULT), TIMES,
				       CFG_END() };

static cfg_opt_t export_options[] = { CFG_STR("client", "", CFGF_NONE),
				      CFG_STR("options", "", CFGF_NONE), TIMES, CFG_END() };

static cfg_opt_t nfs_options[] = { CFG_STR_LIST("address", NULL, CFGF_NODEFAULT),
				   CFG_STR("scope", "", CFGF_NONE),
				   CFG_STR("storage", "", CFGF_NONE), TIMES, CFG_END() };

cfg_opt_t settings_group_options[] = { CFG_STR("vrrp", "", CFGF_NONE),
				       CFG_STR("fencing", NULL, CFGF_NODEFAULT),
				       CFG_STR_LIST("witness", NULL, CFGF_NODEFAULT),
				       CFG_STR_LIST("fence", NULL, CFGF_NODEFAULT),
				       CFG_FLOAT("fence-time", 30, CFGF_NONE),
				       CFG_FLOAT("lease", 1, CFGF_NONE),
				       CFG_FLOAT("give-up", 1.4, CFGF_NONE),
				       CFG_FLOAT("takeover", 3, CFGF_NONE),
				       CFG_STR("watchdog", "", CFGF_NONE),
				       CFG_INT("watchdog-timeout", 2, CFGF_NONE),
				       CFG_INT("cool-down", 10, CFGF_NONE),
				       CFG_INT("maintenance", 60, CFGF_NONE),
				       CFG_BOOL("switchable", cfg_false, CFGF_NONE),
				       CFG_SEC("drbd", drbd_options, TITLED),
				       CFG_SEC("mount", mount_options, TITLED),
				       CFG_SEC("service", service_options, TITLED),
				       CFG_SEC("command", command_options, TITLED),
				       CFG_SEC("export", export_options, TITLED),
				       CFG_SEC("nfs", nfs_options, TITLED),
				       CFG_END() };

/* ---- names ---- */

/* As the kernel shows it, so that equal paths are equal texts; no blanks, which the tables of
 * mounts and exports would escape. */
static bool is_plain_path(const char *path)
{
	size_t length = strlen(path);

	if (*path != '/' || length < 2 || length > MEMBER_NAME_MAX || path[length - 1] == '/')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)path[i]) || path[i] == '\\')
			return false;
	for (const char *part = path; part; part = strchr(part, '/')) {
		size_t size = strcspn(++part, "/");

		if (size == 0 || (size <= 2 && !strncmp(part, "..", size)))
			return false;
	}
	return true;
}

/* A name as in systemd.unit(5), with the kind of unit behind it. */
static bool is_unit(const char *name)
{
	static const char *const kinds[] = { ".service", ".socket", ".target", ".timer", ".path" };
	const char *end = strrchr(name, '.');
	size_t length = strlen(name);

	if (!end || end == name || length > MEMBER_NAME_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr(":-_.\\@", name[i]))
			return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(end, kinds[i]))
			return true;
	return false;
}

/* ---- validation, where the reader knows the line ---- */

static const char *newest_title(cfg_opt_t *option)
{
	return cfg_title(cfg_opt_getnsec(option, cfg_opt_size(option) - 1));
}

static int check_group(cfg_t *section, cfg_opt_t *option)
{
	if (cfg_opt_size(option) > SETTINGS_GROUPS_MAX) {
		cfg_error(section, "more than %d groups", SETTINGS_GROUPS_MAX);
		return -1;
	}
	if (settings_is_name(newest_title(option), GROUP_NAME_MAX))
		return 0;
	cfg_error(section, "\"%s\" is not a name of a group (1 to %zu letters, digits, ._-+)",
		  newest_title(option), GROUP_NAME_MAX);
	return -1;
}

static const char *noun_of(cfg_opt_t *option)
{
	const char *kind = cfg_opt_name(option);

	if (!strcmp(kind, "drbd"))
		return "a DRBD resource";
	return !strcmp(kind, "nfs") ? "an NFS server" : "a command";
}

static int check_named(cfg_t *section, cfg_opt_t *option)
{
	if (settings_is_name(newest_title(option), MEMBER_NAME_MAX))
		return 0;
	cfg_error(section, "\"%s\" is not a name of %s (1 to %zu letters, digits, ._-+)",
		  newest_title(option), noun_of(option), MEMBER_NAME_MAX);
	return -1;
}

static int check_place(cfg_t *section, cfg_opt_t *option)
{
	if (is_plain_path(newest_title(option)))
		return 0;
	cfg_error(section,
		  "\"%s\" is not a path for %s (absolute, at most %zu octets, without blanks, //, "
		  "/./, /../ and a / at its end)",
		  newest_title(option), cfg_opt_name(option), MEMBER_NAME_MAX);
	return -1;
}

static int check_unit(cfg_t *section, cfg_opt_t *option)
{
	if (is_unit(newest_title(option)))
		return 0;
	cfg_error(section,
		  "\"%s\" is not a unit of systemd of at most %zu characters, as "
		  "\"nfs-server.service\"",
		  newest_title(option), MEMBER_NAME_MAX);
	return -1;
}

static int check_fencing(cfg_t *section, cfg_opt_t *option)
{
	const char *word = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);

	if (mib_value_of(haGroupFencingPolicy_labels, word, strlen(word), 0) >=
	    haGroupFencingPolicy_never)
		return 0;
	cfg_error(section, "fencing must be never, witness, fence or always");
	return -1;
}

static int check_addresses(cfg_t *section, cfg_opt_t *option, unsigned int most, const char *name)
{
	const char *text = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);
	struct address address;

	if (cfg_opt_size(option) > most) {
		cfg_error(section, "more than %u %s", most, name);
		return -1;
	}
	if (address_parse(&address, text, 0))
		return 0;
	cfg_error(section, "\"%s\" is not an address, as \"192.0.2.254\" or \"2001:db8::fe\"",
		  text);
	return -1;
}

static int check_witness(cfg_t *section, cfg_opt_t *option)
{
	return check_addresses(section, option, SETTINGS_WITNESSES_MAX, "witnesses");
}

static int check_address(cfg_t *section, cfg_opt_t *option)
{
	return check_addresses(section, option, SETTINGS_ADDRESSES_MAX, "addresses");
}

/* The longest host name that the kernel takes. */
static int check_scope(cfg_t *section, cfg_opt_t *option)
{
	const char *scope = cfg_opt_getnstr(option, 0);

	if (!*scope || settings_is_name(scope, 64))
		return 0;
	cfg_error(section, "\"%s\" is not a host name (1 to 64 letters, digits, ._-+)", scope);
	return -1;
}

static int check_storage(cfg_t *section, cfg_opt_t *option)
{
	const char *path = cfg_opt_getnstr(option, 0);

	if (!*path || is_plain_path(path))
		return 0;
	cfg_error(section,
		  "storage \"%s\" is not a path (absolute, at most %zu octets, without "
		  "blanks, //, /./, /../ and a / at its end)",
		  path, MEMBER_NAME_MAX);
	return -1;
}

/* The first word of a list is a program, the others are its arguments. */
static int check_program(cfg_t *section, cfg_opt_t *option)
{
	const char *program = cfg_opt_getnstr(option, 0);

	if (*program == '/')
		return 0;
	cfg_error(section, "%s must begin with the absolute path of a program, \"%s\" is none",
		  cfg_opt_name(option), program);
	return -1;
}

static int check_long(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.1, 600);
}

static int check_lease(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.4, 60);
}

static int check_short(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.1, 60);
}

/* The kernel counts whole seconds. */
static int check_watchdog(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, 60, " seconds");
}

static int check_cool_down(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 0, 86400, " seconds");
}

static int check_maintenance(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, 7 * 24 * 60, " minutes");
}

void settings_group_validate(cfg_t *parser)
{
	static const struct {
		const char *option;
		cfg_validate_callback_t call;
	} checks[] = {
		{ "group", check_group },
		{ "group|fencing", check_fencing },
		{ "group|witness", check_witness },
		{ "group|fence", check_program },
		{ "group|fence-time", check_long },
		{ "group|lease", check_lease },
		{ "group|give-up", check_short },
		{ "group|takeover", check_short },
		{ "group|watchdog", settings_check_optional_path },
		{ "group|watchdog-timeout", check_watchdog },
		{ "group|cool-down", check_cool_down },
		{ "group|maintenance", check_maintenance },
		{ "group|drbd", check_named },
		{ "group|mount", check_place },
		{ "group|mount|device", settings_check_path },
		{ "group|service", check_unit },
		{ "group|command", check_named },
		{ "group|command|start", check_program },
		{ "group|command|stop", check_program },
		{ "group|command|status", check_program },
		{ "group|export", check_place },
		{ "group|nfs", check_named },
		{ "group|nfs|address", check_address },
		{ "group|nfs|scope", check_scope },
		{ "group|nfs|storage", check_storage },
	};
	static const char *const members[] = { "drbd",    "mount",  "service",
					       "command", "export", "nfs" };
	char path[64];

	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		cfg_set_validate_func(parser, checks[i].option, checks[i].call);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		TEXT_PRINT(path, "group|%s|start-time", members[i]);
		cfg_set_validate_func(parser, path, check_long);
		TEXT_PRINT(path, "group|%s|stop-time", members[i]);
		cfg_set_validate_func(parser, path, check_long);
	}
}

/* ---- what stands there ---- */

static uint32_t milliseconds(cfg_t *section, const char *option)
{
	return (uint32_t)lround(cfg_getfloat(section, option) * 1e3);
}

/* Ended by NULL; NULL when nothing was said. */
static char **take_words(cfg_t *section, const char *option)
{
	unsigned int count = cfg_size(section, option);
	char **words;

	if (!count)
		return NULL;
	words = memory_new(count + 1, sizeof(*words));
	for (unsigned int i = 0; i < count; i++)
		words[i] = memory_text(cfg_getnstr(section, option, i));
	return words;
}

static void free_words(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

static const char *kind_of(const struct settings_member *member)
{
	return mib_label_of(haGroupMemberKind_labels, member->kind);
}

__attribute__((noreturn, format(printf, 2, 3))) static void refuse_group(
	const struct settings_group *group, const char *format, ...)
{
	va_list arguments;
	char text[192];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	settings_refuse(group->line, "group \"%s\", which ends here: %s", group->name, text);
}

__attribute__((noreturn, format(printf, 2, 3))) static void refuse_member(
	const struct settings_member *member, const char *format, ...)
{
	va_list arguments;
	char text[192];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	settings_refuse(member->line, "%s \"%s\", which ends here: %s", kind_of(member),
			member->name, text);
}

/* ---- members ---- */

/* Where a member is taken to: the group has those that stand above it already. */
struct taking {
	struct settings *settings;
	struct settings_group *group;
};

static size_t add_resource(struct settings *settings, const struct settings_member *member)
{
	size_t at = settings->resources_count;

	if (at == SETTINGS_RESOURCES_MAX)
		refuse_member(member, "more than %d resources", SETTINGS_RESOURCES_MAX);
	settings->resources =
		memory_resize(settings->resources, at + 1, sizeof(*settings->resources));
	memset(&settings->resources[at], 0, sizeof(*settings->resources));
	TEXT_PUT(settings->resources[at].name, member->name);
	settings->resources_count++;
	return at;
}

static void take_drbd(const struct taking *to, struct settings_member *member, cfg_t *section)
{
	int known = settings_find_resource(to->settings, member->name);

	(void)section;
	if (known >= 0 && to->settings->resources[known].switchable)
		refuse_member(member, "it is switchable in the section drbd, but the group moves "
				      "it");
	member->resource = known >= 0 ? (size_t)known : add_resource(to->settings, member);
}

static size_t resource_above(const struct settings_group *group, const char *name)
{
	for (size_t i = 0; i < group->members_count; i++)
		if (group->members[i].kind == haGroupMemberKind_drbd &&
		    !strcmp(group->members[i].name, name))
			return group->members[i].resource;
	return SIZE_MAX;
}

static void take_mount(const struct taking *to, struct settings_member *member, cfg_t *section)
{
	const char *resource = cfg_getstr(section, "resource");

	if (!*resource)
		refuse_member(member, "resource is missing");
	member->resource = resource_above(to->group, resource);
	if (member->resource == SIZE_MAX)
		refuse_member(member, "its resource \"%s\" is not a drbd of the group above it",
			      resource);
	member->device = settings_take_text(section, "device");
	member->type = settings_take_text(section, "type");
	member->options = memory_text(cfg_getstr(section, "options"));
	if (!member->device)
		refuse_member(member, "device is missing");
	if (!member->type)
		refuse_member(member, "type is missing");
}

static void take_command(const struct taking *to, struct settings_member *member, cfg_t *section)
{
	(void)to;
	member->start = take_words(section, "start");
	member->stop = take_words(section, "stop");
	member->status = take_words(section, "status");
	if (!member->start)
		refuse_member(member, "start is missing");
	if (!member->stop)
		refuse_member(member, "stop is missing");
}

static void take_export(const struct taking *to, struct settings_member *member, cfg_t *section)
{
	(void)to;
	member->client = settings_take_text(section, "client");
	member->options = memory_text(cfg_getstr(section, "options"));
	if (!member->client)
		refuse_member(member, "client is missing");
}

static bool is_on_mount(const struct settings_group *group, const char *path)
{
	for (size_t i = 0; i < group->members_count; i++)
		if (group->members[i].kind == haGroupMemberKind_mount &&
		    path_is_below(path, group->members[i].name))
			return true;
	return false;
}

static struct address *take_addresses(cfg_t *section, const char *option, uint16_t port,
				      size_t *count)
{
	struct address *addresses;

	*count = cfg_size(section, option);
	addresses = memory_new(*count + 1, sizeof(*addresses));
	for (unsigned int i = 0; i < *count; i++)
		address_parse(&addresses[i], cfg_getnstr(section, option, i), port);
	return addresses;
}

static void take_nfs(const struct taking *to, struct settings_member *member, cfg_t *section)
{
	member->addresses = take_addresses(section, "address", NFS_PORT, &member->addresses_count);
	member->scope = settings_take_text(section, "scope");
	member->storage = settings_take_text(section, "storage");
	if (member->storage && !is_on_mount(to->group, member->storage))
		refuse_member(member, "its storage %s is not on a mount of the group above it",
			      member->storage);
}

/* What a member may be; the words are those of the MIB. */
static const struct kind {
	int32_t kind;
	/* What only it has; NULL: nothing. */
	void (*take)(const struct taking *to, struct settings_member *member, cfg_t *section);
} kinds[] = {
	{ haGroupMemberKind_drbd, take_drbd },     { haGroupMemberKind_mount, take_mount },
	{ haGroupMemberKind_service, NULL },       { haGroupMemberKind_command, take_command },
	{ haGroupMemberKind_export, take_export }, { haGroupMemberKind_nfs, take_nfs },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* A member's section, for the reader keeps those of each kind apart. */
struct part {
	const struct kind *kind;
	cfg_t *section;
};

static int order_lines(const void *one, const void *other)
{
	return ((const struct part *)one)->section->line -
	       ((const struct part *)other)->section->line;
}

static unsigned int count_parts(cfg_t *section)
{
	unsigned int count = 0;

	for (size_t i = 0; i < KINDS; i++)
		count += cfg_size(section, mib_label_of(haGroupMemberKind_labels, kinds[i].kind));
	return count;
}

/* The members' sections in the order of the file. */
static void gather_parts(cfg_t *section, struct part *parts)
{
	unsigned int count = 0;

	for (size_t i = 0; i < KINDS; i++) {
		const char *word = mib_label_of(haGroupMemberKind_labels, kinds[i].kind);

		for (unsigned int n = 0; n < cfg_size(section, word); n++)
			parts[count++] = (struct part){ &kinds[i], cfg_getnsec(section, word, n) };
	}
	qsort(parts, count, sizeof(*parts), order_lines);
}

static void take_member(const struct taking *to, const struct part *part)
{
	struct settings_group *group = to->group;
	struct settings_member *member = &group->members[group->members_count];

	member->kind = part->kind->kind;
	member->line = part->section->line;
	member->resource = SIZE_MAX;
	TEXT_PUT(member->name, cfg_title(part->section));
	member->start_time = milliseconds(part->section, "start-time");
	member->stop_time = milliseconds(part->section, "stop-time");
	if (group->members_count > 0 && member[-1].line == member->line)
		refuse_member(member,
			      "%s \"%s\" ends on the same line, so nobody can tell which "
			      "of them comes first",
			      kind_of(&member[-1]), member[-1].name);
	if (part->kind->take)
		part->kind->take(to, member, part->section);
	group->members_count++;
}

static void take_members(const struct taking *to, cfg_t *section)
{
	struct part parts[SETTINGS_MEMBERS_MAX];
	unsigned int count = count_parts(section);

	if (count == 0)
		refuse_group(to->group, "it has no members");
	if (count > SETTINGS_MEMBERS_MAX)
		refuse_group(to->group, "more than %d members", SETTINGS_MEMBERS_MAX);
	gather_parts(section, parts);
	to->group->members = memory_new(count, sizeof(*to->group->members));
	for (unsigned int i = 0; i < count; i++)
		take_member(to, &parts[i]);
}

bool settings_group_has(const struct settings_group *group, int32_t kind)
{
	for (size_t i = 0; i < group->members_count; i++)
		if (group->members[i].kind == kind)
			return true;
	return false;
}

bool settings_is_program(int32_t kind)
{
	return kind == haGroupMemberKind_service || kind == haGroupMemberKind_command ||
	       kind == haGroupMemberKind_nfs;
}

/* ---- groups ---- */

static void take_instance(const struct settings_vrrp *vrrp, struct settings_group *group,
			  cfg_t *section)
{
	const char *name = cfg_getstr(section, "vrrp");

	if (!*name)
		refuse_group(group, "vrrp is missing: the instance that it follows");
	for (group->instance = 0; group->instance < vrrp->instances_count; group->instance++)
		if (!strcmp(vrrp->instances[group->instance].name, name))
			break;
	if (group->instance == vrrp->instances_count)
		refuse_group(group, "the section vrrp has no instance \"%s\"", name);
	if (!vrrp->instances[group->instance].hold)
		refuse_group(group, "its instance \"%s\" has no hold in the section vrrp", name);
}

/* Where no disk is mirrored, none can split. */
static void take_policy(struct settings_group *group, cfg_t *section)
{
	const char *word = cfg_getstr(section, "fencing");

	if (!word && settings_group_has(group, haGroupMemberKind_drbd))
		refuse_group(group, "fencing must be said of a group with DRBD: never, witness, "
				    "fence or always");
	group->policy = haGroupFencingPolicy_always;
	if (word)
		group->policy = mib_value_of(haGroupFencingPolicy_labels, word, strlen(word), 0);
	if (group->policy == haGroupFencingPolicy_witness && !group->witnesses_count)
		refuse_group(group, "fencing by witness needs at least one witness");
	if (group->policy == haGroupFencingPolicy_fence && !group->fence)
		refuse_group(group, "fencing by fence needs a program in fence");
}

static void take_witnesses(struct settings_group *group, cfg_t *section)
{
	group->witnesses = take_addresses(section, "witness", 0, &group->witnesses_count);
	for (unsigned int i = 0; i < group->witnesses_count; i++)
		for (unsigned int n = 0; n < i; n++)
			if (address_equal(&group->witnesses[n], &group->witnesses[i]))
				refuse_group(group, "witness \"%s\" is named twice",
					     cfg_getnstr(section, "witness", i));
}

/* For a lost echo request, and for clocks that drift apart. */
static uint32_t lease_margin(const struct settings_group *group)
{
	return group->lease / 2 + 100;
}

static void take_times(struct settings_group *group, cfg_t *section)
{
	group->fence_time = milliseconds(section, "fence-time");
	group->lease = milliseconds(section, "lease");
	group->give_up = milliseconds(section, "give-up");
	group->takeover = milliseconds(section, "takeover");
	group->watchdog_timeout = (uint32_t)cfg_getint(section, "watchdog-timeout") * 1000;
	group->cool_down = (uint32_t)cfg_getint(section, "cool-down");
	group->maintenance = (uint32_t)cfg_getint(section, "maintenance");
	if (group->lease + group->give_up + lease_margin(group) > group->takeover)
		refuse_group(group, "takeover must be at least one and a half times lease, give-up "
				    "and 0.1 seconds together");
	if (group->watchdog &&
	    group->watchdog_timeout + WATCHDOG_MARGIN > group->lease + group->give_up)
		refuse_group(group, "lease and give-up together must be at least 0.2 seconds above "
				    "watchdog-timeout");
}

static const char *device_of(const struct settings_member *member)
{
	return member->device ? member->device : "";
}

/* What cannot be of two groups, nor twice of one. */
static void check_member(const struct settings_group *group, const struct settings_member *other,
			 const struct settings_member *member)
{
	if (other->kind == member->kind && !strcmp(other->name, member->name))
		refuse_member(member, "group \"%s\" has it already", group->name);
	if (member->kind == haGroupMemberKind_nfs && other->kind == member->kind)
		refuse_member(member, "a node has one NFS server, and group \"%s\" has it already",
			      group->name);
	if (*device_of(member) && !strcmp(device_of(other), device_of(member)))
		refuse_member(member, "its device is that of mount \"%s\"", other->name);
}

static void check_single(const struct settings_groups *groups, const struct settings_group *group)
{
	for (const struct settings_group *other = groups->groups; other <= group; other++) {
		if (other < group && other->instance == group->instance)
			refuse_group(group, "its instance is that of group \"%s\"", other->name);
		for (size_t i = 0; i < group->members_count; i++) {
			size_t before = other < group ? other->members_count : i;

			for (size_t n = 0; n < before; n++)
				check_member(other, &other->members[n], &group->members[i]);
		}
	}
}

static void take_group(struct settings_groups *groups, struct settings *settings, cfg_t *section)
{
	struct settings_group *group = &groups->groups[groups->count];
	const struct taking to = { settings, group };

	TEXT_PUT(group->name, cfg_title(section));
	group->line = section->line;
	take_instance(settings->vrrp, group, section);
	take_members(&to, section);
	group->fence = take_words(section, "fence");
	take_witnesses(group, section);
	take_policy(group, section);
	group->watchdog = settings_take_text(section, "watchdog");
	take_times(group, section);
	group->switchable = cfg_getbool(section, "switchable");
	check_single(groups, group);
	groups->count++;
}

struct settings_groups *settings_group_take(struct settings *settings, cfg_t *parser)
{
	struct settings_groups *groups = memory_new(1, sizeof(*groups));
	unsigned int count = cfg_size(parser, "group");

	groups->groups = memory_new(count + 1, sizeof(*groups->groups));
	for (unsigned int i = 0; i < count; i++)
		take_group(groups, settings, cfg_getnsec(parser, "group", i));
	return groups;
}

static void free_member(struct settings_member *member)
{
	free(member->device);
	free(member->type);
	free(member->client);
	free(member->addresses);
	free(member->scope);
	free(member->storage);
	free(member->options);
	free_words(member->start);
	free_words(member->stop);
	free_words(member->status);
}

void settings_group_free(struct settings_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		struct settings_group *group = &groups->groups[i];

		for (size_t n = 0; n < group->members_count; n++)
			free_member(&group->members[n]);
		free(group->members);
		free(group->witnesses);
		free(group->watchdog);
		free_words(group->fence);
	}
	free(groups->groups);
	free(groups);
}
