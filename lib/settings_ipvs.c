/* The section `ipvs' of the configuration: the virtual services of the kernel's load balancer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_ipvs.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_part.h"
#include "mib/ha-agentx-mib.h"

#define KEEP_MAX (366 * 86400.0) /* seconds */

static cfg_opt_t service_options[] = { CFG_STR_LIST("servers", NULL, CFGF_NODEFAULT),
				       CFG_BOOL("switchable", cfg_false, CFGF_NONE), CFG_END() };

cfg_opt_t settings_ipvs_options[] = { CFG_STR("watch", "auto", CFGF_NONE),
				      CFG_FLOAT("interval", 1, CFGF_NONE),
				      CFG_FLOAT("keep", 86400, CFGF_NONE),
				      CFG_STR("pid-file", "/run/checkers.pid", CFGF_NONE),
				      CFG_STR("data", "/tmp/keepalived_check.data", CFGF_NONE),
				      CFG_SEC("service", service_options,
					      CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
				      CFG_END() };

/* ---- services and servers as people write them ---- */

/* The number that is the whole text, up to `max'. */
static bool read_number(const char *text, unsigned long max, unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)*text) || strlen(text) > 10)
		return false;
	*number = strtoul(text, &end, 10);
	return !*end && *number <= max;
}

/* "192.0.2.1:53" or "[2001:db8::1]:53". */
static bool read_server(const char *text, struct address *address)
{
	const char *colon = strrchr(text, ':');
	bool wide = *text == '[';
	char host[ADDRESS_TEXT_MAX];
	unsigned long port;
	size_t length;

	if (!colon || !read_number(colon + 1, UINT16_MAX, &port))
		return false;
	length = (size_t)(colon - text);
	if (length >= sizeof(host) || (wide && text[length - 1] != ']') || length < 2)
		return false;
	if (wide)
		text_put_part(host, sizeof(host), text + 1, length - 2);
	else
		text_put_part(host, sizeof(host), text, length);
	return address_parse(address, host, (uint16_t)port) && !address->scope &&
	       (address->family == AF_INET6) == wide;
}

/* "7" or "7 ipv6". */
static bool read_mark(const char *text, struct settings_ipvs_service *service)
{
	char digits[12], family[5] = "";
	unsigned long mark;

	if (sscanf(text, "%11s %4s", digits, family) < 1 || !read_number(digits, UINT32_MAX, &mark))
		return false;
	if (strcmp(text + strlen(digits), *family ? " ipv6" : "") != 0 || mark == 0)
		return false;
	service->protocol = HaIpvsProtocol_fwmark;
	service->mark = (uint32_t)mark;
	service->address.family = *family ? AF_INET6 : AF_INET;
	return true;
}

/* "tcp 192.0.2.100:53", "udp ..", "sctp ..", "fwmark 7", "fwmark 7 ipv6". */
static bool read_service(const char *text, struct settings_ipvs_service *service)
{
	size_t length = strcspn(text, " ");
	int32_t protocol = mib_value_of(HaIpvsProtocol_labels, text, length, 0);

	memset(service, 0, sizeof(*service));
	if (!protocol || !text[length])
		return false;
	if (protocol == HaIpvsProtocol_fwmark)
		return read_mark(text + length + 1, service);
	service->protocol = (uint32_t)protocol;
	return read_server(text + length + 1, &service->address);
}

/* ---- validation, where the reader knows the line ---- */

static int check_service(cfg_t *section, cfg_opt_t *option)
{
	const char *title = cfg_title(cfg_opt_getnsec(option, cfg_opt_size(option) - 1));
	struct settings_ipvs_service service;

	if (cfg_opt_size(option) > SETTINGS_SERVICES_MAX) {
		cfg_error(section, "more than %d services", SETTINGS_SERVICES_MAX);
		return -1;
	}
	if (read_service(title, &service))
		return 0;
	cfg_error(section,
		  "\"%s\" is not a virtual service, as \"tcp 192.0.2.100:53\", "
		  "\"udp [2001:db8::1]:53\" or \"fwmark 7\"",
		  title);
	return -1;
}

static int check_interval(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.1, 3600);
}

static int check_keep(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0, KEEP_MAX);
}

void settings_ipvs_validate(cfg_t *parser)
{
	cfg_set_validate_func(parser, "ipvs|interval", check_interval);
	cfg_set_validate_func(parser, "ipvs|keep", check_keep);
	cfg_set_validate_func(parser, "ipvs|pid-file", settings_check_optional_path);
	cfg_set_validate_func(parser, "ipvs|data", settings_check_path);
	cfg_set_validate_func(parser, "ipvs|service", check_service);
}

/* ---- what stands there ---- */

static bool is_same(const struct settings_ipvs_service *one,
		    const struct settings_ipvs_service *other)
{
	return one->protocol == other->protocol && one->mark == other->mark &&
	       address_equal(&one->address, &other->address);
}

static void take_servers(struct settings_ipvs_service *service, cfg_t *section)
{
	unsigned int count = cfg_size(section, "servers");

	if (count > SETTINGS_SERVERS_MAX)
		settings_refuse(section->line,
				"service \"%s\", which ends here: more than %d servers",
				service->title, SETTINGS_SERVERS_MAX);
	service->servers = memory_new(count + 1, sizeof(*service->servers));
	for (unsigned int i = 0; i < count; i++) {
		const char *text = cfg_getnstr(section, "servers", i);

		if (!read_server(text, &service->servers[i]))
			settings_refuse(section->line,
					"service \"%s\", which ends here: \"%s\" is not a server, "
					"as \"192.0.2.1:53\" or \"[2001:db8::1]:53\"",
					service->title, text);
	}
	service->servers_count = count;
	service->switchable = cfg_getbool(section, "switchable");
	if (service->switchable && !count)
		settings_refuse(section->line,
				"service \"%s\", which ends here: switchable needs its servers",
				service->title);
}

static void take_service(struct settings_ipvs *ipvs, cfg_t *section)
{
	struct settings_ipvs_service *service = &ipvs->services[ipvs->services_count];

	read_service(cfg_title(section), service);
	service->line = section->line;
	service->title = memory_text(cfg_title(section));
	for (size_t i = 0; i < ipvs->services_count; i++)
		if (is_same(&ipvs->services[i], service))
			settings_refuse(section->line,
					"service \"%s\", which ends here, is there already",
					service->title);
	take_servers(service, section);
	ipvs->services_count++;
}

struct settings_ipvs *settings_ipvs_take(cfg_t *section)
{
	struct settings_ipvs *ipvs = memory_new(1, sizeof(*ipvs));
	unsigned int count = cfg_size(section, "service");

	ipvs->interval = (uint32_t)lround(cfg_getfloat(section, "interval") * 1e3);
	ipvs->keep = llround(cfg_getfloat(section, "keep") * 1e3);
	ipvs->pid_file = settings_take_text(section, "pid-file");
	ipvs->data = memory_text(cfg_getstr(section, "data"));
	ipvs->services = memory_new(count + 1, sizeof(*ipvs->services));
	for (unsigned int i = 0; i < count; i++)
		take_service(ipvs, cfg_getnsec(section, "service", i));
	return ipvs;
}

void settings_ipvs_free(struct settings_ipvs *ipvs)
{
	for (size_t i = 0; i < ipvs->services_count; i++) {
		free(ipvs->services[i].title);
		free(ipvs->services[i].servers);
	}
	free(ipvs->pid_file);
	free(ipvs->data);
	free(ipvs->services);
	free(ipvs);
}
