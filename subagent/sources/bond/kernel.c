/* The kernel's side: a socket of rtnetlink that keeps a model as the kernel has it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/kernel.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
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
#include "subagent/sources/bond/link.h"
#include "subagent/sources/bond/model.h"
#include "subagent/sources/bond/speed.h"

#define PAUSE 60000     /* milliseconds between two dumps when nothing asks for one */
#define PAUSE_SHORT 250 /* before the first dump after an event, where LACP is spoken */
#define RETRY 5000      /* milliseconds before the socket is opened again */
#define PATIENCE 10000  /* milliseconds that a dump may take */
#define READS_MAX 256   /* receptions in one turn */
#define BUFFER                                                                                     \
	(4 << 20) /* octets of events that may wait: a switch with hundreds of links dies          \
		   */

/* ---- the socket ---- */

static void close_socket(struct bond_kernel *kernel)
{
	if (kernel->socket)
		nl_socket_free(kernel->socket);
	kernel->socket = NULL;
	kernel->complete = false;
	kernel->dump_began = 0;
}

static void fail(struct bond_kernel *kernel, const char *what, int error)
{
	if (kernel->error != error)
		log_warning("rtnetlink: %s: %s", what, strerror(error));
	kernel->error = error;
	close_socket(kernel);
	kernel->next_dump = clock_now() + RETRY;
}

/* The kernel cuts the buffer to net.core.rmem_max. What does not fit is lost, and a dump follows.
 */
static bool open_socket(struct bond_kernel *kernel)
{
	int error;

	errno = ENOMEM;
	kernel->socket = nl_socket_alloc();
	if (!kernel->socket)
		return false;
	error = nl_connect(kernel->socket, NETLINK_ROUTE);
	if (!error)
		error = nl_socket_add_membership(kernel->socket, RTNLGRP_LINK);
	if (!error)
		error = nl_socket_set_nonblocking(kernel->socket);
	if (error)
		return false;
	nl_socket_set_buffer_size(kernel->socket, BUFFER, 0);
	nl_socket_set_msg_buf_size(kernel->socket, 65536);
	return true;
}

void bond_kernel_open(struct bond_kernel *kernel, struct bond_model *model)
{
	memset(kernel, 0, sizeof(*kernel));
	kernel->model = model;
	kernel->pause = PAUSE;
	if (!open_socket(kernel))
		fail(kernel, "opening a socket", errno);
}

void bond_kernel_close(struct bond_kernel *kernel)
{
	close_socket(kernel);
}

/* ---- dumps ---- */

static struct nl_msg *make_request(void)
{
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP);
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };

	if (!message)
		return NULL;
	if (nlmsg_append(message, &head, sizeof(head), NLMSG_ALIGNTO) < 0 ||
	    nla_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) < 0) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

static void begin_dump(struct bond_kernel *kernel)
{
	struct nl_msg *request = make_request();
	int error = request ? nl_send_auto(kernel->socket, request) : -NLE_NOMEM;

	if (error >= 0) {
		kernel->dump_number = nlmsg_hdr(request)->nlmsg_seq;
		kernel->dump_began = clock_microseconds();
		kernel->torn = false;
		bond_model_dump_begin(kernel->model);
	}
	nlmsg_free(request);
	if (error < 0)
		fail(kernel, "asking for all links", errno);
}

/* The pauses grow from short to long after each event. */
static void end_dump(struct bond_kernel *kernel)
{
	bond_model_dump_end(kernel->model);
	kernel->collect_time = (uint32_t)(clock_microseconds() - kernel->dump_began);
	kernel->dump_began = 0;
	kernel->complete = kernel->changed = true;
	kernel->error = 0;
	kernel->next_dump = clock_now() + (kernel->torn ? 0 : kernel->pause);
	kernel->torn = false;
	kernel->pause = kernel->pause * 2 < PAUSE ? kernel->pause * 2 : PAUSE;
}

static void hurry(struct bond_kernel *kernel, int64_t pause)
{
	int64_t when = clock_now() + pause;

	if (when < kernel->next_dump)
		kernel->next_dump = when;
	kernel->pause = PAUSE_SHORT * 2;
}

void bond_kernel_turn(struct bond_kernel *kernel)
{
	int64_t now = clock_now();

	if (kernel->dump_began && now - kernel->dump_began / 1000 > PATIENCE)
		fail(kernel, "waiting for all links", ETIMEDOUT);
	if (kernel->dump_began || now < kernel->next_dump)
		return;
	if (!kernel->socket && !open_socket(kernel))
		fail(kernel, "opening a socket", errno);
	else
		begin_dump(kernel);
}

/* ---- messages ---- */

static void take_link(struct bond_kernel *kernel, const struct nlmsghdr *message)
{
	struct bond_link link;

	if (!bond_link_read(&link, message))
		return;
	if (link.master)
		bond_speed_read(nl_socket_get_fd(kernel->socket), &link);
	if (!bond_model_link(kernel->model, &link))
		return;
	kernel->changed = true;
	if (!(message->nlmsg_flags & NLM_F_MULTI) && bond_model_has_lacp(kernel->model))
		hurry(kernel, PAUSE_SHORT);
}

static void take_error(struct bond_kernel *kernel, const struct nlmsghdr *message)
{
	const struct nlmsgerr *body = nlmsg_data(message);

	if (nlmsg_valid_hdr(message, sizeof(*body)) && body->error &&
	    message->nlmsg_seq == kernel->dump_number)
		fail(kernel, "asking for all links", -body->error);
}

static void take_message(struct bond_kernel *kernel, const struct nlmsghdr *message)
{
	bool ours = kernel->dump_began && message->nlmsg_seq == kernel->dump_number;
	uint32_t gone;

	switch (message->nlmsg_type) {
	case NLMSG_ERROR:
		take_error(kernel, message);
		break;
	case NLMSG_DONE:
		/* Links came and went meanwhile, and some may not have been told. */
		if (ours && message->nlmsg_flags & NLM_F_DUMP_INTR)
			begin_dump(kernel);
		else if (ours)
			end_dump(kernel);
		break;
	case RTM_NEWLINK:
		take_link(kernel, message);
		break;
	case RTM_DELLINK:
		gone = bond_link_gone(message);
		if (gone)
			bond_model_unlink(kernel->model, gone);
		kernel->changed = true;
		break;
	default:
		break;
	}
}

static void take_messages(struct bond_kernel *kernel, unsigned char *octets, int length)
{
	struct nlmsghdr *message = (struct nlmsghdr *)(void *)octets;

	for (; kernel->socket && nlmsg_ok(message, length); message = nlmsg_next(message, &length))
		take_message(kernel, message);
	if (kernel->socket && length > 0)
		kernel->rejected++;
}

/* One reception. False when there is nothing more now, or never. Who is not the kernel is not
 * listened to. */
static bool receive(struct bond_kernel *kernel)
{
	struct sockaddr_nl sender = { .nl_pid = 0 };
	unsigned char *octets = NULL;
	int length = nl_recv(kernel->socket, &sender, &octets, NULL);

	if (length > 0 && sender.nl_pid == 0)
		take_messages(kernel, octets, length);
	if (length > 0)
		free(octets);
	if (length == -NLE_NOMEM) {
		if (!kernel->torn)
			log_info("rtnetlink: events were lost, asking for all links");
		hurry(kernel, 0);
		kernel->torn = true;
	} else if (length < 0 && length != -NLE_AGAIN) {
		fail(kernel, "receiving", errno);
	}
	return (length > 0 || length == -NLE_NOMEM) && kernel->socket;
}

static void news(void *argument, short events)
{
	struct bond_kernel *kernel = argument;

	(void)events;
	bond_model_clock(kernel->model, clock_now(), clock_wall());
	for (int reads = 0; reads < READS_MAX && kernel->socket && receive(kernel); reads++)
		;
}

void bond_kernel_watch(struct bond_kernel *kernel)
{
	if (kernel->socket)
		loop_watch(nl_socket_get_fd(kernel->socket), POLLIN, news, kernel);
	loop_wake(kernel->dump_began ? kernel->dump_began / 1000 + PATIENCE + 1 :
				       kernel->next_dump);
}
