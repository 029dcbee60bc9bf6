/* Tests DRBD's handler fence-peer against a hub that is played.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/fence.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/rows.h"
#include "subagent/hactl/arguments.h"
#include "subagent/hactl/verdict.h"
#include "subagent/sources/drbd/rows.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define PATIENCE 20 /* seconds until a test gives up */

static int hub;
static char socket_path[96];
static char name[] = "r0";
static struct group_row group;
static struct drbd_resource_row resource;

static int play_hub(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE }; /* of accept(2) */

	folder_make(state);
	TEXT_PUT(socket_path, folder_path("hub"));
	TEXT_PUT(address.sun_path, socket_path);
	hub = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(hub, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(hub, 4), 0);
	assert_int_equal(setsockopt(hub, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	group = (struct group_row){ .policy = haGroupFencingPolicy_witness };
	group.head.state = HaRowState_fresh;
	group.peer_fenced = HaAnswer_no;
	TEXT_PUT(group.name, "nfs");
	resource = (struct drbd_resource_row){ .role = HaDrbdRole_primary, .peers = 1 };
	resource.head.state = HaRowState_fresh;
	TEXT_PUT(resource.name, "r0");
	return 0;
}

static int end_hub(void **state)
{
	if (hub >= 0)
		close(hub);
	return folder_remove(state);
}

/* The handler, in a process of its own, as DRBD calls it. */
static pid_t call_handler(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		char *words[] = { name, NULL };
		struct arguments arguments = { .socket = socket_path, .words = words, .count = 1 };

		close(hub);
		alarm(PATIENCE);
		_exit(fence_peer(&arguments));
	}
	return pid;
}

static void send_row(int fd, const struct table *table, const void *row)
{
	assert_int_equal(frame_send(fd, FRAME_ROW, table->entry, row, table->size), FRAME_OK);
}

/* One look of the handler: its beginning and its end. */
static int hear_look(void)
{
	int fd = accept(hub, NULL, NULL);
	struct frame frame;

	assert_true(fd >= 0);
	assert_int_equal(frame_receive(fd, &frame, NULL), FRAME_OK);
	assert_int_equal(frame.head.type, FRAME_LIST);
	return fd;
}

static void end_look(int fd)
{
	assert_int_equal(frame_send(fd, FRAME_END, 0, NULL, 0), FRAME_OK);
	close(fd);
}

static void answer(void)
{
	struct group_member_row member = { .kind = haGroupMemberKind_drbd };
	int fd = hear_look();

	TEXT_PUT(member.group, "nfs");
	TEXT_PUT(member.name, "r0");
	send_row(fd, &group_table, &group);
	send_row(fd, &group_member_table, &member);
	send_row(fd, &drbd_resource_table, &resource);
	end_look(fd);
}

/* Of a hub whose sources have told nothing yet. */
static void answer_little(void)
{
	int fd = hear_look();

	send_row(fd, &group_table, &group);
	end_look(fd);
}

static int exit_status(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(it_says_at_once_what_is_certain)
{
	pid_t pid = call_handler();

	group.peer_fenced = HaAnswer_yes;
	answer();
	assert_int_equal(exit_status(pid), VERDICT_OUTDATED);
}

TEST(it_waits_until_the_peer_cannot_take_over)
{
	pid_t pid = call_handler();

	answer();
	answer();
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	group.peer_fenced = HaAnswer_yes;
	answer();
	assert_int_equal(exit_status(pid), VERDICT_OUTDATED);
}

TEST(it_asks_again_when_the_hub_goes_away)
{
	pid_t pid = call_handler();
	int fd = accept(hub, NULL, NULL);

	assert_true(fd >= 0);
	close(fd);
	group.peer_fenced = HaAnswer_yes;
	answer();
	assert_int_equal(exit_status(pid), VERDICT_OUTDATED);
}

/* Nor does it take what the new one does not know for a loss. */
TEST(it_asks_again_when_the_hub_knows_nothing_yet)
{
	pid_t pid = call_handler();

	answer_little();
	resource.peers_connected = 1;
	answer();
	resource.peers_connected = 0;
	answer();
	answer_little();
	group.peer_fenced = HaAnswer_yes;
	answer();
	assert_int_equal(exit_status(pid), VERDICT_OUTDATED);
}

/* DRBD does not wait any more, and the hub may hear of a loss a little late. */
TEST(it_ends_when_the_connection_is_back)
{
	pid_t pid = call_handler();

	resource.peers_connected = 1;
	answer();
	resource.peers_connected = 0;
	answer();
	resource.peers_connected = 1;
	answer();
	assert_int_equal(exit_status(pid), VERDICT_UNDECIDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_says_at_once_what_is_certain, play_hub, end_hub),
		cmocka_unit_test_setup_teardown(it_waits_until_the_peer_cannot_take_over, play_hub,
						end_hub),
		cmocka_unit_test_setup_teardown(it_asks_again_when_the_hub_goes_away, play_hub,
						end_hub),
		cmocka_unit_test_setup_teardown(it_asks_again_when_the_hub_knows_nothing_yet,
						play_hub, end_hub),
		cmocka_unit_test_setup_teardown(it_ends_when_the_connection_is_back, play_hub,
						end_hub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
