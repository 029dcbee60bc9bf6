/* Has exportfs(8) spell out an export, without exporting anything.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/export_line.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "actions/aside.h"
#include "actions/export_view.h"
#include "actions/mount_view.h"
#include "actions/whole_file.h"
#include "lib/etab.h"
#include "lib/memory.h"
#include "lib/mountinfo.h"
#include "lib/settings_group.h"
#include "lib/tool.h"

#define ETAB "etab"
#define LINE_SIZE 2048

struct asking {
	const struct export_question *question;
	int64_t deadline;
	char line[LINE_SIZE];
};

/* What is unmounted meanwhile must not stay mounted in here: its device could not be demoted. */
static void let_go_of_mirrors(void)
{
	char *mounts = whole_file_read(MOUNT_VIEW_SOURCE);
	const char *at = mounts ? mounts : "";
	struct mountinfo mount;

	while (mountinfo_next(&at, &mount))
		if (mount.major == DRBD_MAJOR)
			umount2(mount.point, MNT_DETACH | UMOUNT_NOFOLLOW);
	free(mounts);
}

/* Unmounting is seen by others unless that has succeeded. */
static bool enter_namespace(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", "none", MS_REC | MS_SLAVE, NULL) == 0;
}

/* Exportfs may be configured to have its table elsewhere (nfs.conf(5), state-directory-path): there
 * it cannot write. */
static bool hide_table(const char *folder)
{
	struct mount_attr fixed = { .attr_set = MOUNT_ATTR_RDONLY };

	return mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &fixed, sizeof(fixed)) == 0 &&
	       mount("none", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k") == 0;
}

/* Its status does not matter: it warns about what is not mounted yet. */
static void run(const struct asking *asking)
{
	const struct export_question *question = asking->question;
	char target[512];
	const char *const command[] = {
		question->exportfs, "-i", "-o", question->member->options, target, NULL,
	};
	struct tool_result *tool = memory_new(1, sizeof(*tool));

	export_view_print(question->member, target, sizeof(target));
	tool_run(command, asking->deadline, tool);
	free(tool);
}

static char *find_line(const struct export_question *question)
{
	char path[PATH_MAX], *text, *line = NULL;

	TEXT_PRINT(path, "%s/" ETAB, question->folder);
	text = whole_file_read(path);
	if (text)
		line = etab_line(text, question->member->name, question->member->client);
	free(text);
	return line;
}

static int ask_aside(void *room)
{
	struct asking *asking = room;
	int error = ENOENT;
	char *line;

	if (!enter_namespace())
		return errno;
	let_go_of_mirrors();
	if (!hide_table(asking->question->folder))
		return errno;
	run(asking);
	line = find_line(asking->question);
	if (line && strlen(line) < LINE_SIZE) {
		TEXT_PUT(asking->line, line);
		error = 0;
	}
	free(line);
	return error;
}

char *export_line_ask(const struct export_question *question, int64_t deadline)
{
	struct asking asking = { .question = question, .deadline = deadline };

	if (aside_run_once(ask_aside, &asking, sizeof(asking), deadline) != 0)
		return NULL;
	return memory_text(asking.line);
}
