/* Asks the kernel one thing over netlink, and waits for the whole answer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/netlink.h"

#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "actions/netlink_message.h"
#include "lib/clock.h"
#include "lib/memory.h"

/* The kernel makes parts of a list of 32 KiB at the most (netlink_dump()). */
#define PART_SIZE 65536

/* ---- the socket ---- */

/* That the kernel may say more of an error, and does not repeat the question, came with Linux 4.12
 * and 4.3: without these the number alone has to do. */
static struct nl_sock *open_socket(int protocol)
{
	struct nl_sock *socket = nl_socket_alloc();
	int on = 1;

	netlink_need(socket != NULL);
	errno = EIO;
	if (nl_connect(socket, protocol) < 0) {
		nl_socket_free(socket);
		return NULL;
	}
	setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	return socket;
}

/* ---- the answer ---- */

static void take_words(struct nlmsghdr *message, struct netlink_answer *answer)
{
	struct nlattr *found[NLMSGERR_ATTR_MAX + 1];
	const struct nlattr *words;

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    nlmsg_parse(message, sizeof(struct nlmsgerr), found, NLMSGERR_ATTR_MAX, NULL) < 0)
		return;
	words = found[NLMSGERR_ATTR_MSG];
	if (words)
		text_put_part(answer->words, sizeof(answer->words), nla_data(words),
			      strnlen(nla_data(words), (size_t)nla_len(words)));
}

/* The errno of the message that ends an answer. The end of a list need not have one. */
static int take_end(struct nlmsghdr *message, struct netlink_answer *answer)
{
	int error = 0;

	if (nlmsg_datalen(message) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(message), sizeof(error));
	else if (message->nlmsg_type == NLMSG_ERROR)
		return EPROTO;
	if (error > 0 || error == INT_MIN)
		return EPROTO;
	if (error && message->nlmsg_type == NLMSG_ERROR)
		take_words(message, answer);
	return -error;
}

/* The messages of one part. True when the answer has ended, and how. */
static bool take_part(unsigned char *octets, int length, struct netlink_answer *answer, int *error)
{
	struct nlmsghdr *message = (struct nlmsghdr *)(void *)octets;

	for (; nlmsg_ok(message, length); message = nlmsg_next(message, &length)) {
		if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
			*error = take_end(message, answer);
			return true;
		}
		if (answer->take && message->nlmsg_type >= NLMSG_MIN_TYPE)
			answer->take(answer->argument, message);
	}
	return false;
}

/* The length of the next part that the kernel has sent, or minus an errno. */
static int receive(int fd, unsigned char *octets, int64_t deadline)
{
	struct sockaddr_nl sender = { .nl_pid = 0 };
	socklen_t size = sizeof(sender);
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	int64_t left = deadline - clock_now();
	ssize_t length;

	if (left <= 0)
		return -ETIMEDOUT;
	if (poll(&polled, 1, (int)(left < INT_MAX ? left : INT_MAX)) == 0)
		return -ETIMEDOUT;
	length = recvfrom(fd, octets, PART_SIZE, MSG_DONTWAIT | MSG_TRUNC,
			  (struct sockaddr *)(void *)&sender, &size);
	if (length < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (length > PART_SIZE)
		return -EMSGSIZE;
	return sender.nl_pid == 0 ? (int)length : 0;
}

static int hear_out(int fd, int64_t deadline, struct netlink_answer *answer)
{
	static _Alignas(struct nlmsghdr) unsigned char octets[PART_SIZE];
	int error = 0, length;

	do {
		length = receive(fd, octets, deadline);
		if (length < 0)
			return -length;
	} while (!take_part(octets, length, answer, &error));
	return error;
}

int netlink_ask(int protocol, struct nl_msg *question, int64_t deadline,
		struct netlink_answer *answer)
{
	struct nl_sock *socket = open_socket(protocol);
	int error = errno;

	TEXT_PUT(answer->words, "");
	if (socket && nl_send_auto(socket, question) >= 0)
		error = hear_out(nl_socket_get_fd(socket), deadline, answer);
	else if (socket)
		error = EIO;
	nlmsg_free(question);
	if (socket)
		nl_socket_free(socket);
	return error;
}
