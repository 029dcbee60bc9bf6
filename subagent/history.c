/* The jobs that are remembered over restarts: a ring of rows in a file, what they promised and
 * began. SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "subagent/jobs.h"

/* One place of the ring. The mark holds the size of the row: another layout has another mark. */
struct place {
	uint64_t mark;
	struct job_row row;
	uint64_t end;
};

#define MARK (UINT64_C(0x68612d6a6f620000) + sizeof(struct job_row))

static off_t offset_of(uint32_t job)
{
	return (off_t)(job % JOBS_KEPT * sizeof(struct place));
}

/* The file is ours, but a power cut may have left anything in it. */
static bool is_sound(const struct place *place)
{
	const struct job_row *row = &place->row;

	return place->mark == MARK && place->end == MARK && row->job &&
	       memchr(row->subject, '\0', sizeof(row->subject)) &&
	       memchr(row->message, '\0', sizeof(row->message)) &&
	       memchr(row->kernel, '\0', sizeof(row->kernel)) &&
	       memchr(row->step_text, '\0', sizeof(row->step_text));
}

void history_open(struct history *history, const struct settings *settings, struct jobs *jobs,
		  const struct instant *when)
{
	struct place place;
	char path[256];

	promises_open(&jobs->promises, settings->state);
	journal_open(&jobs->journal, settings);
	TEXT_PRINT(path, "%s/jobs", settings->state);
	history->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (history->fd < 0)
		log_warning("%s: %s; jobs are forgotten at a restart", path, strerror(errno));
	for (uint32_t job = 0; history->fd >= 0 && job < JOBS_KEPT; job++)
		if (pread(history->fd, &place, sizeof(place), offset_of(job)) == sizeof(place) &&
		    is_sound(&place))
			jobs_remember(jobs, &place.row, when);
}

void history_close(struct history *history)
{
	if (history->fd >= 0)
		close(history->fd);
	history->fd = -1;
}

void history_keep(struct history *history, const struct job_row *row)
{
	struct place place = { .mark = MARK, .row = *row, .end = MARK };

	if (history->fd < 0 ||
	    pwrite(history->fd, &place, sizeof(place), offset_of(row->job)) == sizeof(place))
		return;
	log_error("job %u cannot be kept: %s", row->job, strerror(errno));
	history_close(history);
}
