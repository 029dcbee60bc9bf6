/* The socket at which the one that keeps the list of a server's clients is asked.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/tickle/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/address.h"
#include "lib/log.h"
#include "lib/memory.h"

#define END_SECONDS 2

/* Only root can make it. */
static struct sockaddr_un control_of(const struct address *server)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };
	char text[ADDRESS_TEXT_MAX];

	address_print(server, text, sizeof(text));
	TEXT_PRINT(where.sun_path, "/run/ha-tickle-%s-%u", text, server->port);
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
static int connect_to(const struct address *server)
{
	struct sockaddr_un where = control_of(server);
	int control = new_socket();

	if (connect(control, (const struct sockaddr *)&where, sizeof(where)) == 0)
		return control;
	close(control);
	return -1;
}

int control_listen(const struct address *server)
{
	struct sockaddr_un where = control_of(server);
	int control = new_socket();

	unlink(where.sun_path);
	if (bind(control, (const struct sockaddr *)&where, sizeof(where)) < 0 ||
	    chmod(where.sun_path, 0666) < 0 || listen(control, 16) < 0)
		log_fatal("%s: %s", where.sun_path, strerror(errno));
	return control;
}

void control_remove(const struct address *server)
{
	struct sockaddr_un where = control_of(server);

	unlink(where.sun_path);
}

bool control_is_kept(const struct address *server)
{
	int running = connect_to(server);

	if (running >= 0)
		close(running);
	return running >= 0;
}

bool control_end(const struct address *server)
{
	const struct timeval patience = { .tv_sec = END_SECONDS };
	int running = connect_to(server);
	char word = 's';
	bool ended;

	if (running < 0)
		return true;
	ended = setsockopt(running, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
		send(running, &word, 1, MSG_NOSIGNAL) == 1 && recv(running, &word, 1, 0) == 0;
	close(running);
	return ended;
}
