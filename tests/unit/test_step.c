/* Tests the numbers of steps, and ha-executor as a process between a made-up hub and made-up tools.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * HA_EXECUTOR names the program, ./ha-executor when it is not set.
 */
#include "actions/step.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "actions/drbd_role.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_bond.h"
#include "lib/settings_group.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/folder.h"

#define PATIENCE 20000

/* ---- numbers ---- */

/* The first of each kind may be switched, the second not, and so on. */
static struct settings_resource resources[] = { { "a", true }, { "b", false }, { "c", true } };
static char ports[3][SETTINGS_INTERFACE_SIZE] = { "eth0", "eth1", "eth2" };
static struct settings_expected_bond bonds[] = {
	{ .name = "bond0", .ports_count = 3, .ports = ports, .switchable = true },
	{ .name = "bond1", .ports_count = 3, .ports = ports },
};
static struct settings_bond bond = { .bonds_count = 2, .bonds = bonds };
static struct address servers[] = {
	{ .family = AF_INET, .port = 53, .octets = { 192, 0, 2, 1 } },
	{ .family = AF_INET6, .port = 5300, .octets = { 0xfd, [15] = 2 } },
};
static char title[] = "udp 192.0.2.100:53";
static struct settings_ipvs_service services[] = {
	{ .title = title, .servers_count = 2, .servers = servers, .switchable = true },
	{ .title = title, .servers_count = 2, .servers = servers },
	{ .title = title, .servers_count = 1, .servers = servers, .switchable = true },
};
static struct settings_ipvs ipvs = { .services_count = 3, .services = services };
static struct settings_instance instances[] = {
	{ .name = "VI_1", .switchable = true },
	{ .name = "VI_2" },
};
static struct settings_vrrp vrrp = { .instances_count = 2, .instances = instances };
static char *fence[] = { NULL };
static struct settings_member members[] = {
	{ .kind = haGroupMemberKind_drbd, .name = "b", .resource = 1 },
	{ .kind = haGroupMemberKind_mount, .name = "/srv", .start_time = 7000, .stop_time = 8000 },
	{ .kind = haGroupMemberKind_export, .name = "/srv" },
	{ .kind = haGroupMemberKind_service, .name = "nfs-server.service" },
};
static struct settings_group groups[] = {
	{ .name = "g", .instance = 1, .members_count = 4, .members = members },
	{ .name = "h", .instance = 1, .fence = fence, .fence_time = 9000 },
};
static struct settings_groups all_groups = { .count = 2, .groups = groups };
static const struct settings named = {
	.resources_count = 3,
	.resources = resources,
	.drbd_deadline = 10000,
	.bond = &bond,
	.ipvs = &ipvs,
	.vrrp = &vrrp,
	.groups = &all_groups,
};

/* Every step that these settings allow, and a value that belongs to it. */
static const struct step allowed[] = {
	{ STEP_DRBD_PRIMARY, 0, 0, 0 },
	{ STEP_DRBD_PRIMARY_ALONE, 0, 0, 0 },
	{ STEP_DRBD_SECONDARY, 0, 0, 0 },
	{ STEP_DRBD_PRIMARY, 0, 2, 0 },
	{ STEP_DRBD_PRIMARY_ALONE, 0, 2, 0 },
	{ STEP_DRBD_SECONDARY, 0, 2, 0 },
	{ STEP_BOND_ACTIVE_PORT, 0, 0, 0 },
	{ STEP_BOND_ACTIVE_PORT, 0, 0, 1 },
	{ STEP_BOND_ACTIVE_PORT, 0, 0, 2 },
	{ STEP_IPVS_WEIGHT, 0, 0, 0 },
	{ STEP_IPVS_WEIGHT, INT32_MAX, 0, 1 },
	{ STEP_IPVS_WEIGHT, 7, 2, 0 },
	{ STEP_VRRP_HOLD, UINT32_MAX, 0, 0 },
	{ STEP_VRRP_RELEASE, 0, 0, 0 },
	/* What no SET may switch, and a group does. */
	{ STEP_DRBD_PRIMARY, 0, 1, 0 },
	{ STEP_DRBD_PRIMARY_ALONE, 0, 1, 0 },
	{ STEP_DRBD_SECONDARY, 0, 1, 0 },
	{ STEP_DRBD_SUSPEND, 0, 1, 0 },
	{ STEP_DRBD_RESUME, 0, 1, 0 },
	{ STEP_VRRP_HOLD, 0, 1, 0 },
	{ STEP_VRRP_RELEASE, 0, 1, 0 },
	{ STEP_MEMBER_START, 0, 0, 1 },
	{ STEP_MEMBER_START, 0, 0, 2 },
	{ STEP_MEMBER_START, 0, 0, 3 },
	{ STEP_MEMBER_STOP, 0, 0, 1 },
	{ STEP_MEMBER_STOP, 0, 0, 2 },
	{ STEP_MEMBER_STOP, 0, 0, 3 },
	{ STEP_GROUP_FENCE, 0, 1, 0 },
	{ STEP_GROUP_LOOK, 0, 0, 0 },
	{ STEP_GROUP_LOOK, 0, 1, 0 },
};

#define ALLOWED (sizeof(allowed) / sizeof(*allowed))

static void test_numbers(void **state)
{
	struct step back;

	(void)state;
	for (size_t i = 0; i < ALLOWED; i++) {
		const struct step *step = &allowed[i];

		assert_true(step_decode(&named, step_number(step), step->value, &back));
		assert_int_equal(back.verb, step->verb);
		assert_int_equal(back.subject, step->subject);
		assert_int_equal(back.part, step->part);
		assert_int_equal(back.value, step->value);
	}
}

/* Positions up to a few beyond what there is, with every verb and those that are none. */
static void test_refused_numbers(void **state)
{
	uint32_t accepted = 0;
	struct step step;

	(void)state;
	for (uint32_t verb = 0; verb < 16; verb++)
		for (uint32_t subject = 0; subject < 8; subject++)
			for (uint32_t part = 0; part < 8; part++)
				accepted += step_decode(&named, verb | subject << 4 | part << 18, 0,
							&step);
	assert_int_equal(accepted, ALLOWED);
	assert_false(step_decode(&named, UINT32_MAX, 0, &step));
}

static void test_refused_values(void **state)
{
	struct step step;

	(void)state;
	for (size_t i = 0; i < ALLOWED; i++)
		if (allowed[i].verb != STEP_IPVS_WEIGHT && allowed[i].verb != STEP_VRRP_HOLD)
			assert_false(step_decode(&named, step_number(&allowed[i]), 1, &step));
		else if (allowed[i].verb == STEP_IPVS_WEIGHT)
			assert_false(
				step_decode(&named, step_number(&allowed[i]), 1U << 31, &step));
}

static void check_words(const struct step *step, const char *words)
{
	char text[192];

	step_print(&named, step, text, sizeof(text));
	assert_string_equal(text, words);
}

static void test_words(void **state)
{
	char small[4];

	(void)state;
	check_words(&allowed[3], "promote c");
	check_words(&allowed[4], "promote, connected or not, c");
	check_words(&allowed[5], "demote c");
	check_words(&allowed[7], "have bond0 use eth1");
	check_words(&allowed[9], "give 192.0.2.1:53 of udp 192.0.2.100:53 the weight 0");
	check_words(&allowed[10],
		    "give [fd00::2]:5300 of udp 192.0.2.100:53 the weight 2147483647");
	check_words(&allowed[12], "hold VI_1");
	check_words(&allowed[13], "release VI_1");
	check_words(&allowed[17], "suspend I/O of b");
	check_words(&allowed[18], "resume I/O of b");
	check_words(&allowed[21], "mount /srv");
	check_words(&allowed[22], "export /srv");
	check_words(&allowed[23], "start nfs-server.service");
	check_words(&allowed[24], "unmount /srv");
	check_words(&allowed[25], "unexport /srv");
	check_words(&allowed[26], "stop nfs-server.service");
	check_words(&allowed[27], "fence the peer of h");
	step_print(&named, &allowed[5], small, sizeof(small));
	assert_string_equal(small, "dem");
}

static void test_times(void **state)
{
	(void)state;
	assert_int_equal(step_time(&named, &allowed[0]), 10000);
	assert_int_equal(step_grace(&allowed[0]), DRBD_ROLE_GRACE);
	assert_true(step_time(&named, &allowed[6]) >= 1000);
	assert_true(step_grace(&allowed[6]) >= 1000);
	assert_int_equal(step_time(&named, &allowed[21]), 7000);
	assert_int_equal(step_time(&named, &allowed[24]), 8000);
	assert_int_equal(step_time(&named, &allowed[27]), 9000);
	assert_true(step_grace(&allowed[27]) >= 1000);
}

/* ---- the process ---- */

enum { OPEN_RESOURCE, LOCKED_RESOURCE, RESOURCE_OF_GROUP };

static uint64_t digest;     /* of its configuration */
static const char *section; /* at its end: a group, or nothing */
static pid_t executor;
static int hub; /* our end of its socket */

/* FNV-1a, as settings.h promises. */
static uint64_t digest_of(const char *text)
{
	uint64_t sum = 14695981039346656037U;

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 1099511628211U;
	return sum;
}

static void put_world(void)
{
	char text[2048];

	folder_put_fake("drbdadm");
	folder_put_fake("drbdsetup");
	folder_put("events2",
		   "echo \"exists resource name:$3 role:$(cat role)\"\n"
		   "echo \"exists connection name:$3 connection:Connected role:Secondary\"\n"
		   "echo \"exists device name:$3 volume:0 minor:1048575 disk:UpToDate\"\n"
		   "echo \"exists peer-device name:$3 volume:0 replication:Established\"\n"
		   "echo 'exists -'\n");
	folder_put("role", "Secondary");
	folder_put("primary", "echo Primary >role");
	folder_put("secondary", "echo Secondary >role");
	TEXT_PRINT(text,
		   "drbd {\n drbdadm = \"%s/drbdadm\"\n drbdsetup = \"%s/drbdsetup\"\n"
		   " resource open { switchable = true }\n resource locked { }\n}\n"
		   "bond { bond nobond { ports = {eth0} switchable = true } }\n"
		   "ipvs { service \"tcp 192.0.2.1:9\" { servers = {\"192.0.2.2:9\"}"
		   " switchable = true } }\n"
		   "vrrp { instance VI_1 { hold = \"%s/VI_1\" switchable = true } }\n%s",
		   folder, folder, folder, section);
	folder_put("ha-agentx.conf", text);
	digest = digest_of(text);
}

/* Put the descriptors where the executor expects them, then become it. */
static void become_executor(int file, int socket)
{
	const char *program = getenv("HA_EXECUTOR");

	file = fcntl(file, F_DUPFD, 10);
	socket = fcntl(socket, F_DUPFD, 10);
	if (dup2(file, 3) < 0 || dup2(socket, 4) < 0)
		_exit(126);
	setenv("SECRET", "42", 1);
	execl(program ? program : "./ha-executor", "ha-executor", folder_path("ha-agentx.conf"),
	      NULL);
	_exit(127);
}

static int start_executor_of(void **state, const char *group)
{
	int pair[2], file;

	section = group;
	if (folder_make(state) < 0)
		return -1;
	put_world();
	file = open(folder_path("ha-agentx.conf"), O_RDONLY | O_CLOEXEC);
	frame_pair(pair);
	executor = fork();
	if (executor == 0)
		become_executor(file, pair[1]);
	close(file);
	close(pair[1]);
	hub = pair[0];
	return executor > 0 ? 0 : -1;
}

static int start_executor(void **state)
{
	return start_executor_of(state, "");
}

#define GROUP                                                                                      \
	"group g {\n vrrp = VI_1\n fencing = never\n drbd grouped {\n }\n"                         \
	" mount \"/nowhere\" {\n device = \"/dev/drbd0\"\n resource = grouped\n type = ext4\n }\n"

static int start_executor_of_mounts(void **state)
{
	return start_executor_of(state, GROUP "}\n");
}

static int start_executor_of_programs(void **state)
{
	return start_executor_of(state, GROUP " command c {\n start = {\"/bin/true\"}\n"
					      " stop = {\"/bin/true\"}\n }\n}\n");
}

static void wait_readable(void)
{
	struct pollfd polled = { .fd = hub, .events = POLLIN };

	assert_int_equal(poll(&polled, 1, PATIENCE), 1);
}

/* Wait for the end of the executor: its exit status, or -1 for an end by a signal. */
static int ended(void)
{
	int64_t deadline = clock_now() + PATIENCE;
	int status = 0;

	while (waitpid(executor, &status, WNOHANG) == 0) {
		assert_true(clock_now() < deadline);
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	executor = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int stop_executor(void **state)
{
	if (executor > 0) {
		kill(executor, SIGKILL);
		waitpid(executor, NULL, 0);
	}
	if (hub >= 0)
		close(hub);
	return folder_remove(state);
}

static struct step_order order_of(enum step_verb verb, size_t resource)
{
	const struct step step = { .verb = verb, .subject = resource };

	return (struct step_order){
		.job = 7,
		.step = step_number(&step),
		.deadline = PATIENCE,
		.digest = digest,
	};
}

static void send_order(const struct step_order *order)
{
	assert_int_equal(frame_send(hub, FRAME_STEP, 0, order, sizeof(*order)), FRAME_OK);
}

static struct step_result take_result(void)
{
	struct frame frame;

	wait_readable();
	assert_int_equal(frame_receive(hub, &frame, NULL), FRAME_OK);
	assert_int_equal(frame.head.type, FRAME_RESULT);
	return frame.body.result;
}

static struct step_result ask(const struct step_order *order)
{
	send_order(order);
	return take_result();
}

static void test_order(void **state)
{
	struct step_order order = order_of(STEP_DRBD_PRIMARY, OPEN_RESOURCE);
	struct step_result result = ask(&order);

	(void)state;
	assert_string_equal(result.message, "open is Primary");
	assert_int_equal(result.reason, HaReason_none);
	assert_int_equal(result.exit_status, 0);
	assert_int_equal(result.job, 7);
	assert_int_equal(result.step, order.step);

	order = order_of(STEP_DRBD_SECONDARY, OPEN_RESOURCE);
	order.job = 8;
	result = ask(&order);
	assert_string_equal(result.message, "open is Secondary");
	assert_int_equal(result.job, 8);
}

/* Each verb reaches whoever knows it. */
static void test_other_orders(void **state)
{
	struct step_order order = order_of(STEP_BOND_ACTIVE_PORT, 0);
	struct step_result result = ask(&order);
	char text[16];

	(void)state;
	assert_int_equal(result.reason, HaReason_notUp);
	assert_string_equal(result.message, "nobond is not there");
	assert_int_equal(result.exit_status, -1);
	order = order_of(STEP_IPVS_WEIGHT, 0);
	assert_int_equal(ask(&order).reason, HaReason_notUp);
	order = order_of(STEP_VRRP_HOLD, 0);
	order.value = 1900000000;
	result = ask(&order);
	assert_string_equal(result.message, "VI_1 is held");
	folder_take("VI_1", text, sizeof(text));
	assert_string_equal(text, "1\n1900000000\n");
	order = order_of(STEP_VRRP_RELEASE, 0);
	assert_string_equal(ask(&order).message, "VI_1 is released");
	folder_take("VI_1", text, sizeof(text));
	assert_string_equal(text, "0\n");
}

static void refuse(const struct step_order *order, const char *message)
{
	struct step_result result = ask(order);

	assert_string_equal(result.message, message);
	assert_int_equal(result.reason, HaReason_notAllowed);
	assert_int_equal(result.exit_status, -1);
	assert_int_equal(result.job, order->job);
	assert_int_equal(result.step, order->step);
	assert_false(folder_has("calls"));
}

static void test_refused_orders(void **state)
{
	struct step_order order = order_of(STEP_DRBD_PRIMARY, OPEN_RESOURCE);

	(void)state;
	order.digest++;
	refuse(&order, "the hub has read another configuration than the executor");
	order = order_of(STEP_DRBD_PRIMARY, LOCKED_RESOURCE);
	refuse(&order, "the configuration does not allow step 16 with 0");
	order.step = UINT32_MAX;
	refuse(&order, "the configuration does not allow step 4294967295 with 0");
	order = order_of(STEP_DRBD_PRIMARY, OPEN_RESOURCE);
	order.value = 42;
	refuse(&order, "the configuration does not allow step 0 with 42");
	order = order_of(STEP_DRBD_PRIMARY, OPEN_RESOURCE);
	assert_int_equal(ask(&order).reason, HaReason_none);
}

static void test_deadline(void **state)
{
	struct step_order order = order_of(STEP_DRBD_PRIMARY, OPEN_RESOURCE);
	int64_t start = clock_now();

	(void)state;
	folder_put("primary", "exec sleep 60");
	order.deadline = 1500;
	assert_int_equal(ask(&order).reason, HaReason_timeout);
	assert_true(clock_now() - start >= 1500);
}

/* ---- how it ends ---- */

static void test_hub_gone(void **state)
{
	(void)state;
	close(hub);
	hub = -1;
	assert_int_equal(ended(), 0);
}

static void wait_for(const char *file)
{
	int64_t deadline = clock_now() + PATIENCE;

	while (!folder_has(file)) {
		assert_true(clock_now() < deadline);
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
}

/* A step that waits in the middle until the test lets it go on. */
static void begin_slow_step(void)
{
	const struct step_order order = order_of(STEP_DRBD_PRIMARY, OPEN_RESOURCE);

	folder_put("primary", ">begun\n"
			      "until [ -e go-on ]; do sleep 0.01; done\n"
			      "echo Primary >role\n");
	send_order(&order);
	wait_for("begun");
}

static void test_hub_gone_during_step(void **state)
{
	char role[16];

	(void)state;
	begin_slow_step();
	close(hub);
	hub = -1;
	folder_put("go-on", "");
	assert_int_equal(ended(), 0);
	folder_take("role", role, sizeof(role));
	assert_string_equal(role, "Primary\n");
}

static void test_terminated(void **state)
{
	const struct step_order order = order_of(STEP_DRBD_PRIMARY, OPEN_RESOURCE);

	(void)state;
	assert_int_equal(ask(&order).reason, HaReason_none);
	assert_int_equal(kill(executor, SIGTERM), 0);
	assert_int_equal(ended(), 0);
}

static void test_terminated_during_step(void **state)
{
	(void)state;
	begin_slow_step();
	assert_int_equal(kill(executor, SIGTERM), 0);
	folder_put("go-on", "");
	assert_int_equal(take_result().reason, HaReason_none);
	assert_int_equal(ended(), 0);
}

static void test_short_frame(void **state)
{
	(void)state;
	assert_int_equal(send(hub, "abc", 3, 0), 3);
	assert_int_equal(ended(), 1);
}

static void test_wrong_length(void **state)
{
	const struct step_order order = order_of(STEP_DRBD_PRIMARY, OPEN_RESOURCE);

	(void)state;
	assert_int_equal(frame_send(hub, FRAME_STEP, 0, &order, sizeof(order) - 1), FRAME_OK);
	assert_int_equal(ended(), 1);
	assert_false(folder_has("calls"));
}

static void test_long_frame(void **state)
{
	const struct frame_head head = { .type = FRAME_STEP, .length = 20000 };
	char huge[sizeof(head) + 20000] = { 0 };

	(void)state;
	memcpy(huge, &head, sizeof(head));
	assert_int_equal(send(hub, huge, sizeof(huge), 0), sizeof(huge));
	assert_int_equal(ended(), 1);
}

/* A sound frame, but not for the executor. */
static void test_wrong_type(void **state)
{
	(void)state;
	assert_int_equal(frame_send(hub, FRAME_LIST, 0, NULL, 0), FRAME_OK);
	assert_int_equal(ended(), 1);
}

static void test_started_by_hand(void **state)
{
	const char *program = getenv("HA_EXECUTOR");

	(void)state;
	executor = fork();
	if (executor == 0) {
		close_range(3, ~0U, 0);
		execl(program ? program : "./ha-executor", "ha-executor", "ha-agentx.conf", NULL);
		_exit(127);
	}
	assert_int_equal(ended(), 1);
}

/* ---- what it passes on to programs ---- */

static void test_confinement(void **state)
{
	const struct step_order order = order_of(STEP_DRBD_PRIMARY, OPEN_RESOURCE);
	char text[4096];

	(void)state;
	folder_put("primary", "tr '\\0' '\\n' </proc/$$/environ >environment\n"
			      "cat /proc/$$/status >status\n"
			      "ls -l /proc/$$/fd >descriptors\n"
			      "readlink /proc/$PPID/cwd >directory\n"
			      "umask >mask\n"
			      "echo Primary >role\n");
	assert_int_equal(ask(&order).reason, HaReason_none);
	folder_take("environment", text, sizeof(text));
	assert_non_null(strstr(text, "LC_ALL=C\n"));
	assert_null(strstr(text, "SECRET"));
	folder_take("descriptors", text, sizeof(text));
	assert_non_null(strstr(text, " 0 -> /dev/null\n"));
	assert_null(strstr(text, "socket:"));
	assert_null(strstr(text, "ha-agentx.conf"));
	folder_take("directory", text, sizeof(text));
	assert_string_equal(text, "/\n");
	folder_take("mask", text, sizeof(text));
	assert_string_equal(text, "0077\n");
	folder_take("status", text, sizeof(text));
	assert_non_null(strstr(text, "NoNewPrivs:\t1\n"));
	if (geteuid() != 0)
		return;
	/* CAP_DAC_READ_SEARCH 2, CAP_NET_ADMIN 12, CAP_SYS_PTRACE 19 */
	assert_non_null(strstr(text, "CapPrm:\t0000000000081004\n"));
	assert_non_null(strstr(text, "CapEff:\t0000000000081004\n"));
	assert_non_null(strstr(text, "CapBnd:\t0000000000081004\n"));
	assert_non_null(strstr(text, "CapInh:\t0000000000000000\n"));
}

/* What a program sees of its capabilities and its mask. */
static void take_status(char *text, size_t size)
{
	const struct step_order order = order_of(STEP_DRBD_PRIMARY, RESOURCE_OF_GROUP);

	folder_put("primary", "cat /proc/$$/status >status\necho Primary >role\n");
	assert_int_equal(ask(&order).reason, HaReason_none);
	folder_take("status", text, size);
	assert_non_null(strstr(text, "Umask:\t0022\n"));
}

static void test_confinement_with_mounts(void **state)
{
	char text[4096];

	(void)state;
	take_status(text, sizeof(text));
	assert_non_null(strstr(text, "NoNewPrivs:\t1\n"));
	if (geteuid() != 0)
		return;
	/* And CAP_SYS_ADMIN, 21. */
	assert_non_null(strstr(text, "CapPrm:\t0000000000281004\n"));
	assert_non_null(strstr(text, "CapBnd:\t0000000000281004\n"));
}

/* Programs of the operator have what a shell of root would give them, as far as this test has it.
 */
static void test_confinement_with_programs(void **state)
{
	char text[4096], ours[4096], *bound;
	FILE *file = fopen("/proc/self/status", "re");

	(void)state;
	assert_non_null(file);
	ours[fread(ours, 1, sizeof(ours) - 1, file)] = '\0';
	fclose(file);
	bound = strstr(ours, "CapBnd:");
	assert_non_null(bound);
	bound[strcspn(bound, "\n")] = '\0';
	take_status(text, sizeof(text));
	assert_non_null(strstr(text, bound));
	assert_non_null(strstr(text, "NoNewPrivs:\t0\n"));
}

#define PROCESS(test) cmocka_unit_test_setup_teardown(test, start_executor, stop_executor)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_refused_numbers),
		cmocka_unit_test(test_refused_values),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_times),
		PROCESS(test_order),
		PROCESS(test_other_orders),
		PROCESS(test_refused_orders),
		PROCESS(test_deadline),
		PROCESS(test_hub_gone),
		PROCESS(test_hub_gone_during_step),
		PROCESS(test_terminated),
		PROCESS(test_terminated_during_step),
		PROCESS(test_short_frame),
		PROCESS(test_wrong_length),
		PROCESS(test_long_frame),
		PROCESS(test_wrong_type),
		cmocka_unit_test(test_started_by_hand),
		PROCESS(test_confinement),
		cmocka_unit_test_setup_teardown(test_confinement_with_mounts,
						start_executor_of_mounts, stop_executor),
		cmocka_unit_test_setup_teardown(test_confinement_with_programs,
						start_executor_of_programs, stop_executor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
