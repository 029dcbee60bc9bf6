/* The clients that are connected to a server, or were a while ago: from the kernel, and in a file.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/tickle/connections.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/sorted.h"

/* Of the kernel's tcp_states.h. */
enum { ESTABLISHED = 1, LISTEN = 10 };

#define LINE_MAX_SIZE (ADDRESS_TEXT_MAX + 32)

static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF }; /* RFC 4291, 2.5.5.2 */

/* ---- the list ---- */

static int compare(const void *element, const void *key)
{
	const struct address *one = &((const struct connection *)element)->client, *other = key;
	int order = one->family - other->family;

	if (!order)
		order = memcmp(one->octets, other->octets, sizeof(one->octets));
	return order ? order : one->port - other->port;
}

/* True when it is new. */
static bool put(struct connections *connections, const struct address *client, int64_t seen)
{
	size_t at = sorted_position(connections->list, connections->count,
				    sizeof(*connections->list), client, compare);
	bool is_new = at == connections->count || compare(&connections->list[at], client) != 0;

	if (is_new && connections->count >= CONNECTIONS_MAX)
		return false;
	if (is_new) {
		connections->list = sorted_insert(connections->list, at, &connections->count,
						  &connections->room, sizeof(*connections->list));
		connections->list[at].client = *client;
	}
	if (connections->list[at].seen < seen)
		connections->list[at].seen = seen;
	return is_new;
}

bool connections_forget(struct connections *connections, int64_t before)
{
	size_t kept = 0, count = connections->count;

	for (size_t i = 0; i < count; i++)
		if (connections->list[i].seen >= before)
			connections->list[kept++] = connections->list[i];
	connections->count = kept;
	return kept < count;
}

void connections_free(struct connections *connections)
{
	free(connections->list);
	memset(connections, 0, sizeof(*connections));
}

/* ---- the kernel's table ---- */

/* "0100007F" or four such words: each is a number of the host's, of octets in the network's order.
 */
static bool read_octets(struct address *address, const char *digits)
{
	size_t length = strlen(digits);

	if (length != 8 && length != 32)
		return false;
	address->family = length == 8 ? AF_INET : AF_INET6;
	for (size_t at = 0; at < length; at += 8) {
		char word[9];
		uint32_t number;

		text_put_part(word, sizeof(word), digits + at, 8);
		number = (uint32_t)strtoul(word, NULL, 16);
		memcpy(address->octets + at / 2, &number, sizeof(number));
	}
	return true;
}

static bool read_address(struct address *address, const char *digits, unsigned int port)
{
	memset(address, 0, sizeof(*address));
	if (port > UINT16_MAX || !read_octets(address, digits))
		return false;
	address->port = (uint16_t)port;
	if (address->family == AF_INET6 && memcmp(address->octets, mapped, sizeof(mapped)) == 0) {
		address->family = AF_INET;
		memmove(address->octets, address->octets + sizeof(mapped), 4);
		memset(address->octets + 4, 0, sizeof(address->octets) - 4);
	}
	return true;
}

struct line {
	struct address local, remote;
	unsigned int state;
};

/* "   0: 6400A8C0:0801 0300A8C0:033A 01 ..."; the line of headings is none. */
static bool read_line(const char *text, struct line *line)
{
	char local[33], remote[33];
	unsigned int local_port, remote_port;

	return sscanf(text, "%*u: %32[0-9A-F]:%4X %32[0-9A-F]:%4X %2X", local, &local_port, remote,
		      &remote_port, &line->state) == 5 &&
	       read_address(&line->local, local, local_port) &&
	       read_address(&line->remote, remote, remote_port);
}

bool connections_look(struct connections *connections, const char *table,
		      const struct address *server, int64_t now)
{
	struct line line;
	bool is_new = false;

	for (const char *at = table; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (read_line(at, &line) && line.state == ESTABLISHED &&
		    address_equal(&line.local, server))
			is_new |= put(connections, &line.remote, now);
	}
	return is_new;
}

bool connections_is_listening(const char *table, const struct address *server)
{
	const struct address all = { .family = server->family, .port = server->port };
	struct line line;

	for (const char *at = table; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (read_line(at, &line) && line.state == LISTEN &&
		    (address_equal(&line.local, server) || address_equal(&line.local, &all)))
			return true;
	}
	return false;
}

/* ---- the file ---- */

void connections_read(struct connections *connections, const char *text)
{
	char address[ADDRESS_TEXT_MAX];
	struct address client;
	unsigned int port;
	int64_t seen;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%63[^ \n] %5u %16" SCNd64, address, &port, &seen) == 3 &&
		    port <= UINT16_MAX && address_parse(&client, address, (uint16_t)port))
			put(connections, &client, seen);
	}
}

char *connections_print(const struct connections *connections)
{
	size_t size = connections->count * LINE_MAX_SIZE + 1, used = 0;
	char *text = memory_new(size, 1);

	for (size_t i = 0; i < connections->count; i++) {
		const struct connection *connection = &connections->list[i];
		char address[ADDRESS_TEXT_MAX];

		address_print(&connection->client, address, sizeof(address));
		text_print(text + used, size - used, "%s %u %" PRId64 "\n", address,
			   connection->client.port, connection->seen);
		used += strlen(text + used);
	}
	return text;
}
