/* Tests the process of the DRBD source, with programs that stand in for drbdsetup and drbdadm.
 *
 * Each is a shell script in a folder of its own, which prints files of that folder: `stream' and
 * then waits, `now' for a poll, `config' for drbdadm. `proc' stands in for /proc/drbd.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/rows.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/drbd/rows.h"
#include "subagent/sources/drbd/source.h"
#include "tests/unit/folder.h"

#define PATIENCE 20000 /* milliseconds until a test gives up */

#define DUMP                                                                                       \
	"exists resource name:r0 role:Secondary suspended:no write-ordering:flush\n"               \
	"exists connection name:r0 peer-node-id:0 conn-name:peer connection:Connected "            \
	"role:Secondary\n"                                                                         \
	"exists device name:r0 volume:0 minor:0 disk:UpToDate size:1000\n"                         \
	"exists peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 "                       \
	"replication:Established "                                                                 \
	"peer-disk:UpToDate resync-suspended:no out-of-sync:0\n"                                   \
	"exists -\n"

#define CONFIG                                                                                     \
	"<config><resource name='r0'><host name='n1'><volume vnr='0'><device minor='0'/></volume>" \
	"</host><host name='n2'/></resource></config>"

#define OLD_PROC(role)                                                                             \
	"version: 8.4.11 (api:1/proto:86-101)\n"                                                   \
	" 0: cs:Connected ro:" role " ds:UpToDate/UpToDate C r-----\n"

#define WAIT "exec sleep 100\n"

static struct settings settings;
static pid_t source;
static int hub;
static struct rows tables[5];
static struct pulse pulse;

/* At once, for whoever reads it meanwhile. */
static void replace_file(const char *name, const char *text)
{
	char path[128];

	folder_put("new", text);
	TEXT_PUT(path, folder_path(name));
	assert_int_equal(rename(folder_path("new"), path), 0);
}

static void write_script(const char *name, const char *body)
{
	char text[2048];

	TEXT_PRINT(text, "#!/bin/sh\ncd %s\n%s", folder, body);
	replace_file(name, text);
	assert_int_equal(chmod(folder_path(name), 0755), 0);
}

/* Prints what the files say; a stream is counted in `starts'. */
static void write_tools(void)
{
	write_script("drbdsetup", "case \"$*\" in\n*--now*) cat now;;\n"
				  "*) echo start >>starts; cat stream; " WAIT ";;\nesac\n");
	write_script("drbdadm", "case \"$*\" in\n--version) echo DRBDADM_VERSION=9.22.0;;\n"
				"dump-xml) cat config;;\n*) exit 20;;\nesac\n");
	replace_file("config", CONFIG);
	replace_file("stream", DUMP);
	replace_file("now", DUMP);
	replace_file("proc", OLD_PROC("Secondary/Secondary"));
}

static int set_up(void **state)
{
	static char drbdsetup[128], drbdadm[128], proc[128], config[128], node[] = "n1";

	assert_int_equal(folder_make(state), 0);
	TEXT_PUT(drbdsetup, folder_path("drbdsetup"));
	TEXT_PUT(drbdadm, folder_path("drbdadm"));
	TEXT_PUT(proc, folder_path("proc"));
	TEXT_PUT(config, folder_path("drbd.conf"));
	memset(&settings, 0, sizeof(settings));
	settings.node = node;
	settings.drbd = WATCH_AUTO;
	settings.drbdsetup = drbdsetup;
	settings.drbdadm = drbdadm;
	settings.drbd_state = proc;
	settings.drbd_config = config;
	settings.drbd_interval = 60000;
	for (size_t i = 0; i < 5; i++)
		rows_open(&tables[i], drbd_tables[i]);
	memset(&pulse, 0, sizeof(pulse));
	write_tools();
	return 0;
}

static int tear_down(void **state)
{
	if (source > 0) {
		close(hub);
		kill(source, SIGTERM);
		waitpid(source, NULL, 0);
	}
	source = 0;
	for (size_t i = 0; i < 5; i++)
		rows_close(&tables[i]);
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
		frame_nonblocking(pair[1]);
		loop_catch_signals();
		report_open(pair[1]);
		drbd_source.run(&settings);
		exit(0);
	}
	close(pair[1]);
	hub = pair[0];
}

static struct rows *rows_of(unsigned int entry)
{
	for (size_t i = 0; i < 5; i++)
		if (tables[i].table->entry == entry)
			return &tables[i];
	fail_msg("a frame of an unknown table");
	return NULL;
}

/* What the hub does with a frame. */
static void take_frame(const struct frame *frame)
{
	struct rows *rows;
	const struct entry *entry;

	if (frame->head.type == FRAME_PULSE) {
		pulse = frame->body.pulse;
		return;
	}
	rows = rows_of(frame->head.table);
	if (frame->head.type == FRAME_ROW) {
		assert_int_equal(frame->head.length, rows->table->size);
		rows_put(rows, &frame->body)->seen = true;
	} else if (frame->head.type == FRAME_GONE) {
		entry = rows_find_row(rows, &frame->body);
		assert_non_null(entry);
		rows_remove(rows, rows_position(rows, entry->index, entry->index_length));
	}
}

/* Take frames until `is_so`, or fail. */
static void await(bool (*is_so)(void), const char *what)
{
	int64_t deadline = clock_now() + PATIENCE;
	static struct frame frame;

	while (!is_so()) {
		struct pollfd polled = { .fd = hub, .events = POLLIN };

		if (clock_now() > deadline)
			fail_msg("not %s; state %d, reason %d, error \"%s\"", what, pulse.state,
				 pulse.reason, pulse.error);
		if (poll(&polled, 1, 50) <= 0)
			continue;
		assert_int_equal(frame_receive(hub, &frame, NULL), FRAME_OK);
		take_frame(&frame);
	}
}

#define AWAIT(is_so) await(is_so, #is_so)

static const struct drbd_resource_row *resource(void)
{
	struct rows *rows = rows_of(mib_haDrbdResourceEntry);

	return rows->count == 1 ? rows->entries[0]->row : NULL;
}

static bool running(void)
{
	return pulse.state == haSourceState_running && pulse.reason == haSourceReason_none;
}

static bool secondary(void)
{
	return running() && resource() && resource()->role == HaDrbdRole_secondary;
}

static bool primary(void)
{
	return running() && resource() && resource()->role == HaDrbdRole_primary;
}

static bool current(void)
{
	return running() && resource() && resource()->head.state == HaRowState_fresh;
}

static bool off(void)
{
	return pulse.state == haSourceState_off &&
	       pulse.reason == haSourceReason_kernelModuleMissing;
}

static bool unavailable(int32_t reason)
{
	return pulse.state == haSourceState_unavailable && pulse.reason == reason;
}

static bool without_module(void)
{
	return unavailable(haSourceReason_kernelModuleMissing);
}

static bool missing(void)
{
	return without_module() && resource() && resource()->head.state == HaRowState_missing;
}

static bool without_tool(void)
{
	return unavailable(haSourceReason_toolMissing);
}

static bool denied(void)
{
	return unavailable(haSourceReason_permissionDenied);
}

static bool exited(void)
{
	return unavailable(haSourceReason_exited);
}

static bool killed(void)
{
	return unavailable(haSourceReason_killed);
}

static bool garbage(void)
{
	return unavailable(haSourceReason_garbage);
}

static bool hung(void)
{
	return unavailable(haSourceReason_hung);
}

static void test_all_is_well(void **state)
{
	(void)state;
	start_source();
	AWAIT(secondary);
	assert_int_equal(resource()->configured, TruthValue_true);
	assert_string_equal(pulse.error, "");
	assert_true(pulse.collect_time > 0);
	assert_int_equal(rows_of(mib_haDrbdPeerVolumeEntry)->count, 1);
}

static void test_no_module(void **state)
{
	(void)state;
	unlink(folder_path("proc"));
	start_source();
	AWAIT(missing);
	assert_string_equal(pulse.error, "the DRBD module is not loaded");
	assert_int_equal(access(folder_path("starts"), F_OK), -1);
	replace_file("proc", OLD_PROC("Secondary/Secondary"));
	AWAIT(current);
	unlink(folder_path("proc"));
	AWAIT(missing);
}

static void test_no_use_for_drbd(void **state)
{
	(void)state;
	unlink(folder_path("proc"));
	unlink(folder_path("drbdadm"));
	start_source();
	AWAIT(off);
	assert_string_equal(pulse.error, "");
}

static void test_wanted_without_module(void **state)
{
	(void)state;
	settings.drbd = WATCH_YES;
	unlink(folder_path("proc"));
	replace_file("config", "<config/>");
	start_source();
	AWAIT(without_module);
}

static void test_no_tool(void **state)
{
	(void)state;
	unlink(folder_path("drbdsetup"));
	start_source();
	AWAIT(without_tool);
	assert_non_null(strstr(pulse.error, "drbdsetup: No such file"));
	write_tools();
	AWAIT(current);
	assert_non_null(strstr(pulse.error, "drbdsetup: No such file"));
}

static void test_denied(void **state)
{
	(void)state;
	write_script("drbdsetup",
		     "echo noise; echo 'cannot: Operation not permitted' >&2; exit 20\n");
	start_source();
	AWAIT(denied);
	assert_non_null(strstr(pulse.error, "status 20: cannot: Operation not permitted"));
	assert_true(pulse.rejected_lines > 0);
}

/* The last rows stay; another stream is tried. */
static void test_stream_ends(void **state)
{
	(void)state;
	write_script("drbdsetup", "cat stream\ncase \"$*\" in *--now*) ;; *) sleep 0.5;; esac\n");
	start_source();
	AWAIT(current);
	AWAIT(exited);
	assert_non_null(resource());
	assert_int_equal(resource()->head.state, HaRowState_fresh);
	assert_non_null(strstr(pulse.error, "status 0"));
	AWAIT(current);
}

static void test_stream_is_killed(void **state)
{
	(void)state;
	write_script("drbdsetup",
		     "cat stream\ncase \"$*\" in *--now*) ;; *) sleep 0.5; kill -9 $$;; "
		     "esac\n");
	start_source();
	AWAIT(current);
	AWAIT(killed);
	assert_non_null(strstr(pulse.error, "signal 9"));
}

static void test_garbage(void **state)
{
	(void)state;
	write_script("drbdsetup", "yes 'all work and no play' | head -n 100000\n" WAIT);
	start_source();
	AWAIT(garbage);
	assert_in_range(pulse.rejected_lines, 20, 100000);
	write_tools();
	AWAIT(current);
}

static void test_hung(void **state)
{
	(void)state;
	write_script("drbdsetup", "trap '' TERM INT HUP\necho 'exists resource name:r0'\n" WAIT);
	start_source();
	AWAIT(hung);
}

/* A poll that hangs is ended, and says that figures are old; the next one that ends says otherwise.
 */
static void test_poll_hangs(void **state)
{
	(void)state;
	write_script("drbdsetup", "cat stream\n" WAIT);
	start_source();
	AWAIT(current);
	AWAIT(hung);
	assert_non_null(strstr(pulse.error, "--now"));
	write_tools();
	AWAIT(current);
}

/* The file of DRBD 8.4 shows another role: it is found long before the next regular poll. */
static void test_stream_is_silent(void **state)
{
	(void)state;
	start_source();
	AWAIT(secondary);
	replace_file("stream", "exists resource name:r0 role:Primary\nexists -\n");
	replace_file("now", "exists resource name:r0 role:Primary\nexists -\n");
	replace_file("proc", OLD_PROC("Primary/Secondary"));
	AWAIT(primary);
}

static bool polled(void)
{
	return folder_has("polled");
}

/* The stream tells a role and goes deaf, and the next change undoes that one before anybody has
 * looked at the file. */
static void test_change_is_undone(void **state)
{
	(void)state;
	write_script("drbdsetup",
		     "case \"$*\" in *--now*) cat now; exec touch polled;; esac\ncat stream\n"
		     "until mv change told; do sleep 0.05; done 2>/dev/null\n"
		     "cat told\n" WAIT);
	replace_file("stream", "exists resource name:r0 role:Primary\nexists -\n");
	replace_file("now", "exists resource name:r0 role:Primary\nexists -\n");
	replace_file("proc", OLD_PROC("Primary/Secondary"));
	start_source();
	AWAIT(primary);
	AWAIT(polled);
	replace_file("change", "change resource name:r0 role:Secondary\n");
	AWAIT(secondary);
	AWAIT(primary);
}

/* Two polls see another role than the stream has told. */
static void test_stream_is_deaf(void **state)
{
	(void)state;
	settings.drbd_interval = 1000;
	replace_file("proc", "version: 9.2.18 (api:2/proto:118-124)\n");
	start_source();
	AWAIT(secondary);
	replace_file("stream", "exists resource name:r0 role:Primary\nexists -\n");
	replace_file("now", "exists resource name:r0 role:Primary\nexists -\n");
	AWAIT(primary);
}

static bool unconfigured(void)
{
	return resource() && resource()->configured == TruthValue_false;
}

static void test_configuration_changes(void **state)
{
	(void)state;
	start_source();
	AWAIT(current);
	replace_file("config", "<config/>");
	replace_file("drbd.conf", "# anything\n");
	AWAIT(unconfigured);
}

static bool complains(void)
{
	return strstr(pulse.error, "dump-xml: status 10: r0.res:1: Parse error") != NULL;
}

/* A configuration that cannot be read changes nothing. */
static void test_configuration_is_bad(void **state)
{
	(void)state;
	start_source();
	AWAIT(current);
	write_script("drbdadm", "cat config\necho 'r0.res:1: Parse error' >&2\nexit 10\n");
	replace_file("drbd.conf", "# anything\n");
	AWAIT(complains);
	assert_true(current());
	assert_int_equal(resource()->configured, TruthValue_true);
	write_tools();
	replace_file("config", "<config/>");
	replace_file("drbd.conf", "# anything else\n");
	AWAIT(unconfigured);
}

/* When the hub is gone the source ends, and its stream with it. */
static void test_hub_is_gone(void **state)
{
	int64_t deadline = clock_now() + PATIENCE;
	int status = -1;
	pid_t ended = 0;

	(void)state;
	start_source();
	AWAIT(current);
	close(hub);
	while ((ended = waitpid(source, &status, WNOHANG)) == 0 && clock_now() < deadline)
		poll(NULL, 0, 10);
	assert_int_equal(ended, source);
	assert_int_equal(status, 0);
	source = 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_is_well),
		TEST(test_no_module),
		TEST(test_no_use_for_drbd),
		TEST(test_wanted_without_module),
		TEST(test_no_tool),
		TEST(test_denied),
		TEST(test_stream_ends),
		TEST(test_stream_is_killed),
		TEST(test_garbage),
		TEST(test_hung),
		TEST(test_poll_hangs),
		TEST(test_stream_is_silent),
		TEST(test_change_is_undone),
		TEST(test_stream_is_deaf),
		TEST(test_configuration_changes),
		TEST(test_configuration_is_bad),
		TEST(test_hub_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
