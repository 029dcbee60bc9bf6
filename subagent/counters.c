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
#define LINE_FORMAT "event %010" PRIu32 " job %010" PRIu32 " boot %08" PRIx32 " %s\n"
#define LINE_SCAN "event %" SCNu32 " job %" SCNu32 " boot %" SCNx32 " %5s"
#define LINE_LENGTH 52

/* More than are given out in the time that the kernel keeps a write to itself. */
#define EVENTS_SKIPPED 1000
#define JOBS_SKIPPED 10

static uint32_t boot_id(void)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	uint32_t id = 0;

	if (file && fscanf(file, "%8" SCNx32, &id) != 1)
		id = 0;
	if (file)
		fclose(file);
	return id;
}

/* False when the file has something, and not what was written. */
static bool load(struct counters *counters)
{
	char line[LINE_LENGTH + 1] = "", end[6];
	ssize_t length = pread(counters->fd, line, LINE_LENGTH, 0);
	uint32_t boot;

	if (length == 0)
		return true;
	if (length != LINE_LENGTH ||
	    sscanf(line, LINE_SCAN, &counters->event, &counters->job, &boot, end) != 4)
		return false;
	if (boot != counters->boot && strcmp(end, "final")) {
		counters->event += EVENTS_SKIPPED;
		counters->job += JOBS_SKIPPED;
	}
	return true;
}

static void store(struct counters *counters, const char *end)
{
	char line[LINE_LENGTH + 1];

	TEXT_PRINT(line, LINE_FORMAT, counters->event, counters->job, counters->boot, end);
	if (counters->fd < 0 || pwrite(counters->fd, line, LINE_LENGTH, 0) == LINE_LENGTH)
		return;
	log_error("the numbers of events and jobs cannot be kept: %s", strerror(errno));
	close(counters->fd);
	counters->fd = -1;
}

void counters_open(struct counters *counters, const struct settings *settings)
{
	char path[256];

	*counters = (struct counters){ .boot = boot_id() };
	TEXT_PRINT(path, "%s/numbers", settings->state);
	counters->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (counters->fd < 0 || !load(counters)) {
		log_warning("%s: %s; event and job numbers start from the time of day", path,
			    counters->fd < 0 ? strerror(errno) : "not written by this program");
		counters->event = counters->job = (uint32_t)time(NULL);
	}
	store(counters, "going");
}

void counters_close(struct counters *counters)
{
	if (counters->fd < 0)
		return;
	store(counters, "final");
	if (counters->fd >= 0)
		close(counters->fd);
	counters->fd = -1;
}

void counters_keep(struct counters *counters, uint32_t event, uint32_t job)
{
	if (event == counters->event && job == counters->job)
		return;
	counters->event = event;
	counters->job = job;
	store(counters, "going");
}
