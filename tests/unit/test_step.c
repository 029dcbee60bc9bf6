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
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/folder.h"

#define PATIENCE 20000

/* ---- numbers ---- */

static struct settings_resource three[] = { { "a", true }, { "b", false }, { "c", true } };
static const struct settings named = { .resources_count = 3, .resources = three };

static void test_numbers(void **state)
{
	struct step step, back;
	uint32_t numbers = 0;

	(void)state;
	for (step.resource = 0; step.resource < 3; step.resource += 2)
		for (int verb = 0; verb < STEP_VERBS; verb++) {
			step.verb = (enum step_verb)verb;
			assert_true(step_decode(&named, step_number(&step), &back));
			assert_int_equal(back.verb, step.verb);
			assert_int_equal(back.resource, step.resource);
		}
	for (uint32_t number = 0; number < 1000; number++)
		numbers += step_decode(&named, number, &back);
	assert_int_equal(numbers, 2 * STEP_VERBS);
}

static void test_refused_numbers(void **state)
{
	const struct settings empty = { .resources_count = 0 };
	struct step step = { .verb = STEP_DRBD_SECONDARY, .resource = 1 }, back;

	(void)state;
	assert_false(step_decode(&named, step_number(&step), &back));
	assert_false(step_decode(&named, 3 * STEP_VERBS, &back));
	assert_false(step_decode(&named, UINT32_MAX, &back));
	assert_false(step_decode(&empty, 0, &back));
}

static void test_words(void **state)
{
	const struct step step = { .verb = STEP_DRBD_SECONDARY, .resource = 2 };
	char text[64], small[4];

	(void)state;
	step_print(&named, &step, text, sizeof(text));
	assert_string_equal(text, "demote c");
	step_print(&named, &step, small, sizeof(small));
	assert_string_equal(small, "dem");
}

/* ---- the process ---- */

enum { OPEN_RESOURCE, LOCKED_RESOURCE };

static uint64_t digest; /* of its configuration */
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
	char text[1024];

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
		   " resource open { switchable = true }\n resource locked { }\n}\n",
		   folder, folder);
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

static int start_executor(void **state)
{
	int pair[2], file;

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
	const struct step step = { .verb = verb, .resource = resource };

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
	refuse(&order, "the configuration does not allow step 3");
	order.step = UINT32_MAX;
	refuse(&order, "the configuration does not allow step 4294967295");
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

#define PROCESS(test) cmocka_unit_test_setup_teardown(test, start_executor, stop_executor)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_refused_numbers),
		cmocka_unit_test(test_words),
		PROCESS(test_order),
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
