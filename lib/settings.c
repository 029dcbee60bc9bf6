/* The configuration: one file, read once at start, the same octets for every process.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings.h"

#include <confuse.h>
#include <ctype.h>
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/memory.h"
#include "lib/settings_bond.h"
#include "lib/settings_dns.h"
#include "lib/settings_group.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_nfs.h"
#include "lib/settings_part.h"
#include "lib/settings_vrrp.h"

#define FILE_MAX (1 << 20)
#define PATH_LENGTH_MAX 107 /* of an address in unix(7) */

/* The file that messages speak of. */
static const char *file_path;
static char *file_text;

/* libconfuse counts the line that it has read to; errors are told here and are always fatal. */
static void complain(cfg_t *section, const char *format, va_list arguments)
{
	char text[256];

	vsnprintf(text, sizeof(text), format, arguments);
	log_fatal("%s:%d: %s", file_path, section ? section->line : 0, text);
}

void settings_refuse(int line, const char *format, ...)
{
	va_list arguments;
	char text[256];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	log_fatal("%s:%d: %s", file_path, line, text);
}

/* What a validation returns for a wrong value. */
static int complain_of(cfg_t *section, const char *text)
{
	cfg_error(section, "%s", text);
	return -1;
}

static int check_watch(cfg_t *section, cfg_opt_t *option)
{
	const char *word = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);

	if (!strcmp(word, "auto") || !strcmp(word, "yes") || !strcmp(word, "no"))
		return 0;
	return complain_of(section, "watch must be auto, yes or no");
}

int settings_check_number(cfg_t *section, cfg_opt_t *option, long min, long max, const char *unit)
{
	long value = cfg_opt_getnint(option, cfg_opt_size(option) - 1);

	if (value >= min && value <= max)
		return 0;
	cfg_error(section, "%s must be %ld to %ld%s", cfg_opt_name(option), min, max, unit);
	return -1;
}

int settings_check_seconds(cfg_t *section, cfg_opt_t *option, double min, double max)
{
	double seconds = cfg_opt_getnfloat(option, cfg_opt_size(option) - 1);

	if (seconds >= min && seconds <= max)
		return 0;
	cfg_error(section, "%s must be %g to %.0f seconds", cfg_opt_name(option), min, max);
	return -1;
}

static int check_day(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, 86400, " seconds");
}

static int check_events(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 10, 100000, "");
}

static int check_burst(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 0, 1000, "");
}

static int check_rate(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, 6000, " a minute");
}

int settings_check_path(cfg_t *section, cfg_opt_t *option)
{
	const char *path = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);

	if (path[0] == '/' && strlen(path) <= PATH_LENGTH_MAX)
		return 0;
	cfg_error(section, "%s must be an absolute path of at most %d octets", cfg_opt_name(option),
		  PATH_LENGTH_MAX);
	return -1;
}

int settings_check_optional_path(cfg_t *section, cfg_opt_t *option)
{
	if (!*cfg_opt_getnstr(option, cfg_opt_size(option) - 1))
		return 0;
	return settings_check_path(section, option);
}

bool settings_is_name(const char *name, size_t longest)
{
	size_t length = strlen(name);

	if (length == 0 || length > longest || !isalnum((unsigned char)name[0]))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("._-+", *name))
			return false;
	return true;
}

static int check_resource(cfg_t *section, cfg_opt_t *option)
{
	const char *title = cfg_title(cfg_opt_getnsec(option, cfg_opt_size(option) - 1));

	if (cfg_opt_size(option) > SETTINGS_RESOURCES_MAX)
		return complain_of(section, "too many resources");
	if (settings_is_name(title, SETTINGS_NAME_MAX))
		return 0;
	cfg_error(section,
		  "\"%s\" is not a name of a DRBD resource (1 to %d letters, digits, ._-+)", title,
		  SETTINGS_NAME_MAX);
	return -1;
}

static int check_node(cfg_t *section, cfg_opt_t *option)
{
	const char *name = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);

	if (settings_is_name(name, SETTINGS_NAME_MAX))
		return 0;
	return complain_of(section, "node is not a host name");
}

static int check_user(cfg_t *section, cfg_opt_t *option)
{
	const char *name = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);

	return *name ? 0 : complain_of(section, "user must not be empty");
}

static cfg_opt_t resource_options[] = { CFG_BOOL("switchable", cfg_false, CFGF_NONE), CFG_END() };

static cfg_opt_t drbd_options[] = { CFG_STR("watch", "auto", CFGF_NONE),
				    CFG_STR("drbdadm", "/sbin/drbdadm", CFGF_NONE),
				    CFG_STR("drbdsetup", "/sbin/drbdsetup", CFGF_NONE),
				    CFG_BOOL("netlink", cfg_true, CFGF_NONE),
				    CFG_STR("state", "/proc/drbd", CFGF_NONE),
				    CFG_STR("config", "/etc/drbd.conf", CFGF_NONE),
				    CFG_INT("interval", 60, CFGF_NONE),
				    CFG_INT("deadline", 10, CFGF_NONE),
				    CFG_SEC("resource", resource_options,
					    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
				    CFG_END() };

static cfg_opt_t agent_options[] = { CFG_STR("node", "", CFGF_NODEFAULT),
				     CFG_STR("user", "ha-agentx", CFGF_NONE),
				     CFG_STR("agentx", "/var/agentx/master", CFGF_NONE),
				     CFG_STR("socket", "/run/ha-agentx/hub", CFGF_NONE),
				     CFG_STR("state", "/var/lib/ha-agentx", CFGF_NONE),
				     CFG_STR("executor", HA_EXECUTOR, CFGF_NONE),
				     CFG_INT("events", 500, CFGF_NONE),
				     CFG_INT("burst", 20, CFGF_NONE),
				     CFG_INT("rate", 30, CFGF_NONE),
				     CFG_INT("stale-limit", 30, CFGF_NONE),
				     CFG_END() };

static cfg_opt_t options[] = { CFG_SEC("agent", agent_options, CFGF_NONE),
			       CFG_SEC("drbd", drbd_options, CFGF_NONE),
			       CFG_SEC("bond", settings_bond_options, CFGF_NONE),
			       CFG_SEC("dns", settings_dns_options, CFGF_NONE),
			       CFG_SEC("group", settings_group_options,
				       CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
			       CFG_SEC("ipvs", settings_ipvs_options, CFGF_NONE),
			       CFG_SEC("nfs", settings_nfs_options, CFGF_NONE),
			       CFG_SEC("peer", settings_peer_options, CFGF_NONE),
			       CFG_SEC("vrrp", settings_vrrp_options, CFGF_NONE),
			       CFG_END() };

static cfg_t *make_parser(void)
{
	static const char *const seconds[] = { "agent|stale-limit", "drbd|interval",
					       "drbd|deadline" };
	static const char *const paths[] = {
		"agent|agentx", "agent|socket",   "agent|state", "agent|executor",
		"drbd|drbdadm", "drbd|drbdsetup", "drbd|state",  "drbd|config",
	};
	cfg_t *parser = cfg_init(options, CFGF_NONE);

	cfg_set_error_function(parser, complain);
	cfg_set_validate_func(parser, "agent|node", check_node);
	cfg_set_validate_func(parser, "agent|user", check_user);
	cfg_set_validate_func(parser, "agent|events", check_events);
	cfg_set_validate_func(parser, "agent|burst", check_burst);
	cfg_set_validate_func(parser, "agent|rate", check_rate);
	cfg_set_validate_func(parser, "drbd|watch", check_watch);
	cfg_set_validate_func(parser, "bond|watch", check_watch);
	cfg_set_validate_func(parser, "dns|watch", check_watch);
	cfg_set_validate_func(parser, "ipvs|watch", check_watch);
	cfg_set_validate_func(parser, "nfs|watch", check_watch);
	cfg_set_validate_func(parser, "vrrp|watch", check_watch);
	cfg_set_validate_func(parser, "drbd|resource", check_resource);
	settings_bond_validate(parser);
	settings_dns_validate(parser);
	settings_group_validate(parser);
	settings_ipvs_validate(parser);
	settings_nfs_validate(parser);
	settings_peer_validate(parser);
	settings_vrrp_validate(parser);
	for (size_t i = 0; i < sizeof(seconds) / sizeof(*seconds); i++)
		cfg_set_validate_func(parser, seconds[i], check_day);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		cfg_set_validate_func(parser, paths[i], settings_check_path);
	return parser;
}

static char *read_file(int fd, size_t *length)
{
	char *text = memory_new(FILE_MAX, 1);
	ssize_t count = 0;

	*length = 0;
	while (*length < FILE_MAX - 1 &&
	       (count = pread(fd, text + *length, FILE_MAX - 1 - *length, (off_t)*length)) > 0)
		*length += (size_t)count;
	if (count < 0)
		log_fatal("%s:0: %s", file_path, strerror(errno));
	if (*length == FILE_MAX - 1)
		log_fatal("%s:0: longer than %d octets", file_path, FILE_MAX - 2);
	if (memchr(text, '\0', *length))
		log_fatal("%s:0: has a NUL octet, is not text", file_path);
	return text;
}

/* Blank what stands before `end`, but for line feeds; returns where it stopped. */
static char *blank_until(char *text, const char *end)
{
	for (; *text && strncmp(text, end, strlen(end)) != 0; text++)
		if (*text != '\n')
			*text = ' ';
	return text;
}

char *settings_skip_quoted(char *text)
{
	char quote = *text++;

	for (; *text && *text != quote; text++)
		if (*text == '\\' && text[1])
			text++;
	return *text ? text + 1 : text;
}

static int line_of(const char *text)
{
	int line = 1;

	for (const char *before = file_text; before < text; before++)
		line += *before == '\n';
	return line;
}

/* Two slashes inside a word are no comment: /var//lib is a path. */
static bool begins_comment(const char *text)
{
	return *text == '#' || (!strncmp(text, "//", 2) &&
				(text == file_text || strchr(" \t\r\n{}()\"'=,+", text[-1])));
}

static char *blank_long_comment(char *text)
{
	char *end = blank_until((char *)memset(text, ' ', 2) + 2, "*/");

	if (!*end)
		log_fatal("%s:%d: the comment has no end", file_path, line_of(text));
	memset(end, ' ', 2);
	return end;
}

/* Take from libconfuse 3.3 what it does wrong: it counts the lines of a comment twice, and then
 * names wrong lines; and the end of the file ends every section, so that half a file would do. */
static void prepare(void)
{
	char *text = file_text;
	int depth = 0;

	while (*text) {
		if (begins_comment(text)) {
			text = blank_until(text, "\n");
		} else if (!strncmp(text, "/*", 2)) {
			text = blank_long_comment(text);
		} else if (*text == '"' || *text == '\'') {
			text = settings_skip_quoted(text);
		} else {
			depth += (*text == '{') - (*text == '}');
			text++;
		}
	}
	if (depth > 0)
		log_fatal("%s:%d: the file ends inside a section", file_path, line_of(text));
	/* The environment differs from process to process, and all must read the same. */
	if ((text = strstr(file_text, "${")))
		log_fatal("%s:%d: variables are not expanded", file_path, line_of(text));
}

static uint64_t digest_of(const char *text, size_t length)
{
	uint64_t digest = 14695981039346656037U;

	for (size_t i = 0; i < length; i++)
		digest = (digest ^ (unsigned char)text[i]) * 1099511628211U;
	return digest;
}

static char *node_name(cfg_t *agent)
{
	const char *given = cfg_getstr(agent, "node");
	struct utsname names;

	if (given && *given)
		return memory_text(given);
	if (uname(&names) < 0)
		log_fatal("uname: %s", strerror(errno));
	return memory_text(names.nodename);
}

char *settings_take_text(cfg_t *section, const char *option)
{
	const char *text = cfg_getstr(section, option);

	return text && *text ? memory_text(text) : NULL;
}

static enum settings_watch watch_of(cfg_t *section)
{
	const char *word = cfg_getstr(section, "watch");

	return !strcmp(word, "yes") ? WATCH_YES : !strcmp(word, "no") ? WATCH_NO : WATCH_AUTO;
}

static void take_agent(struct settings *settings, cfg_t *agent)
{
	settings->node = node_name(agent);
	settings->user = memory_text(cfg_getstr(agent, "user"));
	settings->agentx = memory_text(cfg_getstr(agent, "agentx"));
	settings->socket = memory_text(cfg_getstr(agent, "socket"));
	settings->state = memory_text(cfg_getstr(agent, "state"));
	settings->executor = memory_text(cfg_getstr(agent, "executor"));
	settings->events = (uint32_t)cfg_getint(agent, "events");
	settings->burst = (uint32_t)cfg_getint(agent, "burst");
	settings->rate = (uint32_t)cfg_getint(agent, "rate");
	settings->stale_limit = cfg_getint(agent, "stale-limit") * 1000;
}

static void take_drbd(struct settings *settings, cfg_t *drbd)
{
	settings->drbd = watch_of(drbd);
	settings->drbdadm = memory_text(cfg_getstr(drbd, "drbdadm"));
	settings->drbdsetup = memory_text(cfg_getstr(drbd, "drbdsetup"));
	settings->drbd_netlink = cfg_getbool(drbd, "netlink");
	settings->drbd_state = memory_text(cfg_getstr(drbd, "state"));
	settings->drbd_config = memory_text(cfg_getstr(drbd, "config"));
	settings->drbd_interval = cfg_getint(drbd, "interval") * 1000;
	settings->drbd_deadline = cfg_getint(drbd, "deadline") * 1000;
	settings->resources_count = cfg_size(drbd, "resource");
	settings->resources =
		memory_new(settings->resources_count + 1, sizeof(*settings->resources));
	for (unsigned int i = 0; i < settings->resources_count; i++) {
		cfg_t *section = cfg_getnsec(drbd, "resource", i);

		TEXT_PUT(settings->resources[i].name, cfg_title(section));
		settings->resources[i].switchable = cfg_getbool(section, "switchable");
	}
}

struct settings *settings_load(int fd, const char *path)
{
	struct settings *settings = memory_new(1, sizeof(*settings));
	size_t length;
	cfg_t *parser;
	char *raw;

	file_path = path;
	file_text = read_file(fd, &length);
	raw = memory_text(file_text);
	prepare();
	settings_peer_hide(file_text, raw);
	settings->digest = digest_of(raw, length);
	free(raw);
	parser = make_parser();
	if (cfg_parse_buf(parser, file_text) != CFG_SUCCESS)
		log_fatal("%s:%d: cannot be understood", path, parser->line);
	settings->path = path;
	take_agent(settings, cfg_getsec(parser, "agent"));
	take_drbd(settings, cfg_getsec(parser, "drbd"));
	settings->bond_watch = watch_of(cfg_getsec(parser, "bond"));
	settings->bond = settings_bond_take(cfg_getsec(parser, "bond"));
	settings->ipvs_watch = watch_of(cfg_getsec(parser, "ipvs"));
	settings->ipvs = settings_ipvs_take(cfg_getsec(parser, "ipvs"));
	settings->nfs_watch = watch_of(cfg_getsec(parser, "nfs"));
	settings->nfs = settings_nfs_take(cfg_getsec(parser, "nfs"));
	settings->peer = settings_peer_take(cfg_getsec(parser, "peer"));
	settings->vrrp_watch = watch_of(cfg_getsec(parser, "vrrp"));
	settings->vrrp = settings_vrrp_take(cfg_getsec(parser, "vrrp"));
	settings->dns_watch = watch_of(cfg_getsec(parser, "dns"));
	settings->dns = settings_dns_take(cfg_getsec(parser, "dns"));
	settings->groups = settings_group_take(settings, parser);
	cfg_free(parser);
	free(file_text);
	/* The reader takes kilobytes for every section: pages that nobody needs any more. */
	malloc_trim(0);
	return settings;
}

void settings_free(struct settings *settings)
{
	free(settings->node);
	free(settings->user);
	free(settings->agentx);
	free(settings->socket);
	free(settings->state);
	free(settings->executor);
	free(settings->drbdadm);
	free(settings->drbdsetup);
	free(settings->drbd_state);
	free(settings->drbd_config);
	free(settings->resources);
	settings_bond_free(settings->bond);
	settings_dns_free(settings->dns);
	settings_group_free(settings->groups);
	settings_ipvs_free(settings->ipvs);
	settings_nfs_free(settings->nfs);
	settings_peer_free(settings->peer);
	settings_vrrp_free(settings->vrrp);
	free(settings);
}

void settings_forget_dns(struct settings *settings)
{
	settings_dns_free(settings->dns);
	settings->dns = memory_new(1, sizeof(*settings->dns));
	malloc_trim(0);
}

static bool allow_bonds(const struct settings_bond *bond)
{
	for (size_t i = 0; i < bond->bonds_count; i++)
		if (bond->bonds[i].switchable)
			return true;
	return false;
}

static bool allow_services(const struct settings_ipvs *ipvs)
{
	for (size_t i = 0; i < ipvs->services_count; i++)
		if (ipvs->services[i].switchable)
			return true;
	return false;
}

static bool allow_instances(const struct settings_vrrp *vrrp)
{
	for (size_t i = 0; i < vrrp->instances_count; i++)
		if (vrrp->instances[i].switchable)
			return true;
	return false;
}

static bool allow_groups(const struct settings_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		if (groups->groups[i].switchable)
			return true;
	return false;
}

bool settings_allow_actions(const struct settings *settings)
{
	for (size_t i = 0; i < settings->resources_count; i++)
		if (settings->resources[i].switchable)
			return true;
	return allow_bonds(settings->bond) || allow_services(settings->ipvs) ||
	       allow_instances(settings->vrrp) || allow_groups(settings->groups);
}

int settings_find_resource(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->resources_count; i++)
		if (!strcmp(settings->resources[i].name, name))
			return (int)i;
	return -1;
}
