/* What the kernel has mounted, told as soon as it changes.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/member/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/mount_view.h"
#include "actions/whole_file.h"
#include "lib/log.h"
#include "lib/loop.h"

void mounts_open(struct mounts *mounts)
{
	*mounts = (struct mounts){ .due = true };
	mounts->file = open(MOUNT_VIEW_SOURCE, O_RDONLY | O_CLOEXEC);
	if (mounts->file < 0)
		log_error("%s: %s", MOUNT_VIEW_SOURCE, strerror(errno));
}

void mounts_close(struct mounts *mounts)
{
	if (mounts->file >= 0)
		close(mounts->file);
	free(mounts->text);
}

/* The kernel says with POLLERR and POLLPRI that something was mounted or unmounted since this was
 * last asked (proc(5)). */
static void hear(void *argument, short events)
{
	struct mounts *mounts = argument;

	(void)events;
	mounts->due = true;
}

bool mounts_turn(struct mounts *mounts)
{
	bool due = mounts->due && mounts->file >= 0;

	if (due) {
		free(mounts->text);
		mounts->text = whole_file_read_open(mounts->file);
		mounts->due = false;
	}
	loop_watch(mounts->file, POLLPRI, hear, mounts);
	return due;
}
