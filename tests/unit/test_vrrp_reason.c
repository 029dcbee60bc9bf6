/* Tests why an instance changed its state: what was so around it, and the reason made of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/reason.h"

#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

#define CHANGE(left, right, ...)                                                                   \
	(&(const struct vrrp_change){                                                              \
		.from = HaVrrpState_##left, .to = HaVrrpState_##right, __VA_ARGS__ })

#define EXPECT(label, ...)                                                                         \
	assert_int_equal(vrrp_reason(CHANGE(__VA_ARGS__)), haVrrpInstanceReason_##label)

TEST(the_peer_leaves)
{
	EXPECT(peerResigned, backup, master, .resigned = true);
	EXPECT(peerResigned, backup, master, .resigned = true, .outranked = true);
	EXPECT(peerSilent, backup, master, .running = true);
}

TEST(the_peer_is_weaker_or_stronger)
{
	EXPECT(peerPriority, backup, master, .outranked = true);
	EXPECT(peerPriority, master, backup, .running = true);
	EXPECT(trackFile, master, backup, .weighed = true);
}

TEST(something_it_tracks_fails)
{
	EXPECT(operator, master, fault, .held = true, .running = true, .tracked = true);
	EXPECT(operator, master, fault, .held = true);
	EXPECT(trackInterface, backup, fault, .tracked = true);
	EXPECT(trackFile, backup, fault, .running = true, .tracked = true);
	EXPECT(unknown, backup, fault, .running = true, .weighed = true);
}

TEST(what_failed_is_well_again)
{
	EXPECT(operator, fault, backup, .before = haVrrpInstanceReason_operator);
	EXPECT(trackInterface, fault, backup, .before = haVrrpInstanceReason_trackInterface,
	       .running = true);
}

TEST(keepalived_comes_and_goes)
{
	EXPECT(started, stop, backup, .running = true);
	EXPECT(started, init, backup, .running = true);
	EXPECT(started, backup, backup, .started = true);
	EXPECT(started, stop, master, .started = true);
	EXPECT(started, stop, init, .running = true);
	EXPECT(started, backup, deleted, .running = true);
	EXPECT(keepalivedGone, master, stop, .running = true);
	EXPECT(keepalivedGone, master, stop, .gone = true, .held = true);
}

TEST(at_first_there_is_none)
{
	const struct vrrp_change change = { .to = HaVrrpState_master, .running = true };
	const struct vrrp_change held = { .to = HaVrrpState_fault, .held = true };
	const struct vrrp_change started = { .to = HaVrrpState_backup, .started = true };

	assert_int_equal(vrrp_reason(&change), haVrrpInstanceReason_none);
	assert_int_equal(vrrp_reason(&held), haVrrpInstanceReason_operator);
	assert_int_equal(vrrp_reason(&started), haVrrpInstanceReason_started);
	EXPECT(unknown, backup, unknown, .running = true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_peer_leaves),
		cmocka_unit_test(the_peer_is_weaker_or_stronger),
		cmocka_unit_test(something_it_tracks_fails),
		cmocka_unit_test(what_failed_is_well_again),
		cmocka_unit_test(keepalived_comes_and_goes),
		cmocka_unit_test(at_first_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
