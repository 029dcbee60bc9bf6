/* What keepalived's checks say of services and servers: the data dump of its checker process.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/checks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/ipvs/wire.h"

#define LINE_MAX_READ 1024

/* A server, and what its checks say: it may have several. */
struct server {
	struct address address;
	bool checked; /* it has a check that is not suspended */
	bool waits;   /* one of them has not run yet */
	bool failed;  /* one of them has run and fails */
};

struct checks_virtual {
	char *name;        /* as the list of checks has it */
	uint32_t protocol; /* enum HaIpvsProtocol */
	uint32_t mark;
	struct address address; /* family 0: it has a group's */
	uint16_t family;
	int32_t quorum;
	struct address sorry;   /* gets the connections while the quorum is lost; family 0: none */
	struct server *servers; /* when all is read: in the order of their addresses */
	size_t count, room;
};

/* Addresses from one to another, or a mark, that belong to a group. */
struct entry {
	struct address first, last;
	uint32_t mark;
};

struct group {
	char *name;
	struct entry *entries;
	size_t count, room;
};

/* Services that a virtual server makes: all between two keys, octet by octet. */
struct span {
	struct ipvs_key first, last;
	const struct checks_virtual *made_by;
};

struct checks {
	struct checks_virtual *virtuals;
	struct group *groups;
	struct span *spans; /* in the order of their first keys */
	size_t count, room, groups_count, groups_room, spans_count, spans_room;
};

struct reader {
	struct checks *checks;
	void (*read)(struct reader *reader, const char *line); /* of the section; NULL: none */
	size_t at, server;      /* which was found last: checks come in the order of servers */
	struct server *subject; /* of the check under way; NULL: it is nobody's */
	bool enabled, up;
};

/* A list with room for one element more. */
static void *grow(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = *room ? 2 * *room : 4;
	return memory_resize(list, *room, size);
}

/* ---- pieces of a line ---- */

/* What stands behind `before' at the begin of a line; NULL: it begins otherwise. */
static const char *behind(const char *line, const char *before)
{
	size_t length = strlen(before);

	return strncmp(line, before, length) ? NULL : line + length;
}

static const char *find_last(const char *text, const char *what)
{
	const char *found = NULL;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		found = at;
	return found;
}

static bool read_address(struct address *address, const char *text, size_t length, const char *port)
{
	char host[ADDRESS_TEXT_MAX];
	unsigned long number = strtoul(port, NULL, 10);

	if (length >= sizeof(host) || number > UINT16_MAX)
		return false;
	text_put_part(host, sizeof(host), text, length);
	return address_parse(address, host, (uint16_t)number);
}

/* "10.77.0.1, RPORT = 53", with `between' before the port. */
static bool read_pair(struct address *address, const char *text, const char *between)
{
	const char *end = strstr(text, between);

	return end && read_address(address, text, (size_t)(end - text), end + strlen(between));
}

/* "[10.77.0.1]:udp:53" */
static bool read_trio(struct address *address, uint32_t *protocol, const char *text)
{
	const char *end = strchr(text, ']'), *port = strrchr(text, ':');

	if (*text != '[' || !end || end[1] != ':' || port < end + 2)
		return false;
	*protocol = (uint32_t)mib_value_of(HaIpvsProtocol_labels, end + 2, (size_t)(port - end - 2),
					   HaIpvsProtocol_fwmark);
	return read_address(address, text + 1, (size_t)(end - text - 1), port + 1);
}

/* ---- virtual servers ---- */

static struct checks_virtual *add_virtual(struct checks *checks, const char *name)
{
	struct checks_virtual *added;

	checks->virtuals = grow(checks->virtuals, checks->count, &checks->room, sizeof(*added));
	added = &checks->virtuals[checks->count++];
	*added = (struct checks_virtual){
		.name = memory_text(name),
		.protocol = HaIpvsProtocol_fwmark,
		.family = AF_INET,
		.quorum = haIpvsServiceQuorum_unknown,
	};
	return added;
}

/* Its name is known when its protocol is. */
static void begin_address(struct checks *checks, const char *text)
{
	struct address address;

	if (read_pair(&address, text, ", VPORT = "))
		add_virtual(checks, "")->address = address;
	else
		add_virtual(checks, "");
}

static void begin_mark(struct checks *checks, const char *text)
{
	char name[32];

	TEXT_PRINT(name, "FWM %.16s", text);
	add_virtual(checks, name)->mark = (uint32_t)strtoul(text, NULL, 10);
}

/* A mark has none, and its name is known already, as a group's is. */
static void take_protocol(struct checks_virtual *subject, const char *text)
{
	char address[ADDRESS_TEXT_MAX], name[128];

	subject->protocol = (uint32_t)mib_value_of(HaIpvsProtocol_labels, text, strlen(text),
						   HaIpvsProtocol_fwmark);
	if (!subject->address.family)
		return;
	address_print(&subject->address, address, sizeof(address));
	TEXT_PRINT(name, "[%s]:%s:%u", address,
		   mib_label_of(HaIpvsProtocol_labels, (int32_t)subject->protocol),
		   subject->address.port);
	free(subject->name);
	subject->name = memory_text(name);
}

static void add_server(struct checks_virtual *subject, const char *text)
{
	struct server server = { .checked = false };

	if (!read_pair(&server.address, text, ", RPORT = "))
		return;
	subject->servers = grow(subject->servers, subject->count, &subject->room, sizeof(server));
	subject->servers[subject->count++] = server;
}

static void read_virtual(struct checks_virtual *subject, const char *line)
{
	const char *value;
	uint32_t protocol;

	if ((value = behind(line, "   RIP = ")))
		add_server(subject, value);
	else if ((value = behind(line, "   protocol = ")))
		take_protocol(subject, value);
	else if (behind(line, "   Address family = inet6"))
		subject->family = AF_INET6;
	else if ((value = behind(line, "   quorum_state_up = ")))
		subject->quorum =
			*value == '1' ? haIpvsServiceQuorum_met : haIpvsServiceQuorum_lost;
	else if (behind(line, "   sorry server ") && (value = strchr(line, '[')) &&
		 !read_trio(&subject->sorry, &protocol, value))
		subject->sorry.family = 0;
}

/* ---- groups of addresses ---- */

/* "shared, IPv4 = yes, IPv6 = no" */
static void begin_group(struct checks *checks, const char *text)
{
	const char *end = find_last(text, ", IPv4 = ");
	char name[LINE_MAX_READ];

	text_put_part(name, sizeof(name), text, end ? (size_t)(end - text) : strlen(text));
	checks->groups = grow(checks->groups, checks->groups_count, &checks->groups_room,
			      sizeof(*checks->groups));
	checks->groups[checks->groups_count++] = (struct group){ .name = memory_text(name) };
}

static void add_entry(struct group *group, const struct entry *entry)
{
	group->entries = grow(group->entries, group->count, &group->room, sizeof(*entry));
	group->entries[group->count++] = *entry;
}

/* "10.77.0.120-10.77.0.125, VPORT = 80" */
static bool read_range(struct entry *entry, const char *text)
{
	const char *end = strchr(text, '-'), *port = strstr(text, ", VPORT = ");

	return end && port && read_pair(&entry->last, end + 1, ", VPORT = ") &&
	       read_address(&entry->first, text, (size_t)(end - text), port + 10) &&
	       entry->first.family == entry->last.family;
}

static void read_group(struct group *group, const char *line)
{
	struct entry entry = { .mark = 0 };
	const char *value;

	if ((value = behind(line, "   VIP = ")) && read_pair(&entry.first, value, ", VPORT = ")) {
		entry.last = entry.first;
		add_entry(group, &entry);
	} else if ((value = behind(line, "   VIP Range = ")) && read_range(&entry, value)) {
		add_entry(group, &entry);
	} else if ((value = behind(line, "   FWMARK = "))) {
		entry.mark = (uint32_t)strtoul(value, NULL, 10);
		entry.first.family = strstr(value, "IPv6") ? AF_INET6 :
				     strstr(value, "IPv4") ? AF_INET :
							     0;
		add_entry(group, &entry);
	}
}

static void read_topology(struct reader *reader, const char *line)
{
	struct checks *checks = reader->checks;
	const char *value;

	if ((value = behind(line, " VS VIP = ")))
		begin_address(checks, value);
	else if ((value = behind(line, " VS FWMARK = ")))
		begin_mark(checks, value);
	else if ((value = behind(line, " VS GROUP = ")))
		add_virtual(checks, value);
	else if ((value = behind(line, " Virtual Server Group = ")))
		begin_group(checks, value);
	else if (checks->count)
		read_virtual(&checks->virtuals[checks->count - 1], line);
	else if (checks->groups_count)
		read_group(&checks->groups[checks->groups_count - 1], line);
}

/* ---- checks ---- */

static struct server *find_server(struct checks_virtual *among, size_t from,
				  const struct address *address)
{
	for (size_t i = 0; i < among->count; i++) {
		size_t at = (from + i) % among->count;

		if (address_equal(&among->servers[at].address, address))
			return &among->servers[at];
	}
	return NULL;
}

/* " [10.77.0.100]:udp:53 -> [10.77.0.1]:udp:53": a name may hold anything, and services of one mark
 * are called the same in both families. */
static struct server *find_subject(struct reader *reader, const char *line)
{
	const char *end = find_last(line, " -> ");
	struct checks *checks = reader->checks;
	struct address address;
	struct server *server;
	uint32_t protocol;

	if (!end || !read_trio(&address, &protocol, end + 4))
		return NULL;
	for (size_t i = 0; i < checks->count; i++) {
		size_t at = (reader->at + i) % checks->count;
		struct checks_virtual *found = &checks->virtuals[at];

		if (behind(line + 1, found->name) != end || found->protocol != protocol)
			continue;
		server = find_server(found, at == reader->at ? reader->server : 0, &address);
		if (server) {
			reader->server = (size_t)(server - found->servers);
			reader->at = at;
			return server;
		}
	}
	return NULL;
}

/* The last of the three words says whether the others are worth something. */
static void end_check(struct reader *reader, bool has_run)
{
	struct server *subject = reader->subject;

	reader->subject = NULL;
	if (!subject || !reader->enabled)
		return;
	subject->checked = true;
	subject->waits |= !has_run;
	subject->failed |= has_run && !reader->up;
}

static void read_check(struct reader *reader, const char *line)
{
	const char *value;

	if (line[0] == ' ' && line[1] != ' ')
		reader->subject = find_subject(reader, line);
	else if ((value = behind(line, "   Enabled = ")))
		reader->enabled = *value == 'y';
	else if ((value = behind(line, "   Up = ")))
		reader->up = *value == 'y';
	else if ((value = behind(line, "   Has run = ")))
		end_check(reader, *value == 'y');
}

/* ---- the whole ---- */

static void begin_section(struct reader *reader, const char *name)
{
	reader->subject = NULL;
	if (behind(name, "LVS Topology"))
		reader->read = read_topology;
	else if (behind(name, "Health checkers"))
		reader->read = read_check;
	else
		reader->read = NULL;
}

static void add_span(struct checks *checks, const struct checks_virtual *made_by,
		     const struct ipvs_key *first, const struct address *last)
{
	struct span span = { .first = *first, .last = *first, .made_by = made_by };

	span.last.address = *last;
	checks->spans = grow(checks->spans, checks->spans_count, &checks->spans_room, sizeof(span));
	checks->spans[checks->spans_count++] = span;
}

static void add_marked(struct checks *checks, const struct checks_virtual *made_by, uint32_t mark,
		       uint16_t family)
{
	struct ipvs_key key = {
		.protocol = HaIpvsProtocol_fwmark,
		.mark = mark,
		.address.family = family,
	};

	add_span(checks, made_by, &key, &key.address);
}

static void add_group(struct checks *checks, const struct checks_virtual *made_by)
{
	const char *end = find_last(made_by->name, "]:");
	size_t length = end ? (size_t)(end - made_by->name) - 1 : 0;
	const struct group *group = NULL;

	for (size_t i = 0; i < checks->groups_count && length; i++)
		if (strlen(checks->groups[i].name) == length &&
		    !strncmp(checks->groups[i].name, made_by->name + 1, length))
			group = &checks->groups[i];
	for (size_t i = 0; group && i < group->count; i++) {
		const struct entry *entry = &group->entries[i];
		uint16_t family = entry->first.family ? entry->first.family : made_by->family;
		struct ipvs_key key = { .protocol = made_by->protocol, .address = entry->first };

		if (entry->mark)
			add_marked(checks, made_by, entry->mark, family);
		else
			add_span(checks, made_by, &key, &entry->last);
	}
}

static int compare_servers(const void *one, const void *other)
{
	return memcmp(one, other, sizeof(struct address));
}

static int compare_spans(const void *one, const void *other)
{
	return memcmp(one, other, sizeof(struct ipvs_key));
}

static void sort(struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		struct checks_virtual *subject = &checks->virtuals[i];
		struct ipvs_key key = { .protocol = subject->protocol,
					.address = subject->address };

		if (subject->count)
			qsort(subject->servers, subject->count, sizeof(*subject->servers),
			      compare_servers);
		if (subject->mark)
			add_marked(checks, subject, subject->mark, subject->family);
		else if (subject->address.family)
			add_span(checks, subject, &key, &key.address);
		else
			add_group(checks, subject);
	}
	if (checks->spans_count)
		qsort(checks->spans, checks->spans_count, sizeof(*checks->spans), compare_spans);
}

/* keepalived's last words are not always the same: that the file was closed says that it is whole.
 * What a full disk has cut mostly ends within a line. */
struct checks *checks_read(const char *text, size_t length)
{
	struct reader reader = { .checks = NULL };
	char line[LINE_MAX_READ];

	if (!length || text[length - 1] != '\n' || *text != '-')
		return NULL;
	reader.checks = memory_new(1, sizeof(*reader.checks));
	while (length > 0) {
		const char *end = memchr(text, '\n', length), *section;
		size_t taken = (size_t)(end - text);

		text_put_part(line, sizeof(line), text, taken);
		section = behind(line, "------< ");
		if (section)
			begin_section(&reader, section);
		else if (reader.read)
			reader.read(&reader, line);
		text = end + 1;
		length -= taken + 1;
	}
	sort(reader.checks);
	return reader.checks;
}

void checks_free(struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		free(checks->virtuals[i].name);
		free(checks->virtuals[i].servers);
	}
	for (size_t i = 0; i < checks->groups_count; i++) {
		free(checks->groups[i].name);
		free(checks->groups[i].entries);
	}
	free(checks->virtuals);
	free(checks->groups);
	free(checks->spans);
	free(checks);
}

/* ---- answers ---- */

const struct checks_virtual *checks_find(const struct checks *checks, const struct ipvs_key *key)
{
	size_t low = 0, high = checks->spans_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&checks->spans[middle].first, key, sizeof(*key)) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || memcmp(key, &checks->spans[low - 1].last, sizeof(*key)) > 0)
		return NULL;
	return checks->spans[low - 1].made_by;
}

int32_t checks_quorum(const struct checks_virtual *found)
{
	return found->quorum;
}

int32_t checks_real(const struct checks_virtual *found, const struct address *real)
{
	const struct server *server = NULL;

	if (found->count)
		server = bsearch(real, found->servers, found->count, sizeof(*server),
				 compare_servers);
	if (!server)
		return address_equal(&found->sorry, real) ? haIpvsRealCheck_notChecked :
							    haIpvsRealCheck_unknown;
	if (!server->checked)
		return haIpvsRealCheck_notChecked;
	if (server->failed)
		return haIpvsRealCheck_down;
	return server->waits ? haIpvsRealCheck_unknown : haIpvsRealCheck_up;
}
