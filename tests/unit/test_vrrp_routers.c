/* Tests the table of routers: who advertises, who is silent, and who is let in.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/wire/routers.h"

#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/wire/advert.h"
#include "tests/unit/check.h"

#define ETH0 2
#define ETH1 3
#define START 1000000
#define WALL INT64_C(1700000000000)

/* Backups take over when they have heard nothing for three intervals and their skew: here (256 -
 * 100) / 256 of a second. */
#define PATIENCE 3609

static struct routers *routers;
static int64_t now, torn;
static struct advert advert;

static int begin(void **state)
{
	(void)state;
	routers = routers_new(4711);
	now = START;
	torn = 0;
	memset(&advert, 0, sizeof(advert));
	assert_true(address_parse(&advert.source, "192.0.2.1", 0));
	advert.version = 2;
	advert.vrid = 51;
	advert.priority = 100;
	advert.interval = 1000;
	advert.auth_type = haVrrpRouterAuthType_none;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	routers_free(routers);
	return 0;
}

static struct sighting sighting(uint32_t interface, bool own)
{
	return (struct sighting){ .interface = interface,
				  .interface_name = interface == ETH0 ? "eth0" : "eth1",
				  .own = own,
				  .now = now,
				  .wall = WALL + now,
				  .torn = torn };
}

static int64_t hear_from(uint32_t interface, bool own)
{
	struct sighting where = sighting(interface, own);

	return routers_hear(routers, &where, &advert);
}

static int64_t hear(void)
{
	return hear_from(ETH0, false);
}

static int64_t judge(void)
{
	struct sighting where = sighting(ETH0, false);

	return routers_judge(routers, &where);
}

static size_t count(void)
{
	size_t number;

	routers_all(routers, &number);
	return number;
}

/* The router that the advert comes from; NULL: it is not known. */
static const struct heard *known(void)
{
	size_t number;
	const struct heard *const *all = routers_all(routers, &number);

	for (size_t i = 0; i < number; i++)
		if (all[i]->vrid == advert.vrid && address_equal(&all[i]->source, &advert.source))
			return all[i];
	return NULL;
}

static void set_source(uint32_t last)
{
	advert.source.octets[1] = (uint8_t)(last >> 16);
	advert.source.octets[2] = (uint8_t)(last >> 8);
	advert.source.octets[3] = (uint8_t)last;
}

/* ---- what it says ---- */

TEST(a_router_is_known_by_its_first_advert)
{
	const struct heard *heard;

	advert.addresses_count = 40;
	advert.addresses_kept = WIRE_ADDRESSES_MAX;
	address_parse(&advert.addresses[WIRE_ADDRESSES_MAX - 1], "192.0.2.132", 0);
	hear();
	heard = known();
	assert_non_null(heard);
	assert_int_equal(heard->interface, ETH0);
	assert_string_equal(heard->interface_name, "eth0");
	assert_int_equal(heard->vrid, 51);
	assert_int_equal(heard->state, haVrrpRouterState_advertising);
	assert_int_equal(heard->since, WALL + now);
	assert_int_equal(heard->last, now);
	assert_int_equal(heard->last_wall, WALL + now);
	assert_int_equal(heard->version, 2);
	assert_int_equal(heard->priority, 100);
	assert_int_equal(heard->interval, 1000);
	assert_int_equal(heard->auth_type, haVrrpRouterAuthType_none);
	assert_int_equal(heard->adverts, 1);
	assert_int_equal(heard->addresses_count, 40);
	assert_int_equal(heard->addresses_kept, WIRE_ADDRESSES_MAX);
	assert_memory_equal(heard->addresses, advert.addresses, sizeof(advert.addresses));
	assert_false(heard->own);
	assert_int_equal(heard->seen_in, routers_version(routers));
}

TEST(an_advert_like_the_last_one_is_no_news)
{
	uint32_t version;

	hear();
	version = routers_version(routers);
	now += 1000;
	hear();
	assert_int_equal(routers_version(routers), version);
	assert_int_equal(known()->adverts, 2);
	assert_int_equal(known()->last, now);
	assert_int_equal(known()->since, WALL + START);
}

/* Change something in the advert, and see that it is news. */
#define EXPECT_NEWS(change)                                                                        \
	do {                                                                                       \
		uint32_t before = routers_version(routers);                                        \
		change;                                                                            \
		hear();                                                                            \
		assert_true(routers_version(routers) > before);                                    \
		assert_int_equal(known()->seen_in, routers_version(routers));                      \
	} while (0)

TEST(everything_that_changes_in_an_advert_is_news)
{
	hear();
	EXPECT_NEWS(advert.version = 3);
	EXPECT_NEWS(advert.priority = 150);
	EXPECT_NEWS(advert.interval = 250);
	EXPECT_NEWS(advert.auth_type = haVrrpRouterAuthType_simple);
	EXPECT_NEWS(advert.addresses_count = advert.addresses_kept = 1);
	EXPECT_NEWS(advert.addresses[0].octets[0] = 1);
	assert_int_equal(known()->priority, 150);
	assert_int_equal(known()->interval, 250);
	assert_int_equal(known()->addresses[0].octets[0], 1);
}

TEST(routers_differ_by_interface_vrid_family_and_source)
{
	size_t number;
	const struct heard *const *all;

	hear();
	hear_from(ETH1, false);
	advert.vrid = 52;
	hear();
	set_source(9);
	hear();
	advert.source.family = AF_INET6;
	hear();
	hear();
	all = routers_all(routers, &number);
	assert_int_equal(number, 5);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(all[i]->interface, ETH0);
	assert_int_equal(all[4]->interface, ETH1);
	assert_int_equal(all[3]->adverts, 2);
}

/* ---- resigned, silent, lost ---- */

TEST(priority_0_is_a_resignation)
{
	hear();
	now += 500;
	advert.priority = 0;
	assert_int_equal(hear(), 0);
	assert_int_equal(known()->state, haVrrpRouterState_resigned);
	assert_int_equal(known()->since, WALL + now);
	assert_int_equal(known()->resignations, 1);
	now += 100000;
	assert_int_equal(judge(), 0);
	assert_int_equal(known()->state, haVrrpRouterState_resigned);
	advert.priority = 100;
	hear();
	assert_int_equal(known()->state, haVrrpRouterState_advertising);
	assert_int_equal(known()->lost, 0);
}

TEST(silence_begins_when_a_backup_would_take_over)
{
	uint32_t version;

	assert_int_equal(hear(), START + PATIENCE);
	version = routers_version(routers);
	now += PATIENCE - 1;
	assert_int_equal(judge(), START + PATIENCE);
	assert_int_equal(known()->state, haVrrpRouterState_advertising);
	assert_int_equal(routers_version(routers), version);
	now++;
	assert_int_equal(judge(), 0);
	assert_int_equal(known()->state, haVrrpRouterState_silent);
	assert_int_equal(known()->since, WALL + now);
	assert_true(routers_version(routers) > version);
	now += 1000;
	hear();
	assert_int_equal(known()->state, haVrrpRouterState_advertising);
	assert_int_equal(known()->lost, 0);
}

TEST(the_skew_of_version_3_is_of_its_interval)
{
	advert.version = 3;
	advert.interval = 100;
	advert.priority = 255;
	assert_int_equal(hear(), START + 300);
	advert.priority = 128;
	assert_int_equal(hear(), START + 350);
}

TEST(an_interval_of_0_is_not_silence_at_once)
{
	advert.interval = 0;
	assert_int_equal(hear(), START + PATIENCE);
	now += 1000;
	hear();
	assert_int_equal(known()->lost, 0);
}

TEST(the_next_judgement_is_when_the_first_of_them_may_fall_silent)
{
	hear();
	now += 100;
	set_source(2);
	advert.interval = 500;
	hear();
	assert_int_equal(judge(), now + 1500 + 609);
	now += 1500 + 609;
	assert_int_equal(judge(), START + PATIENCE);
}

TEST(adverts_that_do_not_come_are_counted)
{
	hear();
	now += 1400;
	hear();
	assert_int_equal(known()->lost, 0);
	now += 2100;
	hear();
	assert_int_equal(known()->lost, 1);
	now += 2950;
	hear();
	assert_int_equal(known()->lost, 3);
}

TEST(a_sender_may_be_a_little_late)
{
	advert.version = 3;
	advert.interval = 10;
	hear();
	now += 25;
	hear();
	assert_int_equal(known()->lost, 0);
}

TEST(what_we_lost_ourselves_is_not_counted)
{
	hear();
	now += 500;
	torn = now;
	now += 2500;
	hear();
	assert_int_equal(known()->lost, 0);
}

TEST(who_was_backup_meanwhile_has_lost_nothing)
{
	set_source(1);
	hear();
	now += 1000;
	advert.vrid = 52;
	set_source(2);
	hear();
	advert.vrid = 51;
	set_source(1);
	now += 1000;
	hear();
	assert_int_equal(known()->lost, 1);
	now += 1000;
	set_source(2);
	hear();
	set_source(1);
	now += 1000;
	hear();
	assert_int_equal(known()->lost, 1);
}

TEST(after_an_overrun_nobody_is_silent_but_unknown)
{
	hear();
	now += 1000;
	torn = now;
	now += PATIENCE - 1;
	assert_int_equal(judge(), torn + PATIENCE);
	assert_int_equal(known()->state, haVrrpRouterState_unknown);
	now++;
	assert_int_equal(judge(), 0);
	assert_int_equal(known()->state, haVrrpRouterState_silent);
}

TEST(an_unknown_one_that_is_heard_advertises)
{
	hear();
	now += PATIENCE;
	torn = now;
	judge();
	assert_int_equal(known()->state, haVrrpRouterState_unknown);
	hear();
	assert_int_equal(known()->state, haVrrpRouterState_advertising);
}

/* ---- this node, and errors ---- */

TEST(our_own_adverts_that_come_back_are_errors)
{
	hear_from(ETH0, true);
	assert_true(known()->own);
	now += 1000;
	hear_from(ETH0, false);
	assert_true(known()->own);
	assert_int_equal(known()->adverts, 1);
	assert_int_equal(known()->errors, 1);
	assert_int_equal(known()->last, START);
}

TEST(an_address_may_move_to_another_node)
{
	hear_from(ETH0, true);
	now += PATIENCE;
	judge();
	hear_from(ETH0, false);
	assert_false(known()->own);
	now += 1000;
	hear_from(ETH0, true);
	assert_true(known()->own);
}

TEST(errors_are_counted_for_who_is_known)
{
	struct sighting where = sighting(ETH0, false);
	uint32_t version;

	assert_false(routers_blame(routers, &where, &advert));
	assert_int_equal(count(), 0);
	hear();
	version = routers_version(routers);
	assert_true(routers_blame(routers, &where, &advert));
	assert_int_equal(known()->errors, 1);
	assert_int_equal(known()->adverts, 1);
	assert_int_equal(routers_version(routers), version);
}

TEST(an_interface_that_is_left_takes_its_routers_along)
{
	uint32_t version;

	hear();
	set_source(2);
	hear();
	hear_from(ETH1, false);
	version = routers_version(routers);
	routers_leave(routers, ETH0);
	assert_int_equal(count(), 1);
	assert_true(routers_version(routers) > version);
	assert_int_equal(known()->interface, ETH1);
}

/* ---- crowds ---- */

/* Let milliseconds pass; fifty strangers come in each, `times' times each of them. */
static void crowd(int64_t milliseconds, uint32_t times)
{
	static uint32_t stranger;
	struct advert mine = advert;

	for (int64_t end = now + milliseconds; now < end; now++)
		for (int i = 0; i < 50; i++) {
			set_source(0x100000 + stranger++ / times);
			hear();
		}
	advert = mine;
}

TEST(strangers_that_are_heard_once_are_let_in_at_a_pace)
{
	crowd(1000, 1);
	assert_in_range(count(), 64, 128);
	assert_int_equal(routers_refused(routers) + count(), 50000);
	crowd(10000, 1);
	assert_in_range(count(), 64, 512);
}

TEST(who_comes_again_is_let_in_before_them)
{
	crowd(2000, 1);
	for (int i = 0; i < 3; i++) {
		hear();
		crowd(1000, 1);
	}
	assert_non_null(known());
}

TEST(a_router_with_the_same_vrid_stays_in_a_crowd)
{
	for (int i = 0; i < 20; i++, now += 1000)
		hear();
	for (int second = 0; second < 40; second++) {
		crowd(1000, 2);
		judge();
	}
	assert_int_equal(count(), WIRE_ROUTERS_MAX);
	assert_non_null(known());
	assert_int_equal(known()->state, haVrrpRouterState_silent);
	assert_int_equal(known()->adverts, 20);
}

/* A thousand instances that begin at once, none of which is a stranger for long. */
static void begin_thousand(void)
{
	for (int round = 0; round < 10; round++, now += 1000)
		for (uint32_t i = 0; i < 1000; i++) {
			set_source(i);
			hear();
		}
}

TEST(a_thousand_routers_are_known_within_seconds)
{
	begin_thousand();
	assert_int_equal(count(), 1000);
}

TEST(those_who_advertise_make_no_room)
{
	for (int round = 0; round < 40; round++, now += 1000)
		for (uint32_t i = 0; i <= WIRE_ROUTERS_MAX; i++) {
			set_source(i);
			hear();
		}
	assert_int_equal(count(), WIRE_ROUTERS_MAX);
	set_source(WIRE_ROUTERS_MAX);
	assert_null(known());
	now += PATIENCE;
	judge();
	hear();
	assert_non_null(known());
	assert_int_equal(count(), WIRE_ROUTERS_MAX);
	/* All have been heard often: the one that is silent longest has gone. */
	set_source(0);
	assert_null(known());
	set_source(1);
	assert_non_null(known());
}

#define ON_A_TABLE(test) cmocka_unit_test_setup_teardown(test, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_TABLE(a_router_is_known_by_its_first_advert),
		ON_A_TABLE(an_advert_like_the_last_one_is_no_news),
		ON_A_TABLE(everything_that_changes_in_an_advert_is_news),
		ON_A_TABLE(routers_differ_by_interface_vrid_family_and_source),
		ON_A_TABLE(priority_0_is_a_resignation),
		ON_A_TABLE(silence_begins_when_a_backup_would_take_over),
		ON_A_TABLE(the_skew_of_version_3_is_of_its_interval),
		ON_A_TABLE(an_interval_of_0_is_not_silence_at_once),
		ON_A_TABLE(the_next_judgement_is_when_the_first_of_them_may_fall_silent),
		ON_A_TABLE(adverts_that_do_not_come_are_counted),
		ON_A_TABLE(a_sender_may_be_a_little_late),
		ON_A_TABLE(what_we_lost_ourselves_is_not_counted),
		ON_A_TABLE(who_was_backup_meanwhile_has_lost_nothing),
		ON_A_TABLE(after_an_overrun_nobody_is_silent_but_unknown),
		ON_A_TABLE(an_unknown_one_that_is_heard_advertises),
		ON_A_TABLE(our_own_adverts_that_come_back_are_errors),
		ON_A_TABLE(an_address_may_move_to_another_node),
		ON_A_TABLE(errors_are_counted_for_who_is_known),
		ON_A_TABLE(an_interface_that_is_left_takes_its_routers_along),
		ON_A_TABLE(strangers_that_are_heard_once_are_let_in_at_a_pace),
		ON_A_TABLE(who_comes_again_is_let_in_before_them),
		ON_A_TABLE(a_router_with_the_same_vrid_stays_in_a_crowd),
		ON_A_TABLE(a_thousand_routers_are_known_within_seconds),
		ON_A_TABLE(those_who_advertise_make_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
