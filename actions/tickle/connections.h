/* The clients that are connected to a server, or were a while ago: from the kernel, and in a file.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_CONNECTIONS_H
#define HA_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"

/* More are not taken: a file of somebody else's making must not fill the memory. */
#define CONNECTIONS_MAX 65536

struct connection {
	struct address client; /* with its port */
	int64_t seen;          /* seconds since 1970, by the node that saw it last */
};

/* Begins zeroed. */
struct connections {
	size_t count, room;
	struct connection *list; /* in the order of the clients */
};

/* Take each established connection of the server's address and port out of /proc/net/tcp or tcp6,
 * whose text this is, as seen now. An IPv4 address that is mapped into IPv6 counts as the IPv4
 * address. True when one is new. */
bool connections_look(struct connections *connections, const char *table,
		      const struct address *server, int64_t now);

/* Whether somebody listens at the server's address and port, or at this port of all addresses of
 * its family, in such a text: the kernel has those who listen before all others. */
bool connections_is_listening(const char *table, const struct address *server);

/* Forget those that were last seen before a time; true when there were some. */
bool connections_forget(struct connections *connections, int64_t before);

/* Take what connections_print() wrote; a line that is none is passed over. */
void connections_read(struct connections *connections, const char *text);

/* One a line: address, port, when it was last seen. The caller frees it. */
char *connections_print(const struct connections *connections);

void connections_free(struct connections *connections);

#endif
