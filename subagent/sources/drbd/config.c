/* What drbdadm's configuration expects on this node; the only file that knows expat.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/config.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

#define DEPTH_MAX 8

enum element {
	OTHER,
	COMMON,
	RESOURCE,
	HOST,
	VOLUME,
	DEVICE,
	DISK,
	ADDRESS,
	CONNECTION,
	PATH,
	SECTION,
	OPTION
};

static const char *const elements[] = {
	[COMMON] = "common",   [RESOURCE] = "resource",     [HOST] = "host",
	[VOLUME] = "volume",   [DEVICE] = "device",         [DISK] = "disk",
	[ADDRESS] = "address", [CONNECTION] = "connection", [PATH] = "path",
	[SECTION] = "section", [OPTION] = "option",
};

struct host {
	struct host *next;
	bool ours;
	char name[DRBD_TEXT_MAX + 1];
	char address[DRBD_ADDRESS_MAX + 1];
};

/* Options that are inherited: common, resource, connection. 0 when not given. */
struct options {
	int32_t protocol;
	int32_t auto_promote;
};

struct drbd_config_parser {
	XML_Parser expat;
	const char *node;
	bool broken;
	enum element path[DEPTH_MAX];
	unsigned int depth;
	char section[16];
	char text[DRBD_TEXT_MAX + 1];
	size_t text_used;

	struct drbd_config *config;
	struct drbd_expected **last_resource;
	struct options common, own, connection;

	struct drbd_expected *resource;      /* that is being read */
	struct drbd_expected_volume *volume; /* of this node, that is being read */
	struct drbd_expected_peer *peer;     /* the other end of the connection */
	struct host *hosts;
	bool connections;    /* it has any */
	struct host ends[2]; /* of the connection or path */
	unsigned int ends_count;
	char family[16], port[8];
};

static enum element element_of(const char *name)
{
	for (unsigned int i = COMMON; i <= OPTION; i++)
		if (!strcmp(elements[i], name))
			return (enum element)i;
	return OTHER;
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
	for (; attributes[0]; attributes += 2)
		if (!strcmp(attributes[0], name))
			return attributes[1];
	return "";
}

static uint32_t number_of(const char *text, uint32_t limit)
{
	unsigned long number = strtoul(text, NULL, 10);

	return number > limit ? limit : (uint32_t)number;
}

/* The element `up` levels above the innermost one. */
static enum element above(const struct drbd_config_parser *parser, unsigned int up)
{
	return parser->depth > up ? parser->path[parser->depth - 1 - up] : OTHER;
}

/* "on a b c" is one host with several names. */
static bool has_name(const char *names, const char *name)
{
	size_t length = strlen(name);

	while (*names) {
		size_t word = strcspn(names, " ");

		if (word == length && !memcmp(names, name, length))
			return true;
		names += word + strspn(names + word, " ");
	}
	return false;
}

static struct drbd_expected_peer *peer_new(struct drbd_expected *resource, const char *name)
{
	struct drbd_expected_peer **last = &resource->peers;

	while (*last)
		last = &(*last)->next;
	*last = memory_new(1, sizeof(**last));
	TEXT_PUT((*last)->name, name);
	return *last;
}

static struct drbd_expected_peer *peer_find(struct drbd_expected *resource, const char *name)
{
	struct drbd_expected_peer *peer = resource->peers;

	while (peer && strcmp(peer->name, name) != 0)
		peer = peer->next;
	return peer;
}

/* "/etc/drbd.d/r0.res:2": note the folder. LINSTOR keeps its files elsewhere. */
static void note_folder(struct drbd_config *config, const char *place)
{
	const char *slash = strrchr(place, '/');
	char folder[DRBD_TEXT_MAX + 1];

	if (!slash || slash == place)
		return;
	text_put_part(folder, sizeof(folder), place, (size_t)(slash - place));
	for (size_t i = 0; i < DRBD_FOLDERS_MAX; i++) {
		if (!config->folders[i][0])
			TEXT_PUT(config->folders[i], folder);
		if (!strcmp(config->folders[i], folder))
			return;
	}
}

static void begin_resource(struct drbd_config_parser *parser, const char *name, const char *place)
{
	note_folder(parser->config, place);
	memset(&parser->own, 0, sizeof(parser->own));
	parser->connections = false;
	parser->resource = memory_new(1, sizeof(*parser->resource));
	if (strlen(name) > DRBD_NAME_MAX)
		log_warning("the name of DRBD resource %s is too long: it is not shown", name);
	else
		TEXT_PUT(parser->resource->name, name);
}

static void begin_host(struct drbd_config_parser *parser, const char *names)
{
	struct host host = { .ours = has_name(names, parser->node) };
	struct host **last = &parser->hosts;

	text_put_part(host.name, sizeof(host.name), names, strcspn(names, " "));
	if (above(parser, 1) != RESOURCE) {
		if (parser->ends_count < 2)
			parser->ends[parser->ends_count++] = host;
		return;
	}
	while (*last)
		last = &(*last)->next;
	*last = memory_new(1, sizeof(**last));
	**last = host;
}

/* The host that is being read: of the resource, or an end of a connection. */
static struct host *current_host(struct drbd_config_parser *parser, enum element parent)
{
	struct host *host = parser->hosts;

	if (parent != RESOURCE)
		return parser->ends_count ? &parser->ends[parser->ends_count - 1] : NULL;
	while (host && host->next)
		host = host->next;
	return host;
}

static void begin_volume(struct drbd_config_parser *parser, const char *number)
{
	struct host *host = current_host(parser, above(parser, 2));
	struct drbd_expected_volume **last = &parser->resource->volumes;

	parser->volume = NULL;
	if (above(parser, 1) != HOST || !host || !host->ours)
		return;
	while (*last)
		last = &(*last)->next;
	*last = memory_new(1, sizeof(**last));
	(*last)->number = number_of(number, DRBD_VOLUME_MAX);
	parser->volume = *last;
}

static int32_t protocol_of(const char *word)
{
	return mib_value_of(haDrbdPeerProtocol_labels, word, strlen(word),
			    haDrbdPeerProtocol_other);
}

/* Options of other elements, of a host or a volume, do not matter here. */
static struct options *options_of(struct drbd_config_parser *parser, enum element owner)
{
	if (owner == COMMON)
		return &parser->common;
	if (owner == RESOURCE)
		return &parser->own;
	return owner == CONNECTION ? &parser->connection : NULL;
}

static void take_option(struct drbd_config_parser *parser, const char *name, const char *value)
{
	struct options *options = options_of(parser, above(parser, 2));

	if (!options)
		return;
	if (!strcmp(parser->section, "net") && !strcmp(name, "protocol"))
		options->protocol = protocol_of(value);
	else if (!strcmp(parser->section, "options") && !strcmp(name, "auto-promote"))
		options->auto_promote = !strcmp(value, "no") ? HaAnswer_no : HaAnswer_yes;
}

static void begin_element(void *argument, const XML_Char *name, const XML_Char **attributes)
{
	struct drbd_config_parser *parser = argument;
	enum element element = element_of(name);

	if (parser->depth == DEPTH_MAX) {
		XML_StopParser(parser->expat, XML_FALSE);
		return;
	}
	parser->path[parser->depth++] = element;
	parser->text_used = 0;
	if (element == SECTION) {
		TEXT_PUT(parser->section, attribute(attributes, "name"));
	} else if (element == OPTION) {
		take_option(parser, attribute(attributes, "name"), attribute(attributes, "value"));
	} else if (element == RESOURCE && !parser->resource) {
		begin_resource(parser, attribute(attributes, "name"),
			       attribute(attributes, "conf-file-line"));
	} else if (!parser->resource) {
		return;
	} else if (element == HOST) {
		begin_host(parser, attribute(attributes, "name"));
	} else if (element == VOLUME) {
		begin_volume(parser, attribute(attributes, "vnr"));
	} else if (element == DEVICE && parser->volume) {
		parser->volume->minor = number_of(attribute(attributes, "minor"), 1048575);
	} else if (element == ADDRESS) {
		TEXT_PUT(parser->family, attribute(attributes, "family"));
		TEXT_PUT(parser->port, attribute(attributes, "port"));
	} else if (element == CONNECTION) {
		memset(&parser->connection, 0, sizeof(parser->connection));
		parser->connections = true;
		parser->ends_count = 0;
		parser->peer = NULL;
	} else if (element == PATH) {
		parser->ends_count = 0;
	}
}

static void take_text(void *argument, const XML_Char *text, int length)
{
	struct drbd_config_parser *parser = argument;
	size_t room = sizeof(parser->text) - 1 - parser->text_used;
	size_t taken = (size_t)length < room ? (size_t)length : room;

	memcpy(parser->text + parser->text_used, text, taken);
	parser->text_used += taken;
}

/* As events2 writes it: ipv4:10.77.0.1:7788, ipv6:[fd00:77::1]:7788. A host whose addresses stand
 * in its paths alone has "(null)" here. */
static void print_address(struct drbd_config_parser *parser, char *address, size_t size)
{
	bool bare6 = !strcmp(parser->family, "ipv6") && parser->text[0] != '[';

	if (parser->text[0] && parser->text[0] != '(')
		text_print(address, size, bare6 ? "%s:[%s]:%s" : "%s:%s:%s", parser->family,
			   parser->text, parser->port);
}

/* Both ends of a path, or of a connection without paths, have been read. */
static void end_path(struct drbd_config_parser *parser)
{
	const struct host *local = &parser->ends[0], *remote = &parser->ends[1];

	if (parser->ends_count != 2 || local->ours == remote->ours)
		return;
	if (remote->ours) {
		local = remote;
		remote = &parser->ends[0];
	}
	if (!parser->peer)
		parser->peer = peer_find(parser->resource, remote->name);
	if (!parser->peer)
		parser->peer = peer_new(parser->resource, remote->name);
	if (parser->peer->paths++ == 0) {
		TEXT_PUT(parser->peer->local_address, local->address);
		TEXT_PUT(parser->peer->remote_address, remote->address);
	}
	parser->ends_count = 0;
}

/* The drbdadm of DRBD 8.4 writes no connections: the other hosts are the peers. */
static void connect_hosts(struct drbd_config_parser *parser, const struct host *ours)
{
	for (const struct host *host = parser->hosts; host; host = host->next) {
		struct drbd_expected_peer *peer;

		if (host->ours)
			continue;
		peer = peer_new(parser->resource, host->name);
		peer->paths = 1;
		TEXT_PUT(peer->local_address, ours->address);
		TEXT_PUT(peer->remote_address, host->address);
	}
}

static void resource_free(struct drbd_expected *resource)
{
	while (resource->volumes) {
		struct drbd_expected_volume *next = resource->volumes->next;

		free(resource->volumes);
		resource->volumes = next;
	}
	while (resource->peers) {
		struct drbd_expected_peer *next = resource->peers->next;

		free(resource->peers);
		resource->peers = next;
	}
	free(resource);
}

static void hosts_free(struct drbd_config_parser *parser)
{
	while (parser->hosts) {
		struct host *next = parser->hosts->next;

		free(parser->hosts);
		parser->hosts = next;
	}
}

static int32_t either(int32_t one, int32_t other)
{
	return one ? one : other;
}

static void end_connection(struct drbd_config_parser *parser)
{
	end_path(parser);
	if (parser->peer)
		parser->peer->protocol = parser->connection.protocol;
}

/* Protocol C and auto-promote are DRBD's defaults. */
static void settle_options(struct drbd_config_parser *parser)
{
	int32_t protocol =
		either(either(parser->own.protocol, parser->common.protocol), haDrbdPeerProtocol_c);

	parser->resource->auto_promote =
		either(either(parser->own.auto_promote, parser->common.auto_promote), HaAnswer_yes);
	for (struct drbd_expected_peer *peer = parser->resource->peers; peer; peer = peer->next)
		peer->protocol = either(peer->protocol, protocol);
}

static void end_resource(struct drbd_config_parser *parser)
{
	struct host *ours = parser->hosts;

	while (ours && !ours->ours)
		ours = ours->next;
	if (ours && parser->resource->name[0]) {
		if (!parser->connections)
			connect_hosts(parser, ours);
		settle_options(parser);
		*parser->last_resource = parser->resource;
		parser->last_resource = &parser->resource->next;
	} else {
		resource_free(parser->resource);
	}
	hosts_free(parser);
	parser->resource = NULL;
	parser->volume = NULL;
	parser->peer = NULL;
}

static void end_address(struct drbd_config_parser *parser)
{
	struct host *host =
		above(parser, 1) == HOST ? current_host(parser, above(parser, 2)) : NULL;

	if (host)
		print_address(parser, host->address, sizeof(host->address));
}

static void end_element(void *argument, const XML_Char *name)
{
	struct drbd_config_parser *parser = argument;
	enum element element = above(parser, 0);

	(void)name;
	parser->text[parser->text_used] = '\0';
	if (parser->resource) {
		if (element == DEVICE && parser->volume)
			TEXT_PUT(parser->volume->device, parser->text);
		else if (element == DISK && parser->volume && strcmp(parser->text, "none") != 0)
			TEXT_PUT(parser->volume->disk, parser->text);
		else if (element == ADDRESS)
			end_address(parser);
		else if (element == PATH)
			end_path(parser);
		else if (element == CONNECTION)
			end_connection(parser);
		else if (element == VOLUME)
			parser->volume = NULL;
		else if (element == RESOURCE && above(parser, 1) != RESOURCE)
			end_resource(parser);
	}
	parser->text_used = 0;
	parser->depth--;
}

struct drbd_config_parser *drbd_config_begin(const char *node)
{
	struct drbd_config_parser *parser = memory_new(1, sizeof(*parser));

	parser->node = node;
	parser->config = memory_new(1, sizeof(*parser->config));
	parser->last_resource = &parser->config->resources;
	parser->expat = XML_ParserCreate(NULL);
	if (!parser->expat)
		log_fatal("out of memory");
	XML_SetUserData(parser->expat, parser);
	XML_SetElementHandler(parser->expat, begin_element, end_element);
	XML_SetCharacterDataHandler(parser->expat, take_text);
	return parser;
}

bool drbd_config_take(struct drbd_config_parser *parser, const char *octets, size_t length)
{
	if (!parser->broken &&
	    XML_Parse(parser->expat, octets, (int)length, XML_FALSE) != XML_STATUS_OK)
		parser->broken = true;
	return !parser->broken;
}

struct drbd_config *drbd_config_end(struct drbd_config_parser *parser, bool keep)
{
	struct drbd_config *config = parser->config;

	if (!parser->broken && XML_Parse(parser->expat, "", 0, XML_TRUE) != XML_STATUS_OK)
		parser->broken = true;
	if (parser->broken || !keep) {
		drbd_config_free(config);
		config = NULL;
	}
	if (parser->resource)
		resource_free(parser->resource);
	hosts_free(parser);
	XML_ParserFree(parser->expat);
	free(parser);
	return config;
}

void drbd_config_free(struct drbd_config *config)
{
	while (config && config->resources) {
		struct drbd_expected *next = config->resources->next;

		resource_free(config->resources);
		config->resources = next;
	}
	free(config);
}

bool drbd_config_number(struct drbd_config *config, const char *line, size_t length)
{
	char text[1024], name[DRBD_NAME_MAX + 1], peer_name[DRBD_TEXT_MAX + 1];
	struct drbd_expected_peer *peer = NULL;
	const char *verb, *option;
	unsigned int id;

	text_put_part(text, sizeof(text), line, length);
	verb = strstr(text, " new-peer ");
	option = verb ? strstr(verb, " --_name=") : NULL;
	if (!option || sscanf(verb, " new-peer %64s %2u ", name, &id) != 2 ||
	    sscanf(option, " --_name=%255s", peer_name) != 1 || id > DRBD_NODE_ID_MAX)
		return false;
	for (struct drbd_expected *resource = config->resources; resource;
	     resource = resource->next)
		if (!strcmp(resource->name, name))
			peer = peer_find(resource, peer_name);
	if (peer) {
		peer->numbered = true;
		peer->node_id = id;
	}
	return true;
}
