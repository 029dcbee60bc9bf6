/* ha-tickle: lets the clients of a server that has changed its node notice that at once.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 *	ha-tickle start|stop|status ADDRESS PORT LIST
 *
 * A client of TCP whose server has gone without a word tries again after times that double, so it
 *is not heard for seconds after the server is back; and one whose request had arrived waits for the
 * answer, which never comes, for as long as its protocol says: a minute with NFS.
 *
 * `start' makes those on the list connect again at once, then stays in the background and keeps the
 * list of who is connected to ADDRESS and PORT, as this node may crash. `stop' brings the list up
 *to date and ends that. LIST is a file that moves with the server: on the mirrored file system.
 *Made to be a command of a group, the last one: started when the server runs.
 *
 * Exit status 0: done, or it was so; status: it runs. 1: not. 2: wrong arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "actions/tickle/keeper.h"
#include "lib/log.h"
#include "lib/memory.h"

#define PROGRAM "ha-tickle"

/* Where the one of an address and port is asked; only root can make it. */
static struct sockaddr_un control_address(const char *address, const char *port)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };

	TEXT_PRINT(where.sun_path, "/run/ha-tickle-%s-%s", address, port);
	return where;
}

static int new_socket(void)
{
	int control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (control < 0)
		log_fatal("socket: %s", strerror(errno));
	return control;
}

/* A connection to the one that runs; -1 when none does. */
static int connect_to(const struct sockaddr_un *where)
{
	int control = new_socket();

	if (connect(control, (const struct sockaddr *)where, sizeof(*where)) == 0)
		return control;
	close(control);
	return -1;
}

/* Who asks for the status is not root. */
static int listen_at(const struct sockaddr_un *where)
{
	int control = new_socket();

	unlink(where->sun_path);
	if (bind(control, (const struct sockaddr *)where, sizeof(*where)) < 0 ||
	    chmod(where->sun_path, 0666) < 0 || listen(control, 16) < 0)
		log_fatal("%s: %s", where->sun_path, strerror(errno));
	return control;
}

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

static int start(struct keeper *keeper, const struct sockaddr_un *where)
{
	int running = connect_to(where);
	pid_t child;

	if (running >= 0)
		return close(running);
	keeper->control = listen_at(where);
	keeper_begin(keeper);
	child = fork();
	if (child < 0)
		log_fatal("fork: %s", strerror(errno));
	if (child > 0)
		return 0;
	leave();
	keeper_run(keeper);
	unlink(where->sun_path);
	return 0;
}

static int status(const struct sockaddr_un *where)
{
	int running = connect_to(where);

	return running < 0 ? 1 : close(running);
}

static int stop(const struct sockaddr_un *where)
{
	int running = connect_to(where);
	char word = 's';

	if (running < 0)
		return 0;
	if (send(running, &word, 1, MSG_NOSIGNAL) < 0)
		log_fatal("stop: %s", strerror(errno));
	while (recv(running, &word, 1, 0) > 0)
		continue;
	close(running);
	return status(where) == 0;
}

static void usage(void)
{
	log_error("usage: " PROGRAM " start|stop|status ADDRESS PORT LIST");
	exit(2);
}

int main(int count, char **words)
{
	struct keeper keeper = { .control = -1 };
	struct sockaddr_un where;
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
	where = control_address(words[2], words[3]);
	if (!strcmp(words[1], "start"))
		return start(&keeper, &where);
	if (!strcmp(words[1], "stop"))
		return stop(&where);
	if (!strcmp(words[1], "status"))
		return status(&where);
	usage();
}
