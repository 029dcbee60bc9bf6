/* ha-tickle: lets the clients of a server that has changed its node notice that at once.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 *	ha-tickle start|stop|status ADDRESS PORT LIST
 *
 * A client of TCP whose server has gone without a word tries again after times that double, so it
 * is not heard for seconds after the server is back; and one whose request had arrived waits for
 *the answer, which never comes, for as long as its protocol says: a minute with NFS.
 *
 * `start' makes those on the list connect again at once, then stays in the background and keeps the
 * list of who is connected to ADDRESS and PORT, as this node may crash. `stop' brings the list up
 * to date and ends that. LIST is a file that moves with the server: on the mirrored file system.
 *
 * Exit status 0: done, or it was so; status: it runs. 1: not. 2: wrong arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/tickle/control.h"
#include "actions/tickle/keeper.h"
#include "lib/log.h"
#include "lib/memory.h"

#define PROGRAM "ha-tickle"

/* Nothing of who started it is held: no pipe, no folder. */
static void leave(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (setsid() < 0 || chdir("/") < 0 || null < 0)
		log_fatal("the background: %s", strerror(errno));
	for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
		if (dup2(null, standard) < 0)
			log_fatal("dup2: %s", strerror(errno));
	close(null);
}

static int start(struct keeper *keeper)
{
	pid_t child;

	if (control_is_kept(&keeper->server))
		return 0;
	keeper->control = control_listen(&keeper->server);
	keeper_begin(keeper);
	child = fork();
	if (child < 0)
		log_fatal("fork: %s", strerror(errno));
	if (child > 0)
		return 0;
	leave();
	keeper_run(keeper);
	control_remove(&keeper->server);
	return 0;
}

static void usage(void)
{
	log_error("usage: " PROGRAM " start|stop|status ADDRESS PORT LIST");
	exit(2);
}

int main(int count, char **words)
{
	struct keeper keeper = { .control = -1 };
	unsigned long port;
	char *end;

	log_open(PROGRAM);
	if (count != 5)
		usage();
	port = strtoul(words[3], &end, 10);
	if (*end || port < 1 || port > UINT16_MAX || *words[4] != '/' ||
	    !address_parse(&keeper.server, words[2], (uint16_t)port))
		usage();
	keeper.path = words[4];
	if (!strcmp(words[1], "start"))
		return start(&keeper);
	if (!strcmp(words[1], "stop"))
		return control_end(&keeper.server) ? 0 : 1;
	if (!strcmp(words[1], "status"))
		return control_is_kept(&keeper.server) ? 0 : 1;
	usage();
}
