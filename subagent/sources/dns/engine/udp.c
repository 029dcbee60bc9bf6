/* Questions by UDP: sockets that many tries share for a moment, and then never again.
 *
 * A socket takes new tries for a moment only, or until it is full, and is open for as long as one
 * of them waits, and a grace more, to count what comes late. The kernel picks the port at random
 * (udp_lib_get_port() in net/ipv4/udp.c) when the first question is sent.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/engine/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/errqueue.h>

#include "lib/address.h"
#include "lib/clock.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/inside.h"
#include "subagent/sources/dns/engine/random.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/message/answer.h"
#include "subagent/sources/dns/message/question.h"

#define SHARE_TIME 20          /* milliseconds in which a socket takes new tries */
#define GRACE 3000             /* milliseconds that a socket is open after its last try */
#define RECEIVE_BUFFER 1000000 /* octets; the kernel has its own limit (net.core.rmem_max) */

enum {
	TRIES_MAX = 256,   /* of one socket */
	SOCKETS_MAX = 256, /* from here on none is kept for what comes late, or replaced early */
	BUCKETS = 256,
	SENT_AT_ONCE = 64,
	TAKEN_AT_ONCE = 32,
	TAKINGS_MAX = 64, /* per socket and turn */
	STALE_ERRORS_MAX = 3,
	REFUSALS_MAX = 16 /* per turn */
};

/* A try, for as long as its socket is open. */
struct slot {
	struct address server;
	struct dns_exchange *exchange; /* NULL when the try is over */
	struct dns_tally *tally;       /* of what comes late; NULL: nobody wants to know */
	uint16_t id;                   /* as it goes over the wire */
	uint16_t next;                 /* in the bucket: position from 1, 0 for none */
};

struct dns_socket {
	struct dns_endpoint endpoint;
	struct dns_udp *udp;
	TAILQ_ENTRY(dns_socket) link; /* in udp->busy or udp->idle */
	int64_t opened;
	int64_t idle;  /* since when no try waits */
	uint16_t live; /* tries that wait */
	uint16_t count, room;
	struct slot *slots;
	uint16_t buckets[BUCKETS]; /* by id: position of the first slot, from 1 */
};

struct family {
	int number;
	struct dns_socket *current; /* takes new tries; or NULL */
	struct dns_exchanges queue;
};

union control {
	char space[CMSG_SPACE(sizeof(struct timespec))];
	struct cmsghdr align;
};

struct outbox {
	struct dns_exchange *exchanges[SENT_AT_ONCE];
	struct sockaddr_storage addresses[SENT_AT_ONCE];
	struct iovec parts[SENT_AT_ONCE][2]; /* the id, and what follows it */
	struct mmsghdr messages[SENT_AT_ONCE];
};

struct inbox {
	struct sockaddr_storage addresses[TAKEN_AT_ONCE];
	struct iovec parts[TAKEN_AT_ONCE];
	union control controls[TAKEN_AT_ONCE];
	struct mmsghdr messages[TAKEN_AT_ONCE];
	uint8_t octets[TAKEN_AT_ONCE][DNS_MESSAGE_MAX];
};

struct dns_udp {
	struct dns_engine *engine;
	struct family families[2];
	TAILQ_HEAD(sockets, dns_socket) busy, idle; /* the longest idle first */
	struct timer reaper;
	size_t sockets;
	int refusal; /* errno of what could not be sent now, or 0 */
	struct outbox outbox;
	struct inbox inbox;
};

/* ---- slots ---- */

static uint16_t *bucket_of(struct dns_socket *socket, uint16_t id)
{
	return &socket->buckets[(id ^ id >> 8) % BUCKETS];
}

static struct slot *find_id(struct dns_socket *socket, uint16_t id)
{
	uint16_t position = *bucket_of(socket, id);

	while (position && socket->slots[position - 1].id != id)
		position = socket->slots[position - 1].next;
	return position ? &socket->slots[position - 1] : NULL;
}

/* The last try that waits for an answer from there. */
static struct slot *find_server(struct dns_socket *socket, const struct address *server)
{
	for (uint16_t i = socket->count; i > 0; i--)
		if (socket->slots[i - 1].exchange &&
		    address_equal(&socket->slots[i - 1].server, server))
			return &socket->slots[i - 1];
	return NULL;
}

static void push_slot(struct dns_socket *socket, struct dns_exchange *exchange)
{
	struct slot *slot;
	uint16_t *bucket;

	if (socket->count == socket->room) {
		socket->room = (uint16_t)(socket->room ? socket->room * 2 : 8);
		socket->slots = memory_resize(socket->slots, socket->room, sizeof(*slot));
	}
	do
		exchange->id = dns_random_id();
	while (find_id(socket, htons(exchange->id)));
	slot = &socket->slots[socket->count++];
	slot->server = exchange->server;
	slot->exchange = exchange;
	slot->tally = exchange->tally;
	slot->id = htons(exchange->id);
	bucket = bucket_of(socket, slot->id);
	slot->next = *bucket;
	*bucket = socket->count;
}

static void pop_slot(struct dns_socket *socket)
{
	struct slot *slot = &socket->slots[--socket->count];

	*bucket_of(socket, slot->id) = slot->next;
}

/* ---- sockets ---- */

static void close_socket(struct dns_socket *socket)
{
	struct dns_udp *udp = socket->udp;

	for (int i = 0; i < 2; i++)
		if (udp->families[i].current == socket)
			udp->families[i].current = NULL;
	if (socket->live)
		TAILQ_REMOVE(&udp->busy, socket, link);
	else
		TAILQ_REMOVE(&udp->idle, socket, link);
	udp->sockets--;
	free(socket->slots);
	dns_endpoint_close(udp->engine, &socket->endpoint);
}

static void await_idle(struct dns_udp *udp)
{
	if (!TAILQ_EMPTY(&udp->idle))
		timers_set(&udp->engine->timers, &udp->reaper,
			   TAILQ_FIRST(&udp->idle)->idle + GRACE);
}

static void reap_idle(struct timer *timer)
{
	struct dns_udp *udp = TIMER_OWNER(timer, dns_udp, reaper);
	int64_t now = clock_now();

	while (!TAILQ_EMPTY(&udp->idle) && TAILQ_FIRST(&udp->idle)->idle + GRACE <= now)
		close_socket(TAILQ_FIRST(&udp->idle));
	await_idle(udp);
}

static void make_idle(struct dns_socket *socket)
{
	struct dns_udp *udp = socket->udp;

	socket->idle = clock_now();
	TAILQ_INSERT_TAIL(&udp->idle, socket, link);
	if (!udp->reaper.position)
		await_idle(udp);
}

static void begin_live(struct dns_socket *socket)
{
	if (socket->live++)
		return;
	TAILQ_REMOVE(&socket->udp->idle, socket, link);
	TAILQ_INSERT_TAIL(&socket->udp->busy, socket, link);
}

static void end_live(struct dns_socket *socket)
{
	if (--socket->live)
		return;
	TAILQ_REMOVE(&socket->udp->busy, socket, link);
	make_idle(socket);
}

bool dns_udp_spare(struct dns_udp *udp)
{
	if (TAILQ_EMPTY(&udp->idle))
		return false;
	close_socket(TAILQ_FIRST(&udp->idle));
	return true;
}

static void set_option(int fd, int level, int name, int value)
{
	/* Without one of them answers are worth less, or come later; nothing breaks. */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static void set_options(int fd, int family)
{
	set_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
	set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	if (family == AF_INET6) {
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	} else {
		set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
	}
}

static void socket_ready(struct dns_endpoint *endpoint, uint32_t events);

/* NULL, with errno, when there can be none. */
static struct dns_socket *open_socket(struct dns_udp *udp, int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct dns_socket *new;

	if (fd < 0)
		return NULL;
	set_options(fd, family);
	new = memory_new(1, sizeof(*new));
	if (!dns_endpoint_open(udp->engine, &new->endpoint, fd, EPOLLIN)) {
		free(new);
		return NULL;
	}
	new->endpoint.ready = socket_ready;
	new->udp = udp;
	new->opened = clock_now();
	udp->sockets++;
	make_idle(new);
	return new;
}

static bool is_fresh(const struct dns_udp *udp, const struct dns_socket *socket)
{
	return clock_now() - socket->opened <= SHARE_TIME ||
	       (udp->sockets >= SOCKETS_MAX && TAILQ_EMPTY(&udp->idle));
}

/* Where the next try goes. A socket that waits for nothing but late answers is given up for it when
 * there are many, or no more can be had. */
static struct dns_socket *choose_socket(struct dns_udp *udp, struct family *family)
{
	struct dns_socket *current = family->current;

	if (current && current->count < TRIES_MAX && is_fresh(udp, current))
		return current;
	if (udp->sockets >= SOCKETS_MAX)
		dns_udp_spare(udp);
	do
		family->current = open_socket(udp, family->number);
	while (!family->current && errno == EMFILE && dns_udp_spare(udp));
	return family->current;
}

/* ---- sending ---- */

static void pack(struct outbox *outbox, int position, struct dns_exchange *exchange,
		 const struct slot *slot)
{
	union {
		const void *in;
		void *out;
	} id = { .in = &slot->id }, rest = { .in = exchange->question->octets + sizeof(slot->id) };
	struct iovec *parts = outbox->parts[position];
	struct msghdr *message = &outbox->messages[position].msg_hdr;

	parts[0] = (struct iovec){ id.out, sizeof(slot->id) };
	parts[1] = (struct iovec){ rest.out, exchange->question->length - sizeof(slot->id) };
	*message = (struct msghdr){
		.msg_name = &outbox->addresses[position],
		.msg_namelen = address_to_socket(&exchange->server, &outbox->addresses[position]),
		.msg_iov = parts,
		.msg_iovlen = 2,
	};
}

/* Slots for the first of the queue, and their messages. How many is returned. */
static int load(struct dns_udp *udp, struct family *family, struct dns_socket *socket, size_t most)
{
	struct dns_exchange *exchange = TAILQ_FIRST(&family->queue.list);
	uint16_t first = socket->count;
	int count = 0;

	while (exchange && count < SENT_AT_ONCE && (size_t)count < most &&
	       socket->count < TRIES_MAX) {
		push_slot(socket, exchange);
		udp->outbox.exchanges[count++] = exchange;
		exchange = TAILQ_NEXT(exchange, link);
	}
	/* Only now, for the slots may have moved. */
	for (int i = 0; i < count; i++)
		pack(&udp->outbox, i, udp->outbox.exchanges[i], &socket->slots[first + i]);
	return count;
}

static void mark_sent(struct dns_exchange *exchange, struct dns_socket *socket, int64_t now)
{
	dns_exchange_move(exchange, &socket->udp->engine->flying);
	exchange->socket = socket;
	dns_exchange_sent(exchange, now);
	begin_live(socket);
}

/* Send the first of the queue; how many went is returned, -1 with errno when not even the first. */
static int send_some(struct dns_udp *udp, struct family *family, struct dns_socket *socket,
		     size_t most)
{
	int count = load(udp, family, socket, most), sent, error;
	int64_t now = clock_microseconds();

	sent = sendmmsg(socket->endpoint.fd, udp->outbox.messages, (unsigned int)count,
			MSG_NOSIGNAL);
	error = errno;
	for (int i = sent > 0 ? sent : 0; i < count; i++)
		pop_slot(socket);
	for (int i = 0; i < sent; i++)
		mark_sent(udp->outbox.exchanges[i], socket, now);
	errno = error;
	return sent;
}

/* It can be sent later. ENOBUFS is told of a single message, which a queue of its interface has
 * dropped. */
static bool is_refused(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS ||
	       error == ENOMEM;
}

/* send(2) also returns what ICMP has said of an earlier question from the same socket; the error
 * queue tells that again with the address. So an error counts for what is being sent only when it
 * stays. */
static int send_first(struct dns_udp *udp, struct family *family, size_t most)
{
	int sent = -1;

	for (int i = 0; i < STALE_ERRORS_MAX && sent < 0; i++) {
		struct dns_socket *socket = choose_socket(udp, family);

		if (!socket)
			break;
		sent = send_some(udp, family, socket, most);
		if (sent < 0 && is_refused(errno))
			break;
	}
	return sent;
}

/* What is refused waits for the next turn, behind the others. That a port is closed can only have
 * been said of another question. */
static void send_queue(struct dns_udp *udp, struct family *family)
{
	size_t left = dns_portion(&family->queue);
	int refusals = 0;

	while (left && family->queue.count && refusals < REFUSALS_MAX) {
		int sent = send_first(udp, family, left), error = errno;
		struct dns_exchange *first = TAILQ_FIRST(&family->queue.list);

		left -= sent < 0 ? 1 : (size_t)sent;
		if (sent >= 0)
			continue;
		if (is_refused(error) || error == ECONNREFUSED) {
			udp->refusal = error;
			refusals++;
			dns_exchange_move(first, &family->queue);
		} else {
			dns_exchange_fail(first, dns_reason_of(error), error);
		}
	}
}

void dns_udp_send(struct dns_udp *udp)
{
	udp->refusal = 0;
	for (int i = 0; i < 2; i++)
		send_queue(udp, &udp->families[i]);
}

/* ---- receiving ---- */

/* It belongs to no try; who could have meant one? */
static void suspect(struct dns_socket *socket, struct slot *slot, const struct address *from,
		    size_t length)
{
	if (!slot || !slot->exchange)
		slot = find_server(socket, from);
	if (!slot)
		return;
	dns_exchange_doubt(slot->exchange,
			   length < DNS_HEADER && address_equal(&slot->server, from) ?
				   haDnsServerReason_malformed :
				   haDnsServerReason_mismatched);
}

static void hear(struct dns_socket *socket, const struct sockaddr_storage *name,
		 const uint8_t *message, size_t length, int64_t arrived)
{
	struct slot *slot = NULL;
	struct address from;
	uint16_t id;

	if (!address_from_socket(&from, name))
		return;
	if (length >= sizeof(id)) {
		memcpy(&id, message, sizeof(id));
		slot = find_id(socket, id);
	}
	if (!slot || !address_equal(&slot->server, &from))
		suspect(socket, slot, &from, length);
	else if (slot->exchange)
		dns_exchange_hear(slot->exchange, message, length, arrived);
	else if (slot->tally)
		slot->tally->late++;
}

static void prepare(struct inbox *inbox, int count)
{
	for (int i = 0; i < count; i++) {
		inbox->parts[i] = (struct iovec){ inbox->octets[i], sizeof(inbox->octets[i]) };
		inbox->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &inbox->addresses[i],
			.msg_namelen = sizeof(inbox->addresses[i]),
			.msg_iov = &inbox->parts[i],
			.msg_iovlen = 1,
			.msg_control = inbox->controls[i].space,
			.msg_controllen = sizeof(inbox->controls[i].space),
		};
	}
}

/* False when there is no more. */
static bool take_some(struct dns_socket *socket)
{
	struct inbox *inbox = &socket->udp->inbox;
	int count =
		recvmmsg(socket->endpoint.fd, inbox->messages, TAKEN_AT_ONCE, MSG_DONTWAIT, NULL);
	int64_t now = clock_microseconds();

	for (int i = 0; i < count; i++)
		hear(socket, &inbox->addresses[i], inbox->octets[i], inbox->messages[i].msg_len,
		     dns_arrival(&inbox->messages[i].msg_hdr, now));
	if (count > 0)
		prepare(inbox, count);
	/* Any other error is what ICMP has said, and the error queue tells it with the address. */
	return count == TAKEN_AT_ONCE || (count < 0 && errno != EAGAIN);
}

static int error_in(struct msghdr *message)
{
	struct sock_extended_err error;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header)) {
		if ((header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR) ||
		    (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR)) {
			memcpy(&error, CMSG_DATA(header), sizeof(error));
			return (int)error.ee_errno;
		}
	}
	return 0;
}

/* A question has come back. Routers need not return more than its ports (RFC 792): then the address
 * must do. */
static void hear_error(struct dns_socket *socket, const struct sockaddr_storage *name,
		       const uint8_t *question, size_t length, int error)
{
	struct slot *slot;
	struct address to;
	uint16_t id;

	if (!address_from_socket(&to, name))
		return;
	if (length >= sizeof(id)) {
		memcpy(&id, question, sizeof(id));
		slot = find_id(socket, id);
	} else {
		slot = find_server(socket, &to);
	}
	if (!slot || !slot->exchange || !address_equal(&slot->server, &to))
		return;
	dns_exchange_fail(slot->exchange,
			  error == ECONNREFUSED ? haDnsServerReason_portClosed :
						  haDnsServerReason_unreachable,
			  error);
}

static bool take_error(struct dns_socket *socket)
{
	struct sockaddr_storage name;
	uint8_t question[DNS_HEADER];
	struct iovec part = { question, sizeof(question) };
	union {
		char space[512];
		struct cmsghdr align;
	} control;
	struct msghdr message = {
		.msg_name = &name,
		.msg_namelen = sizeof(name),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	ssize_t length = recvmsg(socket->endpoint.fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
	int error;

	if (length < 0)
		return false;
	error = error_in(&message);
	/* A packet that is too big is sent in pieces the next time. */
	if (error && error != EMSGSIZE)
		hear_error(socket, &name, question, (size_t)length, error);
	return true;
}

/* Answers first: who has answered is not unreachable. */
static void socket_ready(struct dns_endpoint *endpoint, uint32_t events)
{
	struct dns_socket *socket = (struct dns_socket *)endpoint;

	for (int i = 0; i < TAKINGS_MAX && take_some(socket); i++)
		;
	if (events & EPOLLERR)
		for (int i = 0; i < TAKINGS_MAX * TAKEN_AT_ONCE && take_error(socket); i++)
			;
}

/* ---- */

struct dns_udp *dns_udp_open(struct dns_engine *engine)
{
	struct dns_udp *udp = memory_new(1, sizeof(*udp));

	udp->engine = engine;
	udp->families[0].number = AF_INET;
	udp->families[1].number = AF_INET6;
	for (int i = 0; i < 2; i++)
		TAILQ_INIT(&udp->families[i].queue.list);
	TAILQ_INIT(&udp->busy);
	TAILQ_INIT(&udp->idle);
	udp->reaper.call = reap_idle;
	prepare(&udp->inbox, TAKEN_AT_ONCE);
	return udp;
}

void dns_udp_close(struct dns_udp *udp)
{
	for (int i = 0; i < 2; i++)
		while (udp->families[i].queue.count)
			dns_engine_stop(TAILQ_FIRST(&udp->families[i].queue.list));
	while (!TAILQ_EMPTY(&udp->idle))
		close_socket(TAILQ_FIRST(&udp->idle));
	timers_stop(&udp->engine->timers, &udp->reaper);
	free(udp);
}

void dns_udp_queue(struct dns_udp *udp, struct dns_exchange *exchange)
{
	dns_exchange_move(exchange, &udp->families[exchange->server.family == AF_INET6].queue);
}

size_t dns_udp_queued(const struct dns_udp *udp)
{
	return udp->families[0].queue.count + udp->families[1].queue.count;
}

int dns_udp_refusal(const struct dns_udp *udp)
{
	return udp->refusal;
}

void dns_udp_release(struct dns_exchange *exchange, bool late)
{
	struct dns_socket *socket = exchange->socket;
	struct slot *slot = find_id(socket, htons(exchange->id));

	slot->exchange = NULL;
	if (!late)
		slot->tally = NULL;
	exchange->socket = NULL;
	end_live(socket);
}
