/* Tests orders to the kernel's DRBD 8.4, over its recorded messages. The kernel is the test's own:
 * it has one state before a role was asked for, and another one after it. SPDX-License-Identifier:
 * BSD-2-Clause
 */
#include "actions/drbd_genl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "actions/drbd_view.h"
#include "actions/netlink.h"
#include "actions/netlink_message.h"
#include "lib/clock.h"
#include "lib/memory.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

#define PATIENCE 20000
#define FAMILY 28 /* of DRBD in the recorded messages */

/* ---- the kernel ---- */

/* The process aside has it, too. */
static struct kernel {
	const char *before, *reply, *after; /* names of recordings */
	uint32_t version;                   /* of the family; 0: it is not there */
	uint32_t cut;                       /* messages are cut after so many octets; 0: not */
	bool hangs;                         /* when a role is asked for */
	int error;                          /* instead of a list */
} * kernel;

static void tell(struct netlink_answer *answer, const char *name)
{
	struct recorded recorded;
	struct nlmsghdr *message;
	char path[64];
	int left;

	TEXT_PRINT(path, "../drbd84/genl/%s", name);
	recorded = recorded_read(path);
	left = (int)recorded.length;
	message = (void *)recorded.octets;
	for (; nlmsg_ok(message, left); message = nlmsg_next(message, &left)) {
		if (message->nlmsg_type != FAMILY)
			continue;
		if (kernel->cut && message->nlmsg_len > kernel->cut) {
			struct nlmsghdr *copy = memory_new(1, message->nlmsg_len);

			memcpy(copy, message, kernel->cut);
			copy->nlmsg_len = kernel->cut;
			answer->take(answer->argument, copy);
			free(copy);
		} else {
			answer->take(answer->argument, message);
		}
	}
	recorded_free(&recorded);
}

static void tell_family(struct netlink_answer *answer)
{
	struct genlmsghdr head = { .cmd = CTRL_CMD_NEWFAMILY };
	struct nl_msg *message = netlink_question(GENL_ID_CTRL, 0);

	assert_int_equal(nlmsg_append(message, &head, sizeof(head), NLMSG_ALIGNTO), 0);
	nla_put_string(message, CTRL_ATTR_FAMILY_NAME, "drbd");
	nla_put_u16(message, CTRL_ATTR_FAMILY_ID, FAMILY);
	nla_put_u32(message, CTRL_ATTR_VERSION, kernel->version);
	answer->take(answer->argument, nlmsg_hdr(message));
	nlmsg_free(message);
}

static void change_role(struct netlink_answer *answer)
{
	while (kernel->hangs)
		nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
	tell(answer, kernel->reply);
	kernel->before = kernel->after;
}

int netlink_ask(int protocol, struct nl_msg *question, int64_t deadline,
		struct netlink_answer *answer)
{
	struct nlmsghdr *message = nlmsg_hdr(question);
	struct genlmsghdr *head = nlmsg_data(message);
	int error = 0;

	assert_int_equal(protocol, NETLINK_GENERIC);
	assert_true(deadline > 0);
	if (message->nlmsg_type == GENL_ID_CTRL) {
		if (kernel->version)
			tell_family(answer);
	} else if (head->cmd == 38) { /* DRBD_ADM_GET_INITIAL_STATE */
		error = kernel->error;
		if (!error)
			tell(answer, kernel->before);
	} else {
		change_role(answer);
	}
	nlmsg_free(question);
	return error;
}

static int make_kernel(void **state)
{
	(void)state;
	kernel = mmap(NULL, sizeof(*kernel), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	return kernel == MAP_FAILED ? -1 : 0;
}

static int remove_kernel(void **state)
{
	(void)state;
	return munmap(kernel, sizeof(*kernel));
}

static int set_up(void **state)
{
	(void)state;
	memset(kernel, 0, sizeof(*kernel));
	kernel->version = 1;
	kernel->before = kernel->after = "secondary";
	kernel->reply = "primary.granted";
	return 0;
}

static struct tool_result result;

static bool ask(enum drbd_order order)
{
	memset(&result, 0xa5, sizeof(result));
	return drbd_genl_ask(order, "r0", clock_now() + PATIENCE, &result);
}

/* ---- states ---- */

static const struct {
	const char *recording, *lines;
} known[] = {
	{ "primary",
	  "exists resource name:r0 role:Primary suspended:no\n"
	  "exists connection name:r0 connection:Connected role:Secondary\n"
	  "exists device name:r0 volume:0 minor:0 disk:UpToDate\n"
	  "exists device name:r0 volume:1 minor:1 disk:UpToDate\n"
	  "exists peer-device name:r0 volume:0 replication:Established peer-disk:UpToDate\n"
	  "exists peer-device name:r0 volume:1 replication:Established peer-disk:UpToDate\n"
	  "exists -\n" },
	{ "suspended", "exists resource name:r0 role:Primary suspended:user\n" },
	{ "connecting", "exists connection name:r0 connection:Connecting role:Unknown\n" },
	{ "standalone", "exists connection name:r0 connection:StandAlone role:Unknown\n" },
	{ "standalone", "volume:1 replication:Off peer-disk:DUnknown\n" },
	{ "diskless", "exists device name:r0 volume:1 minor:1 disk:Diskless\n" },
	{ "peer-primary", "exists connection name:r0 connection:Connected role:Primary\n" },
	{ "syncsource", "volume:0 replication:SyncSource peer-disk:Inconsistent\n" },
};

TEST(every_state_reads_as_drbdsetup_says_it)
{
	for (size_t i = 0; i < COUNT(known); i++) {
		kernel->before = known[i].recording;
		assert_true(ask(DRBD_ORDER_LOOK));
		assert_true(tool_went_well(&result));
		assert_non_null(strstr(result.out, known[i].lines));
		assert_string_equal(result.err, "");
	}
}

TEST(what_is_told_of_another_resource_does_not_count)
{
	assert_true(drbd_genl_ask(DRBD_ORDER_LOOK, "r", clock_now() + PATIENCE, &result));
	assert_string_equal(result.out, "exists -\n");
}

/* Wherever a message ends: nothing that was lost may pass for a good state. */
TEST(what_is_cut_is_missing)
{
	for (kernel->cut = NLMSG_HDRLEN; kernel->cut < 120; kernel->cut += 4) {
		struct drbd_view view;

		assert_true(ask(DRBD_ORDER_LOOK));
		drbd_view_read(&view, "r0", result.out);
		if (view.complete && view.up && !strstr(result.out, "unknown"))
			assert_true(view.volumes == 2 || drbd_view_forbids(&view, false));
		else
			assert_false(view.complete && view.role == DRBD_PRIMARY);
	}
}

TEST(a_list_that_fails_is_an_error)
{
	kernel->error = EPERM;
	assert_true(ask(DRBD_ORDER_LOOK));
	assert_false(tool_went_well(&result));
	assert_int_equal(result.error, EPERM);
	assert_int_equal(result.status, -1);
}

/* ---- roles ---- */

TEST(a_role_that_is_granted_is_shown)
{
	struct drbd_view view;

	kernel->after = "primary";
	assert_true(ask(DRBD_ORDER_PRIMARY));
	assert_true(tool_went_well(&result));
	drbd_view_read(&view, "r0", result.out);
	assert_true(view.complete);
	assert_int_equal(view.role, DRBD_PRIMARY);
	kernel->reply = "primary.again"; /* nothing to do */
	assert_true(ask(DRBD_ORDER_PRIMARY));
	assert_true(tool_went_well(&result));
}

TEST(a_role_that_is_refused_has_its_number)
{
	kernel->reply = "primary.peer";
	kernel->before = kernel->after = "peer-primary";
	assert_true(ask(DRBD_ORDER_PRIMARY));
	assert_int_equal(result.status, 10);
	assert_string_equal(result.err, "r0: State change failed: (-1)\n");
	assert_non_null(strstr(result.out, "role:Secondary suspended:no"));
	kernel->reply = "secondary.held-open";
	kernel->before = kernel->after = "primary";
	assert_true(ask(DRBD_ORDER_SECONDARY));
	assert_string_equal(result.err, "r0: State change failed: (-12)\n");
	kernel->reply = "primary.no-minor";
	assert_true(ask(DRBD_ORDER_PRIMARY));
	assert_string_equal(result.err, "r0: Failure: (127)\nadditional info from kernel:\n"
					"unknown minor\n");
}

TEST(without_a_volume_there_is_no_role)
{
	assert_true(drbd_genl_ask(DRBD_ORDER_PRIMARY, "r", clock_now() + PATIENCE, &result));
	assert_int_equal(result.error, ENODEV);
}

TEST(what_hangs_is_late)
{
	kernel->hangs = true;
	assert_true(drbd_genl_ask(DRBD_ORDER_PRIMARY, "r0", clock_now() + 100, &result));
	assert_true(result.late);
	assert_int_equal(result.error, 0);
	assert_int_equal(result.status, -1);
}

TEST(another_drbd_is_not_asked)
{
	kernel->version = 2;
	assert_false(ask(DRBD_ORDER_PRIMARY));
	kernel->version = 0;
	assert_false(ask(DRBD_ORDER_LOOK));
}

#define KERNEL(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL(every_state_reads_as_drbdsetup_says_it),
		KERNEL(what_is_told_of_another_resource_does_not_count),
		KERNEL(what_is_cut_is_missing),
		KERNEL(a_list_that_fails_is_an_error),
		KERNEL(a_role_that_is_granted_is_shown),
		KERNEL(a_role_that_is_refused_has_its_number),
		KERNEL(without_a_volume_there_is_no_role),
		KERNEL(what_hangs_is_late),
		KERNEL(another_drbd_is_not_asked),
	};

	return cmocka_run_group_tests(tests, make_kernel, remove_kernel);
}
