/* Tests the steps of groups with real programs: commands, fences, mounts of a namespace of their
 * own, DRBD's I/O with a made-up drbdsetup. SPDX-License-Identifier: BSD-2-Clause
 *
 * Mounts take root.
 */
#include "actions/member.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actions/drbd_io.h"
#include "actions/fence.h"
#include "actions/held.h"
#include "actions/mark.h"
#include "actions/step.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define PATIENCE 20000

/* Milliseconds that a small program surely ends in, and that are waited in vain. */
#define LONG_ENOUGH 3000

/* ---- a world: one group with one member ---- */

static struct settings_resource resources[] = { { .name = "r0" } };
static struct settings_member member;
static struct settings_group group = { .name = "g", .members_count = 1, .members = &member };
static struct settings_groups groups = { .count = 1, .groups = &group };
static struct settings settings = {
	.resources_count = 1,
	.resources = resources,
	.groups = &groups,
};
static char shell[] = "/bin/sh", dash_c[] = "-c", root[] = "root", nobody[] = "nobody";
static char start_text[512], stop_text[512], status_text[512];
static char *start[] = { shell, dash_c, start_text, NULL };
static char *stop[] = { shell, dash_c, stop_text, NULL };
static char *status[] = { shell, dash_c, status_text, NULL };

static int open_world(void **state)
{
	folder_make(state);
	settings.socket = memory_text(folder_path("ha/socket"));
	settings.drbdsetup = memory_text(folder_path("drbdsetup"));
	settings.user = root;
	member = (struct settings_member){ .resource = SIZE_MAX };
	group.fence = NULL;
	return 0;
}

static int close_world(void **state)
{
	free(settings.socket);
	free(settings.drbdsetup);
	return folder_remove(state);
}

static struct step_result take(enum step_verb verb, int64_t time)
{
	const struct step step = { .verb = verb };
	struct step_result result = { .job = 7 };

	if (verb == STEP_GROUP_FENCE)
		fence_run(&settings, &step, clock_now() + time, &result);
	else if (verb == STEP_GROUP_LOOK)
		held_look(&settings, &step, clock_now() + time, &result);
	else if (verb == STEP_DRBD_SUSPEND || verb == STEP_DRBD_RESUME)
		drbd_io_switch(&settings, &step, clock_now() + time, &result);
	else
		member_switch(&settings, &step, clock_now() + time, &result);
	return result;
}

static void expect(enum step_verb verb, int64_t time, int32_t reason, const char *message)
{
	const struct step_result result = take(verb, time);

	assert_string_equal(result.message, message);
	assert_int_equal(result.reason, reason);
}

/* ---- commands ---- */

static void make_command(const char *starts, const char *stops, const char *asks)
{
	TEXT_PRINT(start_text, "cd %s; %s", folder, starts);
	TEXT_PRINT(stop_text, "cd %s; %s", folder, stops);
	TEXT_PRINT(status_text, "cd %s; %s", folder, asks ? asks : "");
	member.kind = haGroupMemberKind_command;
	TEXT_PUT(member.name, "c");
	member.start = start;
	member.stop = stop;
	member.status = asks ? status : NULL;
	member.start_time = member.stop_time = PATIENCE;
}

static int32_t marked(void)
{
	char path[256];

	mark_path(&settings, &group, &member, path, sizeof(path));
	return mark_look(path);
}

TEST(a_command_without_status_is_what_its_mark_says)
{
	char calls[64];

	make_command("echo start >>calls", "echo stop >>calls", NULL);
	expect(STEP_MEMBER_STOP, PATIENCE, HaReason_nothingToDo, "c was stopped already");
	expect(STEP_MEMBER_START, PATIENCE, HaReason_none, "c is started");
	assert_int_equal(marked(), haGroupMemberState_started);
	expect(STEP_MEMBER_START, PATIENCE, HaReason_nothingToDo, "c was started already");
	expect(STEP_MEMBER_STOP, PATIENCE, HaReason_none, "c is stopped");
	assert_int_equal(marked(), haGroupMemberState_stopped);
	folder_take("calls", calls, sizeof(calls));
	assert_string_equal(calls, "start\nstop\n");
}

TEST(a_command_that_fails_says_why_and_may_be_stopped)
{
	struct step_result result;

	make_command("echo no room >&2; echo at all >&2; exit 3", "true", NULL);
	result = take(STEP_MEMBER_START, PATIENCE);
	assert_int_equal(result.reason, HaReason_toolFailed);
	assert_int_equal(result.exit_status, 3);
	assert_string_equal(result.message, "c is not started: /bin/sh has ended with status 3");
	assert_string_equal(result.kernel, "no room; at all");
	assert_int_equal(marked(), haGroupMemberState_failed);
	expect(STEP_MEMBER_STOP, PATIENCE, HaReason_none, "c is stopped");
}

TEST(a_status_program_counts_more_than_an_exit_status)
{
	make_command("touch up; exit 1", "true", "test -e up");
	expect(STEP_MEMBER_START, PATIENCE, HaReason_none,
	       "c is started, although its program failed");
	expect(STEP_MEMBER_START, PATIENCE, HaReason_nothingToDo, "c was started already");
	expect(STEP_MEMBER_STOP, LONG_ENOUGH, HaReason_roleNotReached,
	       "c is not stopped: /bin/sh ended without an error, and /bin/sh still says "
	       "otherwise");
	make_command("true", "rm up", "test -e up");
	expect(STEP_MEMBER_STOP, PATIENCE, HaReason_none, "c is stopped");
}

/* A status program may be wrong, too: what was started is stopped before it is started again. */
TEST(what_may_be_there_in_part_is_stopped_before)
{
	char calls[64];

	make_command("echo start >>calls", "echo stop >>calls", "false");
	assert_int_equal(take(STEP_MEMBER_START, LONG_ENOUGH).reason, HaReason_roleNotReached);
	assert_int_equal(take(STEP_MEMBER_START, LONG_ENOUGH).reason, HaReason_roleNotReached);
	expect(STEP_MEMBER_STOP, PATIENCE, HaReason_none, "c is stopped");
	expect(STEP_MEMBER_STOP, PATIENCE, HaReason_nothingToDo, "c was stopped already");
	folder_take("calls", calls, sizeof(calls));
	assert_string_equal(calls, "start\nstop\nstart\nstop\n");
}

TEST(a_daemon_may_take_its_time)
{
	make_command("true", "true", "echo >>asked; test $(wc -l <asked) -gt 3");
	expect(STEP_MEMBER_START, PATIENCE, HaReason_none, "c is started");
}

TEST(the_status_program_runs_as_the_user)
{
	if (geteuid() != 0)
		skip();
	settings.user = nobody;
	make_command("true", "true", NULL);
	TEXT_PUT(status_text, "test $(id -u) != 0");
	member.status = status;
	expect(STEP_MEMBER_START, PATIENCE, HaReason_nothingToDo, "c was started already");
}

static pid_t written_pid(void)
{
	char text[32];

	folder_take("pid", text, sizeof(text));
	assert_true(atoi(text) > 1);
	return atoi(text);
}

TEST(what_a_program_leaves_behind_lives_on)
{
	pid_t pid;

	make_command("sleep 60 & echo $! >pid", "true", NULL);
	expect(STEP_MEMBER_START, PATIENCE, HaReason_none, "c is started");
	pid = written_pid();
	assert_int_equal(kill(pid, 0), 0);
	kill(pid, SIGKILL);
}

/* A process that was killed and whose parent has ended is gone, or a zombie of somebody's. */
static bool is_running(pid_t pid)
{
	char path[64], line[128] = "";
	FILE *file;

	TEXT_PRINT(path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	return *line && !strstr(line, ") Z ") && !strstr(line, ") X ");
}

/* Its standard error is a pipe that nobody reads any more. */
TEST(what_is_left_behind_may_go_on_writing)
{
	int64_t deadline = clock_now() + PATIENCE;

	make_command("(until [ -e go-on ]; do sleep 0.05; done\n"
		     "echo a word >&2; echo another >&2; >alive) &",
		     "true", NULL);
	expect(STEP_MEMBER_START, PATIENCE, HaReason_none, "c is started");
	folder_put("go-on", "");
	while (!folder_has("alive")) {
		assert_true(clock_now() < deadline);
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
}

TEST(what_is_late_is_killed_with_all_that_it_began)
{
	int64_t deadline = clock_now() + PATIENCE;
	struct step_result result;

	make_command("sleep 60 & echo $! >pid; echo working >&2; wait", "true", NULL);
	result = take(STEP_MEMBER_START, 500);
	assert_int_equal(result.reason, HaReason_timeout);
	assert_string_equal(result.message, "c is not started: /bin/sh did not end in time");
	assert_string_equal(result.kernel, "working");
	while (is_running(written_pid())) {
		assert_true(clock_now() < deadline);
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	assert_int_equal(marked(), haGroupMemberState_failed);
}

TEST(a_program_that_writes_a_lot_is_read)
{
	make_command("head -c 300000 /dev/zero | tee /dev/stderr", "true", NULL);
	expect(STEP_MEMBER_START, PATIENCE, HaReason_none, "c is started");
}

TEST(a_mark_that_others_could_write_is_none)
{
	make_command("true", "true", NULL);
	folder_put("ha-members/keep", "");
	assert_int_equal(chmod(folder_path("ha-members"), 0777), 0);
	assert_int_equal(take(STEP_MEMBER_START, PATIENCE).reason, HaReason_toolFailed);
	assert_false(folder_has("ha-members/g:c"));
}

/* ---- fences ---- */

TEST(only_status_zero_in_time_says_that_the_peer_is_off)
{
	struct step_result result;

	group.fence = start;
	TEXT_PUT(start_text, "exit 0");
	expect(STEP_GROUP_FENCE, PATIENCE, HaReason_none, "/bin/sh says that the peer is off");
	TEXT_PUT(start_text, "echo no answer >&2; exit 1");
	result = take(STEP_GROUP_FENCE, PATIENCE);
	assert_int_equal(result.reason, HaReason_notFenced);
	assert_int_equal(result.exit_status, 1);
	assert_string_equal(result.kernel, "no answer");
	TEXT_PUT(start_text, "sleep 60");
	assert_int_equal(take(STEP_GROUP_FENCE, 200).reason, HaReason_notFenced);
}

/* ---- mounts ---- */

static char device[] = "/dev/none", type[] = "tmpfs", options[] = "size=64k,noatime";

/* Nothing that is mounted here is seen outside, nor lasts. */
static bool enter_namespace(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
}

static void make_mount(const char *point)
{
	folder_put("point/keep", "");
	folder_put("other/keep", "");
	member.kind = haGroupMemberKind_mount;
	TEXT_PRINT(member.name, "%s/%s", folder, point);
	member.device = device;
	member.type = type;
	member.options = options;
}

static struct step_result mounted(enum step_verb verb, int64_t time, int32_t reason)
{
	const struct step_result result = take(verb, time);

	if (result.reason != reason)
		print_message("%s [%s]\n", result.message, result.kernel);
	assert_int_equal(result.reason, reason);
	return result;
}

static void check_mounting(void)
{
	make_mount("point");
	mounted(STEP_MEMBER_STOP, PATIENCE, HaReason_nothingToDo);
	mounted(STEP_MEMBER_START, PATIENCE, HaReason_none);
	assert_false(folder_has("point/keep"));
	mounted(STEP_MEMBER_START, PATIENCE, HaReason_nothingToDo);
	make_mount("other");
	mounted(STEP_MEMBER_START, PATIENCE, HaReason_mounted);
	make_mount("point");
	mounted(STEP_MEMBER_STOP, PATIENCE, HaReason_none);
	assert_true(folder_has("point/keep"));
}

static void check_holders(void)
{
	struct step_result result;
	int file;

	make_mount("point");
	mounted(STEP_MEMBER_START, PATIENCE, HaReason_none);
	file = open(folder_path("point"), O_RDONLY | O_CLOEXEC);
	result = mounted(STEP_MEMBER_STOP, 300, HaReason_heldOpen);
	assert_non_null(strstr(result.message, "is not unmounted: it is busy"));
	close(file);
	assert_int_equal(mkdir(folder_path("point/sub"), 0700), 0);
	assert_int_equal(mount("x", folder_path("point/sub"), "tmpfs", 0, NULL), 0);
	result = mounted(STEP_MEMBER_STOP, 300, HaReason_heldOpen);
	assert_non_null(strstr(result.message, "point/sub is mounted below it"));
	assert_int_equal(umount2(folder_path("point/sub"), 0), 0);
	assert_int_equal(mount("x", folder_path("point"), "tmpfs", 0, NULL), 0);
	result = mounted(STEP_MEMBER_STOP, 300, HaReason_heldOpen);
	assert_non_null(strstr(result.message, "x is mounted over it"));
	mounted(STEP_MEMBER_START, PATIENCE, HaReason_mounted);
	assert_int_equal(umount2(folder_path("point"), 0), 0);
	mounted(STEP_MEMBER_STOP, PATIENCE, HaReason_none);
}

/* Before anything is stopped; this process is the holder, whatever its name is (valgrind's own). */
static void check_looks(void)
{
	struct step_result result;
	char inside[256], holder[48], own[16];
	int file;

	assert_int_equal(prctl(PR_GET_NAME, own), 0);
	TEXT_PRINT(holder, "point: in use by %.15s (pid ", own);

	make_mount("point");
	mounted(STEP_GROUP_LOOK, PATIENCE, HaReason_nothingToDo);
	mounted(STEP_MEMBER_START, PATIENCE, HaReason_none);
	mounted(STEP_GROUP_LOOK, PATIENCE, HaReason_none);
	TEXT_PUT(inside, folder_path("point"));
	file = open(inside, O_RDONLY | O_CLOEXEC);
	result = mounted(STEP_GROUP_LOOK, PATIENCE, HaReason_heldOpen);
	assert_non_null(strstr(result.message, holder));
	assert_non_null(strstr(result.message, "; nothing has been stopped"));
	close(file);
	assert_int_equal(chdir(inside), 0);
	mounted(STEP_GROUP_LOOK, PATIENCE, HaReason_heldOpen);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(mount(inside, folder_path("other"), "none", MS_BIND, NULL), 0);
	result = mounted(STEP_GROUP_LOOK, PATIENCE, HaReason_heldOpen);
	assert_non_null(strstr(result.message, "other, too: unmount that"));
	assert_int_equal(umount2(folder_path("other"), 0), 0);
	assert_int_equal(mkdir(folder_path("point/sub"), 0700), 0);
	assert_int_equal(mount("x", folder_path("point/sub"), "tmpfs", 0, NULL), 0);
	result = mounted(STEP_GROUP_LOOK, PATIENCE, HaReason_heldOpen);
	assert_non_null(strstr(result.message, "point/sub is mounted below"));
	assert_int_equal(umount2(folder_path("point/sub"), 0), 0);
	mounted(STEP_GROUP_LOOK, PATIENCE, HaReason_none);
	mounted(STEP_MEMBER_STOP, PATIENCE, HaReason_none);
}

static void check_refusals(void)
{
	static char unknown[] = "nosuchfs";
	struct step_result result;

	make_mount("point");
	member.type = unknown;
	result = mounted(STEP_MEMBER_START, PATIENCE, HaReason_toolFailed);
	assert_true(result.exit_status > 0);
	assert_true(*result.kernel);
	make_mount("point");
	assert_int_equal(mount(device, folder_path("point"), "tmpfs", MS_RDONLY, NULL), 0);
	mounted(STEP_MEMBER_START, PATIENCE, HaReason_mounted);
	mounted(STEP_MEMBER_STOP, PATIENCE, HaReason_none);
}

/* In a process of its own, whose namespace goes with it. */
static void check_elsewhere(void (*check)(void))
{
	pid_t pid;
	int ended;

	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		if (!enter_namespace())
			_exit(77);
		check();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_true(WIFEXITED(ended));
	if (WEXITSTATUS(ended) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(ended), 0);
}

TEST(a_file_system_is_mounted_once_and_unmounted)
{
	check_elsewhere(check_mounting);
}

TEST(whoever_holds_a_mount_is_named)
{
	check_elsewhere(check_holders);
}

TEST(whoever_would_hold_a_mount_is_named_before)
{
	check_elsewhere(check_looks);
}

TEST(a_mount_that_cannot_be_is_refused)
{
	check_elsewhere(check_refusals);
}

/* ---- DRBD ---- */

static void put_drbd(const char *role, const char *suspended)
{
	folder_put_fake("drbdsetup");
	folder_put("role", role);
	folder_put("suspended", suspended);
	folder_put("events2",
		   "echo \"exists resource name:$3 role:$(cat role) suspended:$(cat suspended)\"\n"
		   "echo \"exists device name:$3 volume:0 minor:5 disk:UpToDate\"\n"
		   "echo \"exists device name:$3 volume:1 minor:1000 disk:UpToDate\"\n"
		   "echo 'exists -'\n");
	folder_put("suspend-io", "echo user >suspended\n");
	folder_put("resume-io", "echo no >suspended\n");
}

TEST(io_is_suspended_and_resumed)
{
	char calls[512];

	put_drbd("Primary", "no");
	expect(STEP_DRBD_RESUME, PATIENCE, HaReason_nothingToDo, "I/O of r0 was resumed already");
	expect(STEP_DRBD_SUSPEND, PATIENCE, HaReason_none, "I/O of r0 is suspended");
	expect(STEP_DRBD_SUSPEND, PATIENCE, HaReason_nothingToDo,
	       "I/O of r0 was suspended already");
	expect(STEP_DRBD_RESUME, PATIENCE, HaReason_none, "I/O of r0 is resumed");
	folder_take("calls", calls, sizeof(calls));
	assert_non_null(strstr(calls, "drbdsetup suspend-io 5\ndrbdsetup suspend-io 1000\n"));
	assert_non_null(strstr(calls, "drbdsetup resume-io 5\ndrbdsetup resume-io 1000\n"));
}

TEST(io_that_waits_for_another_reason_is_told)
{
	put_drbd("Primary", "quorum");
	expect(STEP_DRBD_RESUME, PATIENCE, HaReason_nothingToDo, "I/O of r0 was resumed already");
	folder_put("suspended", "user,quorum");
	folder_put("resume-io", "echo quorum >suspended\n");
	expect(STEP_DRBD_RESUME, PATIENCE, HaReason_none,
	       "I/O of r0 is resumed, and still waits for another reason");
}

TEST(what_the_kernel_shows_counts)
{
	struct step_result result;

	put_drbd("Primary", "no");
	folder_put("suspend-io", "echo '(-5) refused' >&2; exit 10\n");
	result = take(STEP_DRBD_SUSPEND, PATIENCE);
	assert_int_equal(result.reason, HaReason_toolFailed);
	assert_int_equal(result.exit_status, 10);
	assert_string_equal(result.kernel, "(-5) refused");
	folder_put("suspend-io", "true\n");
	assert_int_equal(take(STEP_DRBD_SUSPEND, PATIENCE).reason, HaReason_roleNotReached);
	folder_put("events2", "echo 'exists -'\n");
	assert_int_equal(take(STEP_DRBD_SUSPEND, PATIENCE).reason, HaReason_notUp);
}

TEST(only_what_is_primary_and_not_suspended_is_mounted)
{
	make_mount("point");
	member.resource = 0;
	put_drbd("Secondary", "no");
	assert_int_equal(take(STEP_MEMBER_START, PATIENCE).reason, HaReason_roleNotReached);
	folder_put("role", "Primary");
	folder_put("suspended", "user");
	assert_int_equal(take(STEP_MEMBER_START, PATIENCE).reason, HaReason_ioSuspended);
	folder_put("events2", "exit 20\n");
	assert_int_equal(take(STEP_MEMBER_START, PATIENCE).reason, HaReason_toolFailed);
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(a_command_without_status_is_what_its_mark_says),
		WORLD(a_command_that_fails_says_why_and_may_be_stopped),
		WORLD(a_status_program_counts_more_than_an_exit_status),
		WORLD(what_may_be_there_in_part_is_stopped_before),
		WORLD(a_daemon_may_take_its_time),
		WORLD(the_status_program_runs_as_the_user),
		WORLD(what_a_program_leaves_behind_lives_on),
		WORLD(what_is_left_behind_may_go_on_writing),
		WORLD(what_is_late_is_killed_with_all_that_it_began),
		WORLD(a_program_that_writes_a_lot_is_read),
		WORLD(a_mark_that_others_could_write_is_none),
		WORLD(only_status_zero_in_time_says_that_the_peer_is_off),
		WORLD(a_file_system_is_mounted_once_and_unmounted),
		WORLD(whoever_holds_a_mount_is_named),
		WORLD(whoever_would_hold_a_mount_is_named_before),
		WORLD(a_mount_that_cannot_be_is_refused),
		WORLD(io_is_suspended_and_resumed),
		WORLD(io_that_waits_for_another_reason_is_told),
		WORLD(what_the_kernel_shows_counts),
		WORLD(only_what_is_primary_and_not_suspended_is_mounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
