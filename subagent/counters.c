/* The numbers that go on over restarts: of events and of jobs.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/memory.h"
#include "lib/settings.h"

/* One line of fixed length, so that a write replaces it whole. */
#define LINE_FORMAT "event %010" PRIu32 " job %010" PRIu32 "\n"
#define LINE_SCAN "event %" SCNu32 " job %" SCNu32
#define LINE_LENGTH 32

static bool load(struct counters *counters)
{
	char line[LINE_LENGTH + 1] = "";

	return counters->fd >= 0 && pread(counters->fd, line, LINE_LENGTH, 0) == LINE_LENGTH &&
	       sscanf(line, LINE_SCAN, &counters->event, &counters->job) == 2;
}

void counters_open(struct counters *counters, const struct settings *settings)
{
	char path[256];

	*counters = (struct counters){ .fd = -1 };
	TEXT_PRINT(path, "%s/numbers", settings->state);
	counters->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (counters->fd < 0)
		log_warning("%s: %s; event and job numbers start from the time of day", path,
			    strerror(errno));
	if (!load(counters))
		counters->event = counters->job = counters->fd < 0 ? (uint32_t)time(NULL) : 0;
}

void counters_close(struct counters *counters)
{
	if (counters->fd >= 0)
		close(counters->fd);
	counters->fd = -1;
}

void counters_keep(struct counters *counters, uint32_t event, uint32_t job)
{
	char line[LINE_LENGTH + 1];

	if (event == counters->event && job == counters->job)
		return;
	counters->event = event;
	counters->job = job;
	TEXT_PRINT(line, LINE_FORMAT, event, job);
	if (counters->fd >= 0 && pwrite(counters->fd, line, LINE_LENGTH, 0) != LINE_LENGTH) {
		log_error("the numbers of events and jobs cannot be kept: %s", strerror(errno));
		counters_close(counters);
	}
}
