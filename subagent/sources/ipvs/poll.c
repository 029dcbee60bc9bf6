/* Asks the kernel for everything about its virtual services, again and again.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/poll.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "subagent/sources/ipvs/model.h"
#include "subagent/sources/ipvs/wire.h"

#define ABSENT_INTERVAL 2000 /* milliseconds from one look for IPVS to the next */
#define PATIENCE 5000        /* milliseconds for an answer: the kernel gives it at once */
#define PARTS_AT_ONCE 64     /* of answers in one turn */
#define ASKED_AGAIN_MAX 3
#define SHARE 10 /* of the time is for collections: one part in so many */

/* The kernel makes parts of a list of 3.7 to 32 KiB (netlink_dump()), one entry of half a KiB at
 * the most: so a list of no more than WHOLE_SIZE has come in one part, made at one moment. */
#define PART_SIZE 65536
#define WHOLE_SIZE 3072

/* ---- questions ---- */

static void open_socket(struct ipvs_poll *poll)
{
	poll->socket = nl_socket_alloc();
	if (!poll->socket)
		return;
	nl_socket_disable_auto_ack(poll->socket);
	if (nl_connect(poll->socket, NETLINK_GENERIC) < 0) {
		nl_socket_free(poll->socket);
		poll->socket = NULL;
	}
}

static void close_socket(struct ipvs_poll *poll)
{
	nl_socket_free(poll->socket);
	poll->socket = NULL;
}

/* Loading a module is not for a watcher to do. The kernel tries that when it is asked for a family
 * by a name that it does not know (ctrl_getfamily()), as ipvsadm and libnl do; a list of all
 * families loads nothing. */
static struct nl_msg *question_of(const struct ipvs_poll *poll)
{
	switch (poll->step) {
	case IPVS_FAMILIES:
		return ipvs_wire_ask(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_DUMP);
	case IPVS_INFO:
		return ipvs_wire_ask(poll->family, IPVS_CMD_GET_INFO, NLM_F_ACK);
	case IPVS_DAEMONS:
		return ipvs_wire_ask(poll->family, IPVS_CMD_GET_DAEMON, NLM_F_DUMP);
	case IPVS_SERVICES:
		return ipvs_wire_ask(poll->family, IPVS_CMD_GET_SERVICE, NLM_F_DUMP);
	case IPVS_REALS:
		return ipvs_wire_ask_reals(poll->family, ipvs_model_key(poll->model, poll->at));
	case IPVS_REST:
		break;
	}
	return NULL;
}

static void rest(struct ipvs_poll *poll, int error)
{
	int64_t spent = clock_microseconds() - poll->begun, now = clock_now();
	int64_t pause = poll->family ? poll->interval : ABSENT_INTERVAL;

	poll->error = error;
	poll->step = IPVS_REST;
	poll->collect_time = (uint32_t)spent;
	poll->next = poll->begun / 1000 + pause;
	if (poll->next < now + spent * (SHARE - 1) / 1000)
		poll->next = now + spent * (SHARE - 1) / 1000;
}

/* What is under way is given up, and its late answers with it. */
static void fail(struct ipvs_poll *poll, int error)
{
	close_socket(poll);
	rest(poll, error);
}

static void ask(struct ipvs_poll *poll)
{
	struct nl_msg *question = question_of(poll);
	int sent = nl_send_auto(poll->socket, question);

	poll->sequence = nlmsg_hdr(question)->nlmsg_seq;
	poll->octets = 0;
	poll->deadline = clock_now() + PATIENCE;
	nlmsg_free(question);
	if (sent < 0)
		fail(poll, EIO);
}

/* ---- the order of a collection ---- */

static void begin_step(struct ipvs_poll *poll, enum ipvs_step step)
{
	poll->step = step;
	poll->again = 0;
	if (step == IPVS_DAEMONS)
		poll->more_daemons = 0;
	if (step == IPVS_SERVICES)
		ipvs_model_begin_services(poll->model);
	ask(poll);
}

static void end_collection(struct ipvs_poll *poll)
{
	ipvs_model_end(poll->model);
	poll->complete = true;
	rest(poll, 0);
}

/* The servers of the next service that the kernel has, from `at' on. */
static void begin_reals(struct ipvs_poll *poll, size_t at)
{
	while (at < ipvs_model_count(poll->model) && !ipvs_model_key(poll->model, at))
		at++;
	poll->at = at;
	if (at == ipvs_model_count(poll->model)) {
		end_collection(poll);
		return;
	}
	ipvs_model_begin_reals(poll->model, at);
	begin_step(poll, IPVS_REALS);
}

/* Without IPVS there are no services. */
static void find_nothing(struct ipvs_poll *poll)
{
	poll->version = poll->daemons = 0;
	ipvs_model_begin_services(poll->model);
	ipvs_model_end_services(poll->model, true);
	end_collection(poll);
}

static bool ask_again(struct ipvs_poll *poll)
{
	if (poll->again++ == ASKED_AGAIN_MAX)
		return false;
	ask(poll);
	return true;
}

static void end_services(struct ipvs_poll *poll)
{
	if (!ipvs_model_end_services(poll->model, poll->octets <= WHOLE_SIZE) && ask_again(poll)) {
		ipvs_model_begin_services(poll->model);
		return;
	}
	begin_reals(poll, 0);
}

static void end_reals(struct ipvs_poll *poll)
{
	if (!ipvs_model_end_reals(poll->model, poll->at, poll->octets <= WHOLE_SIZE) &&
	    ask_again(poll)) {
		ipvs_model_begin_reals(poll->model, poll->at);
		return;
	}
	begin_reals(poll, poll->at + 1);
}

/* The answer is complete. */
static void end_step(struct ipvs_poll *poll)
{
	switch (poll->step) {
	case IPVS_FAMILIES:
		if (poll->family)
			begin_step(poll, IPVS_INFO);
		else
			find_nothing(poll);
		break;
	case IPVS_INFO:
		begin_step(poll, IPVS_DAEMONS);
		break;
	case IPVS_DAEMONS:
		poll->daemons = poll->more_daemons;
		begin_step(poll, IPVS_SERVICES);
		break;
	case IPVS_SERVICES:
		end_services(poll);
		break;
	case IPVS_REALS:
		end_reals(poll);
		break;
	case IPVS_REST:
		break;
	}
}

static void begin_collection(struct ipvs_poll *poll)
{
	poll->begun = clock_microseconds();
	if (!poll->socket)
		open_socket(poll);
	if (!poll->socket) {
		rest(poll, EIO);
		return;
	}
	ipvs_model_begin(poll->model, clock_now(), clock_wall());
	begin_step(poll, poll->family ? IPVS_DAEMONS : IPVS_FAMILIES);
}

/* ---- answers ---- */

static bool take_daemon(struct ipvs_poll *poll, struct nlmsghdr *message)
{
	uint32_t state;

	if (!ipvs_wire_daemon(message, &state))
		return false;
	poll->more_daemons |= state;
	return true;
}

static bool take_service(struct ipvs_poll *poll, struct nlmsghdr *message)
{
	struct ipvs_service service;

	if (!ipvs_wire_service(message, &service))
		return false;
	ipvs_model_take_service(poll->model, &service);
	return true;
}

static bool take_real(struct ipvs_poll *poll, struct nlmsghdr *message)
{
	const struct ipvs_key *key = ipvs_model_key(poll->model, poll->at);
	struct ipvs_real real;

	if (!ipvs_wire_real(message, key->address.family, &real))
		return false;
	ipvs_model_take_real(poll->model, poll->at, &real);
	return true;
}

static bool take_fact(struct ipvs_poll *poll, struct nlmsghdr *message)
{
	switch (poll->step) {
	case IPVS_FAMILIES:
		ipvs_wire_family(message, IPVS_GENL_NAME, &poll->family);
		return true;
	case IPVS_INFO:
		return ipvs_wire_version(message, &poll->version);
	case IPVS_DAEMONS:
		return take_daemon(poll, message);
	case IPVS_SERVICES:
		return take_service(poll, message);
	case IPVS_REALS:
		return take_real(poll, message);
	case IPVS_REST:
		break;
	}
	return true;
}

/* The number of the family is given anew each time the module is loaded: ENOENT says that the old
 * one is nobody's. */
static void take_error(struct ipvs_poll *poll, int error)
{
	if (error != ENOENT) {
		fail(poll, error);
		return;
	}
	poll->family = 0;
	rest(poll, 0);
}

/* Whether more of the same part is to be read. */
static bool take_message(struct ipvs_poll *poll, struct nlmsghdr *message)
{
	int error;

	if (message->nlmsg_seq != poll->sequence || message->nlmsg_type == NLMSG_NOOP)
		return true;
	if (message->nlmsg_type != NLMSG_ERROR && message->nlmsg_type != NLMSG_DONE) {
		poll->rejected += !take_fact(poll, message);
		return true;
	}
	error = ipvs_wire_error(message);
	if (error)
		take_error(poll, error);
	else
		end_step(poll);
	return false;
}

/* One part of an answer. False: none is there now. */
static bool receive_part(struct ipvs_poll *poll)
{
	static _Alignas(struct nlmsghdr) unsigned char part[PART_SIZE];
	struct nlmsghdr *message = (void *)part;
	ssize_t length =
		recv(nl_socket_get_fd(poll->socket), part, sizeof(part), MSG_DONTWAIT | MSG_TRUNC);
	int left = (int)length;

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (length < 0 || (size_t)length > sizeof(part)) {
		fail(poll, length < 0 ? errno : EMSGSIZE);
		return false;
	}
	poll->octets += (size_t)length;
	while (nlmsg_ok(message, left) && take_message(poll, message))
		message = nlmsg_next(message, &left);
	return true;
}

/* ---- turns ---- */

void ipvs_poll_open(struct ipvs_poll *poll, struct ipvs_model *model, uint32_t interval)
{
	memset(poll, 0, sizeof(*poll));
	poll->model = model;
	poll->interval = interval;
}

void ipvs_poll_close(struct ipvs_poll *poll)
{
	close_socket(poll);
}

void ipvs_poll_turn(struct ipvs_poll *poll)
{
	int64_t now = clock_now();

	if (poll->step == IPVS_REST && now >= poll->next)
		begin_collection(poll);
	for (int i = 0; i < PARTS_AT_ONCE && poll->step != IPVS_REST && receive_part(poll); i++)
		;
	if (poll->step != IPVS_REST && now >= poll->deadline)
		fail(poll, ETIMEDOUT);
	if (poll->step == IPVS_REST) {
		loop_wake(poll->next);
		return;
	}
	loop_watch(nl_socket_get_fd(poll->socket), POLLIN, NULL, NULL);
	loop_wake(poll->deadline);
}
