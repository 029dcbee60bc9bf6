/* Tests role switches of DRBD, over programs that answer as recorded from DRBD 8.4 and 9.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/drbd_role.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actions/opener.h"
#include "actions/step.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/folder.h"

/* Long enough for a loaded machine; tests that wait for the end of it use QUICKLY. */
#define PATIENTLY 20000
#define QUICKLY 2200

/* ---- the machine: openers that a test puts there ---- */

static const char *mount_there, *opener_there;
static size_t devices_asked;

bool opener_find_mount(const struct opener_search *search, char *text, size_t size)
{
	devices_asked = search->count;
	text_put(text, size, mount_there ? mount_there : "");
	return mount_there != NULL;
}

bool opener_find(const struct opener_search *search, char *text, size_t size)
{
	devices_asked = search->count;
	text_put(text, size, opener_there ? opener_there : "");
	return opener_there != NULL;
}

/* ---- the programs ---- */

static char drbdadm[256], drbdsetup[256];
static struct settings_resource resources[] = { { .name = "other" }, { "r0", true } };
static struct settings settings = {
	.drbdadm = drbdadm,
	.drbdsetup = drbdsetup,
	.resources_count = 2,
	.resources = resources,
};
static struct step_result result;

/* As DRBD 8.4 and 9 show a resource; %s: role, connection, role of the peer, disk, replication. */
static const char dump84[] =
	"exists resource name:r0 role:%s suspended:no\n"
	"exists connection name:r0 peer-node-id:0 conn-name:peer connection:%s role:%s\n"
	"exists device name:r0 volume:0 minor:0 disk:%s\n"
	"exists peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 replication:%s "
	"peer-disk:UpToDate resync-suspended:no\n"
	"exists -\n";
static const char dump9[] =
	"exists resource name:r0 role:%s suspended:no force-io-failures:no may_promote:no "
	"promotion_score:10101\n"
	"exists connection name:r0 peer-node-id:1 conn-name:n2 connection:%s role:%s\n"
	"exists device name:r0 volume:1 minor:1 backing_dev:/dev/ubdb disk:%s client:no "
	"quorum:yes\n"
	"exists device name:r0 volume:0 minor:0 backing_dev:/dev/ubda disk:UpToDate client:no "
	"quorum:yes\n"
	"exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:1 replication:%s "
	"peer-disk:UpToDate peer-client:no resync-suspended:no\n"
	"exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 replication:Established "
	"peer-disk:UpToDate peer-client:no resync-suspended:no\n"
	"exists path name:r0 peer-node-id:1 conn-name:n2 local:ipv4:10.77.0.1:7788 "
	"peer:ipv4:10.77.0.2:7788 established:yes\n"
	"exists -\n";

/* Write a dump; -Wformat-nonliteral is no use here, as both forms take the same five words. */
static void put_dump(const char *name, bool nine, const char *role, const char *connection,
		     const char *peer, const char *disk, const char *replication)
{
	char text[2048];

	if (nine)
		TEXT_PRINT(text, dump9, role, connection, peer, disk, replication);
	else
		TEXT_PRINT(text, dump84, role, connection, peer, disk, replication);
	folder_put(name, text);
}

static void put_healthy(const char *name, const char *role, const char *peer)
{
	put_dump(name, true, role, "Connected", peer, "UpToDate", "Established");
}

/* How often the programs were called with these words. */
static unsigned int calls(const char *words)
{
	char text[16384], *rest = NULL;
	unsigned int count = 0;

	folder_take("calls", text, sizeof(text));
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		count += !strcmp(line, words);
	return count;
}

static void put_program(char *path, size_t size, const char *name)
{
	folder_put_fake(name);
	text_put(path, size, folder_path(name));
}

static int set_up(void **state)
{
	if (folder_make(state) < 0)
		return -1;
	mount_there = opener_there = NULL;
	devices_asked = 0;
	memset(&result, 0xa5, sizeof(result));
	put_program(drbdadm, sizeof(drbdadm), "drbdadm");
	put_program(drbdsetup, sizeof(drbdsetup), "drbdsetup");
	folder_put("events2", "cat state");
	folder_put("primary", "cp primary-state state");
	folder_put("secondary", "cp secondary-state state");
	put_healthy("primary-state", "Primary", "Secondary");
	put_healthy("secondary-state", "Secondary", "Secondary");
	put_healthy("state", "Secondary", "Secondary");
	return 0;
}

static void run(enum step_verb verb, int64_t time)
{
	const struct step step = { .verb = verb, .subject = 1 };
	int64_t start = clock_now();

	drbd_role_switch(&settings, &step, start + time, &result);
	assert_true(clock_now() < start + time + DRBD_ROLE_GRACE);
	assert_non_null(memchr(result.message, '\0', sizeof(result.message)));
	assert_non_null(memchr(result.kernel, '\0', sizeof(result.kernel)));
}

static void expect(int reason, int status, const char *message, const char *kernel)
{
	assert_string_equal(result.message, message);
	assert_string_equal(result.kernel, kernel);
	assert_int_equal(result.reason, reason);
	assert_int_equal(result.exit_status, status);
}

static void promote(void)
{
	run(STEP_DRBD_PRIMARY, PATIENTLY);
}

static void demote(void)
{
	put_healthy("state", "Primary", "Secondary");
	run(STEP_DRBD_SECONDARY, PATIENTLY);
}

/* ---- it works ---- */

static void test_promote(void **state)
{
	(void)state;
	promote();
	expect(HaReason_none, 0, "r0 is Primary", "");
	assert_int_equal(calls("drbdadm primary r0"), 1);
	assert_int_equal(calls("drbdsetup events2 --now r0"), 2);
}

static void test_promote_84(void **state)
{
	(void)state;
	put_dump("state", false, "Secondary", "Connected", "Secondary", "UpToDate", "Established");
	put_dump("primary-state", false, "Primary", "Connected", "Secondary", "UpToDate",
		 "Established");
	promote();
	expect(HaReason_none, 0, "r0 is Primary", "");
}

static void test_demote(void **state)
{
	(void)state;
	demote();
	expect(HaReason_none, 0, "r0 is Secondary", "");
	assert_int_equal(calls("drbdadm secondary r0"), 1);
	assert_int_equal(devices_asked, 0);
}

static void test_primary_already(void **state)
{
	(void)state;
	put_dump("state", true, "Primary", "Connecting", "Unknown", "UpToDate", "Off");
	promote();
	expect(HaReason_none, -1, "r0 was Primary already", "");
	assert_int_equal(calls("drbdadm primary r0"), 0);
	assert_int_equal(calls("drbdadm secondary r0"), 0);
}

static void test_secondary_already(void **state)
{
	(void)state;
	run(STEP_DRBD_SECONDARY, PATIENTLY);
	expect(HaReason_none, -1, "r0 was Secondary already", "");
	assert_int_equal(calls("drbdadm secondary r0"), 0);
}

static void test_promote_sync_source(void **state)
{
	(void)state;
	put_dump("state", true, "Secondary", "Connected", "Secondary", "UpToDate", "SyncSource");
	promote();
	expect(HaReason_none, 0, "r0 is Primary", "");
}

static void test_promote_alone(void **state)
{
	(void)state;
	put_dump("state", true, "Secondary", "StandAlone", "Unknown", "UpToDate", "Off");
	put_dump("primary-state", true, "Primary", "StandAlone", "Unknown", "UpToDate", "Off");
	run(STEP_DRBD_PRIMARY_ALONE, PATIENTLY);
	expect(HaReason_none, 0, "r0 is Primary", "");
	assert_int_equal(calls("drbdadm primary r0"), 1);
	assert_int_equal(calls("drbdadm secondary r0"), 0);
}

/* ---- it is not tried ---- */

static void refused(int reason, const char *message)
{
	expect(reason, -1, message, "");
	assert_int_equal(calls("drbdadm primary r0"), 0);
	assert_int_equal(calls("drbdadm secondary r0"), 0);
}

static void test_stand_alone(void **state)
{
	(void)state;
	folder_put("state",
		   "exists resource name:r0 role:Secondary suspended:no\n"
		   "exists connection name:r0 peer-node-id:0 connection:StandAlone role:Unknown\n"
		   "exists device name:r0 volume:0 minor:0 disk:UpToDate\n"
		   "exists peer-device name:r0 peer-node-id:0 volume:0 replication:Off "
		   "peer-disk:DUnknown resync-suspended:no\n"
		   "exists -\n");
	promote();
	refused(HaReason_notConnected,
		"r0 stays Secondary: the connection to the peer is StandAlone; "
		"check the replication link, then drbdadm connect");
}

static void test_unknown_connection(void **state)
{
	(void)state;
	put_dump("state", true, "Secondary", "Dreaming", "Unknown", "UpToDate", "Off");
	promote();
	refused(HaReason_notConnected, "r0 stays Secondary: the connection to n2 is Dreaming; "
				       "check the replication link, then drbdadm connect");
}

static void test_no_peer(void **state)
{
	(void)state;
	folder_put("state",
		   "exists resource name:r0 role:Secondary suspended:no\n"
		   "exists device name:r0 volume:0 minor:0 disk:UpToDate client:no quorum:yes\n"
		   "exists -\n");
	promote();
	refused(HaReason_notConnected, "r0 stays Secondary: the kernel knows no peer of it; "
				       "check the replication link, then drbdadm connect");
}

static void test_not_up_to_date(void **state)
{
	static const char *const disks[] = {
		"Diskless", "Attaching", "Failed",     "Negotiating", "Inconsistent",
		"Outdated", "DUnknown",  "Consistent", "Sideways",
	};
	char message[160];

	(void)state;
	for (size_t i = 0; i < sizeof(disks) / sizeof(*disks); i++) {
		put_dump("state", true, "Secondary", "Connected", "Primary", disks[i],
			 "SyncTarget");
		TEXT_PRINT(message,
			   "r0 stays Secondary: volume 1 is %s; let it resynchronise first",
			   disks[i]);
		promote();
		refused(HaReason_notUpToDate, message);
		run(STEP_DRBD_PRIMARY_ALONE, PATIENTLY);
		refused(HaReason_notUpToDate, message);
	}
}

static void test_verifying(void **state)
{
	(void)state;
	put_dump("state", true, "Secondary", "Connected", "Secondary", "UpToDate", "VerifyT");
	promote();
	refused(HaReason_verifyRunning,
		"r0 stays Secondary: volume 1 is being verified; wait for the "
		"end of the verification");
}

static void test_ahead_behind(void **state)
{
	(void)state;
	put_dump("state", true, "Secondary", "Connected", "Secondary", "UpToDate", "Behind");
	promote();
	refused(HaReason_resyncRunning,
		"r0 stays Secondary: volume 1 is Behind with n2; wait for the "
		"resynchronisation");
}

static void test_not_up(void **state)
{
	(void)state;
	folder_put("state", "exists -\n");
	promote();
	refused(HaReason_notUp, "r0 is left as it is: it is not up; bring it up with drbdadm up");
	run(STEP_DRBD_SECONDARY, PATIENTLY);
	refused(HaReason_notUp, "r0 is left as it is: it is not up; bring it up with drbdadm up");
}

static void test_peer_primary(void **state)
{
	(void)state;
	put_healthy("state", "Secondary", "Primary");
	run(STEP_DRBD_PRIMARY, QUICKLY);
	refused(HaReason_peerPrimary, "r0 stays Secondary: n2 is Primary; demote the peer first");
	assert_true(calls("drbdsetup events2 --now r0") > 1);
	run(STEP_DRBD_PRIMARY_ALONE, QUICKLY);
	refused(HaReason_peerPrimary, "r0 stays Secondary: n2 is Primary; demote the peer first");
}

static void test_peer_role_unknown(void **state)
{
	(void)state;
	put_healthy("state", "Secondary", "Unknown");
	run(STEP_DRBD_PRIMARY, QUICKLY);
	refused(HaReason_peerRoleUnknown,
		"r0 stays Secondary: the role of n2 is Unknown; check the peer");
}

static void test_still_connecting(void **state)
{
	(void)state;
	put_dump("state", true, "Secondary", "Connecting", "Unknown", "UpToDate", "Off");
	run(STEP_DRBD_PRIMARY, QUICKLY);
	refused(HaReason_notConnected, "r0 stays Secondary: the connection to n2 is Connecting; "
				       "check the replication link, then drbdadm connect");
	assert_true(calls("drbdsetup events2 --now r0") > 1);
}

/* ---- it is waited for ---- */

static void test_peer_demotes(void **state)
{
	(void)state;
	put_healthy("peer-primary", "Secondary", "Primary");
	folder_put("events2.1", "cat peer-primary");
	folder_put("events2.2", "cat peer-primary");
	promote();
	expect(HaReason_none, 0, "r0 is Primary", "");
	assert_int_equal(calls("drbdadm primary r0"), 1);
	assert_int_equal(calls("drbdsetup events2 --now r0"), 4);
}

static void test_peer_connects(void **state)
{
	(void)state;
	put_dump("connecting", true, "Secondary", "Connecting", "Unknown", "UpToDate", "Off");
	put_dump("starting", true, "Secondary", "Connected", "Secondary", "UpToDate", "WFBitMapS");
	folder_put("events2.1", "cat connecting");
	folder_put("events2.2", "cat starting");
	promote();
	expect(HaReason_none, 0, "r0 is Primary", "");
	assert_int_equal(calls("drbdsetup events2 --now r0"), 4);
}

/* A line of the dump that was torn hides a peer; the numbers show it. */
static void test_torn_line(void **state)
{
	(void)state;
	folder_put("events2.1", "sed '/volume:0 replication/s/^exists/exi/' state");
	promote();
	expect(HaReason_none, 0, "r0 is Primary", "");
	assert_int_equal(calls("drbdsetup events2 --now r0"), 3);
}

/* ---- the kernel refuses ---- */

#define SAYS(exit_code, line)                                                                      \
	"echo '" line "' >&2\n"                                                                    \
	"echo \"Command 'drbdsetup $* r0' terminated with exit code " #exit_code "\" >&2\n"        \
	"exit " #exit_code "\n"

static const char two_primaries[] =
	SAYS(11, "r0: State change failed: (-1) Multiple primaries not allowed by config");
static const char held_open84[] =
	SAYS(11, "0: State change failed: (-12) Device is held open by someone");
static const char held_open9[] =
	"echo 'r0: State change failed: (-12) Device is held open by someone' >&2\n"
	"echo 'additional info from kernel:' >&2\n" SAYS(
		11, "drbd0 opened by mount (pid 866) at 2026-11-22 09:38:35.312");

static void test_mounted(void **state)
{
	(void)state;
	mount_there = "mounted on /mnt/drbd0";
	folder_put("secondary", held_open84);
	demote();
	expect(HaReason_mounted, 11, "r0 stays Primary: mounted on /mnt/drbd0; unmount it first",
	       "0: State change failed: (-12) Device is held open by someone");
	assert_int_equal(calls("drbdadm secondary r0"), 1);
	assert_int_equal(devices_asked, 2);
}

static void test_refused_then_accepted(void **state)
{
	(void)state;
	folder_put("primary.1", two_primaries);
	folder_put(
		"primary.2",
		SAYS(11, "r0: State change failed: (-10) State change was refused by peer node"));
	promote();
	expect(HaReason_none, 0, "r0 is Primary", "");
	assert_int_equal(calls("drbdadm primary r0"), 3);
}

static void test_refused_to_the_end(void **state)
{
	(void)state;
	folder_put("primary", two_primaries);
	run(STEP_DRBD_PRIMARY, QUICKLY);
	expect(HaReason_peerPrimary, 11,
	       "r0 stays Secondary: for the kernel a peer is still Primary; demote the peer first",
	       "r0: State change failed: (-1) Multiple primaries not allowed by config");
	assert_true(calls("drbdadm primary r0") > 1);
}

/* What is final is tried once. */
static void test_final_refusals(void **state)
{
	static const struct {
		const char *answer;
		int reason, status;
		const char *message, *kernel;
	} cases[] = {
		{ SAYS(17, "r0: State change failed: (-2) Need access to UpToDate data"),
		  HaReason_notUpToDate, 17,
		  "r0 stays Secondary: the kernel has no UpToDate data; let it resynchronise first",
		  "r0: State change failed: (-2) Need access to UpToDate data" },
		{ SAYS(11, "r0: State change failed: (-7) Refusing to be Primary while peer is not "
			   "outdated"),
		  HaReason_notFenced, 11,
		  "r0 stays Secondary: the peer is not connected, and not known to be Outdated; "
		  "outdate "
		  "the peer, or make sure that it is off",
		  "r0: State change failed: (-7) Refusing to be Primary while peer is not "
		  "outdated" },
		{ "echo 'r1: State change failed: (-25) No quorum' >&2\n"
		  "echo 'additional info from kernel:' >&2\n" SAYS(
			  11, "1 of 3 nodes visible, need 2 for quorum"),
		  HaReason_noQuorum, 11,
		  "r0 stays Secondary: there is no quorum; bring other nodes back",
		  "r1: State change failed: (-25) No quorum; 1 of 3 nodes visible, need 2 for "
		  "quorum" },
		{ "echo 'r0: Failure: (158) Unknown resource' >&2\n"
		  "echo 'additional info from kernel:' >&2\n" SAYS(10, "unknown resource"),
		  HaReason_notUp, 10,
		  "r0 stays Secondary: it is not up; bring it up with drbdadm up",
		  "r0: Failure: (158) Unknown resource; unknown resource" },
		{ SAYS(10, "r0: Failure: (162) Invalid configuration request"),
		  HaReason_refusedByKernel, 10,
		  "r0 stays Secondary: the kernel has refused; see the message of the kernel",
		  "r0: Failure: (162) Invalid configuration request" },
		{ "echo \"'r0' not defined in your config (for this host).\" >&2; exit 1",
		  HaReason_toolFailed, 1,
		  "r0 stays Secondary: drbdadm has ended with status 1; see the message of the "
		  "program",
		  "'r0' not defined in your config (for this host)." },
		{ "exit 17", HaReason_notUpToDate, 17,
		  "r0 stays Secondary: the kernel has no UpToDate data; let it resynchronise first",
		  "" },
		{ "kill -SEGV $$", HaReason_toolFailed, 139,
		  "r0 stays Secondary: drbdadm has ended with status 139; see the message of the "
		  "program",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		folder_put("primary", cases[i].answer);
		promote();
		expect(cases[i].reason, cases[i].status, cases[i].message, cases[i].kernel);
		assert_int_equal(calls("drbdadm primary r0"), i + 1);
	}
}

static void test_held_open_for_a_moment(void **state)
{
	(void)state;
	folder_put("secondary.1", held_open84);
	folder_put("secondary.2", held_open84);
	demote();
	expect(HaReason_none, 0, "r0 is Secondary", "");
	assert_int_equal(calls("drbdadm secondary r0"), 3);
}

static void held_open(const char *answer)
{
	folder_put("secondary", answer);
	put_healthy("state", "Primary", "Secondary");
	run(STEP_DRBD_SECONDARY, QUICKLY);
	assert_true(calls("drbdadm secondary r0") > 1);
}

static void test_held_open_84(void **state)
{
	(void)state;
	opener_there = "opened by sleep (pid 123)";
	held_open(held_open84);
	expect(HaReason_heldOpen, 11,
	       "r0 stays Primary: opened by sleep (pid 123); end what holds it open",
	       "0: State change failed: (-12) Device is held open by someone");
	assert_int_equal(devices_asked, 2);
}

static void test_held_open_84_by_nobody(void **state)
{
	(void)state;
	held_open(held_open84);
	expect(HaReason_heldOpen, 11,
	       "r0 stays Primary: it is held open, and no opener was found; end what holds it open",
	       "0: State change failed: (-12) Device is held open by someone");
}

static void test_held_open_9(void **state)
{
	(void)state;
	held_open(held_open9);
	expect(HaReason_heldOpen, 11,
	       "r0 stays Primary: drbd0 opened by mount (pid 866); end what holds it open",
	       "r0: State change failed: (-12) Device is held open by someone; "
	       "drbd0 opened by mount (pid 866) at 2026-11-22 09:38:35.312");
}

/* What /proc says now is better than what DRBD has seen once. */
static void test_held_open_9_known_better(void **state)
{
	(void)state;
	opener_there = "held by loop0";
	held_open(held_open9);
	expect(HaReason_heldOpen, 11, "r0 stays Primary: held by loop0; end what holds it open",
	       "r0: State change failed: (-12) Device is held open by someone; "
	       "drbd0 opened by mount (pid 866) at 2026-11-22 09:38:35.312");
}

/* ---- programs that lie, hang, or are not there ---- */

static void test_exit_0_without_change(void **state)
{
	(void)state;
	folder_put("primary", "exit 0");
	promote();
	expect(HaReason_roleNotReached, 0,
	       "r0 stays Secondary: drbdadm has ended without an error all the same; check the "
	       "state "
	       "of DRBD on both nodes",
	       "");
	assert_int_equal(calls("drbdadm primary r0"), 1);
}

static void test_exit_20_with_change(void **state)
{
	(void)state;
	folder_put("primary", "cp primary-state state; echo \"Command did not terminate within 5 "
			      "seconds\" >&2; exit 20");
	promote();
	expect(HaReason_none, 20, "r0 is Primary, although drbdadm ended with status 20",
	       "Command did not terminate within 5 seconds");
}

/* The change comes a little after drbdadm has given up. */
static void test_exit_20_with_late_change(void **state)
{
	(void)state;
	folder_put("primary", "exit 20");
	folder_put("events2.4", "cp primary-state state; cat state");
	promote();
	expect(HaReason_none, 20, "r0 is Primary, although drbdadm ended with status 20", "");
	assert_int_equal(calls("drbdadm primary r0"), 1);
}

static void test_exit_20_without_change(void **state)
{
	(void)state;
	folder_put("primary",
		   "echo 'Failed to modprobe drbd (No such file or directory)' >&2; exit 20");
	promote();
	expect(HaReason_toolFailed, 20,
	       "r0 stays Secondary: drbdadm has ended with status 20; see the message of the "
	       "program",
	       "Failed to modprobe drbd (No such file or directory)");
	assert_int_equal(calls("drbdadm primary r0"), 1);
}

/* What drbdadm leaves running must not change the role after the job has failed: the pipe that it
 * holds open is closed. */
static void test_leftover_is_killed(void **state)
{
	struct pollfd polled = { .events = POLLIN };

	(void)state;
	assert_int_equal(mkfifo(folder_path("alive"), 0600), 0);
	polled.fd = open(folder_path("alive"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(polled.fd >= 0);
	folder_put("primary", "exec 3>alive; sleep 60 & exit 11");
	promote();
	assert_int_equal(result.reason, HaReason_toolFailed);
	assert_int_equal(poll(&polled, 1, PATIENTLY), 1);
	assert_int_equal(polled.revents, POLLHUP);
	close(polled.fd);
}

static void test_hang(void **state)
{
	(void)state;
	folder_put("primary", "sleep 60");
	run(STEP_DRBD_PRIMARY, QUICKLY);
	expect(HaReason_timeout, -1,
	       "r0 stays Secondary: drbdadm did not end in time; check the role again, the change "
	       "may "
	       "still come",
	       "");
	assert_int_equal(calls("drbdadm primary r0"), 1);
}

static void test_hang_with_change(void **state)
{
	(void)state;
	folder_put("primary", "cp primary-state state; sleep 60");
	run(STEP_DRBD_PRIMARY, QUICKLY);
	expect(HaReason_none, -1, "r0 is Primary, although drbdadm did not end in time", "");
}

static void test_state_hangs(void **state)
{
	(void)state;
	folder_put("events2", "sleep 60");
	run(STEP_DRBD_PRIMARY, QUICKLY);
	refused(HaReason_timeout,
		"r0 is left as it is: drbdsetup did not end in time; check the role "
		"again, the change may still come");
}

static void test_state_fails(void **state)
{
	(void)state;
	folder_put("events2", "echo 'modprobe: FATAL: Module drbd not found' >&2; exit 20");
	promote();
	expect(HaReason_toolFailed, -1,
	       "r0 is left as it is: drbdsetup has ended with status 20; see the message of the "
	       "program",
	       "modprobe: FATAL: Module drbd not found");
	assert_int_equal(calls("drbdadm primary r0"), 0);
}

/* The module was unloaded, or more came than is read: no dump without its end is believed. */
static void test_state_without_end(void **state)
{
	(void)state;
	folder_put("events2", "grep -v ' -$' state");
	promote();
	refused(HaReason_toolFailed,
		"r0 is left as it is: drbdsetup has not shown its whole state; "
		"see the message of the program");
}

static void test_state_of_another(void **state)
{
	(void)state;
	folder_put("events2", "sed s/name:r0/name:r00/ state");
	promote();
	refused(HaReason_notUp, "r0 is left as it is: it is not up; bring it up with drbdadm up");
}

static void test_state_lost_after_promotion(void **state)
{
	(void)state;
	folder_put("events2.2", "exit 20");
	promote();
	expect(HaReason_toolFailed, 0,
	       "r0 is in a role that is not known: drbdsetup has ended with status 20; see the "
	       "message "
	       "of the program",
	       "");
}

static void test_tool_is_absent(void **state)
{
	(void)state;
	assert_int_equal(unlink(drbdadm), 0);
	promote();
	expect(HaReason_toolFailed, -1,
	       "r0 stays Secondary: drbdadm cannot be run: No such file or directory; see the "
	       "message "
	       "of the program",
	       "");
	assert_int_equal(unlink(drbdsetup), 0);
	promote();
	expect(HaReason_toolFailed, -1,
	       "r0 is left as it is: drbdsetup cannot be run: No such file or directory; see the "
	       "message of the program",
	       "");
}

static void test_garbage(void **state)
{
	(void)state;
	folder_put("primary", "printf 'a\\tb\\033[31m\\377' >&2\n"
			      "head -c 100000 /dev/zero | tr '\\0' x >&2\n"
			      "head -c 100000 /dev/urandom\n"
			      "exit 3\n");
	promote();
	assert_int_equal(result.reason, HaReason_toolFailed);
	assert_int_equal(result.exit_status, 3);
	assert_int_equal(strncmp(result.kernel, "a?b?[31m?xxx", 12), 0);
	folder_put("events2", "head -c 1000000 /dev/urandom");
	promote();
	assert_int_equal(result.reason, HaReason_toolFailed);
}

static void test_long_names(void **state)
{
	char name[SETTINGS_NAME_MAX + 1];

	(void)state;
	memset(name, 'n', SETTINGS_NAME_MAX);
	name[SETTINGS_NAME_MAX] = '\0';
	TEXT_PUT(resources[1].name, name);
	mount_there =
		"mounted on /a/very/long/mount/point/that/goes/on/and/on/and/on/and/on/and/on/"
		"and/on/and/on/and/on/and/on/and/on/and/on/and/on";
	put_healthy("state", "Primary", "Secondary");
	folder_put("events2", "sed s/name:r0/name:$3/ state");
	folder_put("secondary", held_open84);
	run(STEP_DRBD_SECONDARY, PATIENTLY);
	TEXT_PUT(resources[1].name, "r0");
	assert_int_equal(result.reason, HaReason_mounted);
	assert_int_equal(strlen(result.message), sizeof(result.message) - 1);
}

/* ---- a promotion that must not be ---- */

static void test_connection_lost_meanwhile(void **state)
{
	(void)state;
	put_dump("primary-state", true, "Primary", "NetworkFailure", "Unknown", "UpToDate", "Off");
	promote();
	expect(HaReason_notConnected, 0,
	       "r0 is demoted again, for after its promotion the connection to n2 is "
	       "NetworkFailure",
	       "");
	assert_int_equal(calls("drbdadm primary r0"), 1);
	assert_int_equal(calls("drbdadm secondary r0"), 1);
}

static void test_peer_promoted_meanwhile(void **state)
{
	(void)state;
	put_healthy("primary-state", "Primary", "Primary");
	folder_put("secondary.1", held_open84);
	promote();
	expect(HaReason_peerPrimary, 0,
	       "r0 is demoted again, for after its promotion n2 is Primary", "");
	assert_int_equal(calls("drbdadm secondary r0"), 2);
	put_healthy("state", "Secondary", "Secondary");
	run(STEP_DRBD_PRIMARY_ALONE, PATIENTLY);
	assert_int_equal(result.reason, HaReason_peerPrimary);
	assert_int_equal(calls("drbdadm secondary r0"), 3);
}

static void test_cannot_be_taken_back(void **state)
{
	(void)state;
	put_healthy("primary-state", "Primary", "Primary");
	folder_put("secondary", held_open84);
	promote();
	expect(HaReason_peerPrimary, 11,
	       "r0 IS PRIMARY, and could not be demoted again: after its promotion n2 is Primary, "
	       "and "
	       "now it is held open",
	       "0: State change failed: (-12) Device is held open by someone");
}

static void test_nothing_is_forced(void **state)
{
	char text[16384];

	(void)state;
	folder_put("primary", two_primaries);
	run(STEP_DRBD_PRIMARY_ALONE, QUICKLY);
	folder_take("calls", text, sizeof(text));
	assert_non_null(strstr(text, "drbdadm primary r0\n"));
	assert_null(strstr(text, "force"));
}

#define SWITCH(test) cmocka_unit_test_setup_teardown(test, set_up, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SWITCH(test_promote),
		SWITCH(test_promote_84),
		SWITCH(test_demote),
		SWITCH(test_primary_already),
		SWITCH(test_secondary_already),
		SWITCH(test_promote_sync_source),
		SWITCH(test_promote_alone),
		SWITCH(test_stand_alone),
		SWITCH(test_unknown_connection),
		SWITCH(test_no_peer),
		SWITCH(test_not_up_to_date),
		SWITCH(test_verifying),
		SWITCH(test_ahead_behind),
		SWITCH(test_not_up),
		SWITCH(test_peer_primary),
		SWITCH(test_peer_role_unknown),
		SWITCH(test_still_connecting),
		SWITCH(test_mounted),
		SWITCH(test_peer_demotes),
		SWITCH(test_peer_connects),
		SWITCH(test_torn_line),
		SWITCH(test_refused_then_accepted),
		SWITCH(test_refused_to_the_end),
		SWITCH(test_final_refusals),
		SWITCH(test_held_open_for_a_moment),
		SWITCH(test_held_open_84),
		SWITCH(test_held_open_84_by_nobody),
		SWITCH(test_held_open_9),
		SWITCH(test_held_open_9_known_better),
		SWITCH(test_exit_0_without_change),
		SWITCH(test_exit_20_with_change),
		SWITCH(test_exit_20_with_late_change),
		SWITCH(test_exit_20_without_change),
		SWITCH(test_leftover_is_killed),
		SWITCH(test_hang),
		SWITCH(test_hang_with_change),
		SWITCH(test_state_hangs),
		SWITCH(test_state_fails),
		SWITCH(test_state_without_end),
		SWITCH(test_state_of_another),
		SWITCH(test_state_lost_after_promotion),
		SWITCH(test_tool_is_absent),
		SWITCH(test_garbage),
		SWITCH(test_long_names),
		SWITCH(test_connection_lost_meanwhile),
		SWITCH(test_peer_promoted_meanwhile),
		SWITCH(test_cannot_be_taken_back),
		SWITCH(test_nothing_is_forced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
