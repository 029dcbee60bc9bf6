/* The section `dns' of the configuration: name servers, zones, gates, the resolver of this node.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_dns.h"

#include <ctype.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_part.h"
#include "mib/ha-agentx-mib.h"

#define SERVERS_MAX 20000
#define CHECKS_COMPARED 64 /* the newest, when it is looked for servers that are asked alike */

/* Of a server, of the resolver's servers, and of all servers that say nothing themselves: so there
 * are no defaults here. Times are in seconds, with fractions. */
#define CHECK_OPTIONS                                                                              \
	CFG_STR("query", NULL, CFGF_NODEFAULT), CFG_STR("type", NULL, CFGF_NODEFAULT),             \
		CFG_STR("class", NULL, CFGF_NODEFAULT),                                            \
		CFG_STR("transport", NULL, CFGF_NODEFAULT),                                        \
		CFG_FLOAT("interval", 0, CFGF_NODEFAULT), CFG_FLOAT("timeout", 0, CFGF_NODEFAULT), \
		CFG_INT("tries", 0, CFGF_NODEFAULT), CFG_INT("rise", 0, CFGF_NODEFAULT),           \
		CFG_INT("fall", 0, CFGF_NODEFAULT), CFG_INT("edns", 0, CFGF_NODEFAULT),            \
		CFG_FLOAT("latency-warn", 0, CFGF_NODEFAULT),                                      \
		CFG_FLOAT("latency-limit", 0, CFGF_NODEFAULT),                                     \
		CFG_BOOL("recursion", cfg_false, CFGF_NODEFAULT),                                  \
		CFG_BOOL("aa", cfg_false, CFGF_NODEFAULT),                                         \
		CFG_BOOL("ra", cfg_false, CFGF_NODEFAULT),                                         \
		CFG_BOOL("ad", cfg_false, CFGF_NODEFAULT),                                         \
		CFG_BOOL("nsid", cfg_false, CFGF_NODEFAULT),                                       \
		CFG_STR_LIST("rcodes", NULL, CFGF_NODEFAULT),                                      \
		CFG_STR_LIST("answers", NULL, CFGF_NODEFAULT),                                     \
		CFG_STR("pattern", NULL, CFGF_NODEFAULT)

static cfg_opt_t server_options[] = { CFG_STR("address", "", CFGF_NODEFAULT),
				      CFG_INT("port", 53, CFGF_NONE), CHECK_OPTIONS, CFG_END() };

static cfg_opt_t resolver_options[] = { CFG_STR("file", "/etc/resolv.conf", CFGF_NONE),
					CFG_FLOAT("limit", 1, CFGF_NONE), CHECK_OPTIONS,
					CFG_END() };

static cfg_opt_t zone_options[] = { CFG_STR_LIST("servers", NULL, CFGF_NODEFAULT),
				    CFG_STR("primary", "", CFGF_NONE),
				    CFG_STR("chain", "", CFGF_NONE),
				    CFG_FLOAT("interval", 30, CFGF_NONE),
				    CFG_FLOAT("tolerance", 300, CFGF_NONE),
				    CFG_FLOAT("signature-warn", 7 * 86400, CFGF_NONE),
				    CFG_FLOAT("signature-limit", 2 * 86400, CFGF_NONE),
				    CFG_STR_LIST("anchors", NULL, CFGF_NODEFAULT),
				    CFG_STR_LIST("compare", NULL, CFGF_NODEFAULT),
				    CFG_END() };

static cfg_opt_t gate_options[] = { CFG_STR_LIST("servers", NULL, CFGF_NODEFAULT),
				    CFG_STR_LIST("zones", NULL, CFGF_NODEFAULT),
				    CFG_STR("rule", "any", CFGF_NONE),
				    CFG_INT("needed", 0, CFGF_NODEFAULT),
				    CFG_STR("file", NULL, CFGF_NODEFAULT),
				    CFG_INT("weight", 0, CFGF_NONE),
				    CFG_END() };

#define TITLED (CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

cfg_opt_t settings_dns_options[] = { CFG_STR("watch", "auto", CFGF_NONE),
				     CHECK_OPTIONS,
				     CFG_INT("window", 32, CFGF_NONE),
				     CFG_SEC("server", server_options, TITLED),
				     CFG_SEC("resolver", resolver_options, CFGF_NONE),
				     CFG_SEC("zone", zone_options, TITLED),
				     CFG_SEC("gate", gate_options, TITLED),
				     CFG_END() };

/* ---- validation, where the reader knows the line ---- */

static const char *newest_text(cfg_opt_t *option)
{
	return cfg_opt_getnstr(option, cfg_opt_size(option) - 1);
}

static int check_tries(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, 10, "");
}

static int check_hundred(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, 100, "");
}

static int check_window(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, 64, "");
}

static int check_port(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, 65535, "");
}

static int check_weight(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, -254, 254, "");
}

static int check_edns(cfg_t *section, cfg_opt_t *option)
{
	long size = cfg_opt_getnint(option, cfg_opt_size(option) - 1);

	if (size == 0 || (size >= 512 && size <= 65535))
		return 0;
	cfg_error(section, "edns must be 0, or 512 to 65535 octets");
	return -1;
}

/* Hundredths of seconds up to a day: what is shorter is no interval of a check. */
static int check_seconds(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.01, 86400);
}

static int check_timeout(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.01, 60);
}

static int check_latency(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0, 60);
}

static int check_long_time(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0, 366 * 86400.0);
}

static int32_t transport_of(const char *word)
{
	return !strcmp(word, "udp")  ? haDnsServerTransport_udp :
	       !strcmp(word, "tcp")  ? haDnsServerTransport_tcp :
	       !strcmp(word, "both") ? haDnsServerTransport_both :
				       0;
}

static int check_transport(cfg_t *section, cfg_opt_t *option)
{
	if (transport_of(newest_text(option)))
		return 0;
	cfg_error(section, "transport must be udp, tcp or both");
	return -1;
}

static int check_pattern(cfg_t *section, cfg_opt_t *option)
{
	char reason[128];
	regex_t pattern;
	int error = regcomp(&pattern, newest_text(option), REG_EXTENDED | REG_NOSUB);

	if (!error) {
		regfree(&pattern);
		return 0;
	}
	regerror(error, &pattern, reason, sizeof(reason));
	cfg_error(section, "pattern \"%s\": %s", newest_text(option), reason);
	return -1;
}

static int check_address(cfg_t *section, cfg_opt_t *option)
{
	struct address address;

	if (address_parse(&address, newest_text(option), 0))
		return 0;
	cfg_error(section, "\"%s\" is not an IPv4 or IPv6 address of an interface that exists",
		  newest_text(option));
	return -1;
}

static int check_rule(cfg_t *section, cfg_opt_t *option)
{
	const char *word = newest_text(option);

	if (!strcmp(word, "any") || !strcmp(word, "all") || !strcmp(word, "at-least"))
		return 0;
	cfg_error(section, "rule must be any, all or at-least");
	return -1;
}

/* Printable, for it is shown; no slash, for a gate's name becomes that of a file, and subjects are
 * joined with it. */
static bool is_name(const char *name, size_t longest)
{
	size_t length = strlen(name);

	if (length == 0 || length > longest)
		return false;
	for (; *name; name++)
		if (!isgraph((unsigned char)*name) || *name == '/')
			return false;
	return true;
}

static int check_title(cfg_t *section, cfg_opt_t *option)
{
	const char *title = cfg_title(cfg_opt_getnsec(option, cfg_opt_size(option) - 1));
	bool zone = !strcmp(cfg_opt_name(option), "zone");
	size_t longest = zone ? SETTINGS_ZONE_NAME_MAX : SETTINGS_DNS_NAME_MAX;

	if (is_name(title, longest))
		return 0;
	cfg_error(section,
		  "\"%s\" is not a name of a %s (1 to %zu printable letters, no blank, no /)",
		  title, cfg_opt_name(option), longest);
	return -1;
}

static void validate_check(cfg_t *parser, const char *section)
{
	static const struct {
		const char *option;
		cfg_validate_callback_t call;
	} checks[] = {
		{ "interval", check_seconds },     { "timeout", check_timeout },
		{ "tries", check_tries },          { "rise", check_hundred },
		{ "fall", check_hundred },         { "edns", check_edns },
		{ "latency-warn", check_latency }, { "latency-limit", check_latency },
		{ "transport", check_transport },  { "pattern", check_pattern },
	};
	char path[64];

	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		TEXT_PRINT(path, "%s|%s", section, checks[i].option);
		cfg_set_validate_func(parser, path, checks[i].call);
	}
}

void settings_dns_validate(cfg_t *parser)
{
	validate_check(parser, "dns");
	validate_check(parser, "dns|server");
	validate_check(parser, "dns|resolver");
	cfg_set_validate_func(parser, "dns|window", check_window);
	cfg_set_validate_func(parser, "dns|server", check_title);
	cfg_set_validate_func(parser, "dns|server|address", check_address);
	cfg_set_validate_func(parser, "dns|server|port", check_port);
	cfg_set_validate_func(parser, "dns|resolver|file", settings_check_path);
	cfg_set_validate_func(parser, "dns|resolver|limit", check_latency);
	cfg_set_validate_func(parser, "dns|zone", check_title);
	cfg_set_validate_func(parser, "dns|zone|interval", check_seconds);
	cfg_set_validate_func(parser, "dns|zone|tolerance", check_long_time);
	cfg_set_validate_func(parser, "dns|zone|signature-warn", check_long_time);
	cfg_set_validate_func(parser, "dns|zone|signature-limit", check_long_time);
	cfg_set_validate_func(parser, "dns|gate", check_title);
	cfg_set_validate_func(parser, "dns|gate|rule", check_rule);
	cfg_set_validate_func(parser, "dns|gate|file", settings_check_path);
	cfg_set_validate_func(parser, "dns|gate|weight", check_weight);
}

/* ---- memory: one list of pieces, freed together ---- */

struct piece {
	struct piece *next;
	max_align_t octets[];
};

static void *keep_new(struct settings_dns *dns, size_t size)
{
	struct piece *piece = memory_new(1, sizeof(*piece) + size);

	piece->next = dns->memory;
	dns->memory = piece;
	return piece->octets;
}

static const char *keep_text(struct settings_dns *dns, const char *text)
{
	return memcpy(keep_new(dns, strlen(text) + 1), text, strlen(text) + 1);
}

static const char *const *keep_list(struct settings_dns *dns, cfg_t *section, const char *name)
{
	unsigned int count = cfg_size(section, name);
	const char **list = keep_new(dns, (count + 1) * sizeof(*list));

	for (unsigned int i = 0; i < count; i++)
		list[i] = keep_text(dns, cfg_getnstr(section, name, i));
	return list;
}

void settings_dns_free(struct settings_dns *dns)
{
	struct piece *piece = dns->memory;

	while (piece) {
		struct piece *next = piece->next;

		free(piece);
		piece = next;
	}
	free(dns);
}

/* ---- checks ---- */

static const char *const nothing[] = { NULL };

static const struct settings_check defaults = {
	.query = ".",
	.type = "NS",
	.class = "IN",
	.transport = haDnsServerTransport_udp,
	.interval = 5000,
	.timeout = 1000,
	.tries = 3,
	.rise = 1,
	.fall = 1,
	.edns_size = 1232,
	.recursion = true,
	.nsid = true,
	.rcodes = nothing,
	.answers = nothing,
};

static uint32_t parts_of(double seconds, double part)
{
	return (uint32_t)lround(seconds * part);
}

static void take_text(struct settings_dns *dns, cfg_t *section, const char *name, const char **text)
{
	if (cfg_size(section, name) && strcmp(cfg_getstr(section, name), *text ? *text : "") != 0)
		*text = keep_text(dns, cfg_getstr(section, name));
}

static void take_number(cfg_t *section, const char *name, uint32_t *number)
{
	if (cfg_size(section, name))
		*number = (uint32_t)cfg_getint(section, name);
}

static void take_time(cfg_t *section, const char *name, double part, uint32_t *time)
{
	if (cfg_size(section, name))
		*time = parts_of(cfg_getfloat(section, name), part);
}

static void take_flag(cfg_t *section, const char *name, bool *flag)
{
	if (cfg_size(section, name))
		*flag = cfg_getbool(section, name);
}

static void take_list(struct settings_dns *dns, cfg_t *section, const char *name,
		      const char *const **list)
{
	if (cfg_size(section, name))
		*list = keep_list(dns, section, name);
}

/* What the section says, else what `check` says already. */
static void take_check(struct settings_dns *dns, cfg_t *section, struct settings_check *check)
{
	take_text(dns, section, "query", &check->query);
	take_text(dns, section, "type", &check->type);
	take_text(dns, section, "class", &check->class);
	take_text(dns, section, "pattern", &check->pattern);
	if (cfg_size(section, "transport"))
		check->transport = transport_of(cfg_getstr(section, "transport"));
	take_time(section, "interval", 1e3, &check->interval);
	take_time(section, "timeout", 1e3, &check->timeout);
	take_time(section, "latency-warn", 1e6, &check->latency_warn);
	take_time(section, "latency-limit", 1e6, &check->latency_limit);
	take_number(section, "tries", &check->tries);
	take_number(section, "rise", &check->rise);
	take_number(section, "fall", &check->fall);
	take_number(section, "edns", &check->edns_size);
	take_flag(section, "recursion", &check->recursion);
	take_flag(section, "aa", &check->aa);
	take_flag(section, "ra", &check->ra);
	take_flag(section, "ad", &check->ad);
	take_flag(section, "nsid", &check->nsid);
	take_list(dns, section, "rcodes", &check->rcodes);
	take_list(dns, section, "answers", &check->answers);
}

static bool is_same_text(const char *one, const char *other)
{
	return one == other || (one && other && !strcmp(one, other));
}

static bool is_same_list(const char *const *one, const char *const *other)
{
	while (*one && *other && !strcmp(*one, *other))
		one++, other++;
	return !*one && !*other;
}

static bool is_same_question(const struct settings_check *one, const struct settings_check *other)
{
	return is_same_text(one->query, other->query) && is_same_text(one->type, other->type) &&
	       is_same_text(one->class, other->class) && one->transport == other->transport &&
	       one->edns_size == other->edns_size && one->recursion == other->recursion &&
	       one->nsid == other->nsid;
}

static bool is_same_schedule(const struct settings_check *one, const struct settings_check *other)
{
	return one->interval == other->interval && one->timeout == other->timeout &&
	       one->tries == other->tries && one->rise == other->rise && one->fall == other->fall;
}

static bool is_same_judgement(const struct settings_check *one, const struct settings_check *other)
{
	return one->aa == other->aa && one->ra == other->ra && one->ad == other->ad &&
	       one->latency_warn == other->latency_warn &&
	       one->latency_limit == other->latency_limit &&
	       is_same_text(one->pattern, other->pattern) &&
	       is_same_list(one->rcodes, other->rcodes) &&
	       is_same_list(one->answers, other->answers);
}

static bool is_same(const struct settings_check *one, const struct settings_check *other)
{
	return is_same_question(one, other) && is_same_schedule(one, other) &&
	       is_same_judgement(one, other);
}

/* The check that `base` becomes in this section; one that is there already when it is the same, for
 * ten thousand servers that are asked alike are to share it. */
static const struct settings_check *keep_check(struct settings_dns *dns, cfg_t *section,
					       const struct settings_check *base)
{
	struct settings_check check = *base, *kept;

	take_check(dns, section, &check);
	if (is_same(&check, base))
		return base;
	for (size_t i = dns->servers_count; i-- > 0 && dns->servers_count - i < CHECKS_COMPARED;)
		if (is_same(&check, dns->servers[i].check))
			return dns->servers[i].check;
	kept = keep_new(dns, sizeof(*kept));
	*kept = check;
	return kept;
}

/* ---- sections ---- */

static void take_server(struct settings_dns *dns, cfg_t *section, const struct settings_check *base)
{
	struct settings_server *server = &dns->servers[dns->servers_count];
	const char *address = cfg_getstr(section, "address");

	server->line = section->line;
	TEXT_PUT(server->name, cfg_title(section));
	if (!address)
		settings_refuse(section->line, "server \"%s\", which ends here, has no address",
				server->name);
	address_parse(&server->address, address, (uint16_t)cfg_getint(section, "port"));
	server->check = keep_check(dns, section, base);
	dns->servers_count++;
}

static int find_server(const struct settings_dns *dns, const char *name)
{
	for (size_t i = 0; i < dns->servers_count; i++)
		if (!strcmp(dns->servers[i].name, name))
			return (int)i;
	return -1;
}

static int find_zone(const struct settings_dns *dns, const char *name)
{
	for (size_t i = 0; i < dns->zones_count; i++)
		if (!strcmp(dns->zones[i].name, name))
			return (int)i;
	return -1;
}

/* Position of a server or a zone that a section names; there must be one. */
static uint32_t position_of(const struct settings_dns *dns, cfg_t *section, const char *kind,
			    const char *name)
{
	int found = !strcmp(kind, "zone") ? find_zone(dns, name) : find_server(dns, name);

	if (found < 0)
		settings_refuse(section->line, "%s \"%s\", which ends here, names no %s: \"%s\"",
				cfg_name(section), cfg_title(section), kind, name);
	return (uint32_t)found;
}

/* The list `option` as positions; none may stand there twice. */
static uint32_t *take_positions(struct settings_dns *dns, cfg_t *section, const char *option,
				const char *kind, size_t *count)
{
	unsigned int named = cfg_size(section, option);
	uint32_t *positions = keep_new(dns, (named + 1) * sizeof(*positions));

	for (unsigned int i = 0; i < named; i++) {
		const char *name = cfg_getnstr(section, option, i);

		positions[i] = position_of(dns, section, kind, name);
		for (unsigned int before = 0; before < i; before++)
			if (positions[before] == positions[i])
				settings_refuse(section->line,
						"%s \"%s\", which ends here, names \"%s\" twice",
						cfg_name(section), cfg_title(section), name);
	}
	*count = named;
	return positions;
}

static uint32_t *take_servers(struct settings_dns *dns, cfg_t *section, size_t *count)
{
	uint32_t *servers = take_positions(dns, section, "servers", "server", count);

	if (!*count)
		settings_refuse(section->line, "%s \"%s\", which ends here, names no servers",
				cfg_name(section), cfg_title(section));
	return servers;
}

static int take_optional_server(struct settings_dns *dns, cfg_t *section, const char *option)
{
	const char *name = cfg_getstr(section, option);

	return *name ? (int)position_of(dns, section, "server", name) : -1;
}

static void put_zone_name(struct settings_zone *zone, const char *title)
{
	size_t length = strlen(title);

	if (length > 1 && title[length - 1] == '.')
		length--;
	text_put_part(zone->name, sizeof(zone->name), title, length);
	for (char *letter = zone->name; *letter; letter++)
		*letter = (char)tolower((unsigned char)*letter);
}

static void take_zone(struct settings_dns *dns, cfg_t *section)
{
	struct settings_zone *zone = &dns->zones[dns->zones_count];

	zone->line = section->line;
	put_zone_name(zone, cfg_title(section));
	if (find_zone(dns, zone->name) >= 0)
		settings_refuse(section->line, "zone \"%s\", which ends here, is there already",
				zone->name);
	zone->servers = take_servers(dns, section, &zone->servers_count);
	zone->primary = take_optional_server(dns, section, "primary");
	zone->chain_server = take_optional_server(dns, section, "chain");
	zone->interval = parts_of(cfg_getfloat(section, "interval"), 1e3);
	zone->tolerance = parts_of(cfg_getfloat(section, "tolerance"), 1);
	zone->signature_warn = parts_of(cfg_getfloat(section, "signature-warn"), 1);
	zone->signature_limit = parts_of(cfg_getfloat(section, "signature-limit"), 1);
	zone->anchors = keep_list(dns, section, "anchors");
	zone->compare = keep_list(dns, section, "compare");
	dns->zones_count++;
}

static void take_rule(struct settings_gate *gate, cfg_t *section)
{
	const char *word = cfg_getstr(section, "rule");
	long needed = cfg_size(section, "needed") ? cfg_getint(section, "needed") : 0;

	gate->rule = !strcmp(word, "any") ? haDnsGateRule_any :
		     !strcmp(word, "all") ? haDnsGateRule_all :
					    haDnsGateRule_atLeast;
	gate->needed = gate->rule == haDnsGateRule_any ? 1 : (uint32_t)gate->servers_count;
	if (gate->rule != haDnsGateRule_atLeast && needed)
		settings_refuse(section->line,
				"gate \"%s\", which ends here: needed goes with the "
				"rule at-least",
				gate->name);
	if (gate->rule != haDnsGateRule_atLeast)
		return;
	if (needed < 1 || (size_t)needed > gate->servers_count)
		settings_refuse(section->line,
				"gate \"%s\", which ends here: needed must be 1 to %zu", gate->name,
				gate->servers_count);
	gate->needed = (uint32_t)needed;
}

static void take_gate(struct settings_dns *dns, cfg_t *section)
{
	struct settings_gate *gate = &dns->gates[dns->gates_count];
	char path[128];

	gate->line = section->line;
	TEXT_PUT(gate->name, cfg_title(section));
	gate->servers = take_servers(dns, section, &gate->servers_count);
	gate->zones = take_positions(dns, section, "zones", "zone", &gate->zones_count);
	take_rule(gate, section);
	gate->weight = (int32_t)cfg_getint(section, "weight");
	TEXT_PRINT(path, "/run/ha-agentx/%s.gate", gate->name);
	gate->file = keep_text(dns, cfg_size(section, "file") ? cfg_getstr(section, "file") : path);
	for (size_t i = 0; i < dns->gates_count; i++)
		if (!strcmp(dns->gates[i].file, gate->file))
			settings_refuse(section->line,
					"gate \"%s\", which ends here, writes the file of "
					"gate \"%s\"",
					gate->name, dns->gates[i].name);
	dns->gates_count++;
}

/* What the configured servers are asked says nothing of what a resolver is asked. */
static void take_resolver(struct settings_dns *dns, cfg_t *section)
{
	dns->resolver_line = section->line;
	dns->resolver_file = keep_text(dns, cfg_getstr(section, "file"));
	dns->resolver_limit = parts_of(cfg_getfloat(section, "limit"), 1e3);
	dns->resolver_check = keep_check(dns, section, &defaults);
}

struct settings_dns *settings_dns_take(cfg_t *section)
{
	struct settings_dns *dns = memory_new(1, sizeof(*dns));
	struct settings_check *base = keep_new(dns, sizeof(*base));
	size_t servers = cfg_size(section, "server");

	if (servers > SERVERS_MAX)
		settings_refuse(section->line, "more than %d servers", SERVERS_MAX);
	*base = defaults;
	take_check(dns, section, base);
	dns->window = (uint32_t)cfg_getint(section, "window");
	dns->servers = keep_new(dns, (servers + 1) * sizeof(*dns->servers));
	dns->zones = keep_new(dns, (cfg_size(section, "zone") + 1) * sizeof(*dns->zones));
	dns->gates = keep_new(dns, (cfg_size(section, "gate") + 1) * sizeof(*dns->gates));
	for (unsigned int i = 0; i < servers; i++)
		take_server(dns, cfg_getnsec(section, "server", i), base);
	for (unsigned int i = 0; i < cfg_size(section, "zone"); i++)
		take_zone(dns, cfg_getnsec(section, "zone", i));
	for (unsigned int i = 0; i < cfg_size(section, "gate"); i++)
		take_gate(dns, cfg_getnsec(section, "gate", i));
	take_resolver(dns, cfg_getsec(section, "resolver"));
	return dns;
}
