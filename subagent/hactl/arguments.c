/* What a person has typed, and how the commands reach the hub.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/arguments.h"

#include <errno.h>
#include <string.h>

#include "lib/log.h"
#include "subagent/board.h"
#include "subagent/hactl/client.h"
#include "subagent/tables.h"

int arguments_hub(const struct arguments *arguments)
{
	int fd = client_connect(arguments->socket);

	if (fd < 0)
		log_fatal("%s: %s; is ha-agentxd running?", arguments->socket, strerror(errno));
	return fd;
}

void arguments_fetch(const struct arguments *arguments, int fd, struct board *board)
{
	board_open(board, tables_all());
	if (!client_fetch(fd, board))
		log_fatal("%s: the hub does not answer", arguments->socket);
}
