/* Tests two nodes with a lease each against cuts, lost packets, clocks that differ, and nodes that
 * stand still: at no time do both write, and nothing that was acknowledged is lost.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Both nodes do the worst that they may: each promotes as soon as it is allowed to, and one that
 * has to stop often goes on writing to the very end of its time. Everything is drawn from a seed,
 * which a failure names.
 */
#include "subagent/groups/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

#define NODES 2
#define WITNESSES_MAX 3
#define TARGETS (1 + WITNESSES_MAX) /* of a node: the peer, and the witnesses */
#define TICK 20                     /* milliseconds of the world */
#define TRIP_MAX 80                 /* milliseconds of a round trip */
#define CUT_MIN 700                 /* longer than two requests need */
#define RESET_TIME 3000             /* milliseconds that a node takes to come back */

struct node {
	struct lease lease;
	int64_t offset; /* what its clock says at the beginning */
	int drift;      /* parts in ten thousand */
	int64_t frozen; /* the hub does not turn before this time of the world */
	int64_t next;   /* when the next requests go out, by its clock */
	int64_t asked[TARGETS], comes[TARGETS]; /* the request under way, when its answer comes */
	bool lost[TARGETS];                     /* the one before was lost by chance */
	bool writes;
	bool alone;    /* it may acknowledge what its peer does not have */
	int64_t guard; /* when its watchdog resets it, by its clock; 0: never */
	uint32_t data; /* how new it is */
};

static struct settings_group group;
static struct node nodes[NODES];
static int64_t world;                    /* its time */
static int place[NODES + WITNESSES_MAX]; /* those in one place reach each other */
static uint32_t seed, newest;
static unsigned int takeovers, stops;

static uint32_t draw(uint32_t limit)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 8) * limit >> 24);
}

static int64_t clock_of(const struct node *node)
{
	return node->offset + world + world * node->drift / 10000;
}

static struct node *other(const struct node *node)
{
	return &nodes[node == nodes];
}

/* Where the target of a node's requests is: its peer first, then the witnesses. */
static size_t where(const struct node *node, size_t target)
{
	return target ? NODES + target - 1 : (size_t)(other(node) - nodes);
}

static bool reaches(const struct node *node, size_t target)
{
	return place[node - nodes] == place[where(node, target)];
}

/* ---- echo requests ---- */

static void send_requests(struct node *node, int64_t now)
{
	for (size_t i = 0; i <= group.witnesses_count; i++) {
		bool chance = !node->lost[i] && draw(50) == 0;

		node->asked[i] = 0;
		node->lost[i] = chance;
		if (chance || !reaches(node, i))
			continue;
		node->asked[i] = now;
		node->comes[i] = world + 1 + draw(TRIP_MAX);
	}
	node->next = now + lease_interval(&group);
}

static void take_answers(struct node *node, int64_t now)
{
	for (size_t i = 0; i <= group.witnesses_count; i++) {
		if (!node->asked[i] || world < node->comes[i])
			continue;
		if (reaches(node, i) && i)
			lease_take_witness(&node->lease, i - 1, node->asked[i], now);
		else if (reaches(node, i))
			lease_take_peer(&node->lease, node->asked[i], now);
		node->asked[i] = 0;
	}
}

/* ---- a node ---- */

static void start_node(struct node *node)
{
	int64_t now = clock_of(node);

	lease_open(&node->lease, &group, now);
	lease_take_links(&node->lease, true, now);
	memset(node->asked, 0, sizeof(node->asked));
	node->next = now + draw((uint32_t)lease_interval(&group));
}

static void stop_writing(struct node *node)
{
	stops++;
	node->writes = node->alone = false;
	lease_give(&node->lease);
}

static void begin_writing(struct node *node, int64_t now)
{
	node->writes = true;
	node->alone = false;
	lease_take(&node->lease, now);
}

/* DRBD refuses a second primary as long as the nodes are connected. */
static void follow(struct node *node, int64_t now)
{
	struct lease_standing standing;
	bool connected = reaches(node, 0);

	lease_judge(&node->lease, now, &standing);
	if (node->writes) {
		if (standing.must_stop && (now >= standing.stop_by || !draw(40)))
			stop_writing(node);
		node->alone |= !connected && standing.alone;
		if (!standing.must_stop)
			lease_take_written(&node->lease, now);
	} else if (connected && standing.holds && !other(node)->writes && !draw(200)) {
		begin_writing(node, now);
	} else if (!connected && standing.may_promote && !standing.behind) {
		takeovers++;
		begin_writing(node, now);
	}
}

static void turn(struct node *node)
{
	int64_t now = clock_of(node);

	if (node->writes && now >= node->guard) {
		stop_writing(node);
		node->frozen = world + RESET_TIME;
		start_node(node);
	}
	if (world < node->frozen)
		return;
	lease_turn(&node->lease, now);
	take_answers(node, now);
	if (now >= node->next)
		send_requests(node, now);
	if (reaches(node, 0) && node->data == other(node)->data)
		lease_take_synced(&node->lease, now);
	follow(node, now);
	node->guard = lease_guard_until(&node->lease, now);
}

/* What is acknowledged: by both, or by one whose peer cannot follow any more; with each connection
 * that is lost DRBD asks anew whether that is so. */
static void write_data(void)
{
	for (size_t i = 0; i < NODES; i++) {
		struct node *node = &nodes[i];

		if (!node->writes)
			continue;
		if (reaches(node, 0)) {
			node->data = other(node)->data = ++newest;
			node->alone = false;
		} else if (node->alone) {
			node->data = ++newest;
		}
	}
}

/* ---- the world ---- */

static void cut(void)
{
	for (size_t i = 0; i < NODES + group.witnesses_count; i++)
		place[i] = draw(3) ? 0 : 1 + (int)draw(2);
}

static void heal(void)
{
	memset(place, 0, sizeof(place));
}

static void make_world(uint32_t number)
{
	seed = number * 2654435761U + 1;
	world = newest = 0;
	heal();
	memset(nodes, 0, sizeof(nodes));
	group.witnesses_count = 1 + draw(WITNESSES_MAX);
	for (size_t i = 0; i < NODES; i++) {
		nodes[i].offset = 1000000 + draw(1000000);
		nodes[i].drift = (int)draw(201) - 100;
		start_node(&nodes[i]);
	}
}

static void check_world(uint32_t number)
{
	if (nodes[0].writes && nodes[1].writes)
		fail_msg("world %u: two writers at %lld", number, (long long)world);
	for (size_t i = 0; i < NODES; i++)
		if (nodes[i].writes && nodes[i].data != newest)
			fail_msg("world %u: node %zu has lost data at %lld", number, i,
				 (long long)world);
}

static void live(uint32_t number, int64_t length)
{
	int64_t next = 5000;

	make_world(number);
	for (; world < length; world += TICK) {
		if (world >= next) {
			if (draw(4))
				cut();
			else
				heal();
			next = world + CUT_MIN + draw(6000);
		}
		if (draw(1000) == 0)
			nodes[draw(NODES)].frozen = world + draw(9000);
		for (size_t i = 0; i < NODES; i++)
			turn(&nodes[i]);
		write_data();
		check_world(number);
	}
}

TEST(at_no_time_do_two_nodes_write)
{
	takeovers = stops = 0;
	for (uint32_t number = 1; number <= 150; number++)
		live(number, 60000);
	/* The worlds are not so wild, nor so tame, that nothing happens in them. */
	assert_true(takeovers > 30);
	assert_true(stops > 100);
}

/* ---- every order of losses ---- */

/* Who is together: node, peer and witness, as letters. */
static const char *const states[] = { "aaa", "abb", "aba", "aab", "abc" };

static void enter(const char *letters)
{
	for (size_t i = 0; i < NODES + 1; i++)
		place[i] = letters[i] - 'a';
}

/* From a healthy pair through two cuts and back to health; the first node writes at first. */
static void lose(uint32_t number, const char *first, const char *second, int64_t length,
		 int64_t more)
{
	int64_t moment = 8000;

	make_world(number);
	group.witnesses_count = 1;
	for (; world < moment + length + more + 8000; world += TICK) {
		enter(states[0]);
		if (world >= moment && world < moment + length)
			enter(first);
		else if (world >= moment + length && world < moment + length + more)
			enter(second);
		if (world == 4000)
			begin_writing(&nodes[0], clock_of(&nodes[0]));
		for (size_t i = 0; i < NODES; i++)
			turn(&nodes[i]);
		write_data();
		check_world(number);
	}
}

TEST(whatever_is_lost_in_whatever_order)
{
	static const int64_t lengths[] = { 700, 1900, 2600, 3300, 4200 };
	uint32_t number = 0;

	takeovers = stops = 0;
	for (size_t first = 0; first < COUNT(states); first++)
		for (size_t second = 0; second < COUNT(states); second++)
			for (size_t i = 0; i < COUNT(lengths); i++)
				for (size_t j = 0; j < COUNT(lengths); j++)
					lose(++number, states[first], states[second], lengths[i],
					     lengths[j]);
	assert_true(takeovers > 50);
	assert_true(stops > 50);
}

static int choose_settings(void **state)
{
	(void)state;
	group = (struct settings_group){
		.policy = haGroupFencingPolicy_witness,
		.lease = 1000,
		.give_up = 1200,
		.takeover = 3000,
	};
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(at_no_time_do_two_nodes_write, choose_settings),
		cmocka_unit_test_setup(whatever_is_lost_in_whatever_order, choose_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
