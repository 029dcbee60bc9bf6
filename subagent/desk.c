/* The desk: where hactl asks the hub, over a unix socket of its own.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/desk.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/jobs.h"

static bool listen_at(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	TEXT_PUT(address.sun_path, path);
	unlink(path);
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	       chmod(path, 0666) == 0 && listen(fd, DESK_CLIENTS_MAX) == 0;
}

void desk_open(struct desk *desk, const struct settings *settings, struct board *board,
	       struct jobs *jobs)
{
	*desk = (struct desk){ .board = board, .jobs = jobs };
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		desk->clients[i] = (struct client){ .desk = desk, .fd = -1 };
	desk->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (desk->fd >= 0 && listen_at(desk->fd, settings->socket))
		return;
	log_error("%s: %s; hactl will not work", settings->socket, strerror(errno));
	if (desk->fd >= 0)
		close(desk->fd);
	desk->fd = -1;
}

static void leave(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	client->listing = false;
}

void desk_close(struct desk *desk)
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		leave(&desk->clients[i]);
	if (desk->fd >= 0)
		close(desk->fd);
	desk->fd = -1;
}

static bool is_root(int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == 0;
}

/* A free seat, or the one that is lost to a newcomer; NULL when there is none. */
static struct client *find_seat(struct desk *desk, bool root, int64_t now)
{
	struct client *seat = NULL;

	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		struct client *client = &desk->clients[i];

		if (client->fd < 0)
			return client;
		if (((root && !client->root) || now - client->moved >= DESK_IDLE) &&
		    (!seat || client->moved < seat->moved))
			seat = client;
	}
	return seat;
}

static void accept_client(void *argument, short events)
{
	struct desk *desk = argument;
	int fd = accept4(desk->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int64_t now = clock_now();
	struct client *seat;
	bool root;

	(void)events;
	if (fd < 0)
		return;
	root = is_root(fd);
	seat = find_seat(desk, root, now);
	if (!seat) {
		close(fd);
		return;
	}
	leave(seat);
	*seat = (struct client){ .desk = desk, .fd = fd, .root = root, .moved = now };
}

/* The first entry of the table that the client has not been sent, or NULL. */
static const struct entry *next_entry(const struct client *client, const struct rows *rows)
{
	size_t position = 0;

	if (client->index_length) {
		position = rows_position(rows, client->index, client->index_length);
		if (position < rows->count && !index_compare(rows->entries[position]->index,
							     rows->entries[position]->index_length,
							     client->index, client->index_length))
			position++;
	}
	while (position < rows->count && rows->entries[position]->gone)
		position++;
	return position < rows->count ? rows->entries[position] : NULL;
}

/* Send rows until the socket is full or all are sent. */
static void list_rows(struct client *client)
{
	while (client->table < client->desk->board->count) {
		const struct rows *rows = &client->desk->board->tables[client->table];
		const struct entry *entry = next_entry(client, rows);

		if (!entry) {
			client->table++;
			client->index_length = 0;
			continue;
		}
		if (frame_send(client->fd, FRAME_ROW, rows->table->entry, entry->row,
			       rows->table->size) != FRAME_OK)
			return;
		client->index_length = entry->index_length;
		memcpy(client->index, entry->index, entry->index_length * sizeof(*entry->index));
	}
	if (frame_send(client->fd, FRAME_END, 0, NULL, 0) == FRAME_OK)
		client->listing = false;
}

static bool is_forced(const struct set *set)
{
	bool forced = false;

	for (uint16_t i = 0; i < set->count && !forced; i++)
		request_kind_of_object(set->changes[i].object, &forced);
	return forced;
}

/* Root at the console needs no lock: the hub has one clerk. All phases are run at once. */
static void take_set(struct client *client, struct set *set)
{
	struct instant when = { clock_now(), clock_wall() };
	struct verdict verdict = { .error = SET_NOT_WRITABLE };

	TEXT_PUT(verdict.message,
		 client->root ? "too many changes at once" : "only root may ask for actions");
	set->origin = haActionOrigin_hactl;
	set->transaction = UINT32_MAX;
	if (client->root && set->count < SET_CHANGES_MAX) {
		bool force = is_forced(set);
		struct set_change lock = {
			.object = force ? mib_haForceLock : mib_haActionLock,
			.index_length = 1,
			.number = force ? client->desk->jobs->force.lock :
					  client->desk->jobs->action.lock,
		};

		set->changes[set->count++] = lock;
		set->phase = SET_RESERVE;
		jobs_set(client->desk->jobs, set, &verdict, &when);
	}
	frame_send(client->fd, FRAME_VERDICT, 0, &verdict, sizeof(verdict));
	if (verdict.error == SET_NO_ERROR) {
		struct verdict none;

		set->phase = SET_COMMIT;
		jobs_set(client->desk->jobs, set, &none, &when);
	}
}

static void client_ready(void *argument, short events)
{
	struct client *client = argument;
	struct frame frame;
	enum frame_outcome outcome = FRAME_AGAIN;

	client->moved = clock_now();
	if (events & POLLOUT && client->listing)
		list_rows(client);
	if (events & (POLLIN | POLLHUP | POLLERR))
		outcome = frame_receive(client->fd, &frame, NULL);
	if (outcome == FRAME_OK && frame.head.type == FRAME_LIST) {
		client->listing = true;
		client->table = client->index_length = 0;
	} else if (outcome == FRAME_OK && frame.head.type == FRAME_SET) {
		take_set(client, &frame.body.set);
	} else if (outcome != FRAME_AGAIN) {
		leave(client);
	}
}

/* Newcomers come last: nobody loses his seat whose request is there already, or who has left. */
void desk_watch(struct desk *desk)
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		struct client *client = &desk->clients[i];

		loop_watch(client->fd, client->listing ? POLLIN | POLLOUT : POLLIN, client_ready,
			   client);
	}
	loop_watch(desk->fd, POLLIN, accept_client, desk);
}
