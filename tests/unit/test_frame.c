/* Tests frames: what is one, what is none, and what becomes of descriptors.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/frame.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/check.h"

static int pair[2];
static struct frame frame;
static const unsigned char zeros[2 * sizeof(struct frame)];

static int open_pair(void **state)
{
	(void)state;
	frame_pair(pair);
	frame_nonblocking(pair[1]);
	memset(&frame, 'x', sizeof(frame));
	return 0;
}

static int close_pair(void **state)
{
	(void)state;
	for (int end = 0; end < 2; end++)
		if (pair[end] >= 0)
			close(pair[end]);
	return 0;
}

static void hang_up(void)
{
	close(pair[0]);
	pair[0] = -1;
}

/* ---- lengths ---- */

static enum frame_outcome pass_on(unsigned int type, size_t length)
{
	assert_int_equal(frame_send(pair[0], type, 3, zeros, length), FRAME_OK);
	return frame_receive(pair[1], &frame, NULL);
}

TEST(a_type_has_its_length_and_no_other)
{
	static const struct {
		unsigned int type;
		size_t shortest, longest;
	} types[] = {
		{ FRAME_ROW, sizeof(struct row), ROW_SIZE_MAX },
		{ FRAME_GONE, sizeof(struct row), ROW_SIZE_MAX },
		{ FRAME_BEGIN, 0, 0 },
		{ FRAME_END, 0, 0 },
		{ FRAME_PULSE, sizeof(struct pulse), sizeof(struct pulse) },
		{ FRAME_SET, sizeof(struct set), sizeof(struct set) },
		{ FRAME_VERDICT, sizeof(struct verdict), sizeof(struct verdict) },
		{ FRAME_SENT, sizeof(struct sent), sizeof(struct sent) },
		{ FRAME_LIST, 0, 0 },
		{ FRAME_STEP, sizeof(struct step_order), sizeof(struct step_order) },
		{ FRAME_RESULT, sizeof(struct step_result), sizeof(struct step_result) },
		{ FRAME_GUARD, sizeof(struct guard_order), sizeof(struct guard_order) },
		{ FRAME_GUARDED, sizeof(struct guard_note), sizeof(struct guard_note) },
		{ FRAME_LOOK, 0, 0 },
		{ FRAME_ASK, sizeof(struct ask), sizeof(struct ask) },
		{ FRAME_ANSWER, sizeof(struct answer), sizeof(struct answer) },
		{ FRAME_START, 0, 0 },
		{ FRAME_KILL, 0, 0 },
		{ FRAME_ALIVE, 0, 0 },
		{ FRAME_STARTED, sizeof(struct child_note), sizeof(struct child_note) },
		{ FRAME_EXITED, sizeof(struct child_note), sizeof(struct child_note) },
	};

	assert_int_equal(types[COUNT(types) - 1].type, COUNT(types));
	for (size_t i = 0; i < COUNT(types); i++) {
		unsigned int type = types[i].type;

		assert_int_equal(pass_on(type, types[i].shortest), FRAME_OK);
		assert_int_equal(frame.head.type, type);
		assert_int_equal(frame.head.table, 3);
		assert_int_equal(frame.head.length, types[i].shortest);
		assert_int_equal(pass_on(type, types[i].longest), FRAME_OK);
		assert_int_equal(pass_on(type, types[i].longest + 1), FRAME_BROKEN);
		if (types[i].shortest)
			assert_int_equal(pass_on(type, types[i].shortest - 1), FRAME_BROKEN);
	}
}

TEST(a_type_that_there_is_not_is_broken)
{
	static const unsigned int types[] = { 0, FRAME_EXITED + 1, 255, UINT16_MAX };

	for (size_t i = 0; i < COUNT(types); i++)
		assert_int_equal(pass_on(types[i], 0), FRAME_BROKEN);
}

TEST(the_body_comes_as_it_was_sent)
{
	struct sent sent = { .sequence = 0x01020304, .reason = -5 };

	assert_int_equal(frame_send(pair[0], FRAME_SENT, 0, &sent, sizeof(sent)), FRAME_OK);
	assert_int_equal(frame_receive(pair[1], &frame, NULL), FRAME_OK);
	assert_memory_equal(&frame.body.sent, &sent, sizeof(sent));
}

/* ---- messages that are no frames ---- */

static enum frame_outcome pass_raw(const void *message, size_t length)
{
	assert_int_equal(send(pair[0], message, length, 0), length);
	return frame_receive(pair[1], &frame, NULL);
}

TEST(a_cut_head_is_broken)
{
	struct frame_head head = { .type = FRAME_BEGIN };

	for (size_t length = 1; length < sizeof(head); length++)
		assert_int_equal(pass_raw(&head, length), FRAME_BROKEN);
	assert_int_equal(pass_raw(&head, sizeof(head)), FRAME_OK);
}

TEST(a_length_that_is_not_true_is_broken)
{
	static const uint32_t lengths[] = {
		0,
		sizeof(struct row) - 1,
		sizeof(struct row) + 1,
		ROW_SIZE_MAX,
		UINT32_MAX,
		UINT32_MAX - sizeof(struct frame_head) + 1,
	};
	struct frame cut = { .head = { .type = FRAME_ROW } };

	for (size_t i = 0; i < COUNT(lengths); i++) {
		cut.head.length = lengths[i];
		assert_int_equal(pass_raw(&cut, sizeof(cut.head) + sizeof(struct row)),
				 FRAME_BROKEN);
	}
}

TEST(what_is_longer_than_any_frame_is_broken)
{
	assert_int_equal(pass_on(FRAME_ROW, sizeof(frame.body)), FRAME_BROKEN);
	assert_int_equal(pass_on(FRAME_ROW, sizeof(frame.body) + 1), FRAME_BROKEN);
	assert_int_equal(pass_on(FRAME_ROW, sizeof(zeros)), FRAME_BROKEN);
	assert_int_equal(pass_on(FRAME_BEGIN, 0), FRAME_OK);
}

/* ---- ends ---- */

TEST(nothing_to_receive_is_to_be_tried_again)
{
	int passed = 77;

	assert_int_equal(frame_receive(pair[1], &frame, &passed), FRAME_AGAIN);
	assert_int_equal(passed, -1);
}

TEST(the_other_side_gone_is_closed_in_both_directions)
{
	hang_up();
	assert_int_equal(frame_receive(pair[1], &frame, NULL), FRAME_CLOSED);
	assert_int_equal(frame_send(pair[1], FRAME_BEGIN, 0, NULL, 0), FRAME_CLOSED);
}

TEST(what_was_sent_before_the_end_still_comes)
{
	assert_int_equal(frame_send(pair[0], FRAME_BEGIN, 1, NULL, 0), FRAME_OK);
	hang_up();
	assert_int_equal(frame_receive(pair[1], &frame, NULL), FRAME_OK);
	assert_int_equal(frame_receive(pair[1], &frame, NULL), FRAME_CLOSED);
}

TEST(a_full_socket_is_to_be_tried_again_and_loses_nothing)
{
	struct sent sent = { .sequence = 0 };
	uint32_t received = 0;

	while (sent.sequence < 100000 &&
	       frame_send(pair[1], FRAME_SENT, 0, &sent, sizeof(sent)) == FRAME_OK)
		sent.sequence++;
	assert_in_range(sent.sequence, 10, 99999);
	assert_int_equal(frame_send(pair[1], FRAME_SENT, 0, &sent, sizeof(sent)), FRAME_AGAIN);
	frame_nonblocking(pair[0]);
	for (; frame_receive(pair[0], &frame, NULL) == FRAME_OK; received++)
		assert_int_equal(frame.body.sent.sequence, received);
	assert_int_equal(received, sent.sequence);
}

/* ---- descriptors ---- */

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* One message with `count` copies of a descriptor. */
static void send_descriptors(const void *message, size_t length, size_t count)
{
	struct iovec part = { .iov_len = length };
	union {
		char space[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr header = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *rights;
	int copies[4] = { pair[0], pair[0], pair[0], pair[0] };

	memcpy(&part.iov_base, &message, sizeof(message));
	memset(&control, 0, sizeof(control));
	rights = CMSG_FIRSTHDR(&header);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(rights), copies, count * sizeof(int));
	assert_int_equal(sendmsg(pair[0], &header, 0), length);
}

TEST(a_descriptor_is_passed_and_closes_on_exec)
{
	struct child_note note = { .pid = 7 };
	struct stat sent, received;
	int passed = -1;

	assert_int_equal(fstat(pair[0], &sent), 0);
	assert_int_equal(frame_pass(pair[0], FRAME_STARTED, 2, &note, sizeof(note), pair[0]),
			 FRAME_OK);
	assert_int_equal(frame_receive(pair[1], &frame, &passed), FRAME_OK);
	assert_int_equal(frame.body.note.pid, 7);
	assert_int_equal(fstat(passed, &received), 0);
	assert_int_equal(received.st_ino, sent.st_ino);
	assert_true(fcntl(passed, F_GETFD) & FD_CLOEXEC);
	close(passed);
}

TEST(no_descriptor_is_said_to_be_none)
{
	int passed = 77;

	assert_int_equal(frame_send(pair[0], FRAME_BEGIN, 0, NULL, 0), FRAME_OK);
	assert_int_equal(frame_receive(pair[1], &frame, &passed), FRAME_OK);
	assert_int_equal(passed, -1);
}

TEST(descriptors_that_nobody_asked_for_are_closed)
{
	static const struct {
		size_t length;
		unsigned int type;
		enum frame_outcome outcome;
	} messages[] = {
		{ sizeof(struct frame_head), FRAME_BEGIN, FRAME_OK },
		{ sizeof(struct frame_head), 99, FRAME_BROKEN },
		{ 1, FRAME_BEGIN, FRAME_BROKEN },
		{ 0, FRAME_BEGIN, FRAME_CLOSED },
	};
	int before = count_descriptors();

	for (size_t i = 0; i < COUNT(messages); i++)
		for (size_t copies = 1; copies <= 4; copies++) {
			struct frame_head head = { .type = (uint16_t)messages[i].type };

			send_descriptors(&head, messages[i].length, copies);
			assert_int_equal(frame_receive(pair[1], &frame, NULL), messages[i].outcome);
			assert_int_equal(count_descriptors(), before);
		}
}

TEST(of_several_descriptors_one_is_taken)
{
	struct frame_head head = { .type = FRAME_BEGIN };
	int before = count_descriptors(), passed = -1;

	send_descriptors(&head, sizeof(head), 4);
	assert_int_equal(frame_receive(pair[1], &frame, &passed), FRAME_OK);
	assert_int_equal(close(passed), 0);
	assert_int_equal(count_descriptors(), before);
}

#define FRAME_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, open_pair, close_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRAME_TEST(a_type_has_its_length_and_no_other),
		FRAME_TEST(a_type_that_there_is_not_is_broken),
		FRAME_TEST(the_body_comes_as_it_was_sent),
		FRAME_TEST(a_cut_head_is_broken),
		FRAME_TEST(a_length_that_is_not_true_is_broken),
		FRAME_TEST(what_is_longer_than_any_frame_is_broken),
		FRAME_TEST(nothing_to_receive_is_to_be_tried_again),
		FRAME_TEST(the_other_side_gone_is_closed_in_both_directions),
		FRAME_TEST(what_was_sent_before_the_end_still_comes),
		FRAME_TEST(a_full_socket_is_to_be_tried_again_and_loses_nothing),
		FRAME_TEST(a_descriptor_is_passed_and_closes_on_exec),
		FRAME_TEST(no_descriptor_is_said_to_be_none),
		FRAME_TEST(descriptors_that_nobody_asked_for_are_closed),
		FRAME_TEST(of_several_descriptors_one_is_taken),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
