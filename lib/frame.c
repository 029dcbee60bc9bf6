/* What the processes say to each other: one flat struct per message, never a pointer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/log.h"

/* Room for one descriptor. A union, as cmsg(3) asks for its alignment. */
union control {
	char space[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

void frame_pair(int pair[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		log_fatal("socketpair: %s", strerror(errno));
}

void frame_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		log_fatal("fcntl: %s", strerror(errno));
}

static enum frame_outcome outcome_of(int error)
{
	if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS)
		return FRAME_AGAIN;
	return FRAME_CLOSED;
}

static void attach(struct msghdr *message, union control *control, int passed)
{
	struct cmsghdr *header;

	memset(control, 0, sizeof(*control));
	message->msg_control = control->space;
	message->msg_controllen = sizeof(control->space);
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &passed, sizeof(int));
}

enum frame_outcome frame_pass(int fd, unsigned int type, unsigned int table, const void *body,
			      size_t length, int passed)
{
	struct frame_head head = {
		.type = (uint16_t)type,
		.table = (uint16_t)table,
		.length = (uint32_t)length,
	};
	union {
		const void *in;
		void *out;
	} unqualified = { .in = body };
	struct iovec parts[2] = { { &head, sizeof(head) }, { unqualified.out, length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = length ? 2 : 1 };
	union control control;

	if (passed >= 0)
		attach(&message, &control, passed);
	for (;;) {
		if (sendmsg(fd, &message, MSG_NOSIGNAL) >= 0)
			return FRAME_OK;
		if (errno != EINTR)
			return outcome_of(errno);
	}
}

enum frame_outcome frame_send(int fd, unsigned int type, unsigned int table, const void *body,
			      size_t length)
{
	return frame_pass(fd, type, table, body, length, -1);
}

static int passed_in(struct msghdr *message)
{
	int passed = -1;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header))
		if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
			memcpy(&passed, CMSG_DATA(header), sizeof(passed));
	return passed;
}

/* Whether a body of this length can be of this type. */
static bool fits(const struct frame_head *head)
{
	switch ((enum frame_type)head->type) {
	case FRAME_ROW:
	case FRAME_GONE:
		return head->length >= sizeof(struct row) && head->length <= ROW_SIZE_MAX;
	case FRAME_BEGIN:
	case FRAME_END:
	case FRAME_LIST:
	case FRAME_LOOK:
	case FRAME_START:
	case FRAME_KILL:
	case FRAME_ALIVE:
		return head->length == 0;
	case FRAME_PULSE:
		return head->length == sizeof(struct pulse);
	case FRAME_SET:
		return head->length == sizeof(struct set);
	case FRAME_VERDICT:
		return head->length == sizeof(struct verdict);
	case FRAME_SENT:
		return head->length == sizeof(struct sent);
	case FRAME_STEP:
		return head->length == sizeof(struct step_order);
	case FRAME_RESULT:
		return head->length == sizeof(struct step_result);
	case FRAME_GUARD:
		return head->length == sizeof(struct guard_order);
	case FRAME_GUARDED:
		return head->length == sizeof(struct guard_note);
	case FRAME_ASK:
		return head->length == sizeof(struct ask);
	case FRAME_ANSWER:
		return head->length == sizeof(struct answer);
	case FRAME_STARTED:
	case FRAME_EXITED:
		return head->length == sizeof(struct child_note);
	}
	return false;
}

enum frame_outcome frame_receive(int fd, struct frame *frame, int *passed)
{
	struct iovec part = { frame, sizeof(*frame) };
	union control control;
	/* CMSG_SPACE would have room for a second descriptor, which nobody would close. */
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	ssize_t length = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	int came = length < 0 ? -1 : passed_in(&message);

	if (passed)
		*passed = came;
	else if (came >= 0)
		close(came);
	if (length < 0)
		return outcome_of(errno);
	if (length == 0)
		return FRAME_CLOSED;
	if (message.msg_flags & MSG_TRUNC || (size_t)length < sizeof(frame->head) ||
	    (size_t)length - sizeof(frame->head) != frame->head.length || !fits(&frame->head))
		return FRAME_BROKEN;
	return FRAME_OK;
}
