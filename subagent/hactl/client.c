/* hactl's side of the desk: fetch every row, ask for an action.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "subagent/board.h"

/* The hub answers at once or is not well. */
#define PATIENCE_SECONDS 5

int client_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -1;
	TEXT_PUT(address.sun_path, path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	/* That of sending is also that of connecting, which waits while as many wait as may. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	error = errno == EAGAIN ? ETIMEDOUT : errno;
	close(fd);
	errno = error;
	return -1;
}

bool client_fetch(int fd, struct board *board)
{
	struct frame frame;

	if (frame_send(fd, FRAME_LIST, 0, NULL, 0) != FRAME_OK)
		return false;
	while (frame_receive(fd, &frame, NULL) == FRAME_OK) {
		const struct rows *rows = board_rows(board, frame.head.table);

		if (frame.head.type == FRAME_END)
			return true;
		if (frame.head.type == FRAME_ROW && rows && frame.head.length == rows->table->size)
			board_put(board, rows->table, &frame.body);
	}
	return false;
}

bool client_ask(int fd, const struct set *set, struct verdict *verdict)
{
	struct frame frame;

	if (frame_send(fd, FRAME_SET, 0, set, sizeof(*set)) != FRAME_OK)
		return false;
	while (frame_receive(fd, &frame, NULL) == FRAME_OK)
		if (frame.head.type == FRAME_VERDICT) {
			*verdict = frame.body.verdict;
			return true;
		}
	return false;
}
