/* The witness source: asks the witnesses of the groups, and the peer, whether they answer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/witness/source.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/address.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_peer.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/lease.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/witness/echo.h"
#include "subagent/sources/witness/ping.h"
#include "subagent/sources/witness/rows.h"
#include "subagent/sources/witness/target.h"

/* Answers that are taken in one turn. */
#define ANSWERS_A_TURN 64

/* Requests without an answer after which a row tells how many there were. */
#define SENT_A_ROW 4

/* Milliseconds until sockets that could not be opened are tried again. */
#define RETRY 5000

/* A row: a target, as one group sees it. */
struct view {
	size_t target;
	int64_t lease;
	struct witness_row row; /* as it was told last */
};

struct witness {
	struct ping ping;
	unsigned int families; /* that there are targets of: bit 0 IPv4, bit 1 IPv6 */
	int64_t retry;         /* clock_now() at which the sockets are to be opened; 0: they are */
	uint16_t id;
	size_t targets_count, views_count;
	struct target *targets; /* each address once, whichever groups name it */
	struct view *views;
	struct pulse pulse;
};

/* ---- whom to ask ---- */

static bool is_watched(const struct settings_group *group)
{
	return group->policy == haGroupFencingPolicy_witness;
}

static size_t find_target(const struct witness *witness, const struct address *address)
{
	size_t i = 0;

	while (i < witness->targets_count && !address_equal(&witness->targets[i].address, address))
		i++;
	return i;
}

/* A target of several groups is asked as often as the most impatient wants. */
static void add_view(struct witness *witness, const struct settings_group *group,
		     const struct address *address, int32_t kind)
{
	struct view *view = &witness->views[witness->views_count++];
	struct address plain = *address;
	struct target *target;

	plain.port = 0;
	*view = (struct view){ .target = find_target(witness, &plain), .lease = group->lease };
	TEXT_PUT(view->row.group, group->name);
	view->row.type = address_octets(&plain, &view->row.address);
	view->row.kind = kind;
	view->row.witness_state = haGroupWitnessState_unknown;
	target = &witness->targets[view->target];
	if (view->target == witness->targets_count) {
		witness->targets_count++;
		target->address = plain;
		target->interval = lease_interval(group);
	}
	if (lease_interval(group) < target->interval)
		target->interval = lease_interval(group);
	witness->families |= plain.family == AF_INET ? 1U : 2U;
}

static void add_group(struct witness *witness, const struct settings *settings,
		      const struct settings_group *group)
{
	for (size_t i = 0; i < group->witnesses_count; i++)
		add_view(witness, group, &group->witnesses[i], haGroupWitnessKind_witness);
	for (size_t i = 0; i < settings->peer->addresses_count; i++)
		add_view(witness, group, &settings->peer->addresses[i], haGroupWitnessKind_peer);
}

static void open_witness(struct witness *witness, const struct settings *settings)
{
	const struct settings_groups *groups = settings->groups;
	size_t room = 1;

	for (size_t i = 0; i < groups->count; i++)
		room += groups->groups[i].witnesses_count + settings->peer->addresses_count;
	*witness = (struct witness){ .ping.fds = { -1, -1 }, .retry = 1 };
	witness->targets = memory_new(room, sizeof(*witness->targets));
	witness->views = memory_new(room, sizeof(*witness->views));
	for (size_t i = 0; i < groups->count; i++)
		if (is_watched(&groups->groups[i]))
			add_group(witness, settings, &groups->groups[i]);
}

static void close_witness(struct witness *witness)
{
	ping_close(&witness->ping);
	free(witness->targets);
	free(witness->views);
}

/* ---- to ask ---- */

static void draw(void *octets, size_t size)
{
	if (getentropy(octets, size) < 0)
		log_fatal("getentropy: %s", strerror(errno));
}

static void open_sockets(struct witness *witness, int64_t now)
{
	int error;

	if (!witness->retry || now < witness->retry)
		return;
	error = ping_open(&witness->ping, witness->families);
	witness->retry = error ? now + RETRY : 0;
	draw(&witness->id, sizeof(witness->id));
	if (!error)
		return;
	witness->pulse.reason = error == EPERM || error == EACCES ?
					haSourceReason_permissionDenied :
					haSourceReason_other;
	TEXT_PRINT(witness->pulse.error, "cannot send echo requests: %s", strerror(error));
}

static void tell_trouble(struct witness *witness, const struct target *target, int error)
{
	char text[ADDRESS_TEXT_MAX];

	address_print(&target->address, text, sizeof(text));
	TEXT_PRINT(witness->pulse.error, "cannot ask %s: %s", text, strerror(error));
}

static void ask(struct witness *witness, struct target *target)
{
	unsigned char cookie[ECHO_COOKIE];
	struct echo echo;
	int error;

	draw(cookie, sizeof(cookie));
	if (!target_ask(target, witness->id, cookie, clock_microseconds(), &echo))
		return;
	error = ping_send(&witness->ping, &target->address, &echo);
	if (error)
		tell_trouble(witness, target, error);
}

static void ask_all(struct witness *witness)
{
	for (size_t i = 0; i < witness->targets_count; i++) {
		if (clock_now() >= witness->targets[i].next)
			ask(witness, &witness->targets[i]);
		loop_wake(witness->targets[i].next);
	}
}

static void take_answers(struct witness *witness)
{
	struct address address;
	struct echo echo;

	for (int n = 0; n < ANSWERS_A_TURN && ping_receive(&witness->ping, &address, &echo); n++) {
		size_t i = find_target(witness, &address);

		if (i < witness->targets_count)
			target_take(&witness->targets[i], &echo, clock_microseconds());
	}
	loop_watch(witness->ping.fds[0], POLLIN, NULL, NULL);
	loop_watch(witness->ping.fds[1], POLLIN, NULL, NULL);
}

/* ---- to tell ---- */

/* Every answer is told: the hub must not believe longer in one than the lease allows, whatever
 * becomes of this process. */
static bool is_news(const struct witness_row *row, const struct target *target, int32_t state)
{
	return state != row->witness_state || target->answered != row->age.since ||
	       target->sent - row->sent >= SENT_A_ROW;
}

/* Until it is known whether the target answers nothing is told: the hub may know it from a process
 * before this one. */
static void tell(struct view *view, const struct target *target, int64_t now)
{
	int32_t state = target_state(target, view->lease, now);
	struct witness_row *row = &view->row;

	loop_wake(target_turns(target, view->lease, now));
	if (state == haGroupWitnessState_unknown || !is_news(row, target, state))
		return;
	if (state != row->witness_state)
		row->state_time.wall = clock_wall();
	row->head.state = HaRowState_fresh;
	row->head.absent = 0;
	if (!target->answered)
		row->head.absent = UINT64_C(1) << mib_objects[mib_haGroupWitnessAge].arc |
				   UINT64_C(1) << mib_objects[mib_haGroupWitnessRoundTrip].arc;
	row->witness_state = state;
	row->round_trip = target->round_trip;
	row->sent = target->sent;
	row->received = target->received;
	row->age.since = target->answered;
	report_row(&witness_table, row);
}

static void tell_pulse(struct witness *witness)
{
	witness->pulse.state = witness->retry ? haSourceState_unavailable : haSourceState_running;
	if (!witness->retry)
		witness->pulse.reason = haSourceReason_none;
	report_pulse(&witness->pulse);
}

/* ---- the source ---- */

static void run(const struct settings *settings)
{
	struct witness witness;

	open_witness(&witness, settings);
	while (!loop_ended() && !report_lost()) {
		open_sockets(&witness, clock_now());
		loop_wake(witness.retry);
		if (!witness.retry) {
			take_answers(&witness);
			ask_all(&witness);
		}
		for (size_t i = 0; i < witness.views_count; i++)
			tell(&witness.views[i], &witness.targets[witness.views[i].target],
			     clock_now());
		tell_pulse(&witness);
		loop_turn();
	}
	close_witness(&witness);
}

static bool is_wanted(const struct settings *settings)
{
	for (size_t i = 0; i < settings->groups->count; i++)
		if (is_watched(&settings->groups->groups[i]))
			return true;
	return false;
}

static bool is_peer(const struct settings *settings, const struct address *address)
{
	for (size_t i = 0; i < settings->peer->addresses_count; i++) {
		struct address plain = settings->peer->addresses[i];

		plain.port = 0;
		if (address_equal(&plain, address))
			return true;
	}
	return false;
}

/* Whoever is the peer cannot say that the peer is not the one who is cut off. */
static const char *refuse(const struct settings *settings, int *line)
{
	for (size_t g = 0; g < settings->groups->count; g++) {
		const struct settings_group *group = &settings->groups->groups[g];

		*line = group->line;
		for (size_t i = 0; i < group->witnesses_count; i++)
			if (is_peer(settings, &group->witnesses[i]))
				return "a witness is an address of the peer";
	}
	return NULL;
}

const struct source witness_source = {
	.name = "witness",
	.tables = witness_tables,
	.capabilities = UINT64_C(1) << CAP_NET_RAW,
	.first = true, /* or a lease that holds would end before anybody was asked */
	.wanted = is_wanted,
	.refuse = refuse,
	.run = run,
};
