/* The hold files: track files by which this agent keeps an instance in FAULT.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/settings_vrrp.h"
#include "subagent/watched_files.h"

#define TEXT_SIZE 128 /* what keepalived reads of a track file, with a NUL */

struct holds {
	const struct settings_vrrp *settings;
	struct watched_files *files;
	struct hold *holds;
	size_t *numbers; /* of the watched file, by the instance's */
};

/* ---- what a file says ---- */

/* keepalived takes decimal, octal and hexadecimal numbers of 32 bits, and keeps its last opinion
 * when it finds a larger one. */
static long number_of(const char *text, char **end)
{
	long number;

	errno = 0;
	number = strtol(text, end, 0);
	return errno || number < INT32_MIN || number > INT32_MAX ? 0 : number;
}

void hold_parse(struct hold *hold, const char *text)
{
	char *end;
	long seconds;

	hold->ends = 0;
	hold->set = number_of(text, &end) != 0;
	if (!hold->set || *end != '\n')
		return;
	errno = 0;
	seconds = strtol(end + 1, NULL, 10);
	if (!errno && seconds > 0 && seconds < LONG_MAX / 1000)
		hold->ends = seconds * INT64_C(1000);
}

static void read_text(const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, TEXT_SIZE - 1);

	text[length > 0 ? length : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

long hold_number(const char *path)
{
	char text[TEXT_SIZE], *end;

	read_text(path, text);
	return number_of(text, &end);
}

/* ---- those of the settings ---- */

struct holds *holds_open(const struct settings_vrrp *settings)
{
	struct holds *holds = memory_new(1, sizeof(*holds));

	holds->settings = settings;
	holds->files = watched_files_open();
	holds->holds = memory_new(settings->instances_count + 1, sizeof(*holds->holds));
	holds->numbers = memory_new(settings->instances_count + 1, sizeof(*holds->numbers));
	for (size_t i = 0; i < settings->instances_count; i++)
		if (settings->instances[i].hold)
			holds->numbers[i] =
				watched_files_add(holds->files, settings->instances[i].hold);
	return holds;
}

void holds_close(struct holds *holds)
{
	watched_files_close(holds->files);
	free(holds->numbers);
	free(holds->holds);
	free(holds);
}

static bool has_folder(const char *path)
{
	char folder[PATH_MAX];
	struct stat facts;

	text_put_part(folder, sizeof(folder), path, (size_t)(strrchr(path, '/') - path) + 1);
	return stat(folder, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static void read_hold(struct hold *hold, const char *path)
{
	char text[TEXT_SIZE];

	read_text(path, text);
	hold_parse(hold, text);
	hold->folder = has_folder(path);
}

bool holds_take(struct holds *holds)
{
	bool changed = false;

	for (size_t i = 0; i < holds->settings->instances_count; i++) {
		const char *path = holds->settings->instances[i].hold;

		if (!path || !watched_files_take(holds->files, holds->numbers[i]))
			continue;
		read_hold(&holds->holds[i], path);
		changed = true;
	}
	return changed;
}

void holds_watch(struct holds *holds)
{
	watched_files_watch(holds->files);
}

const struct hold *holds_of(const struct holds *holds, size_t instance)
{
	return &holds->holds[instance];
}
