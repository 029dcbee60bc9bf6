/* Tests the desk over a real socket: who is served, how a long list is sent, whose SETs are obeyed.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/desk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/jobs.h"
#include "subagent/requests/drbd.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/pair.h"
#include "tests/unit/world.h"

#define PATIENCE 10000
#define NOBODY 65534

static struct desk desk;
static struct jobs jobs;
static char path[108];
static struct frame frame;

static bool execute(void *executor, size_t slot, const struct step_order *order)
{
	(void)slot;
	(void)executor;
	(void)order;
	return true;
}

static int make(void **state)
{
	struct pair pair = pair_healthy("r0");

	if (folder_make(state) < 0 || chmod(folder, 0755) < 0)
		return -1;
	world_make(state);
	TEXT_PUT(path, folder_path("hub"));
	world.settings.socket = path;
	pair_say(&pair);
	jobs_open(&jobs, &world.changes, &world.settings, 0, &world.when);
	jobs.execute = execute;
	jobs_follow(&jobs, &world.when);
	jobs_facts(&jobs, &world.when);
	desk_open(&desk, &world.settings, &world.board, &jobs);
	return 0;
}

static int remove_all(void **state)
{
	desk_close(&desk);
	world_remove(state);
	return folder_remove(state);
}

/* ---- clients ---- */

/* A connection that does not wait; it is accepted when the desk has had a turn. */
static int connect_client(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	TEXT_PUT(address.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	frame_nonblocking(fd);
	return fd;
}

/* One turn, without waiting. */
static void turn(void)
{
	desk_watch(&desk);
	loop_wake(clock_now());
	loop_turn();
}

static int enter(void)
{
	int fd = connect_client();

	assert_true(fd >= 0);
	turn();
	return fd;
}

static void ask(int fd, unsigned int type, const void *body, size_t length)
{
	assert_int_equal(frame_send(fd, type, 0, body, length), FRAME_OK);
}

/* What comes next, while the desk has its turns. */
static enum frame_outcome receive(int fd)
{
	int64_t deadline = clock_now() + PATIENCE;
	enum frame_outcome outcome;

	while ((outcome = frame_receive(fd, &frame, NULL)) == FRAME_AGAIN && clock_now() < deadline)
		turn();
	return outcome;
}

/* Read a list to its end; the number of rows. */
static size_t read_list(int fd)
{
	size_t count = 0;

	while (receive(fd) == FRAME_OK && frame.head.type == FRAME_ROW) {
		assert_int_equal(frame.head.length,
				 board_rows(&world.board, frame.head.table)->table->size);
		count++;
	}
	assert_int_equal(frame.head.type, FRAME_END);
	assert_int_equal(frame.head.table, 0);
	return count;
}

static size_t count_rows(void)
{
	size_t count = 0;

	for (size_t i = 0; i < world.board.count; i++)
		count += world_count(world.board.tables[i].table->entry);
	return count;
}

static struct set make_set(uint16_t object, int32_t value)
{
	struct set set = { .count = 1 };
	struct action_drbd_row key = { .name = "r0" };

	set.changes[0].object = object;
	set.changes[0].number = value;
	set.changes[0].index_length =
		(uint16_t)table_index(&action_drbd_table, &key, set.changes[0].index);
	return set;
}

static const struct verdict *send_set(int fd, const struct set *set)
{
	ask(fd, FRAME_SET, set, sizeof(*set));
	assert_int_equal(receive(fd), FRAME_OK);
	assert_int_equal(frame.head.type, FRAME_VERDICT);
	return &frame.body.verdict;
}

/* ---- lists ---- */

TEST(a_list_has_every_row_and_an_end)
{
	int fd = enter();

	for (int i = 0; i < 2; i++) {
		ask(fd, FRAME_LIST, NULL, 0);
		assert_int_equal(read_list(fd), count_rows());
	}
	assert_int_equal(frame_receive(fd, &frame, NULL), FRAME_AGAIN);
	close(fd);
}

static bool take(void *reader, const struct table *table, const struct entry *entry)
{
	(void)reader;
	(void)table;
	(void)entry;
	return true;
}

TEST(rows_that_are_gone_are_not_listed)
{
	struct pair pair = pair_healthy("r0");
	int fd = enter();
	size_t before = count_rows();

	board_follow(&world.board, true);
	board_offer(&world.board, take, NULL);
	changes_remove(&world.changes, &drbd_peer_table, &pair.peer, &world.when);
	ask(fd, FRAME_LIST, NULL, 0);
	assert_int_equal(read_list(fd), before - 1);
	close(fd);
}

#define MANY 3000

static void put_sample(unsigned int number)
{
	struct sample_row row = sample_fine("");

	TEXT_PRINT(row.name, "%05u", number);
	board_put(&world.board, &sample_table, &row);
}

static void remove_sample(unsigned int number)
{
	struct sample_row key = sample_fine("");
	struct rows *rows = board_rows(&world.board, mib_haBondEntry);

	TEXT_PRINT(key.name, "%05u", number);
	board_remove(&world.board, &sample_table, rows_find_row(rows, &key));
}

/* Even rows stay; odd ones go and come back while the list is sent. */
TEST(a_slow_reader_gets_every_row_that_stays_once_and_in_order)
{
	unsigned int next = 0, odd = 1;
	int fd = enter();

	for (unsigned int i = 0; i < MANY; i++)
		put_sample(i);
	ask(fd, FRAME_LIST, NULL, 0);
	while (receive(fd) == FRAME_OK && frame.head.type == FRAME_ROW) {
		const struct sample_row *row = (const void *)&frame.body;
		unsigned int number = (unsigned int)strtoul(row->name, NULL, 10);

		if (frame.head.table != mib_haBondEntry)
			continue;
		assert_true(number == next || (number == next + 1 && next % 2));
		next = number + 1;
		odd = (odd + 998) % MANY;
		remove_sample(odd);
		turn();
		put_sample(odd);
	}
	assert_in_range(next, MANY - 1, MANY);
	close(fd);
}

TEST(a_reader_that_does_not_read_keeps_nobody_waiting)
{
	int slow = enter(), quick = enter();

	for (unsigned int i = 0; i < MANY; i++)
		put_sample(i);
	ask(slow, FRAME_LIST, NULL, 0);
	for (int i = 0; i < 10; i++)
		turn();
	ask(quick, FRAME_LIST, NULL, 0);
	assert_int_equal(read_list(quick), count_rows());
	assert_int_equal(read_list(slow), count_rows());
	close(slow);
	close(quick);
}

/* ---- clients that come and go ---- */

TEST(there_is_room_for_so_many_and_no_more)
{
	int clients[DESK_CLIENTS_MAX + 1];

	for (size_t i = 0; i < COUNT(clients); i++)
		clients[i] = enter();
	assert_int_equal(receive(clients[DESK_CLIENTS_MAX]), FRAME_CLOSED);
	close(clients[DESK_CLIENTS_MAX]);
	close(clients[3]);
	turn();
	clients[3] = enter();
	ask(clients[3], FRAME_LIST, NULL, 0);
	assert_int_equal(read_list(clients[3]), count_rows());
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		close(clients[i]);
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		turn();
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		assert_int_equal(desk.clients[i].fd, -1);
}

/* A connection of an ordinary user, for whom the kernel takes whoever connects. */
static int enter_as_nobody(void)
{
	int fd;

	assert_int_equal(seteuid(NOBODY), 0);
	fd = connect_client();
	assert_int_equal(seteuid(0), 0);
	assert_true(fd >= 0);
	turn();
	return fd;
}

/* All seats taken by ordinary users, one after the other. */
static void crowd(int clients[DESK_CLIENTS_MAX])
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		clients[i] = enter_as_nobody();
		desk.clients[i].moved -= (int64_t)(DESK_CLIENTS_MAX - i);
	}
}

static void expect_served(int fd)
{
	ask(fd, FRAME_LIST, NULL, 0);
	assert_int_equal(read_list(fd), count_rows());
}

static void expect_sent_away(int fd)
{
	assert_int_equal(receive(fd), FRAME_CLOSED);
	close(fd);
}

static void close_all(const int clients[DESK_CLIENTS_MAX])
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		close(clients[i]);
}

TEST(root_gets_the_seat_of_the_ordinary_user_that_was_idle_for_longest)
{
	int clients[DESK_CLIENTS_MAX];

	if (geteuid() != 0)
		skip();
	crowd(clients);
	expect_served(clients[0]);
	for (size_t i = 1; i < DESK_CLIENTS_MAX; i++) {
		int root = enter();

		expect_sent_away(clients[i]);
		clients[i] = root;
		expect_served(root);
	}
	expect_served(clients[0]);
	expect_sent_away(enter_as_nobody());
	close_all(clients);
}

TEST(root_gets_the_seat_of_a_reader_that_does_not_read)
{
	int clients[DESK_CLIENTS_MAX], root;

	if (geteuid() != 0)
		skip();
	for (unsigned int i = 0; i < MANY; i++)
		put_sample(i);
	crowd(clients);
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		ask(clients[i], FRAME_LIST, NULL, 0);
	for (int i = 0; i < 10; i++)
		turn();
	root = enter();
	expect_served(root);
	close(root);
	close_all(clients);
}

TEST(root_loses_no_seat_to_root)
{
	int clients[DESK_CLIENTS_MAX];

	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		clients[i] = enter();
	expect_sent_away(enter());
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		expect_served(clients[i]);
	close_all(clients);
}

/* One that has asked meanwhile keeps its seat, also when that was not read yet. */
TEST(an_idle_client_loses_its_seat_to_anybody)
{
	int clients[DESK_CLIENTS_MAX], late;

	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		clients[i] = enter();
		desk.clients[i].moved += i < 2 ? -DESK_IDLE : PATIENCE;
	}
	ask(clients[0], FRAME_LIST, NULL, 0);
	late = enter();
	expect_sent_away(clients[1]);
	clients[1] = late;
	assert_int_equal(read_list(clients[0]), count_rows());
	expect_served(clients[1]);
	expect_sent_away(enter());
	close_all(clients);
}

TEST(whoever_breaks_the_rules_is_sent_away_and_nobody_else)
{
	static const unsigned int types[] = { FRAME_BEGIN, FRAME_KILL, 99 };
	int good = enter();

	for (size_t i = 0; i < COUNT(types); i++) {
		int bad = enter();

		ask(bad, types[i], NULL, 0);
		assert_int_equal(receive(bad), FRAME_CLOSED);
		close(bad);
	}
	ask(good, FRAME_LIST, NULL, 0);
	assert_int_equal(read_list(good), count_rows());
	close(good);
}

TEST(a_client_that_leaves_in_the_middle_of_a_list_is_forgotten)
{
	int fd = enter();

	for (unsigned int i = 0; i < MANY; i++)
		put_sample(i);
	ask(fd, FRAME_LIST, NULL, 0);
	turn();
	turn();
	close(fd);
	turn();
	turn();
	assert_int_equal(desk.clients[0].fd, -1);
}

/* ---- SETs ---- */

TEST(root_needs_no_lock)
{
	struct set set = make_set(mib_haActionDrbdRequest, haActionDrbdRequest_primary);
	int fd = enter();
	const struct verdict *verdict;

	if (geteuid() != 0)
		skip();
	verdict = send_set(fd, &set);
	assert_string_equal(verdict->message, "");
	assert_int_equal(verdict->error, SET_NO_ERROR);
	assert_int_equal(verdict->job, 1);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_EXECUTING);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].row.origin, haActionOrigin_hactl);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].row.forced, TruthValue_false);
	verdict = send_set(fd, &set);
	assert_int_equal(verdict->error, SET_RESOURCE_UNAVAILABLE);
	assert_int_equal(verdict->job, 0);
	close(fd);
}

TEST(root_may_force)
{
	struct set set = make_set(mib_haForceDrbdRequest, haForceDrbdRequest_primary);
	int fd = enter();

	if (geteuid() != 0)
		skip();
	assert_int_equal(send_set(fd, &set)->error, SET_NO_ERROR);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].row.forced, TruthValue_true);
	close(fd);
}

TEST(a_set_with_too_many_changes_is_refused)
{
	static const uint16_t counts[] = { SET_CHANGES_MAX, SET_CHANGES_MAX + 1, UINT16_MAX };
	struct set set = make_set(mib_haActionDrbdRequest, haActionDrbdRequest_primary);
	int fd = enter();

	for (size_t i = 0; i < COUNT(counts); i++) {
		set.count = counts[i];
		assert_int_not_equal(send_set(fd, &set)->error, SET_NO_ERROR);
		assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
	}
	close(fd);
}

/* In a process of its own, without root's rights: whether its SET was refused and its list
 * complete. */
static int be_nobody(size_t rows)
{
	struct set set = make_set(mib_haActionDrbdRequest, haActionDrbdRequest_primary);
	int64_t deadline = clock_now() + PATIENCE;
	size_t count = 0;
	int fd;

	if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
		return 1;
	fd = connect_client();
	if (fd < 0 || frame_send(fd, FRAME_SET, 0, &set, sizeof(set)) != FRAME_OK)
		return 2;
	while (frame_receive(fd, &frame, NULL) == FRAME_AGAIN && clock_now() < deadline)
		usleep(1000);
	if (frame.head.type != FRAME_VERDICT || frame.body.verdict.error != SET_NOT_WRITABLE ||
	    strcmp(frame.body.verdict.message, "only root may ask for actions") != 0)
		return 3;
	frame_send(fd, FRAME_LIST, 0, NULL, 0);
	while (frame.head.type != FRAME_END && clock_now() < deadline)
		count +=
			frame_receive(fd, &frame, NULL) == FRAME_OK && frame.head.type == FRAME_ROW;
	return count == rows ? 0 : 4;
}

TEST(whoever_is_not_root_may_look_and_not_touch)
{
	size_t rows = count_rows();
	int64_t deadline = clock_now() + 2 * PATIENCE;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(be_nobody(rows));
	while (waitpid(pid, &status, WNOHANG) == 0 && clock_now() < deadline)
		turn();
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
}

/* ---- the socket ---- */

TEST(a_socket_that_was_left_behind_is_replaced)
{
	struct desk again;
	int fd;

	desk_open(&again, &world.settings, &world.board, &jobs);
	assert_true(again.fd >= 0);
	desk_close(&desk);
	desk = again;
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++)
		desk.clients[i].desk = &desk;
	fd = enter();
	ask(fd, FRAME_LIST, NULL, 0);
	assert_int_equal(read_list(fd), count_rows());
	close(fd);
}

TEST(without_a_place_for_the_socket_there_is_no_desk)
{
	char longest[200];

	desk_close(&desk);
	TEXT_PRINT(longest, "%s/%0150d", folder, 0);
	world.settings.socket = longest;
	desk_open(&desk, &world.settings, &world.board, &jobs);
	assert_int_equal(desk.fd, -1);
	TEXT_PRINT(longest, "%s/missing/hub", folder);
	desk_open(&desk, &world.settings, &world.board, &jobs);
	assert_int_equal(desk.fd, -1);
	turn();
}

#define DESK_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(a_list_has_every_row_and_an_end),
		DESK_TEST(rows_that_are_gone_are_not_listed),
		DESK_TEST(a_slow_reader_gets_every_row_that_stays_once_and_in_order),
		DESK_TEST(a_reader_that_does_not_read_keeps_nobody_waiting),
		DESK_TEST(there_is_room_for_so_many_and_no_more),
		DESK_TEST(root_gets_the_seat_of_the_ordinary_user_that_was_idle_for_longest),
		DESK_TEST(root_gets_the_seat_of_a_reader_that_does_not_read),
		DESK_TEST(root_loses_no_seat_to_root),
		DESK_TEST(an_idle_client_loses_its_seat_to_anybody),
		DESK_TEST(whoever_breaks_the_rules_is_sent_away_and_nobody_else),
		DESK_TEST(a_client_that_leaves_in_the_middle_of_a_list_is_forgotten),
		DESK_TEST(root_needs_no_lock),
		DESK_TEST(root_may_force),
		DESK_TEST(a_set_with_too_many_changes_is_refused),
		DESK_TEST(whoever_is_not_root_may_look_and_not_touch),
		DESK_TEST(a_socket_that_was_left_behind_is_replaced),
		DESK_TEST(without_a_place_for_the_socket_there_is_no_desk),
	};

	return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
