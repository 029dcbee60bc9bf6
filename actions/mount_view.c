/* Whether a mount member is mounted, read from a mountinfo of /proc.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/mount_view.h"

#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "actions/word_list.h"
#include "lib/memory.h"
#include "lib/mountinfo.h"
#include "lib/settings_group.h"

/* Copies, for dirname(3) and basename(3) write into what they are given. The folder is not on the
 * file system itself, so that its name can be looked up even when that no longer answers. */
void mount_view_resolve(const char *name, char *point, size_t size)
{
	char folder[PATH_MAX], last[PATH_MAX], real[PATH_MAX];

	TEXT_PUT(folder, name);
	TEXT_PUT(last, name);
	if (realpath(dirname(folder), real))
		text_print(point, size, "%s%s%s", real, strcmp(real, "/") ? "/" : "",
			   basename(last));
	else
		text_put(point, size, name);
}

/* Some file systems, such as btrfs, have a device number of their own. */
static bool is_device(const struct mountinfo *mount, const char *device, dev_t number)
{
	return (number && makedev(mount->major, mount->minor) == number) ||
	       !strcmp(mount->device, device);
}

dev_t mount_view_device(const char *device)
{
	struct stat status;

	return stat(device, &status) == 0 && S_ISBLK(status.st_mode) ? status.st_rdev : 0;
}

/* In the order of mounting: what comes later on the same point lies over what was there. */
static void take_mount(struct mount_view *view, const struct mountinfo *mount, bool ours,
		       bool on_point)
{
	bool beneath = view->state == MOUNT_DONE || view->state == MOUNT_READONLY ||
		       view->state == MOUNT_COVERED;

	if (on_point && ours) {
		view->state = mount->read_only ? MOUNT_READONLY : MOUNT_DONE;
	} else if (on_point) {
		view->state = beneath ? MOUNT_COVERED : MOUNT_OTHER;
		TEXT_PUT(view->device, mount->device);
	} else if (ours) {
		if (view->state == MOUNT_ABSENT)
			view->state = MOUNT_ELSEWHERE;
		TEXT_PUT(view->point, mount->point);
	}
}

void mount_view_read(struct mount_view *view, const char *text,
		     const struct settings_member *member)
{
	dev_t number = mount_view_device(member->device);
	struct mountinfo mount;
	char point[PATH_MAX];

	*view = (struct mount_view){ .state = MOUNT_ABSENT };
	mount_view_resolve(member->name, point, sizeof(point));
	while (mountinfo_next(&text, &mount))
		take_mount(view, &mount, is_device(&mount, member->device, number),
			   !strcmp(mount.point, point));
	if (view->state == MOUNT_READONLY && word_list_has(member->options, "ro", 2))
		view->state = MOUNT_DONE;
}
