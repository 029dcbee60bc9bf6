/* Tests the reader of keepalived's notify FIFO: lines, and what may lie in the place of the FIFO.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/fifo.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/recorded.h"

#define LINES_MAX 64
#define PATIENCE 5000 /* milliseconds until what does not come has failed */

static struct fifo fifo;
static struct fifo_line lines[LINES_MAX];
static size_t count;
static char path[128];

static void take(void *argument, const struct fifo_line *line)
{
	(void)argument;
	assert_true(count < LINES_MAX);
	lines[count++] = *line;
}

static void feed(const char *text)
{
	fifo_feed(&fifo, text, strlen(text), take, NULL);
}

static int make(void **state)
{
	folder_make(state);
	TEXT_PUT(path, folder_path("fifo"));
	count = 0;
	fifo_open(&fifo, path);
	return 0;
}

static int remove_all(void **state)
{
	fifo_close(&fifo);
	return folder_remove(state);
}

static void turn(void)
{
	fifo_turn(&fifo, take, NULL);
	loop_wake(clock_now() + 20);
	loop_turn();
	fifo_turn(&fifo, take, NULL);
	loop_wake(clock_now());
	loop_turn();
}

static void turn_until_opened(uint32_t times)
{
	int64_t deadline = clock_now() + PATIENCE;

	while (fifo.opened < times && clock_now() < deadline)
		turn();
	assert_int_equal(fifo.opened, times);
}

static int open_writer(void)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

static void write_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* ---- lines ---- */

TEST(a_recorded_life_of_a_keepalived_is_read)
{
	struct recorded recording = recorded_read("../keepalived/mixed.fifo");

	fifo_feed(&fifo, (const char *)recording.octets, recording.length, take, NULL);
	recorded_free(&recording);
	assert_int_equal(count, 12);
	assert_int_equal(fifo.rejected, 0);
	assert_string_equal(lines[0].name, "plain");
	assert_int_equal(lines[0].state, HaVrrpState_fault);
	assert_int_equal(lines[0].priority, 110);
	assert_string_equal(lines[2].name, "in group");
	assert_int_equal(lines[4].state, HaVrrpState_master);
	assert_int_equal(lines[11].state, HaVrrpState_stop);
}

TEST(events_say_in_which_state_they_happen)
{
	feed("INSTANCE \"a\" MASTER_RX_LOWER_PRI 110\n"
	     "INSTANCE \"a\" BACKUP_PRIORITY 90\n"
	     "INSTANCE \"a\" MASTER_PRIORITY 91\n"
	     "INSTANCE \"a\" DELETED 0\n");
	assert_int_equal(count, 4);
	assert_int_equal(lines[0].state, HaVrrpState_master);
	assert_int_equal(lines[1].state, HaVrrpState_backup);
	assert_int_equal(lines[1].priority, 90);
	assert_int_equal(lines[2].state, HaVrrpState_master);
	assert_int_equal(lines[3].state, HaVrrpState_deleted);
}

TEST(names_may_hold_anything_but_line_feeds)
{
	feed("INSTANCE \"a \"b\" MASTER 1\" BACKUP 7\n");
	assert_int_equal(count, 1);
	assert_string_equal(lines[0].name, "a \"b\" MASTER 1");
	assert_int_equal(lines[0].state, HaVrrpState_backup);
}

TEST(a_line_comes_in_pieces)
{
	static const char text[] = "INSTANCE \"VI_1\" MASTER 110\n";

	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		assert_int_equal(count, 0);
		fifo_feed(&fifo, text + i, 1, take, NULL);
	}
	assert_int_equal(count, 1);
}

TEST(what_says_nothing_is_counted)
{
	static const char *const wrong[] = {
		"\n",
		"INSTANCE\n",
		"INSTANCE \"a\n",
		"INSTANCE \"a\" MASTER\n",
		"INSTANCE \"a\" MASTER 300\n",
		"INSTANCE \"a\" MASTER -1\n",
		"INSTANCE \"a\" MASTER 1 2\n",
		"INSTANCE \"a\" {UNKNOWN} 1\n",
		"INSTANCE \"a\" HAPPY 1\n",
		"INSTANCE \"\" MASTER 1\n",
		"INSTANCE a MASTER 1\n",
		"\377\376\001\n",
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		feed(wrong[i]);
		assert_int_equal(fifo.rejected, i + 1);
	}
	fifo_feed(&fifo, "INSTANCE \"a\"\0 MASTER 1\n", 23, take, NULL);
	assert_int_equal(fifo.rejected, COUNT(wrong) + 1);
	feed("GROUP \"g\" MASTER 0\nVS [10.0.0.1]:tcp:80 UP\n");
	assert_int_equal(fifo.rejected, COUNT(wrong) + 1);
	assert_int_equal(count, 0);
}

TEST(a_line_that_is_too_long_is_one_line)
{
	char chunk[1000];

	memset(chunk, 'x', sizeof(chunk));
	feed("INSTANCE \"");
	for (int i = 0; i < 20; i++)
		fifo_feed(&fifo, chunk, sizeof(chunk), take, NULL);
	feed("\" MASTER 1\nINSTANCE \"a\" MASTER 1\n");
	assert_int_equal(fifo.rejected, 1);
	assert_int_equal(count, 1);
	assert_string_equal(lines[0].name, "a");
}

TEST(a_line_is_not_read_in_part)
{
	char line[FIFO_LINE_MAX + 16];

	TEXT_PRINT(line, "INSTANCE \"%0*d\" MASTER 1", FIFO_LINE_MAX - 21, 0);
	assert_int_equal(strlen(line), FIFO_LINE_MAX - 1);
	feed(line);
	feed("10\n");
	assert_int_equal(count, 0);
	feed(line);
	feed("\n");
	assert_int_equal(count, 1);
}

/* ---- the pipe ---- */

TEST(what_lay_in_the_pipe_is_old)
{
	int writer;

	assert_int_equal(mkfifo(path, 0600), 0);
	writer = open(path, O_RDWR | O_NONBLOCK);
	write_text(writer, "INSTANCE \"a\" MASTER 1\n");
	turn_until_opened(1);
	assert_int_equal(count, 0);
	write_text(writer, "INSTANCE \"a\" FAULT 1\n");
	turn();
	assert_int_equal(count, 1);
	assert_int_equal(lines[0].state, HaVrrpState_fault);
	close(writer);
}

TEST(writers_come_and_go)
{
	assert_int_equal(mkfifo(path, 0600), 0);
	turn_until_opened(1);
	for (size_t i = 1; i <= 3; i++) {
		int writer = open_writer();

		write_text(writer, "INSTANCE \"a\" MASTER 1\n");
		close(writer);
		turn();
		assert_int_equal(count, i);
	}
	assert_int_equal(fifo.opened, 1);
	assert_string_equal(fifo.error, "");
}

/* A descriptor that says forever that there is no writer would let the loop spin. */
TEST(without_a_writer_nothing_happens)
{
	int64_t begun;
	int writer;

	assert_int_equal(mkfifo(path, 0600), 0);
	turn_until_opened(1);
	writer = open_writer();
	turn();
	close(writer);
	turn();
	fifo_turn(&fifo, take, NULL);
	begun = clock_now();
	loop_wake(begun + 100);
	loop_turn();
	assert_true(clock_now() - begun >= 100);
}

TEST(one_that_is_replaced_is_opened_again)
{
	int old, new;

	assert_int_equal(mkfifo(path, 0600), 0);
	turn_until_opened(1);
	old = open_writer();
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	turn_until_opened(2);
	new = open_writer();
	write_text(new, "INSTANCE \"a\" MASTER 1\n");
	turn();
	assert_int_equal(count, 1);
	close(old);
	close(new);
}

TEST(what_is_no_fifo_is_not_read)
{
	turn();
	assert_non_null(strstr(fifo.error, "No such file"));
	folder_put("fifo", "INSTANCE \"a\" MASTER 1\n");
	turn();
	assert_non_null(strstr(fifo.error, "is no FIFO"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	turn();
	assert_non_null(strstr(fifo.error, "is no FIFO"));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(count, 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	turn_until_opened(1);
	assert_string_equal(fifo.error, "");
}

#define FIFO_TEST(test) cmocka_unit_test_setup_teardown(test, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIFO_TEST(a_recorded_life_of_a_keepalived_is_read),
		FIFO_TEST(events_say_in_which_state_they_happen),
		FIFO_TEST(names_may_hold_anything_but_line_feeds),
		FIFO_TEST(a_line_comes_in_pieces),
		FIFO_TEST(what_says_nothing_is_counted),
		FIFO_TEST(a_line_that_is_too_long_is_one_line),
		FIFO_TEST(a_line_is_not_read_in_part),
		FIFO_TEST(what_lay_in_the_pipe_is_old),
		FIFO_TEST(writers_come_and_go),
		FIFO_TEST(without_a_writer_nothing_happens),
		FIFO_TEST(one_that_is_replaced_is_opened_again),
		FIFO_TEST(what_is_no_fifo_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
