/* Tests questions over netlink: to the kernel that runs the test, about its loopback interface.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/netlink.h"
#include "actions/netlink_message.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "lib/clock.h"
#include "tests/unit/check.h"

#define PATIENCE 20000

static struct {
	unsigned int links, loopbacks;
} told;

static void take(void *argument, struct nlmsghdr *message)
{
	struct nlattr *name = nlmsg_find_attr(message, sizeof(struct ifinfomsg), IFLA_IFNAME);

	assert_ptr_equal(argument, &told);
	assert_int_equal(message->nlmsg_type, RTM_NEWLINK);
	assert_non_null(name);
	told.links++;
	told.loopbacks += !strcmp(nla_get_string(name), "lo");
}

static struct nl_msg *question_about(int type, int flags, const char *name)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct nl_msg *question = netlink_question(type, flags);

	netlink_need(nlmsg_append(question, &head, sizeof(head), NLMSG_ALIGNTO) == 0);
	if (name)
		netlink_need(nla_put_string(question, IFLA_IFNAME, name) == 0);
	return question;
}

static int ask(struct nl_msg *question, int64_t time, struct netlink_answer *answer)
{
	memset(&told, 0, sizeof(told));
	answer->take = take;
	answer->argument = &told;
	return netlink_ask(NETLINK_ROUTE, question, clock_now() + time, answer);
}

TEST(an_answer_of_one_message_is_heard)
{
	struct netlink_answer answer;

	assert_int_equal(ask(question_about(RTM_GETLINK, 0, "lo"), PATIENCE, &answer), 0);
	assert_int_equal(told.links, 1);
	assert_int_equal(told.loopbacks, 1);
	assert_string_equal(answer.words, "");
}

TEST(a_list_is_heard_to_its_end)
{
	struct netlink_answer answer;

	assert_int_equal(ask(question_about(RTM_GETLINK, NLM_F_DUMP, NULL), PATIENCE, &answer), 0);
	assert_true(told.links >= 1);
	assert_int_equal(told.loopbacks, 1);
}

TEST(a_refusal_is_an_errno)
{
	struct netlink_answer answer;

	assert_int_equal(ask(question_about(RTM_GETLINK, 0, "ha-none"), PATIENCE, &answer), ENODEV);
	assert_int_equal(told.links, 0);
}

/* A neighbour without a device and an address. */
TEST(the_words_beside_it_are_kept)
{
	struct ndmsg head = { .ndm_family = AF_INET };
	struct nl_msg *question = netlink_question(RTM_GETNEIGH, 0);
	struct netlink_answer answer;

	netlink_need(nlmsg_append(question, &head, sizeof(head), NLMSG_ALIGNTO) == 0);
	assert_int_equal(ask(question, PATIENCE, &answer), EINVAL);
	assert_non_null(strstr(answer.words, "specified"));
}

TEST(nobody_waits_beyond_the_deadline)
{
	struct netlink_answer answer;

	assert_int_equal(ask(question_about(RTM_GETLINK, 0, "lo"), 0, &answer), ETIMEDOUT);
	assert_int_equal(told.links, 0);
}

TEST(a_protocol_that_is_none_is_an_error)
{
	struct netlink_answer answer = { .take = NULL };
	struct nl_msg *question = netlink_question(RTM_GETLINK, 0);

	assert_int_not_equal(netlink_ask(31, question, clock_now() + PATIENCE, &answer), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_of_one_message_is_heard),
		cmocka_unit_test(a_list_is_heard_to_its_end),
		cmocka_unit_test(a_refusal_is_an_errno),
		cmocka_unit_test(the_words_beside_it_are_kept),
		cmocka_unit_test(nobody_waits_beyond_the_deadline),
		cmocka_unit_test(a_protocol_that_is_none_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
