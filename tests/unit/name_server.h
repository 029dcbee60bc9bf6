/* A name server whose every word is scripted, in the loop of the test.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NAME_SERVER_H
#define HA_NAME_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lib/address.h"

#define NAME_SERVER_MESSAGE_MAX 512

struct asked {
	uint8_t octets[NAME_SERVER_MESSAGE_MAX];
	size_t length;
	struct sockaddr_storage from;
	bool tcp;
};

struct name_server {
	struct address address;
	/* Called for every question; NULL: it keeps silent. */
	void (*script)(struct name_server *server, const struct asked *asked);
	int questions, connections;
	bool slowly;        /* what goes by TCP goes octet by octet, one in a turn */
	struct asked asked; /* the last */
	int udp, listener, stream;
	uint8_t waiting[2 * NAME_SERVER_MESSAGE_MAX]; /* to go by TCP */
	size_t waiting_length;
};

/* Bound to a free port of an address of this machine; false when there is no such address. */
bool name_server_open(struct name_server *server, const char *address);

/* Accept connections, too. */
void name_server_listen(struct name_server *server);

void name_server_close(struct name_server *server);

/* Register for the coming turn. */
void name_server_watch(struct name_server *server);

/* A good answer: one address, 192.0.2.1. Its length is returned. */
size_t name_server_answer(const struct asked *asked, uint8_t octets[NAME_SERVER_MESSAGE_MAX]);

/* Send a message to who has asked, by the way it was asked. */
void name_server_send(struct name_server *server, const struct asked *asked, const uint8_t *octets,
		      size_t length);

/* Send octets by the connection as they are. */
void name_server_write(struct name_server *server, const uint8_t *octets, size_t length);

/* Send and close the connection. */
void name_server_hang_up(struct name_server *server);

#endif
