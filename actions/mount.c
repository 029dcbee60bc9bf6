/* Mounts and unmounts a file system.
 *
 * It is mounted by libmount, which is what mount(8) is made of, for that knows all options, types
 * and helpers, and unmounted by umount2(2) alone, for umount(8) cannot do more. Both happen in
 * another process: they may wait for a disk, and then no signal ends them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "actions/aside.h"
#include "actions/drbd_io.h"
#include "actions/drbd_view.h"
#include "actions/mount_view.h"
#include "actions/nfsd.h"
#include "actions/opener.h"
#include "actions/outcome.h"
#include "actions/step.h"
#include "actions/whole_file.h"
#include "actions/word_list.h"
#include "lib/clock.h"
#include "lib/etab.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/mountinfo.h"
#include "lib/path.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"

/* Milliseconds. */
#define RETRY_INTERVAL 100
#define ATTEMPT_TIME 1000 /* that the last attempt has, however late it begins */

#define WORDS_SIZE 512 /* of what libmount has to say */

#define UNLOCK "/proc/fs/nfsd/unlock_filesystem"

/* One change from its first look to its result. */
struct change {
	const struct settings *settings;
	const struct settings_member *member;
	int64_t deadline;
	struct step_result *result;
	struct mount_view view; /* as last read */
	char what[112];         /* is not so */
};

/* ---- what is mounted ---- */

static bool look(struct change *change)
{
	char *text = whole_file_read(MOUNT_VIEW_SOURCE);

	if (text) {
		mount_view_read(&change->view, text, change->member);
		free(text);
		return true;
	}
	outcome_set(change->result, HaReason_toolFailed, "%s: %s cannot be read: %s", change->what,
		    MOUNT_VIEW_SOURCE, strerror(errno));
	return false;
}

/* ---- mounting ---- */

/* With DRBD 9 a mount would promote the resource by itself (auto-promote), whatever the peer is. */
static bool may_be_used(struct change *change)
{
	const char *name;
	struct drbd_view view;

	if (change->member->resource >= change->settings->resources_count)
		return true;
	name = change->settings->resources[change->member->resource].name;
	if (!drbd_io_look(change->settings, change->member->resource, change->what,
			  change->deadline, &view, change->result))
		return false;
	if (view.role != DRBD_PRIMARY)
		outcome_set(change->result, HaReason_roleNotReached,
			    "%s: %s is not Primary, promote it first", change->what, name);
	else if (view.suspended)
		outcome_set(change->result, HaReason_ioSuspended, "%s: I/O of %s is suspended",
			    change->what, name);
	return view.role == DRBD_PRIMARY && !view.suspended;
}

/* What is to be mounted aside, and why it could not be. */
struct mounting {
	char device[PATH_MAX], point[PATH_MAX], type[64], options[4096];
	int status; /* that mount(8) would exit with; -1: libmount was not asked, or is late */
	char words[WORDS_SIZE];
};

/* What may be written to is not mounted read-only only because its device is. */
static void describe(struct libmnt_context *context, const struct mounting *mounting)
{
	if (mnt_context_set_source(context, mounting->device) < 0 ||
	    mnt_context_set_target(context, mounting->point) < 0 ||
	    mnt_context_set_options(context, mounting->options) < 0 ||
	    (*mounting->type && mnt_context_set_fstype(context, mounting->type) < 0))
		log_fatal("out of memory");
	mnt_context_enable_rwonly_mount(context, !word_list_has(mounting->options, "ro", 2));
}

static int mount_aside(void *room)
{
	struct mounting *mounting = room;
	struct libmnt_context *context = mnt_new_context();

	if (!context)
		log_fatal("out of memory");
	describe(context, mounting);
	mounting->status = mnt_context_get_excode(context, mnt_context_mount(context),
						  mounting->words, sizeof(mounting->words));
	mnt_free_context(context);
	return 0;
}

static void explain(struct change *change, int error, const char *words)
{
	outcome_keep_words(change->result, words);
	if (error == ASIDE_LATE)
		outcome_set(change->result, HaReason_timeout, "%s: mounting it did not end in time",
			    change->what);
	else
		outcome_set(change->result, HaReason_toolFailed, "%s: %s", change->what,
			    *words ? words : "libmount does not say why");
}

static void mount_it(struct change *change)
{
	const struct settings_member *member = change->member;
	struct mounting mounting = {
		.status = -1,
		.words = "its device, type or options are too long",
	};
	int error = 0;

	if (TEXT_FIT(mounting.device, member->device) && TEXT_FIT(mounting.point, member->name) &&
	    TEXT_FIT(mounting.type, member->type ? member->type : "") &&
	    TEXT_FIT(mounting.options, member->options)) {
		TEXT_PUT(mounting.words, "");
		error = aside_run(mount_aside, &mounting, sizeof(mounting), change->deadline);
	}
	if (error > 0)
		TEXT_PUT(mounting.words, strerror(error));
	change->result->exit_status = mounting.status;
	if (look(change)) {
		if (change->view.state == MOUNT_DONE)
			outcome_set(change->result, HaReason_none, "%s is mounted on %s",
				    member->device, member->name);
		else
			explain(change, error, mounting.words);
	}
}

static void start(struct change *change)
{
	const struct settings_member *member = change->member;
	struct step_result *result = change->result;

	switch (change->view.state) {
	case MOUNT_ABSENT:
		if (may_be_used(change))
			mount_it(change);
		break;
	case MOUNT_DONE:
		outcome_set(result, HaReason_nothingToDo, "%s was mounted already", member->name);
		break;
	case MOUNT_READONLY:
		outcome_set(result, HaReason_mounted,
			    "%s is mounted, but read-only: unmount it, and check it", member->name);
		break;
	case MOUNT_COVERED:
	case MOUNT_OTHER:
		outcome_set(result, HaReason_mounted, "%s: %s is mounted there", change->what,
			    change->view.device);
		break;
	case MOUNT_ELSEWHERE:
		outcome_set(result, HaReason_mounted, "%s: %s is mounted on %s already",
			    change->what, member->device, change->view.point);
		break;
	}
}

/* ---- unmounting ---- */

static void unlock(const char *point)
{
	int file = open(UNLOCK, O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return;
	/* Where the NFS server has no locks there, there is nothing to unlock. */
	if (write(file, point, strlen(point)) < 0)
		errno = 0;
	close(file);
}

/* Locks of NFS clients keep files open in the kernel. */
static int unmount_aside(void *room)
{
	const char *point = room;

	unlock(point);
	return umount2(point, UMOUNT_NOFOLLOW) == 0 ? 0 : errno;
}

/* A mount below it, by the last path that is found. */
static bool find_below(const char *text, const char *point, char *found, size_t size)
{
	struct mountinfo mount;
	bool any = false;

	while (mountinfo_next(&text, &mount))
		if (path_is_below(mount.point, point)) {
			text_put(found, size, mount.point);
			any = true;
		}
	return any;
}

static bool find_export(const char *point, char *found, size_t size)
{
	char *text = whole_file_read(ETAB_PATH);
	const char *at = text ? text : "";
	struct etab_export export;
	bool any = false;

	while (etab_next(&at, &export))
		if (path_is_within(export.path, point)) {
			text_put(found, size, export.path);
			any = true;
		}
	free(text);
	return any;
}

static bool find_process(const struct change *change, char *found, size_t size)
{
	dev_t device = mount_view_device(change->member->device);
	const struct opener_search search = { .root = "", .devices = &device, .count = 1 };

	return device && opener_find_process(&search, found, size);
}

/* Find whoever holds it, for the kernel says only that it is busy. */
static bool name_holder(struct change *change)
{
	char *mounts = whole_file_read(MOUNT_VIEW_SOURCE);
	char point[PATH_MAX], found[96];
	bool below;

	mount_view_resolve(change->member->name, point, sizeof(point));
	below = mounts && find_below(mounts, point, found, sizeof(found));
	free(mounts);
	if (below)
		outcome_set(change->result, HaReason_heldOpen,
			    "%s: %s is mounted below it, unmount that first", change->what, found);
	else if (find_process(change, found, sizeof(found)))
		outcome_set(change->result, HaReason_heldOpen, "%s: %s", change->what, found);
	else if (find_export(point, found, sizeof(found)))
		outcome_set(change->result, HaReason_heldOpen,
			    "%s: the NFS server may hold it, %s is exported", change->what, found);
	else
		return false;
	return true;
}

/* Another mount of the same file system, such as a bind mount, keeps its device open. */
static void tell_unmounted(struct change *change)
{
	const char *name = change->member->name;

	if (change->view.state == MOUNT_ELSEWHERE)
		outcome_set(change->result, HaReason_none,
			    "%s is unmounted, but %s is still mounted on %s", name,
			    change->member->device, change->view.point);
	else
		outcome_set(change->result, HaReason_none, "%s is unmounted", name);
}

static bool is_mounted(const struct change *change)
{
	return change->view.state == MOUNT_DONE || change->view.state == MOUNT_READONLY;
}

static void tell_mounted(struct change *change, int error)
{
	if (error == EBUSY && !name_holder(change)) {
		/* Its clients' open files are the kernel's own, as long as it runs. */
		outcome_set(change->result, HaReason_heldOpen,
			    "%s: it is busy, and no process was found that uses it%s", change->what,
			    nfsd_count_threads() ? "; the NFS server may, for it still runs" : "");
	} else if (error == ASIDE_LATE && !name_holder(change)) {
		outcome_set(change->result, HaReason_timeout,
			    "%s yet: the kernel still writes back, look again later", change->what);
	} else if (error != EBUSY && error != ASIDE_LATE) {
		outcome_set(change->result, HaReason_refusedByKernel, "%s", change->what);
		TEXT_PUT(change->result->kernel, strerror(error));
	}
}

/* What the NFS server has just let go of, or a process that has just ended, may still be on its way
 * out. */
static int strive(struct change *change)
{
	char point[sizeof(change->member->name)];

	TEXT_PUT(point, change->member->name);
	for (;;) {
		int64_t least = clock_now() + ATTEMPT_TIME;
		int error = aside_run(unmount_aside, point, sizeof(point),
				      change->deadline > least ? change->deadline : least);

		if (error != EBUSY || clock_now() + RETRY_INTERVAL >= change->deadline)
			return error;
		nanosleep(&(struct timespec){ .tv_nsec = RETRY_INTERVAL * 1000000L }, NULL);
	}
}

static void unmount(struct change *change)
{
	int error = strive(change);

	if (!look(change))
		return;
	if (is_mounted(change))
		tell_mounted(change, error ? error : EBUSY);
	else
		tell_unmounted(change);
}

static void stop(struct change *change)
{
	if (is_mounted(change))
		unmount(change);
	else if (change->view.state == MOUNT_COVERED)
		outcome_set(change->result, HaReason_heldOpen,
			    "%s: %s is mounted over it, unmount that first", change->what,
			    change->view.device);
	else
		outcome_set(change->result, HaReason_nothingToDo, "%s was not mounted",
			    change->member->name);
}

/* ---- the step ---- */

void mount_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		  struct step_result *result)
{
	const struct settings_group *group = &settings->groups->groups[step->subject];
	struct change change = {
		.settings = settings,
		.member = &group->members[step->part],
		.deadline = deadline,
		.result = result,
	};
	bool starts = step->verb == STEP_MEMBER_START;

	outcome_begin(result);
	TEXT_PRINT(change.what, "%s is not %s", change.member->name,
		   starts ? "mounted" : "unmounted");
	if (!look(&change))
		return;
	if (starts)
		start(&change);
	else
		stop(&change);
}
