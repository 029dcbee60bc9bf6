/* Tests when keepalived is asked for its dumps: its answers and the clock are the test's.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/keepalived.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/memory.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/dump.h"
#include "subagent/sources/vrrp/keepalived/process.h"
#include "subagent/sources/vrrp/keepalived/program.h"
#include "tests/unit/check.h"

#define JSON_SIGNAL (SIGRTMIN + 2)
#define START 1000000 /* clock_now() */
#define STEP 10       /* milliseconds from one turn to the next */
#define SILENT INT64_MAX

enum { JSON, DATA, DUMPS };

static const char one[] = "[{\"data\":{\"iname\":\"VI_1\",\"vrid\":51,\"state\":2,\"wantstate\":2},"
			  "\"stats\":{}}]";
static const char nothing_yet[] = "------< Global definitions >------\n"
				  "------< Interfaces >------\n";
static const char all[] = "------< Global definitions >------\n"
			  "------< VRRP Topology >------\n"
			  " VRRP Instance = VI_1\n"
			  "------< VRRP Track files >------\n"
			  " Track file = hold\n"
			  "   File = /run/ha-hold/VI_1\n"
			  "     VI_1, weight 0\n"
			  "------< Interfaces >------\n";

/* What keepalived does with the signal for a dump. */
static struct {
	const char *says;
	int64_t takes;      /* milliseconds; SILENT: it does not answer */
	unsigned int asked; /* how often */
	int64_t last;       /* clock_now() at which it was last asked */
} answers[DUMPS];

static int64_t now;
static bool stopped;
static struct settings_vrrp settings;
static struct keepalived *keepalived;

/* ---- the world ---- */

int64_t clock_now(void)
{
	return now;
}

int64_t clock_wall(void)
{
	return now;
}

int64_t clock_microseconds(void)
{
	return now * 1000;
}

void process_open(struct process *process, const char *pid_file)
{
	(void)pid_file;
	*process = (struct process){ .fd = -1, .vrrp_fd = -1 };
}

void process_close(struct process *process)
{
	(void)process;
}

void process_turn(struct process *process)
{
	if (process->pid)
		return;
	process->pid = 7;
	process->vrrp = 8;
	process->since = now;
	process->starts++;
	process->version++;
}

bool process_is_stopped(const struct process *process)
{
	(void)process;
	return stopped;
}

bool program_is_installed(void)
{
	return true;
}

void program_open(struct program *program, pid_t pid)
{
	(void)pid;
	*program = (struct program){ .json_signal = JSON_SIGNAL };
}

void program_close(struct program *program)
{
	(void)program;
}

void program_turn(struct program *program)
{
	(void)program;
}

void dump_open(struct dump *dump, const char *path, uid_t owner)
{
	*dump = (struct dump){ .path = path, .owner = owner };
}

void dump_close(struct dump *dump)
{
	(void)dump;
}

void dump_forget(struct dump *dump)
{
	dump->deadline = 0;
}

bool dump_ask(struct dump *dump, const struct process *process, int number, int64_t patience)
{
	int which = number == JSON_SIGNAL ? JSON : DATA;

	(void)process;
	answers[which].asked++;
	answers[which].last = now;
	dump->asked = clock_microseconds();
	dump->deadline = now + patience;
	return true;
}

enum dump_outcome dump_turn(struct dump *dump, dump_take *take, void *argument)
{
	int which = dump->path == settings.json ? JSON : DATA;
	const char *says = answers[which].says;
	char error[96];

	if (!dump->deadline)
		return DUMP_NONE;
	if (!stopped && answers[which].takes != SILENT &&
	    now - answers[which].last >= answers[which].takes) {
		dump->deadline = 0;
		assert_true(take(argument, says, strlen(says), error, sizeof(error)));
		return DUMP_TAKEN;
	}
	if (now < dump->deadline)
		return DUMP_NONE;
	dump->deadline = 0;
	return DUMP_FAILED;
}

/* ---- the stage ---- */

static int make(void **state)
{
	(void)state;
	now = START;
	stopped = false;
	memset(answers, 0, sizeof(answers));
	answers[JSON].says = one;
	answers[DATA].says = all;
	settings = (struct settings_vrrp){
		.pid_file = memory_text("pid"),
		.json = memory_text("json"),
		.data = memory_text("data"),
		.interval = 2000,
	};
	keepalived = keepalived_open(&settings);
	return 0;
}

static int remove_all(void **state)
{
	(void)state;
	keepalived_close(keepalived);
	free(settings.pid_file);
	free(settings.json);
	free(settings.data);
	return 0;
}

static void pass(int64_t milliseconds)
{
	for (int64_t end = now + milliseconds; now < end; now += STEP)
		keepalived_watch(keepalived);
}

static int32_t files_known(void)
{
	size_t count;
	const struct claim *const *claims = keepalived_claims(keepalived, &count);

	return count ? claims[0]->files_known : HaAnswer_unknown;
}

/* ---- tests ---- */

TEST(each_dump_is_asked_for_at_the_start)
{
	pass(100);
	assert_int_equal(files_known(), HaAnswer_yes);
	assert_int_equal(answers[JSON].asked, 1);
	assert_int_equal(answers[DATA].asked, 1);
	pass(10000);
	assert_in_range(answers[JSON].asked, 5, 6);
	assert_int_equal(answers[DATA].asked, 1);
}

/* The first signal is lost; the one for the data dump, which is sent then, is answered before the
 * next one for JSON is. */
TEST(a_data_dump_that_comes_first_is_asked_for_again)
{
	answers[JSON].takes = SILENT;
	pass(350);
	assert_in_range(answers[DATA].asked, 1, 2);
	assert_int_equal(files_known(), HaAnswer_unknown);
	answers[JSON].takes = 0;
	pass(1500);
	assert_int_equal(files_known(), HaAnswer_yes);
}

TEST(a_data_dump_that_lacks_an_instance_is_asked_for_again)
{
	answers[DATA].says = nothing_yet;
	pass(300);
	assert_int_equal(files_known(), HaAnswer_unknown);
	answers[DATA].says = all;
	pass(500);
	assert_int_equal(files_known(), HaAnswer_yes);
	answers[DATA].asked = 0;
	pass(60000);
	assert_int_equal(answers[DATA].asked, 0);
}

TEST(one_that_will_never_list_it_is_asked_for_ever_more_rarely)
{
	answers[DATA].says = nothing_yet;
	pass(60000);
	assert_in_range(answers[DATA].asked, 8, 12);
	answers[DATA].asked = 0;
	pass(60000);
	assert_in_range(answers[DATA].asked, 1, 2);
}

TEST(an_instance_that_a_reload_adds_is_asked_for)
{
	answers[JSON].says = "[]";
	answers[DATA].says = nothing_yet;
	pass(10000);
	assert_int_equal(answers[DATA].asked, 1);
	answers[JSON].says = one;
	answers[DATA].says = all;
	pass(settings.interval + 500);
	assert_int_equal(files_known(), HaAnswer_yes);
}

TEST(a_slow_keepalived_gets_a_rest_and_one_that_was_stopped_a_short_one)
{
	pass(100);
	answers[JSON].takes = 60;
	pass(settings.interval);
	answers[JSON].asked = 0;
	keepalived_hurry(keepalived);
	pass(400);
	assert_int_equal(answers[JSON].asked, 0);
	pass(settings.interval);
	answers[JSON].takes = 2900;
	pass(settings.interval + 2900);
	answers[JSON].takes = 0;
	answers[JSON].asked = 0;
	keepalived_hurry(keepalived);
	pass(1100);
	assert_in_range(answers[JSON].asked, 1, 2);
}

TEST(one_that_is_stopped_is_left_alone_and_asked_soon_after)
{
	pass(100);
	stopped = true;
	pass(10000);
	assert_string_equal(keepalived_status(keepalived)->error,
			    "keepalived is stopped by a signal");
	answers[JSON].asked = 0;
	pass(60000);
	assert_int_equal(answers[JSON].asked, 0);
	stopped = false;
	pass(600);
	assert_int_equal(answers[JSON].asked, 1);
	pass(1000);
	assert_string_not_equal(keepalived_status(keepalived)->error,
				"keepalived is stopped by a signal");
}

#define DUMPS_TEST(test) cmocka_unit_test_setup_teardown(test, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DUMPS_TEST(each_dump_is_asked_for_at_the_start),
		DUMPS_TEST(a_data_dump_that_comes_first_is_asked_for_again),
		DUMPS_TEST(a_data_dump_that_lacks_an_instance_is_asked_for_again),
		DUMPS_TEST(one_that_will_never_list_it_is_asked_for_ever_more_rarely),
		DUMPS_TEST(an_instance_that_a_reload_adds_is_asked_for),
		DUMPS_TEST(a_slow_keepalived_gets_a_rest_and_one_that_was_stopped_a_short_one),
		DUMPS_TEST(one_that_is_stopped_is_left_alone_and_asked_soon_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
