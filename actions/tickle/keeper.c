/* Tickles the clients of a server that has come here, and keeps the list of those that it has now.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/tickle/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "actions/tickle/connections.h"
#include "actions/tickle/segment.h"
#include "actions/whole_file.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"

#define LOOK_INTERVAL 500 /* milliseconds; what connects and crashes within is not on the list */
#define KEPT 300          /* seconds for which one that is seen no more stays on the list */
#define ASK_TIMEOUT 1     /* seconds in which who connects has to say what it wants */

/* Milliseconds after the first time, at which the clients are tickled again: a packet may be lost,
 * and a client answers to only some of what it cannot understand (tcp_invalid_ratelimit). */
static const int64_t again[] = { 200, 1000, 3000 };

#define AGAIN_COUNT (sizeof(again) / sizeof(*again))

/* ---- the clients ---- */

static int open_link(const struct address *server)
{
	int link = socket(server->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
	struct sockaddr_storage from;
	struct address raw = *server;
	socklen_t length;

	/* A raw socket has no ports, and that of IPv6 takes none. */
	raw.port = 0;
	length = address_to_socket(&raw, &from);
	if (link >= 0 && bind(link, (const struct sockaddr *)&from, length) == 0)
		return link;
	log_warning("the clients cannot be told: %s", strerror(errno));
	if (link >= 0)
		close(link);
	return -1;
}

static void tickle_one(int link, const struct address *server, const struct address *client)
{
	unsigned char segment[SEGMENT_SIZE];
	struct sockaddr_storage to;
	struct address raw = *client;
	socklen_t length;

	raw.port = 0;
	length = address_to_socket(&raw, &to);
	segment_write(server, client, segment);
	if (sendto(link, segment, sizeof(segment), MSG_DONTWAIT, (const struct sockaddr *)&to,
		   length) < 0) {
		char text[ADDRESS_TEXT_MAX];

		address_print_port(client, text, sizeof(text));
		log_debug("%s cannot be told: %s", text, strerror(errno));
	}
}

static void tickle(const struct address *server, const struct connections *clients)
{
	int link = open_link(server);

	if (link < 0)
		return;
	for (size_t i = 0; i < clients->count; i++)
		if (clients->list[i].client.family == server->family)
			tickle_one(link, server, &clients->list[i].client);
	close(link);
}

/* ---- the list ---- */

/* It lies where clients of the file server may write: what is no plain file is left alone. */
static void read_list(const char *path, struct connections *clients)
{
	int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	char *text = NULL;

	if (file < 0)
		return;
	if (fstat(file, &status) == 0 && S_ISREG(status.st_mode))
		text = whole_file_read_open(file);
	if (text)
		connections_read(clients, text);
	free(text);
	close(file);
}

static void write_list(const char *path, const struct connections *clients)
{
	char *text = connections_print(clients);

	if (!file_replace_durably(path, text, strlen(text), 0600))
		log_warning("%s cannot be written: %s", path, strerror(errno));
	free(text);
}

static void look(const struct keeper *keeper, struct connections *clients)
{
	static const char *const tables[] = { "/proc/net/tcp", "/proc/net/tcp6" };
	int64_t now = clock_wall() / 1000;
	bool changed = false;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		char *table = whole_file_read(tables[i]);

		if (table)
			changed |= connections_look(clients, table, &keeper->server, now);
		free(table);
	}
	changed |= connections_forget(clients, now - KEPT);
	if (changed)
		write_list(keeper->path, clients);
}

/* ---- who asks ---- */

static bool is_superuser(int peer)
{
	struct ucred who;
	socklen_t length = sizeof(who);

	return getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &length) == 0 && who.uid == 0;
}

/* True when the one who has connected wants the end. It sees the connection end when that has come.
 */
static bool is_end_wanted(const struct keeper *keeper)
{
	const struct timeval timeout = { .tv_sec = ASK_TIMEOUT };
	int peer = accept4(keeper->control, NULL, NULL, SOCK_CLOEXEC);
	char word;

	if (peer < 0)
		return false;
	if (is_superuser(peer) &&
	    setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0 &&
	    recv(peer, &word, 1, 0) == 1)
		return true;
	close(peer);
	return false;
}

/* ---- all of it ---- */

void keeper_begin(const struct keeper *keeper)
{
	struct connections clients = { 0 };

	read_list(keeper->path, &clients);
	tickle(&keeper->server, &clients);
	connections_free(&clients);
}

/* Wait for someone who asks; true when the end is wanted. */
static bool wait_for_end(const struct keeper *keeper, int64_t until)
{
	struct pollfd control = { .fd = keeper->control, .events = POLLIN };
	int64_t left = until - clock_now();

	return poll(&control, 1, left > 0 ? (int)left : 0) > 0 && is_end_wanted(keeper);
}

void keeper_run(const struct keeper *keeper)
{
	struct connections old = { 0 }, clients = { 0 };
	int64_t began = clock_now(), next_look = began, next_tickle = began + again[0];
	size_t times = 0;

	read_list(keeper->path, &old);
	read_list(keeper->path, &clients);
	do {
		if (clock_now() >= next_look) {
			look(keeper, &clients);
			next_look = clock_now() + LOOK_INTERVAL;
		}
		if (clock_now() >= next_tickle) {
			tickle(&keeper->server, &old);
			times++;
			next_tickle = times < AGAIN_COUNT ? began + again[times] : INT64_MAX;
		}
	} while (!wait_for_end(keeper, next_look < next_tickle ? next_look : next_tickle));
	look(keeper, &clients);
	connections_free(&old);
	connections_free(&clients);
}
