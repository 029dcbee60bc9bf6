/* Holds and releases a VRRP instance by the file that its keepalived tracks.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/vrrp_hold.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/outcome.h"
#include "actions/safe_folder.h"
#include "actions/step.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"

/* What the file is written as before it takes its name: keepalived looks at that name alone. */
#define DRAFT ".ha-agentx-hold"

#define TEXT_SIZE 32

/* A step from its first look to its result. */
struct change {
	const struct settings_instance *instance;
	const char *verb; /* "held", "released" */
	struct step_result *result;
	int folder;       /* of the file, open; -1: it is not */
	const char *name; /* of the file in there */
	char wanted[TEXT_SIZE], found[TEXT_SIZE];
};

static void refuse(struct change *change, int32_t reason, const char *what, int error)
{
	outcome_set(change->result, reason, "%s is not %s: %s %s", change->instance->name,
		    change->verb, change->instance->hold, what);
	if (error)
		TEXT_PUT(change->result->kernel, strerror(error));
}

/* ---- the folder ---- */

static bool open_folder(struct change *change)
{
	const char *hold = change->instance->hold;
	char path[PATH_MAX];

	change->name = strrchr(hold, '/') + 1;
	text_put_part(path, sizeof(path), hold, (size_t)(change->name - hold));
	change->folder = safe_folder_open(path);
	if (change->folder >= 0)
		return true;
	if (errno == EPERM)
		refuse(change, HaReason_notAllowed,
		       "is in a folder that others than root can write to", 0);
	else
		refuse(change, HaReason_notAllowed, "has no folder that can be opened", errno);
	return false;
}

/* ---- the file ---- */

/* Read a plain file; 0 or an errno. */
static int read_plain(int file, char *text, size_t size)
{
	struct stat status;
	ssize_t length;

	if (fstat(file, &status) < 0)
		return errno;
	if (!S_ISREG(status.st_mode))
		return EINVAL;
	length = read(file, text, size - 1);
	if (length < 0)
		return errno;
	text[length] = '\0';
	return 0;
}

/* Read what the file says. One that is not there says nothing, which keepalived takes for 0. */
static bool read_file(struct change *change)
{
	int file = openat(change->folder, change->name,
			  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int error = file < 0 ? errno : 0;

	TEXT_PUT(change->found, "");
	if (file >= 0) {
		error = read_plain(file, change->found, sizeof(change->found));
		close(file);
	}
	if (!error || error == ENOENT)
		return true;
	refuse(change, HaReason_notAllowed, "is no plain file that can be read", error);
	return false;
}

/* Whether it says what it is to say. Without a file nothing is held. */
static bool is_reached(const struct change *change)
{
	return !strcmp(change->found, change->wanted);
}

static bool write_draft(struct change *change)
{
	size_t length = strlen(change->wanted);
	int draft;
	bool done;

	/* One that a death has left is not to be in the way. */
	unlinkat(change->folder, DRAFT, 0);
	draft = openat(change->folder, DRAFT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       0600);
	if (draft < 0)
		return false;
	done = write(draft, change->wanted, length) == (ssize_t)length &&
	       fchmod(draft, 0644) == 0 && fsync(draft) == 0;
	return close(draft) == 0 && done;
}

/* The name is given only to what is whole, and lasts over a crash. */
static bool replace_file(struct change *change)
{
	int error;

	if (write_draft(change) &&
	    renameat(change->folder, DRAFT, change->folder, change->name) == 0) {
		fsync(change->folder);
		return true;
	}
	error = errno;
	unlinkat(change->folder, DRAFT, 0);
	refuse(change, HaReason_refusedByKernel, "cannot be written", error);
	return false;
}

static void write_file(struct change *change)
{
	if (!replace_file(change) || !read_file(change))
		return;
	if (is_reached(change))
		outcome_set(change->result, HaReason_none, "%s is %s", change->instance->name,
			    change->verb);
	else
		refuse(change, HaReason_roleNotReached,
		       "was written, and somebody has changed it since", 0);
}

/* ---- the step ---- */

static void print_wanted(struct change *change, const struct step *step)
{
	if (step->verb == STEP_VRRP_RELEASE)
		TEXT_PUT(change->wanted, "0\n");
	else if (!step->value)
		TEXT_PUT(change->wanted, "1\n");
	else
		TEXT_PRINT(change->wanted, "1\n%u\n", step->value);
}

void vrrp_hold_write(const struct settings *settings, const struct step *step, int64_t deadline,
		     struct step_result *result)
{
	struct change change = {
		.instance = &settings->vrrp->instances[step->subject],
		.verb = step->verb == STEP_VRRP_HOLD ? "held" : "released",
		.result = result,
		.folder = -1,
	};

	outcome_begin(result);
	print_wanted(&change, step);
	if (clock_now() >= deadline) {
		refuse(&change, HaReason_timeout, "was not written: it is too late", 0);
	} else if (open_folder(&change) && read_file(&change)) {
		if (is_reached(&change))
			outcome_set(result, HaReason_none, "%s was %s already",
				    change.instance->name, change.verb);
		else
			write_file(&change);
	}
	if (change.folder >= 0)
		close(change.folder);
}
