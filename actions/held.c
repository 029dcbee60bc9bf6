/* Looks who outside of a group uses its file systems, before anything of it is stopped.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/held.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "actions/mount_view.h"
#include "actions/opener.h"
#include "actions/outcome.h"
#include "actions/step.h"
#include "actions/whole_file.h"
#include "lib/file.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/mountinfo.h"
#include "lib/path.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

#define SEARCH_TIME 2000 /* milliseconds: nothing waits for it but the request */
#define NAME_SIZE 16     /* of a process, as the kernel cuts it, with its NUL */

/* ---- whose a process is ---- */

/* Of nfs-utils; nfs-server.service starts them, and does not stop all of them. */
static bool is_of_nfs(const char *name)
{
	static const char *const daemons[] = { "nfsdcld", "rpc.mountd", "rpc.statd", "rpc.idmapd" };

	for (size_t i = 0; i < sizeof(daemons) / sizeof(*daemons); i++)
		if (!strcmp(name, daemons[i]))
			return true;
	return false;
}

/* A program that is named in a command, or is started by one: nfsdcld of "/usr/sbin/nfsdcld". */
static bool is_named(char *const *words, const char *name)
{
	for (; words && *words; words++) {
		const char *slash = strrchr(*words, '/'), *last = slash ? slash + 1 : *words;

		if (!strncmp(last, name, NAME_SIZE - 1))
			return true;
	}
	return false;
}

/* The unit is one of the folders of the process's control group. */
static bool is_in_unit(const char *groups, const char *unit)
{
	char folder[80];
	const char *found;

	TEXT_PRINT(folder, "/%s", unit);
	for (found = groups; (found = strstr(found, folder)); found++)
		if (strchr("/\n", found[strlen(folder)]))
			return true;
	return false;
}

/* What stands in a file of a folder of /proc or /sys; its length, 0 when it cannot be read. */
static size_t read_of(const char *folder, const char *name, char *text, size_t size)
{
	char path[512];
	ssize_t length;

	TEXT_PRINT(path, "%s/%s", folder, name);
	length = file_read(path, text, size);
	return length < 0 ? 0 : (size_t)length;
}

/* Left by a program of a member, of whatever group. */
static bool is_launched(const char *process)
{
	char words[4096];
	size_t length = read_of(process, "environ", words, sizeof(words));

	for (size_t at = 0; at < length; at += strlen(words + at) + 1)
		if (!strcmp(words + at, TOOL_LAUNCHED))
			return true;
	return false;
}

static bool is_of_member(const struct settings_member *member, const char *name,
			 const char *control_groups)
{
	if (member->kind == haGroupMemberKind_service)
		return is_in_unit(control_groups, member->name);
	return is_named(member->start, name) || is_named(member->stop, name) ||
	       is_named(member->status, name);
}

bool held_is_own(const struct settings_group *group, const char *process)
{
	char name[NAME_SIZE + 1], control_groups[1024];

	read_of(process, "comm", name, sizeof(name));
	name[strcspn(name, "\n")] = '\0';
	read_of(process, "cgroup", control_groups, sizeof(control_groups));
	if ((settings_group_has(group, haGroupMemberKind_export) ||
	     settings_group_has(group, haGroupMemberKind_nfs)) &&
	    is_of_nfs(name))
		return true;
	for (size_t i = 0; i < group->members_count; i++)
		if (is_of_member(&group->members[i], name, control_groups))
			return true;
	return is_launched(process);
}

static bool passes(const void *argument, const char *process)
{
	return held_is_own(argument, process);
}

/* ---- what is mounted ---- */

struct looked {
	const struct settings_group *group;
	struct step_result *result;
	char *mounts; /* the text of mountinfo */
	size_t count;
	dev_t devices[2 * SETTINGS_MEMBERS_MAX];
	char points[SETTINGS_MEMBERS_MAX][256]; /* of its members, mounted or not */
	size_t points_count;
	const char *mounted; /* the first that is; NULL: none */
};

static void add_device(struct looked *looked, dev_t device)
{
	if (device)
		looked->devices[looked->count++] = device;
}

/* The number of its files differs from that of the device with file systems such as btrfs. */
static void add_mount(struct looked *looked, const struct settings_member *member)
{
	char *point = looked->points[looked->points_count++];
	struct mount_view view;
	struct statx facts;

	mount_view_resolve(member->name, point, sizeof(looked->points[0]));
	mount_view_read(&view, looked->mounts, member);
	if (view.state != MOUNT_DONE && view.state != MOUNT_READONLY)
		return;
	if (!looked->mounted)
		looked->mounted = point;
	add_device(looked, mount_view_device(member->device));
	if (statx(AT_FDCWD, point, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &facts) == 0)
		add_device(looked, makedev(facts.stx_dev_major, facts.stx_dev_minor));
}

static bool is_point(const struct looked *looked, const char *path)
{
	for (size_t i = 0; i < looked->points_count; i++)
		if (!strcmp(looked->points[i], path))
			return true;
	return false;
}

/* The mount below whose point a path lies; NULL: none. */
static const char *point_above(const struct looked *looked, const char *path)
{
	for (size_t i = 0; i < looked->points_count; i++)
		if (path_is_below(path, looked->points[i]))
			return looked->points[i];
	return NULL;
}

static bool is_device_of(const struct looked *looked, const struct mountinfo *mount)
{
	for (size_t i = 0; i < looked->count; i++)
		if (looked->devices[i] == makedev(mount->major, mount->minor))
			return true;
	return false;
}

/* A bind mount keeps the device in use, and a mount below the point the file system. */
static bool find_mount(const struct looked *looked)
{
	const char *text = looked->mounts;
	struct mountinfo mount;

	while (mountinfo_next(&text, &mount)) {
		if (is_point(looked, mount.point))
			continue;
		if (is_device_of(looked, &mount)) {
			outcome_set(looked->result, HaReason_heldOpen,
				    "%.60s is mounted on %.60s, too: unmount that", mount.device,
				    mount.point);
			return true;
		}
		if (point_above(looked, mount.point)) {
			outcome_set(looked->result, HaReason_heldOpen,
				    "%.80s is mounted below %.40s: unmount that", mount.point,
				    point_above(looked, mount.point));
			return true;
		}
	}
	return false;
}

/* ---- what lies on it without a process ---- */

static bool find_swap(const struct looked *looked)
{
	char *text = whole_file_read("/proc/swaps"), *line, *rest = NULL;
	bool found = false;

	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line && !found;
	     line = strtok_r(NULL, "\n", &rest)) {
		line[strcspn(line, " \t")] = '\0';
		found = point_above(looked, line);
		if (found)
			outcome_set(looked->result, HaReason_heldOpen,
				    "%.100s is a swap area: swapoff", line);
	}
	free(text);
	return found;
}

static bool is_backed(const struct looked *looked, const char *loop)
{
	char path[300], backing[256];

	TEXT_PRINT(path, "/sys/block/%.64s/loop", loop);
	if (!read_of(path, "backing_file", backing, sizeof(backing)))
		return false;
	backing[strcspn(backing, "\n")] = '\0';
	if (!point_above(looked, backing))
		return false;
	outcome_set(looked->result, HaReason_heldOpen, "%.90s is the disk %.20s: losetup -d",
		    backing, loop);
	return true;
}

static bool find_loop(const struct looked *looked)
{
	DIR *entries = opendir("/sys/block");
	struct dirent *entry;
	bool found = false;

	while (entries && !found && (entry = readdir(entries)))
		found = !strncmp(entry->d_name, "loop", strlen("loop")) &&
			is_backed(looked, entry->d_name);
	if (entries)
		closedir(entries);
	return found;
}

/* ---- the step ---- */

static bool find_process(const struct looked *looked)
{
	const struct opener_search search = {
		.root = "",
		.devices = looked->devices,
		.count = looked->count,
		.time = SEARCH_TIME,
		.passes = passes,
		.argument = looked->group,
	};
	char text[80];

	if (!opener_find_process(&search, text, sizeof(text)))
		return false;
	outcome_set(looked->result, HaReason_heldOpen, "%.50s%s: %s; nothing has been stopped",
		    looked->mounted, looked->count > 2 ? " or another mount" : "", text);
	return true;
}

static void look(struct looked *looked)
{
	const struct settings_group *group = looked->group;

	for (size_t i = 0; i < group->members_count; i++)
		if (group->members[i].kind == haGroupMemberKind_mount)
			add_mount(looked, &group->members[i]);
	if (!looked->mounted)
		outcome_set(looked->result, HaReason_nothingToDo, "nothing of %s is mounted here",
			    group->name);
	else if (!find_mount(looked) && !find_swap(looked) && !find_loop(looked) &&
		 !find_process(looked))
		outcome_set(looked->result, HaReason_none, "nobody else uses what %s has mounted",
			    group->name);
}

void held_look(const struct settings *settings, const struct step *step, int64_t deadline,
	       struct step_result *result)
{
	struct looked looked = {
		.group = &settings->groups->groups[step->subject],
		.result = result,
		.mounts = whole_file_read(MOUNT_VIEW_SOURCE),
	};

	(void)deadline; /* a search ends by itself, long before */
	outcome_begin(result);
	if (looked.mounts)
		look(&looked);
	else
		outcome_set(result, HaReason_nothingToDo, MOUNT_VIEW_SOURCE " cannot be read");
	free(looked.mounts);
}
