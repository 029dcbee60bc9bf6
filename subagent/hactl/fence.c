/* DRBD's handlers fence-peer and unfence-peer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/tool.h"
#include "subagent/board.h"
#include "subagent/hactl/arguments.h"
#include "subagent/hactl/client.h"
#include "subagent/hactl/verdict.h"
#include "subagent/tables.h"

/* Milliseconds that the peer's agent, while it answers, has to say that its data is behind. */
#define PATIENCE 10000

/* Milliseconds that a promotion waits; whoever promotes has a deadline of his own. */
#define PROMOTION_TIME 10000

/* Milliseconds that I/O of a Primary waits: as long as it takes, for nobody calls again; but when
 * DRBD is connected again, it does not wait any more. */
#define IO_TIME INT64_C(86400000)

/* Milliseconds for one that does not know which of the two it is: the agent may be starting. */
#define VAGUE_TIME 60000

#define PAUSE 200 /* milliseconds between two looks */

/* Where a handler writes to nobody reads. */
static void tell(int priority, const char *resource, const char *text)
{
	openlog("hactl", LOG_PID, LOG_DAEMON);
	syslog(priority, "fence-peer %s: %s", resource, text);
	closelog();
	log_info("%s: %s", resource, text);
}

/* Everything that the hub knows now; false when it cannot be asked: it may be starting anew. */
static bool fetch(const struct arguments *arguments, struct board *board)
{
	int fd = client_connect(arguments->socket);
	bool fetched;

	if (fd < 0)
		return false;
	board_open(board, tables_all());
	fetched = client_fetch(fd, board);
	close(fd);
	if (!fetched)
		board_close(board);
	return fetched;
}

/* ---- the fence program ---- */

static const struct settings_group *find_group(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->groups->count; i++)
		if (!strcmp(settings->groups->groups[i].name, name))
			return &settings->groups->groups[i];
	return NULL;
}

static enum verdict_status run_program(const struct settings_group *group, const char *resource)
{
	struct tool_result *tool = memory_new(1, sizeof(*tool));
	char text[160];
	bool off;

	TEXT_PRINT(text, "%s is to turn the peer off", group->fence[0]);
	tell(LOG_WARNING, resource, text);
	off = tool_run((const char *const *)group->fence, clock_now() + group->fence_time, tool);
	if (off)
		TEXT_PUT(text, "the peer is off");
	else
		TEXT_PRINT(text, "%s has not turned the peer off: status %d%s%s", group->fence[0],
			   tool->status, tool->error ? ", " : "",
			   tool->error ? strerror(tool->error) : "");
	tell(off ? LOG_WARNING : LOG_ERR, resource, text);
	free(tool);
	return off ? VERDICT_FENCED : VERDICT_UNDECIDED;
}

/* The program stands in the configuration, and nowhere else. */
static enum verdict_status shoot(const struct verdict_view *view, const char *resource)
{
	int fd = open(HA_CONFIGURATION, O_RDONLY | O_CLOEXEC);
	enum verdict_status status = VERDICT_UNDECIDED;
	const struct settings_group *group;
	struct settings *settings;

	if (fd < 0)
		log_fatal("%s: %s", HA_CONFIGURATION, strerror(errno));
	settings = settings_load(fd, HA_CONFIGURATION);
	close(fd);
	settings_forget_secrets(settings);
	group = find_group(settings, view->group);
	if (group && group->fence)
		status = run_program(group, resource);
	settings_free(settings);
	return status;
}

/* ---- the handler ---- */

struct wait {
	const char *resource;
	int64_t begun;
	int64_t time; /* milliseconds until it is over: by the role that was last known */
	bool lost;    /* the hub has heard that the connection is lost */
	struct verdict_view view; /* as last judged */
};

static void look(const struct arguments *arguments, struct wait *wait)
{
	bool patient = clock_now() - wait->begun < PATIENCE;
	struct board board;

	if (!fetch(arguments, &board)) {
		wait->view = (struct verdict_view){ .why = "ha-agentxd does not answer" };
		return;
	}
	verdict_judge(&board, wait->resource, patient, &wait->view);
	board_close(&board);
	if (!wait->view.known)
		return;
	wait->time = wait->view.primary ? IO_TIME : PROMOTION_TIME;
	wait->lost |= !wait->view.connected;
}

static bool is_over(const struct wait *wait)
{
	return (wait->lost && wait->view.connected) || clock_now() - wait->begun > wait->time;
}

static enum verdict_status decide(const struct arguments *arguments, struct wait *wait)
{
	char said[sizeof(wait->view.why)] = "";

	for (;;) {
		look(arguments, wait);
		if (strcmp(said, wait->view.why))
			tell(LOG_NOTICE, wait->resource, wait->view.why);
		TEXT_PUT(said, wait->view.why);
		if (wait->view.shoot)
			return shoot(&wait->view, wait->resource);
		if (wait->view.status != VERDICT_NONE)
			return wait->view.status;
		if (is_over(wait))
			return VERDICT_UNDECIDED;
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE * 1000000L }, NULL);
	}
}

static const char *resource_of(const struct arguments *arguments)
{
	const char *resource = arguments->count ? arguments->words[0] : getenv("DRBD_RESOURCE");

	if (!resource || arguments->count > 1)
		log_fatal("name one resource; DRBD names it in DRBD_RESOURCE");
	return resource;
}

int fence_peer(const struct arguments *arguments)
{
	struct wait wait = {
		.resource = resource_of(arguments),
		.begun = clock_now(),
		.time = VAGUE_TIME,
	};

	return decide(arguments, &wait);
}

int fence_unfence_peer(const struct arguments *arguments)
{
	resource_of(arguments);
	return EXIT_SUCCESS;
}
