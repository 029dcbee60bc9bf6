/* Tests the process of the source that watches members: marks, status programs, mounts of a
 * namespace of its own, and units of a made-up systemd on a bus of its own.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Mounts take root, units a dbus-daemon.
 */
#include "subagent/sources/member/source.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "actions/mark.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/rows.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define PATIENCE 20000 /* milliseconds until what does not come has failed */
#define MANAGER "org.freedesktop.systemd1.Manager"

enum { RESOURCE, MOUNT, EXPORT, MARKED, ASKED, UNIT, MEMBERS };

static struct settings_instance instances[] = { { .name = "VI_1" } };
static struct settings_vrrp vrrp = { .instances_count = 1, .instances = instances };
static char device[] = "/dev/none", options[] = "", client[] = "*", shell[] = "/bin/sh",
	    dash_c[] = "-c", status_text[256];
static char *status[] = { shell, dash_c, status_text, NULL };
static struct settings_member members[MEMBERS];
static struct settings_group group = { .name = "g", .members = members };
static struct settings_groups groups = { .count = 1, .groups = &group };
static struct settings settings = { .vrrp = &vrrp, .groups = &groups };

static pid_t source, broker, systemd;
static int hub, orders[2];
static struct pulse pulse;
static struct group_member_row rows[MEMBERS + 1]; /* the last is the VRRP instance */
static unsigned int ended_tables;

/* ---- the world ---- */

static void fill_member(size_t number, int32_t kind, const char *name)
{
	members[number] = (struct settings_member){ .kind = kind, .resource = SIZE_MAX };
	TEXT_PUT(members[number].name, name);
}

static void fill_members(size_t count)
{
	char point[64];

	folder_put("point/keep", "");
	TEXT_PRINT(point, "%s/point", folder);
	fill_member(RESOURCE, haGroupMemberKind_drbd, "r0");
	fill_member(MOUNT, haGroupMemberKind_mount, point);
	members[MOUNT].device = device;
	members[MOUNT].options = options;
	fill_member(EXPORT, haGroupMemberKind_export, "/nowhere/at/all");
	members[EXPORT].client = client;
	members[EXPORT].options = options;
	fill_member(MARKED, haGroupMemberKind_command, "marked");
	fill_member(ASKED, haGroupMemberKind_command, "asked");
	TEXT_PRINT(status_text, "test -e %s/up", folder);
	members[ASKED].status = status;
	fill_member(UNIT, haGroupMemberKind_service, "good.service");
	group.members_count = count;
}

static int make(void **state)
{
	folder_make(state);
	settings.socket = memory_text(folder_path("ha/socket"));
	memset(rows, 0, sizeof(rows));
	memset(&pulse, 0, sizeof(pulse));
	ended_tables = 0;
	hub = -1;
	return pipe2(orders, O_NONBLOCK | O_CLOEXEC);
}

static void end(pid_t *pid)
{
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}

static int unmake(void **state)
{
	end(&source);
	end(&systemd);
	end(&broker);
	close(hub);
	close(orders[0]);
	close(orders[1]);
	free(settings.socket);
	return folder_remove(state);
}

static void start_source(void)
{
	int pair[2];

	frame_pair(pair);
	source = fork();
	assert_true(source >= 0);
	if (source == 0) {
		close(pair[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		loop_catch_signals();
		report_open(pair[1]);
		member_source.run(&settings);
		_exit(0);
	}
	close(pair[1]);
	hub = pair[0];
}

/* ---- what is told ---- */

static void take_row(const struct group_member_row *row)
{
	if (row->kind == haGroupMemberKind_vrrp) {
		rows[MEMBERS] = *row;
		return;
	}
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].kind == row->kind && !strcmp(members[i].name, row->name))
			rows[i] = *row;
	assert_string_equal(row->group, "g");
}

static void hear(void)
{
	struct pollfd polled = { .fd = hub, .events = POLLIN };
	struct group_member_row row;
	struct frame frame;

	assert_int_equal(poll(&polled, 1, PATIENCE), 1);
	assert_int_equal(frame_receive(hub, &frame, NULL), FRAME_OK);
	if (frame.head.type == FRAME_ROW) {
		memcpy(&row, frame.body.octets, sizeof(row));
		take_row(&row);
	}
	if (frame.head.type == FRAME_PULSE)
		pulse = frame.body.pulse;
	ended_tables += frame.head.type == FRAME_END;
}

#define HEAR_UNTIL(condition)                                                                      \
	do {                                                                                       \
		int64_t deadline = clock_now() + PATIENCE;                                         \
		while (!(condition) && clock_now() < deadline)                                     \
			hear();                                                                    \
		assert_true(condition);                                                            \
	} while (0)

static void hear_state(size_t number, int32_t state)
{
	HEAR_UNTIL(rows[number].member_state == state);
}

/* ---- tests ---- */

TEST(every_member_has_a_row)
{
	fill_members(UNIT);
	start_source();
	HEAR_UNTIL(ended_tables == 1);
	assert_int_equal(rows[MEMBERS].member_state, haGroupMemberState_unknown);
	assert_string_equal(rows[MEMBERS].name, "VI_1");
	assert_int_equal(rows[RESOURCE].member_state, haGroupMemberState_unknown);
	assert_int_equal(rows[MOUNT].member_state, haGroupMemberState_stopped);
	assert_int_equal(rows[EXPORT].member_state, haGroupMemberState_stopped);
	assert_int_equal(rows[MARKED].member_state, haGroupMemberState_stopped);
	assert_int_equal(rows[ASKED].member_state, haGroupMemberState_stopped);
	for (size_t i = 0; i < UNIT; i++)
		assert_int_equal(rows[i].head.state, HaRowState_fresh);
	HEAR_UNTIL(pulse.state == haSourceState_running);
	assert_int_equal(pulse.reason, haSourceReason_none);
}

static void mark(size_t number, int32_t state)
{
	char path[256];

	mark_path(&settings, &group, &members[number], path, sizeof(path));
	assert_true(mark_write(&settings, path, state));
}

TEST(marks_are_followed)
{
	fill_members(UNIT);
	start_source();
	HEAR_UNTIL(ended_tables == 1);
	mark(MARKED, haGroupMemberState_starting);
	hear_state(MARKED, haGroupMemberState_starting);
	mark(MARKED, haGroupMemberState_started);
	hear_state(MARKED, haGroupMemberState_started);
	mark(MARKED, haGroupMemberState_failed);
	hear_state(MARKED, haGroupMemberState_failed);
	assert_true(*rows[MARKED].error);
	mark(MARKED, haGroupMemberState_stopped);
	hear_state(MARKED, haGroupMemberState_stopped);
}

TEST(status_programs_are_asked_again)
{
	fill_members(UNIT);
	start_source();
	HEAR_UNTIL(ended_tables == 1);
	folder_put("up", "");
	hear_state(ASKED, haGroupMemberState_started);
	assert_int_equal(unlink(folder_path("up")), 0);
	hear_state(ASKED, haGroupMemberState_stopped);
}

/* While the executor is at it its mark counts, and then only an answer that is newer than that. */
TEST(a_mark_counts_until_the_status_program_has_answered)
{
	fill_members(UNIT);
	TEXT_PRINT(status_text, "sleep 0.5; test -e %s/up", folder);
	start_source();
	HEAR_UNTIL(ended_tables == 1);
	mark(ASKED, haGroupMemberState_starting);
	hear_state(ASKED, haGroupMemberState_starting);
	folder_put("up", "");
	mark(ASKED, haGroupMemberState_started);
	HEAR_UNTIL(rows[ASKED].member_state != haGroupMemberState_starting);
	assert_int_equal(rows[ASKED].member_state, haGroupMemberState_started);
}

TEST(a_status_program_that_hangs_disturbs_nobody)
{
	fill_members(UNIT);
	TEXT_PUT(status_text, "sleep 60");
	start_source();
	HEAR_UNTIL(ended_tables == 1);
	assert_int_equal(rows[ASKED].member_state, haGroupMemberState_unknown);
	mark(MARKED, haGroupMemberState_started);
	hear_state(MARKED, haGroupMemberState_started);
	HEAR_UNTIL(strstr(rows[ASKED].error, "did not end"));
}

static void mount_and_hear(void)
{
	const char *point = members[MOUNT].name;

	fill_members(UNIT);
	start_source();
	HEAR_UNTIL(ended_tables == 1);
	assert_int_equal(mount(device, point, "tmpfs", 0, NULL), 0);
	hear_state(MOUNT, haGroupMemberState_started);
	assert_int_equal(mount("x", point, "tmpfs", 0, NULL), 0);
	hear_state(MOUNT, haGroupMemberState_failed);
	assert_string_equal(rows[MOUNT].error, "x is mounted over it");
	assert_int_equal(umount2(point, 0), 0);
	hear_state(MOUNT, haGroupMemberState_started);
	assert_int_equal(umount2(point, 0), 0);
	hear_state(MOUNT, haGroupMemberState_stopped);
	end(&source);
}

TEST(mounts_are_told_when_they_change)
{
	pid_t pid;
	int ended;

	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(77);
		mount_and_hear();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_true(WIFEXITED(ended));
	if (WEXITSTATUS(ended) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(ended), 0);
}

/* ---- systemd ---- */

static const char *load = "loaded", *active = "inactive";

static int list_units(sd_bus_message *question, void *data, sd_bus_error *error)
{
	sd_bus_message *answer = NULL;
	const char *name;
	int failed = sd_bus_message_new_method_return(question, &answer);

	(void)data;
	(void)error;
	if (failed >= 0)
		failed = sd_bus_message_open_container(answer, 'a', "(ssssssouso)");
	sd_bus_message_enter_container(question, 'a', "s");
	while (failed >= 0 && sd_bus_message_read(question, "s", &name) > 0)
		failed = sd_bus_message_append(answer, "(ssssssouso)", name, "", load, active,
					       "some", "", "/", 0, "", "/");
	if (failed >= 0)
		failed = sd_bus_message_close_container(answer);
	if (failed >= 0)
		failed = sd_bus_send(NULL, answer, NULL);
	sd_bus_message_unref(answer);
	return failed < 0 ? failed : 1;
}

static int subscribe(sd_bus_message *question, void *data, sd_bus_error *error)
{
	(void)data;
	(void)error;
	return sd_bus_reply_method_return(question, "");
}

static const sd_bus_vtable methods[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("ListUnitsByNames", "as", "a(ssssssouso)", list_units,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Subscribe", "", "", subscribe, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static void obey(sd_bus *link, char order)
{
	active = order == 'a' ? "active" : order == 'f' ? "failed" : "inactive";
	load = order == 'n' ? "not-found" : "loaded";
	sd_bus_emit_signal(link, "/org/freedesktop/systemd1/unit/good_2eservice",
			   "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as",
			   "org.freedesktop.systemd1.Unit", 0, 0);
}

static void play_systemd(void)
{
	sd_bus *link;
	char order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (sd_bus_open_system(&link) < 0 ||
	    sd_bus_add_object_vtable(link, NULL, "/org/freedesktop/systemd1", MANAGER, methods,
				     NULL) < 0 ||
	    sd_bus_request_name(link, "org.freedesktop.systemd1", 0) < 0)
		_exit(1);
	for (;;) {
		while (sd_bus_process(link, NULL) > 0)
			;
		if (read(orders[0], &order, 1) == 1)
			obey(link, order);
		sd_bus_flush(link);
		sd_bus_wait(link, 5000);
	}
}

static void start_systemd(void)
{
	systemd = fork();
	assert_true(systemd >= 0);
	if (systemd == 0)
		play_systemd();
}

static void order(char what)
{
	assert_int_equal(write(orders[1], &what, 1), 1);
}

static const char *find_daemon(void)
{
	static const char *const daemons[] = { "/usr/bin/dbus-daemon", "/bin/dbus-daemon" };

	for (size_t i = 0; i < COUNT(daemons); i++)
		if (access(daemons[i], X_OK) == 0)
			return daemons[i];
	return NULL;
}

static void start_broker(void)
{
	int64_t deadline = clock_now() + PATIENCE;
	char text[1024], option[160];

	TEXT_PRINT(
		text,
		"<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN' "
		"'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>"
		"<busconfig><type>test</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>"
		"<policy context='default'><allow send_destination='*'/>"
		"<allow receive_sender='*'/><allow own='*'/></policy></busconfig>",
		folder);
	folder_put("conf", text);
	TEXT_PRINT(option, "--config-file=%s/conf", folder);
	TEXT_PRINT(text, "unix:path=%s/bus", folder);
	assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", text, 1), 0);
	broker = fork();
	assert_true(broker >= 0);
	if (broker == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(STDERR_FILENO);
		execl(find_daemon(), "dbus-daemon", option, "--nofork", "--nopidfile", "--nosyslog",
		      (char *)NULL);
		_exit(127);
	}
	while (!folder_has("bus") && clock_now() < deadline)
		usleep(10000);
	assert_true(folder_has("bus"));
}

TEST(units_are_told_when_they_change)
{
	if (!find_daemon())
		skip();
	start_broker();
	start_systemd();
	fill_members(MEMBERS);
	start_source();
	HEAR_UNTIL(ended_tables == 1);
	hear_state(UNIT, haGroupMemberState_stopped);
	order('a');
	hear_state(UNIT, haGroupMemberState_started);
	order('f');
	hear_state(UNIT, haGroupMemberState_failed);
	assert_string_equal(rows[UNIT].error, "systemd: failed (some)");
	order('n');
	HEAR_UNTIL(rows[UNIT].head.state == HaRowState_missing);
}

/* By questions now and then alone all of these would take twice as long. */
TEST(signals_of_systemd_are_heard)
{
	int64_t deadline = clock_now() + PATIENCE;

	if (!find_daemon())
		skip();
	start_broker();
	start_systemd();
	fill_members(MEMBERS);
	start_source();
	hear_state(UNIT, haGroupMemberState_stopped);
	for (int i = 0; i < 4; i++) {
		order('a');
		hear_state(UNIT, haGroupMemberState_started);
		order('i');
		hear_state(UNIT, haGroupMemberState_stopped);
	}
	assert_true(clock_now() < deadline);
}

TEST(the_end_of_systemd_is_heard_and_its_return)
{
	if (!find_daemon())
		skip();
	start_broker();
	start_systemd();
	fill_members(MEMBERS);
	start_source();
	hear_state(UNIT, haGroupMemberState_stopped);
	end(&systemd);
	HEAR_UNTIL(rows[UNIT].head.state == HaRowState_stale);
	HEAR_UNTIL(pulse.reason == haSourceReason_daemonMissing);
	start_systemd();
	HEAR_UNTIL(rows[UNIT].head.state == HaRowState_fresh);
	HEAR_UNTIL(pulse.reason == haSourceReason_none);
}

TEST(without_a_bus_units_are_unknown)
{
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/at/all", 1);
	fill_members(MEMBERS);
	start_source();
	HEAR_UNTIL(ended_tables == 1);
	assert_int_equal(rows[UNIT].member_state, haGroupMemberState_unknown);
	assert_true(*rows[UNIT].error);
	HEAR_UNTIL(pulse.reason == haSourceReason_daemonMissing);
	HEAR_UNTIL(pulse.state == haSourceState_running);
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(every_member_has_a_row),
		WORLD(marks_are_followed),
		WORLD(status_programs_are_asked_again),
		WORLD(a_mark_counts_until_the_status_program_has_answered),
		WORLD(a_status_program_that_hangs_disturbs_nobody),
		WORLD(mounts_are_told_when_they_change),
		WORLD(units_are_told_when_they_change),
		WORLD(signals_of_systemd_are_heard),
		WORLD(the_end_of_systemd_is_heard_and_its_return),
		WORLD(without_a_bus_units_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
