/* A name server whose every word is scripted, in the loop of the test.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/name_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "tests/unit/check.h"

enum {
	HEADER = 12,
	FIXED = 4,        /* octets of type and class */
	PREFIX = 2,       /* of the length before a message by TCP */
	PORTS_TRIED = 100 /* for one that is free for UDP and TCP */
};

static int open_bound(const struct address *address, int type)
{
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(address, &name);
	int fd = socket(address->family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&name, length) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void take_port(struct name_server *server)
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);

	assert_int_equal(getsockname(server->udp, (struct sockaddr *)&name, &length), 0);
	assert_true(address_from_socket(&server->address, &name));
}

bool name_server_open(struct name_server *server, const char *address)
{
	memset(server, 0, sizeof(*server));
	server->listener = server->stream = -1;
	assert_true(address_parse(&server->address, address, 0));
	server->udp = open_bound(&server->address, SOCK_DGRAM);
	if (server->udp < 0)
		return false;
	take_port(server);
	return true;
}

void name_server_listen(struct name_server *server)
{
	for (int i = 0; i < PORTS_TRIED && server->listener < 0; i++) {
		server->listener = open_bound(&server->address, SOCK_STREAM);
		if (server->listener >= 0)
			break;
		close(server->udp);
		server->address.port = 0;
		server->udp = open_bound(&server->address, SOCK_DGRAM);
		take_port(server);
	}
	assert_true(server->listener >= 0);
	assert_int_equal(listen(server->listener, SOMAXCONN), 0);
}

void name_server_close(struct name_server *server)
{
	int fds[] = { server->udp, server->listener, server->stream };

	for (size_t i = 0; i < COUNT(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	server->udp = server->listener = server->stream = -1;
}

static void take_question(struct name_server *server, ssize_t length)
{
	if (length < HEADER)
		return;
	server->asked.length = (size_t)length;
	server->questions++;
	if (server->script)
		server->script(server, &server->asked);
}

static void hear(void *argument, short events)
{
	struct name_server *server = argument;
	socklen_t length = sizeof(server->asked.from);

	(void)events;
	server->asked.tcp = false;
	take_question(server,
		      recvfrom(server->udp, server->asked.octets, sizeof(server->asked.octets),
			       MSG_DONTWAIT, (struct sockaddr *)&server->asked.from, &length));
}

/* A question comes in one piece, for it was sent so. */
static void hear_stream(void *argument, short events)
{
	struct name_server *server = argument;
	uint8_t octets[PREFIX + NAME_SERVER_MESSAGE_MAX];
	ssize_t length = recv(server->stream, octets, sizeof(octets), MSG_DONTWAIT);

	(void)events;
	if (length < 0)
		return;
	if (length <= PREFIX) {
		close(server->stream);
		server->stream = -1;
		return;
	}
	assert_int_equal(octets[0] << 8 | octets[1], length - PREFIX);
	memcpy(server->asked.octets, octets + PREFIX, (size_t)length - PREFIX);
	server->asked.tcp = true;
	take_question(server, length - PREFIX);
}

static void accept_stream(void *argument, short events)
{
	struct name_server *server = argument;
	int on = 1;

	(void)events;
	if (server->stream >= 0)
		close(server->stream);
	server->waiting_length = 0;
	server->stream = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (server->stream < 0)
		return;
	setsockopt(server->stream, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	server->connections++;
}

static void send_waiting(struct name_server *server, size_t most)
{
	ssize_t sent = send(server->stream, server->waiting, most, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent <= 0)
		return;
	server->waiting_length -= (size_t)sent;
	memmove(server->waiting, server->waiting + sent, server->waiting_length);
}

void name_server_watch(struct name_server *server)
{
	if (server->stream >= 0 && server->waiting_length) {
		send_waiting(server, 1);
		loop_wake(clock_now());
	}
	loop_watch(server->udp, POLLIN, hear, server);
	loop_watch(server->listener, POLLIN, accept_stream, server);
	loop_watch(server->stream, POLLIN, hear_stream, server);
}

size_t name_server_answer(const struct asked *asked, uint8_t octets[NAME_SERVER_MESSAGE_MAX])
{
	static const uint8_t flags[] = { 0x84, 0x00 }; /* QR, AA */
	static const uint8_t counts[] = { 0, 1, 0, 1, 0, 0, 0, 0 };
	static const uint8_t record[] = {
		0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1
	};
	size_t end = HEADER;

	while (asked->octets[end])
		end += asked->octets[end] + 1U;
	end += 1 + FIXED;
	memcpy(octets, asked->octets, end);
	memcpy(octets + 2, flags, sizeof(flags));
	memcpy(octets + 4, counts, sizeof(counts));
	memcpy(octets + end, record, sizeof(record));
	return end + sizeof(record);
}

void name_server_send(struct name_server *server, const struct asked *asked, const uint8_t *octets,
		      size_t length)
{
	uint8_t prefix[PREFIX] = { (uint8_t)(length >> 8), (uint8_t)length };

	if (asked->tcp) {
		name_server_write(server, prefix, sizeof(prefix));
		name_server_write(server, octets, length);
	} else {
		sendto(server->udp, octets, length, 0, (const struct sockaddr *)&asked->from,
		       sizeof(asked->from));
	}
}

void name_server_write(struct name_server *server, const uint8_t *octets, size_t length)
{
	assert_true(server->waiting_length + length <= sizeof(server->waiting));
	memcpy(server->waiting + server->waiting_length, octets, length);
	server->waiting_length += length;
	if (!server->slowly)
		send_waiting(server, server->waiting_length);
}

void name_server_hang_up(struct name_server *server)
{
	if (server->waiting_length)
		send_waiting(server, server->waiting_length);
	close(server->stream);
	server->stream = -1;
}
