/* Which addresses and interfaces this node has, from rtnetlink, event by event.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A dump tells all interfaces, another all addresses; events tell what changes after it. When
 * events are lost, and once in a while in any case, both dumps follow again.
 */
#include "subagent/sources/vrrp/addresses.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "subagent/sources/vrrp/present.h"

#define PAUSE 300000     /* milliseconds between two dumps when nothing asks for one */
#define RETRY 5000       /* milliseconds before the socket is opened again */
#define PATIENCE 10000   /* milliseconds that a dump may take */
#define READS_MAX 256    /* receptions in one turn */
#define BUFFER (4 << 20) /* octets of events that may wait: a thousand instances change at once */

enum dump { DUMP_NONE, DUMP_INTERFACES, DUMP_ADDRESSES };

struct addresses {
	struct present_set set;
	struct nl_sock *socket; /* NULL: it is opened again at `next_dump' */
	enum dump dump;         /* under way */
	uint32_t dump_number;   /* its sequence */
	int64_t dump_began;     /* clock_now() */
	int64_t next_dump;      /* clock_now() */
	bool torn;              /* events were lost since the last dump began */
	bool complete;          /* both dumps have ended once */
	uint32_t rejected;
	int error; /* errno of what failed last; 0: it works */
};

/* ---- the socket ---- */

static void fail(struct addresses *addresses, const char *what, int error)
{
	if (addresses->error != error)
		log_warning("rtnetlink: %s: %s", what, strerror(error));
	addresses->error = error;
	if (addresses->socket)
		nl_socket_free(addresses->socket);
	addresses->socket = NULL;
	addresses->dump = DUMP_NONE;
	addresses->next_dump = clock_now() + RETRY;
}

/* The kernel cuts the buffer to net.core.rmem_max. What does not fit is lost, and a dump follows.
 */
static bool open_socket(struct addresses *addresses)
{
	int error;

	errno = ENOMEM;
	addresses->socket = nl_socket_alloc();
	if (!addresses->socket)
		return false;
	error = nl_connect(addresses->socket, NETLINK_ROUTE);
	if (!error)
		error = nl_socket_add_memberships(addresses->socket, RTNLGRP_LINK,
						  RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0);
	if (!error)
		error = nl_socket_set_nonblocking(addresses->socket);
	if (error)
		return false;
	nl_socket_set_buffer_size(addresses->socket, BUFFER, 0);
	nl_socket_set_msg_buf_size(addresses->socket, 65536);
	return true;
}

struct addresses *addresses_open(void)
{
	return memory_new(1, sizeof(struct addresses));
}

void addresses_close(struct addresses *addresses)
{
	if (addresses->socket)
		nl_socket_free(addresses->socket);
	present_free(&addresses->set);
	free(addresses);
}

/* ---- dumps ---- */

static struct nl_msg *make_request(enum dump dump)
{
	struct ifinfomsg links = { .ifi_family = AF_UNSPEC };
	struct ifaddrmsg places = { .ifa_family = AF_UNSPEC };
	struct nl_msg *request;
	int error;

	request = nlmsg_alloc_simple(dump == DUMP_INTERFACES ? RTM_GETLINK : RTM_GETADDR,
				     NLM_F_REQUEST | NLM_F_DUMP);
	if (!request)
		return NULL;
	if (dump == DUMP_INTERFACES)
		error = nlmsg_append(request, &links, sizeof(links), NLMSG_ALIGNTO) < 0 ||
			nla_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) < 0;
	else
		error = nlmsg_append(request, &places, sizeof(places), NLMSG_ALIGNTO) < 0;
	if (!error)
		return request;
	nlmsg_free(request);
	return NULL;
}

static void begin_dump(struct addresses *addresses, enum dump dump)
{
	struct nl_msg *request = make_request(dump);
	int error = request ? nl_send_auto(addresses->socket, request) : -NLE_NOMEM;

	if (error >= 0) {
		addresses->dump_number = nlmsg_hdr(request)->nlmsg_seq;
		addresses->dump = dump;
		addresses->dump_began = clock_now();
	}
	nlmsg_free(request);
	if (error < 0)
		fail(addresses, "asking for addresses", errno);
}

static void begin_dumps(struct addresses *addresses)
{
	addresses->torn = false;
	present_begin(&addresses->set);
	begin_dump(addresses, DUMP_INTERFACES);
}

static void end_dump(struct addresses *addresses)
{
	if (addresses->dump == DUMP_INTERFACES) {
		present_end_interfaces(&addresses->set);
		begin_dump(addresses, DUMP_ADDRESSES);
		return;
	}
	present_end_addresses(&addresses->set);
	addresses->dump = DUMP_NONE;
	addresses->next_dump = clock_now() + (addresses->torn ? 0 : PAUSE);
	addresses->set.version += !addresses->complete;
	addresses->complete = true;
	addresses->error = 0;
}

static void turn(struct addresses *addresses)
{
	int64_t now = clock_now();

	if (addresses->dump && now - addresses->dump_began > PATIENCE)
		fail(addresses, "waiting for addresses", ETIMEDOUT);
	if (addresses->dump || now < addresses->next_dump)
		return;
	if (!addresses->socket && !open_socket(addresses))
		fail(addresses, "opening a socket", errno);
	else
		begin_dumps(addresses);
}

/* ---- messages ---- */

static void take_error(struct addresses *addresses, struct nlmsghdr *message)
{
	const struct nlmsgerr *body = nlmsg_data(message);

	if (nlmsg_valid_hdr(message, sizeof(*body)) && body->error && addresses->dump &&
	    message->nlmsg_seq == addresses->dump_number)
		fail(addresses, "asking for addresses", -body->error);
}

static void take_message(struct addresses *addresses, struct nlmsghdr *message)
{
	bool ours = addresses->dump && message->nlmsg_seq == addresses->dump_number;

	if (message->nlmsg_type == NLMSG_ERROR) {
		take_error(addresses, message);
	} else if (message->nlmsg_type == NLMSG_DONE) {
		/* What came and went meanwhile may not have been told. */
		if (ours && message->nlmsg_flags & NLM_F_DUMP_INTR)
			begin_dumps(addresses);
		else if (ours)
			end_dump(addresses);
	} else if (!present_take(&addresses->set, message)) {
		addresses->rejected++;
	}
}

static void take_messages(struct addresses *addresses, unsigned char *octets, int length)
{
	struct nlmsghdr *message = (struct nlmsghdr *)(void *)octets;

	for (; addresses->socket && nlmsg_ok(message, length);
	     message = nlmsg_next(message, &length))
		take_message(addresses, message);
	if (addresses->socket && length > 0)
		addresses->rejected++;
}

/* One reception. False when there is nothing more now, or never. Who is not the kernel is not
 * listened to. */
static bool receive(struct addresses *addresses)
{
	struct sockaddr_nl sender = { .nl_pid = 0 };
	unsigned char *octets = NULL;
	int length = nl_recv(addresses->socket, &sender, &octets, NULL);

	if (length > 0 && sender.nl_pid == 0)
		take_messages(addresses, octets, length);
	if (length > 0)
		free(octets);
	if (length == -NLE_NOMEM) {
		if (!addresses->torn)
			log_info("rtnetlink: events were lost, asking for all addresses");
		addresses->torn = true;
		addresses->next_dump = 0;
	} else if (length < 0 && length != -NLE_AGAIN) {
		fail(addresses, "receiving", errno);
	}
	return (length > 0 || length == -NLE_NOMEM) && addresses->socket;
}

static void news(void *argument, short events)
{
	struct addresses *addresses = argument;

	(void)events;
	for (int reads = 0; reads < READS_MAX && addresses->socket && receive(addresses); reads++)
		;
}

void addresses_watch(struct addresses *addresses)
{
	turn(addresses);
	if (addresses->socket)
		loop_watch(nl_socket_get_fd(addresses->socket), POLLIN, news, addresses);
	loop_wake(addresses->dump ? addresses->dump_began + PATIENCE + 1 : addresses->next_dump);
}

/* ---- what is asked ---- */

bool addresses_complete(const struct addresses *addresses)
{
	return addresses->complete;
}

int addresses_error(const struct addresses *addresses)
{
	return addresses->error;
}

uint32_t addresses_rejected(const struct addresses *addresses)
{
	return addresses->rejected;
}

uint32_t addresses_version(const struct addresses *addresses)
{
	return addresses->set.version;
}

const struct present *addresses_find(const struct addresses *addresses,
				     const struct address *address, uint32_t wanted)
{
	return present_find(&addresses->set, address, wanted);
}

uint32_t addresses_interface(const struct addresses *addresses, const char *name)
{
	const struct interface *interface = present_interface(&addresses->set, name);

	return interface ? interface->index : 0;
}

const char *addresses_interface_name(const struct addresses *addresses, uint32_t index)
{
	return present_interface_name(&addresses->set, index);
}

bool addresses_running(const struct addresses *addresses, const char *name)
{
	const struct interface *interface = present_interface(&addresses->set, name);

	return interface && interface->running;
}
