/* Tests how long a server that gives no answer is seen to keep the C library waiting. The clock is
 * the test's own, the sockets are real ones of this machine.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/resolver/delay.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "tests/unit/check.h"

#define LIMIT 5000000 /* microseconds */
#define INTERVAL 7000 /* milliseconds */

static int64_t now; /* microseconds */

int64_t clock_now(void)
{
	return now / 1000;
}

int64_t clock_microseconds(void)
{
	return now;
}

static int server; /* a socket at a free port of the loopback */
static struct address address;
static struct dns_delay delay;

static int make(void **state)
{
	struct sockaddr_storage bound;
	socklen_t length = sizeof(bound);

	(void)state;
	now = 1000000000;
	/* Not that of other tests, who could be given the port that this one shuts. */
	address_parse(&address, "127.53.83.2", 0);
	server = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	length = address_to_socket(&address, &bound);
	if (bind(server, (struct sockaddr *)&bound, length) < 0)
		return -1;
	length = sizeof(bound);
	getsockname(server, (struct sockaddr *)&bound, &length);
	address_from_socket(&address, &bound);
	dns_delay_open(&delay, &address, LIMIT);
	return 0;
}

static void shut(void)
{
	if (server >= 0)
		close(server);
	server = -1;
}

static int unmake(void **state)
{
	(void)state;
	dns_delay_close(&delay);
	shut();
	return 0;
}

/* One turn that waits for nothing: on the loopback everything is there at once. */
static void turn(void)
{
	dns_delay_watch(&delay);
	loop_wake(clock_now());
	loop_turn();
	dns_delay_turn(&delay);
}

static void pass(int64_t microseconds)
{
	now += microseconds;
	turn();
}

static void expect(uint64_t microseconds)
{
	uint64_t told;

	assert_true(dns_delay_told(&delay, &told));
	assert_int_equal(told, microseconds);
}

static void expect_at_least(uint64_t microseconds)
{
	uint64_t told;

	assert_false(dns_delay_told(&delay, &told));
	assert_int_equal(told, microseconds);
}

static void expect_nothing(void)
{
	expect_at_least(0);
}

static ssize_t take_question(uint8_t *octets, size_t size)
{
	return recv(server, octets, size, 0);
}

TEST(a_question_is_one_of_the_dns)
{
	uint8_t octets[64];

	turn();
	assert_int_equal(take_question(octets, sizeof(octets)), 17);
	assert_memory_equal(octets + 2, "\1\0\0\1\0\0\0\0\0\0", 10);
	assert_memory_equal(octets + 12, "\0\0\2\0\1", 5);
	assert_int_equal(take_question(octets, sizeof(octets)), -1);
}

TEST(silence_lasts_until_the_limit)
{
	turn();
	pass(LIMIT - 1);
	expect_at_least(LIMIT - 1);
	pass(1);
	expect(LIMIT);
}

TEST(an_error_ends_the_waiting)
{
	shut();
	turn();
	turn();
	expect_nothing();
	turn();
	expect(0);
}

/* What a neighbour that is switched off looks like, for which the kernel has begun to look before;
 * the real one is in test-lookup. */
TEST(an_error_that_comes_late_has_taken_so_long)
{
	shut();
	turn();
	pass(70000);
	expect_at_least(70000);
	pass(3070000);
	expect(3070000);
}

TEST(what_cannot_be_sent_takes_no_time)
{
	dns_delay_close(&delay);
	address_parse(&address, "255.255.255.255", 53);
	dns_delay_open(&delay, &address, LIMIT);
	turn();
	turn();
	expect(0);
}

TEST(an_answer_does_not_end_the_waiting)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	uint8_t octets[64];

	turn();
	assert_int_equal(
		recvfrom(server, octets, sizeof(octets), 0, (struct sockaddr *)&from, &length), 17);
	for (int i = 0; i < 2; i++)
		assert_int_equal(sendto(server, octets, 17, 0, (struct sockaddr *)&from, length),
				 17);
	for (int i = 0; i < 3; i++)
		turn();
	expect_nothing();
	pass(LIMIT);
	expect(LIMIT);
}

TEST(it_is_asked_again_after_a_while)
{
	uint8_t octets[64];

	turn();
	pass(LIMIT);
	assert_int_equal(take_question(octets, sizeof(octets)), 17);
	pass(INTERVAL * 1000 - 1000);
	assert_int_equal(take_question(octets, sizeof(octets)), -1);
	pass(1000);
	assert_int_equal(take_question(octets, sizeof(octets)), 17);
}

static void see(int64_t first, int64_t second)
{
	pass(INTERVAL * 1000);
	pass(first);
	pass(second);
}

TEST(the_longest_of_the_last_is_told)
{
	shut();
	see(3000000, 1000000);
	expect(3000000);
	see(500000, 400000);
	expect(3000000);
	see(300000, 200000);
	expect(500000);
}

TEST(a_server_that_answers_again_is_forgotten)
{
	shut();
	see(3000000, 0);
	dns_delay_close(&delay);
	expect_nothing();
	dns_delay_close(&delay);
	turn();
	pass(3000000);
	dns_delay_close(&delay);
	turn();
	pass(20000);
	pass(20000);
	expect(20000);
	pass(INTERVAL * 1000 - 1000);
	assert_int_equal(delay.fd, -1);
}

TEST(a_process_that_was_stopped_tells_no_more_than_the_limit)
{
	shut();
	turn();
	pass(3600 * INT64_C(1000000));
	expect(LIMIT);
}

#define DELAY_TEST(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DELAY_TEST(a_question_is_one_of_the_dns),
		DELAY_TEST(silence_lasts_until_the_limit),
		DELAY_TEST(an_error_ends_the_waiting),
		DELAY_TEST(an_error_that_comes_late_has_taken_so_long),
		DELAY_TEST(what_cannot_be_sent_takes_no_time),
		DELAY_TEST(an_answer_does_not_end_the_waiting),
		DELAY_TEST(it_is_asked_again_after_a_while),
		DELAY_TEST(the_longest_of_the_last_is_told),
		DELAY_TEST(a_server_that_answers_again_is_forgotten),
		DELAY_TEST(a_process_that_was_stopped_tells_no_more_than_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
