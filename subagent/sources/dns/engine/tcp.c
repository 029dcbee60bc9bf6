/* Questions by TCP: a connection for each try (RFC 7766).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/engine/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/address.h"
#include "lib/clock.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/inside.h"
#include "subagent/sources/dns/engine/random.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/engine/udp.h"
#include "subagent/sources/dns/message/question.h"

enum {
	PREFIX = 2,       /* octets of the length before a message */
	READINGS_MAX = 64 /* per connection and turn */
};

struct dns_connection {
	struct dns_endpoint endpoint;
	struct dns_exchange *exchange;
	bool connected, asked;
	size_t done;            /* octets sent, then octets read, the prefix included */
	size_t length;          /* of all that is to be sent; of the message that is read */
	uint8_t prefix[PREFIX]; /* as it comes */
	uint8_t *octets;        /* the question with its prefix; the message without it */
};

static void fail(struct dns_connection *connection, int error)
{
	dns_exchange_fail(connection->exchange, dns_reason_of(error), error);
}

/* The network has told it, whatever it would mean of this node. */
static void fail_from_afar(struct dns_connection *connection, int error)
{
	int32_t reason = dns_reason_of(error);

	if (reason == haDnsServerReason_socketError)
		reason = haDnsServerReason_unreachable;
	dns_exchange_fail(connection->exchange, reason, error);
}

/* ---- asking ---- */

static void pack(struct dns_connection *connection)
{
	const struct dns_exchange *exchange = connection->exchange;
	const struct dns_question *question = exchange->question;
	uint16_t length = htons(question->length), id = htons(exchange->id);

	connection->length = PREFIX + (size_t)question->length;
	connection->octets = memory_new(1, connection->length);
	memcpy(connection->octets, &length, sizeof(length));
	memcpy(connection->octets + PREFIX, question->octets, question->length);
	memcpy(connection->octets + PREFIX, &id, sizeof(id));
}

static int open_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return fd;
	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return fd;
}

static void connection_ready(struct dns_endpoint *endpoint, uint32_t events);

/* NULL, with errno, when there can be none. */
static struct dns_connection *open_connection(struct dns_exchange *exchange)
{
	struct dns_connection *connection;
	int fd;

	do
		fd = open_socket(exchange->server.family);
	while (fd < 0 && errno == EMFILE && dns_udp_spare(exchange->engine->udp));
	if (fd < 0)
		return NULL;
	connection = memory_new(1, sizeof(*connection));
	if (!dns_endpoint_open(exchange->engine, &connection->endpoint, fd, EPOLLOUT)) {
		free(connection);
		return NULL;
	}
	connection->endpoint.ready = connection_ready;
	connection->exchange = exchange;
	exchange->connection = connection;
	return connection;
}

void dns_tcp_ask(struct dns_exchange *exchange)
{
	struct dns_connection *connection = open_connection(exchange);
	struct sockaddr_storage name;
	socklen_t length;

	if (!connection) {
		dns_exchange_fail(exchange, dns_reason_of(errno), errno);
		return;
	}
	exchange->id = dns_random_id();
	pack(connection);
	length = address_to_socket(&exchange->server, &name);
	if (connect(connection->endpoint.fd, (struct sockaddr *)&name, length) < 0 &&
	    errno != EINPROGRESS)
		fail(connection, errno);
	else
		dns_exchange_sent(exchange, clock_microseconds());
}

void dns_tcp_close(struct dns_exchange *exchange)
{
	struct dns_connection *connection = exchange->connection;

	if (!connection)
		return;
	exchange->connection = NULL;
	free(connection->octets);
	dns_endpoint_close(exchange->engine, &connection->endpoint);
}

static void await_answer(struct dns_connection *connection)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = &connection->endpoint };

	connection->asked = true;
	connection->done = 0;
	free(connection->octets);
	connection->octets = NULL;
	epoll_ctl(connection->exchange->engine->epoll, EPOLL_CTL_MOD, connection->endpoint.fd,
		  &event);
}

static void ask(struct dns_connection *connection)
{
	ssize_t sent = send(connection->endpoint.fd, connection->octets + connection->done,
			    connection->length - connection->done, MSG_NOSIGNAL);

	if (sent >= 0)
		connection->done += (size_t)sent;
	else if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
		fail(connection, errno);
	if (sent >= 0 && connection->done == connection->length)
		await_answer(connection);
}

/* ---- hearing ---- */

static size_t length_in(const uint8_t prefix[PREFIX])
{
	return (size_t)prefix[0] << 8 | prefix[1];
}

/* What is wanted next: the rest of the prefix, or that of the message. */
static struct iovec wanted(struct dns_connection *connection)
{
	if (connection->done < PREFIX)
		return (struct iovec){ connection->prefix + connection->done,
				       PREFIX - connection->done };
	return (struct iovec){ connection->octets + connection->done - PREFIX,
			       PREFIX + connection->length - connection->done };
}

/* A prefix is complete, or a message, which may end the connection. */
static void take(struct dns_connection *connection, int64_t arrived)
{
	uint8_t *message = connection->octets;

	if (connection->done == PREFIX && !message) {
		connection->length = length_in(connection->prefix);
		connection->octets = memory_new(connection->length + 1, 1);
		message = connection->octets;
	}
	if (connection->done < PREFIX + connection->length)
		return;
	connection->octets = NULL;
	connection->done = 0;
	dns_exchange_hear(connection->exchange, message, connection->length, arrived);
	free(message);
}

/* False when there is no more now, or ever. */
static bool hear(struct dns_connection *connection)
{
	union {
		char space[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control;
	struct iovec part = wanted(connection);
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	ssize_t got = recvmsg(connection->endpoint.fd, &message, MSG_DONTWAIT);

	if (got < 0 && errno != EAGAIN && errno != EINTR)
		fail(connection, errno);
	if (got < 0)
		return false;
	if (got == 0) {
		dns_exchange_doubt(connection->exchange, haDnsServerReason_malformed);
		dns_exchange_fail(connection->exchange, haDnsServerReason_malformed, 0);
		return false;
	}
	connection->done += (size_t)got;
	if (connection->done >= PREFIX)
		take(connection, dns_arrival(&message, clock_microseconds()));
	return connection->endpoint.fd >= 0;
}

/* Whether it is; when not, that is over. */
static bool is_connected(struct dns_connection *connection)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (connection->connected)
		return true;
	if (getsockopt(connection->endpoint.fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error)
		fail_from_afar(connection, error);
	connection->connected = !error;
	return connection->connected;
}

static void connection_ready(struct dns_endpoint *endpoint, uint32_t events)
{
	struct dns_connection *connection = (struct dns_connection *)endpoint;

	(void)events;
	if (!is_connected(connection))
		return;
	if (!connection->asked)
		ask(connection);
	else
		for (int i = 0; i < READINGS_MAX && hear(connection); i++)
			;
}
