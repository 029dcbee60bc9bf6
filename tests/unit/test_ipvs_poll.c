/* Tests the conversation with the kernel about IPVS: its order, and what may come in between. The
 * clock, the loop and the kernel are the test's own; the kernel gives recorded answers.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/poll.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_ipvs.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/ipvs/model.h"
#include "subagent/sources/ipvs/recall.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

#define FAMILY 28 /* of IPVS in the recorded messages */
#define SERVICES 7
#define QUESTIONS_MAX 64

/* ---- the world ---- */

static int64_t now, woken;

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

void loop_watch(int fd, short events, loop_call *call, void *argument)
{
	(void)fd;
	(void)events;
	(void)call;
	(void)argument;
}

void loop_wake(int64_t when)
{
	woken = when;
}

/* ---- the kernel: a list of what it was asked, and the answer to the last question ---- */

static struct kernel {
	bool has_ipvs;
	int error;                    /* errno that it answers to questions about IPVS; 0 */
	bool silent;                  /* it does not answer at all */
	bool long_list;               /* it pads a list of servers, as if it had come in parts */
	int missing;                  /* how many lists of servers come empty */
	uint8_t asked[QUESTIONS_MAX]; /* commands */
	size_t count;
	unsigned int lists; /* of servers in this collection */
	unsigned char *answer;
	size_t length, given;
} kernel;

static void answer(const void *octets, size_t length)
{
	kernel.answer = memory_resize(kernel.answer, kernel.length + length + 1, 1);
	memcpy(kernel.answer + kernel.length, octets, length);
	kernel.length += length;
}

static void answer_recorded(const char *name)
{
	struct recorded recorded;
	char path[128];

	TEXT_PRINT(path, "../ipvs/mixed/%s", name);
	recorded = recorded_read(path);
	answer(recorded.octets, recorded.length);
	recorded_free(&recorded);
}

static void answer_error(uint16_t type, int error)
{
	struct {
		struct nlmsghdr head;
		int error;
	} end = { .head = { .nlmsg_len = sizeof(end), .nlmsg_type = type }, .error = -error };

	answer(&end, sizeof(end));
}

/* What the kernel passes over: it only makes the list long. */
static void answer_padding(void)
{
	static const struct nlmsghdr nothing = { .nlmsg_len = sizeof(nothing),
						 .nlmsg_type = NLMSG_NOOP };

	for (int i = 0; i < 256; i++)
		answer(&nothing, sizeof(nothing));
}

static void answer_reals(void)
{
	char name[16];

	if (kernel.long_list)
		answer_padding();
	if (kernel.missing > 0) {
		kernel.missing--;
		answer_error(NLMSG_DONE, 0);
		return;
	}
	TEXT_PRINT(name, "dests-%u", kernel.lists);
	answer_recorded(name);
}

/* Which of the recorded services a question is about. */
static unsigned int service_of(struct nlmsghdr *question)
{
	static const char *const order[SERVICES] = { "sctp", "tcp 0",  "tcp 6", "tcp 53",
						     "udp",  "mark 6", "mark" };
	struct nlattr *outer[IPVS_CMD_ATTR_MAX + 1], *inner[IPVS_SVC_ATTR_MAX + 1];
	const char *wanted;
	bool wide;

	genlmsg_parse(question, 0, outer, IPVS_CMD_ATTR_MAX, NULL);
	nla_parse_nested(inner, IPVS_SVC_ATTR_MAX, outer[IPVS_CMD_ATTR_SERVICE], NULL);
	wide = nla_get_u16(inner[IPVS_SVC_ATTR_AF]) == AF_INET6;
	if (inner[IPVS_SVC_ATTR_FWMARK])
		wanted = wide ? "mark 6" : "mark";
	else if (nla_get_u16(inner[IPVS_SVC_ATTR_PROTOCOL]) == IPPROTO_TCP)
		wanted = wide                                   ? "tcp 6" :
			 nla_get_u16(inner[IPVS_SVC_ATTR_PORT]) ? "tcp 53" :
								  "tcp 0";
	else
		wanted = nla_get_u16(inner[IPVS_SVC_ATTR_PROTOCOL]) == IPPROTO_UDP ? "udp" : "sctp";
	for (unsigned int i = 0; i < SERVICES; i++)
		if (!strcmp(order[i], wanted))
			return i + 1;
	return 0;
}

static void answer_ipvs(struct nlmsghdr *question)
{
	uint8_t command = genlmsg_hdr(question)->cmd;

	if (kernel.error || !kernel.has_ipvs) {
		answer_error(NLMSG_ERROR, kernel.error ? kernel.error : ENOENT);
	} else if (command == IPVS_CMD_GET_INFO) {
		answer_recorded("info");
		answer_error(NLMSG_ERROR, 0);
	} else if (command == IPVS_CMD_GET_DAEMON) {
		answer_recorded("daemons");
	} else if (command == IPVS_CMD_GET_SERVICE) {
		answer_recorded("services");
	} else {
		kernel.lists = service_of(question);
		answer_reals();
	}
}

/* What nl_send_auto() does is nothing here but to number the question. */
int nl_send_auto(struct nl_sock *socket, struct nl_msg *message)
{
	static uint32_t sequence;
	struct nlmsghdr *question = nlmsg_hdr(message);

	(void)socket;
	question->nlmsg_seq = ++sequence;
	assert_true(kernel.count < QUESTIONS_MAX);
	kernel.asked[kernel.count++] = genlmsg_hdr(question)->cmd;
	kernel.length = kernel.given = 0;
	if (kernel.silent)
		return 0;
	if (question->nlmsg_type != GENL_ID_CTRL)
		answer_ipvs(question);
	else if (kernel.has_ipvs)
		answer_recorded("families");
	else
		answer_error(NLMSG_DONE, 0);
	for (size_t at = 0; at < kernel.length;) {
		struct nlmsghdr *message_at = (void *)(kernel.answer + at);

		message_at->nlmsg_seq = sequence;
		at += NLMSG_ALIGN(message_at->nlmsg_len);
	}
	return 0;
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	size_t length = kernel.length - kernel.given;

	(void)fd;
	(void)flags;
	if (!length) {
		errno = EAGAIN;
		return -1;
	}
	assert_true(length <= size);
	memcpy(buffer, kernel.answer + kernel.given, length);
	kernel.given = kernel.length;
	return (ssize_t)length;
}

/* ---- the source ---- */

static const struct settings_ipvs settings = { .interval = 1000, .keep = 60000 };
static struct ipvs_model *model;
static struct ipvs_poll ipvs;

static int make(void **state)
{
	(void)state;
	report_hold(true);
	memset(&kernel, 0, sizeof(kernel));
	kernel.has_ipvs = true;
	now = 1000;
	model = ipvs_model_new(&settings);
	ipvs_poll_open(&ipvs, model, settings.interval);
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	ipvs_poll_close(&ipvs);
	ipvs_model_free(model);
	free(kernel.answer);
	return 0;
}

static void turn(int64_t passed)
{
	now += passed;
	kernel.count = 0;
	ipvs_poll_turn(&ipvs);
}

static size_t counted, removed;

static void count_memory(void *argument, const struct ipvs_memory *memory)
{
	(void)argument;
	counted += memory->real.family != 0;
	removed += memory->real.family && memory->state == haIpvsRealState_removed;
}

static size_t count_reals(void)
{
	counted = removed = 0;
	ipvs_model_recite(model, count_memory, NULL);
	return counted;
}

static size_t count_removed(void)
{
	count_reals();
	return removed;
}

TEST(a_collection_asks_for_everything_in_one_turn)
{
	turn(0);
	assert_true(ipvs.complete);
	assert_int_equal(ipvs.error, 0);
	assert_int_equal(ipvs.rejected, 0);
	assert_int_equal(ipvs.family, FAMILY);
	assert_int_equal(ipvs.version, 0x010201);
	assert_int_equal(ipvs.daemons, 0);
	assert_int_equal(kernel.count, 4 + SERVICES);
	assert_int_equal(kernel.asked[0], CTRL_CMD_GETFAMILY);
	assert_int_equal(kernel.asked[1], IPVS_CMD_GET_INFO);
	assert_int_equal(kernel.asked[2], IPVS_CMD_GET_DAEMON);
	assert_int_equal(kernel.asked[3], IPVS_CMD_GET_SERVICE);
	assert_int_equal(kernel.asked[4], IPVS_CMD_GET_DEST);
	assert_int_equal(ipvs_model_count(model), SERVICES);
	assert_int_equal(count_reals(), 9);
}

TEST(the_next_one_comes_in_its_time_and_knows_the_family)
{
	turn(0);
	assert_int_equal(woken, 2000);
	turn(999);
	assert_int_equal(kernel.count, 0);
	turn(1);
	assert_int_equal(kernel.count, 2 + SERVICES);
	assert_int_equal(kernel.asked[0], IPVS_CMD_GET_DAEMON);
}

TEST(a_kernel_without_ipvs_is_asked_for_its_families_alone)
{
	kernel.has_ipvs = false;
	turn(0);
	assert_true(ipvs.complete);
	assert_int_equal(ipvs.error, 0);
	assert_int_equal(ipvs.family, 0);
	assert_int_equal(kernel.count, 1);
	assert_int_equal(kernel.asked[0], CTRL_CMD_GETFAMILY);
	turn(1999);
	assert_int_equal(kernel.count, 0);
	kernel.has_ipvs = true;
	turn(1);
	assert_int_equal(ipvs_model_count(model), SERVICES);
}

TEST(a_module_that_is_unloaded_takes_its_services_along)
{
	turn(0);
	kernel.has_ipvs = false;
	turn(1000);
	assert_int_equal(ipvs.family, 0);
	assert_int_equal(ipvs.error, 0);
	turn(2000);
	assert_int_equal(count_removed(), 9);
	assert_int_equal(ipvs.version, 0);
	kernel.has_ipvs = true;
	turn(2000);
	assert_int_equal(count_removed(), 0);
}

TEST(a_refusal_removes_nothing)
{
	turn(0);
	kernel.error = EPERM;
	turn(1000);
	assert_int_equal(ipvs.error, EPERM);
	assert_int_equal(count_removed(), 0);
	kernel.error = 0;
	turn(1000);
	assert_int_equal(ipvs.error, 0);
}

TEST(a_silent_kernel_is_given_up)
{
	turn(0);
	kernel.silent = true;
	turn(1000);
	assert_int_equal(ipvs.error, 0);
	assert_int_equal(woken, now + 5000);
	turn(4999);
	assert_int_equal(ipvs.error, 0);
	turn(1);
	assert_int_equal(ipvs.error, ETIMEDOUT);
	assert_int_equal(count_removed(), 0);
	kernel.silent = false;
	turn(60000);
	assert_int_equal(ipvs.error, 0);
}

TEST(a_long_collection_makes_the_pause_long)
{
	kernel.silent = true;
	turn(0);
	turn(5000);
	assert_int_equal(woken, now + 9 * 5000);
}

TEST(a_short_list_is_believed_at_once)
{
	turn(0);
	kernel.missing = SERVICES;
	turn(1000);
	assert_int_equal(kernel.count, 2 + SERVICES);
	assert_int_equal(count_removed(), 9);
}

TEST(a_long_list_that_lacks_servers_is_asked_for_again)
{
	turn(0);
	kernel.long_list = true;
	kernel.missing = 1;
	turn(1000);
	assert_int_equal(kernel.count, 2 + SERVICES + 1);
	assert_int_equal(count_removed(), 0);
	kernel.missing = 100;
	turn(1000);
	assert_true(count_removed() == 9);
}

#define POLL_TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		POLL_TEST(a_collection_asks_for_everything_in_one_turn),
		POLL_TEST(the_next_one_comes_in_its_time_and_knows_the_family),
		POLL_TEST(a_kernel_without_ipvs_is_asked_for_its_families_alone),
		POLL_TEST(a_module_that_is_unloaded_takes_its_services_along),
		POLL_TEST(a_refusal_removes_nothing),
		POLL_TEST(a_silent_kernel_is_given_up),
		POLL_TEST(a_long_collection_makes_the_pause_long),
		POLL_TEST(a_short_list_is_believed_at_once),
		POLL_TEST(a_long_list_that_lacks_servers_is_asked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
