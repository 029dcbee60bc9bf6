/* The peer source: what the agent of the other node says, asked over SNMPv3.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/source.h"

#include <string.h>
#include <sys/prctl.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_peer.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/peer/book.h"
#include "subagent/sources/peer/client.h"
#include "subagent/sources/peer/forward.h"
#include "subagent/sources/peer/group.h"
#include "subagent/sources/peer/members.h"
#include "subagent/sources/peer/mirror.h"
#include "subagent/sources/peer/rows.h"
#include "subagent/sources/peer/secret.h"
#include "subagent/sources/peer/vrrp.h"

/* Milliseconds until a password that could not be read is looked for again. */
#define SECRET_INTERVAL 10000

/* Milliseconds from one collection to the next: at the most, where there are groups; and at the
 * least, when the hub wants one. */
#define GROUPS_INTERVAL 1000
#define LOOK_INTERVAL 100

/* From one collection of its members to the next, and how long they count: they change with its
 * configuration alone. */
#define MEMBERS_INTERVAL 10000
#define MEMBERS_LIMIT (3 * MEMBERS_INTERVAL)

/* Who has asked the question that is under way. */
enum asker { NOBODY, COLLECTION, MEMBERS, FORWARDS };

struct peer {
	const struct settings *settings;
	struct peer_client *client; /* NULL: the passwords are not known yet */
	struct mirror mirror;
	struct mirror members_mirror;
	struct peer_members members;
	struct peer_book vrrp, groups;
	struct forwards forwards;
	enum asker asker;
	bool collecting; /* a collection is under way */
	bool collecting_members;
	bool told;    /* the first rows have gone out */
	int64_t last; /* clock_now() at which the last collection began */
	int64_t next; /* clock_now() at which the next collection begins */
	int64_t members_next;
	int64_t started;  /* clock_now() at which the source did */
	int64_t answered; /* clock_now() of the last whole answer; 0: there was none */
	int64_t begun;    /* clock_microseconds() at which the collection began */
	int32_t trouble;  /* enum haVrrpPeerCause of the last collection */
	struct pulse pulse;
};

/* ---- how a collection ends ---- */

static void report_book(struct peer *peer, struct peer_book *book)
{
	if (peer->answered)
		report_begin(book->kind->table);
	peer_book_report(book);
	if (peer->answered)
		report_end(book->kind->table);
}

/* Rows go out when the peer has answered, or has not for long enough: a source that has been
 * started again does not take back what the hub knows. */
static void release_rows(struct peer *peer, int64_t now)
{
	int64_t limit = peer->settings->peer->limit;

	if (peer->told || (!peer->answered && now - peer->started <= limit))
		return;
	peer->told = true;
	report_hold(false);
	report_book(peer, &peer->vrrp);
	report_book(peer, &peer->groups);
	peer_members_report(&peer->members);
}

static void fail(struct peer *peer, int32_t cause, const char *error)
{
	int64_t now = clock_now();

	peer->collecting = peer->collecting_members = false;
	peer->trouble = cause;
	peer->members_next = now; /* it may come back with another configuration */
	TEXT_PUT(peer->pulse.error, error);
	peer_book_fail(&peer->vrrp, cause, now);
	peer_book_fail(&peer->groups, cause, now);
}

static void fail_asking(struct peer *peer, const struct peer_answer *answer)
{
	switch (answer->outcome) {
	case PEER_SILENT:
		fail(peer, haVrrpPeerCause_unreachable, answer->error);
		break;
	case PEER_REFUSED:
		fail(peer, haVrrpPeerCause_authenticationFailed, answer->error);
		break;
	case PEER_FAILED:
		/* It may be the size of the answer. */
		mirror_shrink(&peer->mirror);
		mirror_shrink(&peer->members_mirror);
		fail(peer, haVrrpPeerCause_noAgent, answer->error);
		break;
	case PEER_STRANGE:
	case PEER_ANSWERED:
		peer->pulse.rejected_lines++;
		fail(peer, haVrrpPeerCause_notUnderstood, answer->error);
	}
}

static void succeed(struct peer *peer, const struct peer_said *said)
{
	peer->collecting = false;
	peer->trouble = haVrrpPeerCause_none;
	peer->answered = clock_now();
	peer->pulse.collect_time = (uint32_t)(clock_microseconds() - peer->begun);
	/* What was said first may be as old as the question. */
	peer_book_take(&peer->vrrp, said->instances, said, peer->last);
	if (said->groups)
		peer_book_take(&peer->groups, said->groups, said, peer->last);
}

static bool has_groups(const struct peer *peer)
{
	return peer->settings->groups->count > 0;
}

/* All that was asked for is there. */
static void conclude(struct peer *peer)
{
	const struct peer_agent_row *agent = mirror_scalars(&peer->mirror, &peer_agent_table);
	const struct peer_keepalived_row *keepalived =
		mirror_scalars(&peer->mirror, &peer_keepalived_table);
	struct peer_said said = {
		.node = agent ? agent->node : "",
		.keepalived = keepalived && keepalived->keepalived ? keepalived->keepalived :
								     haVrrpKeepalivedState_unknown,
		.instances = mirror_rows(&peer->mirror, &peer_instance_table),
	};

	if (has_groups(peer)) {
		said.groups = mirror_rows(&peer->mirror, &peer_asked_group_table);
		said.nfs = mirror_scalars(&peer->mirror, &peer_nfs_table);
	}

	if (!*said.node)
		fail(peer, haVrrpPeerCause_noAgent,
		     "the peer's snmpd has no ha-agentx, or does not show it to the user");
	else if (!strcmp(said.node, peer->settings->node))
		fail(peer, haVrrpPeerCause_ownNode, "the address of the peer leads to this node");
	else
		succeed(peer, &said);
}

/* ---- questions ---- */

static void begin(struct peer *peer, int64_t now)
{
	int64_t interval = peer->settings->peer->interval;

	if (has_groups(peer) && interval > GROUPS_INTERVAL)
		interval = GROUPS_INTERVAL;
	peer->collecting = true;
	peer->last = now;
	peer->next = now + interval;
	peer->begun = clock_microseconds();
	mirror_begin(&peer->mirror);
}

/* They are asked for when the peer has answered otherwise. */
static bool find_members_question(struct peer *peer, struct peer_question *question, int64_t now)
{
	if (!has_groups(peer) || peer->trouble != haVrrpPeerCause_none)
		return false;
	if (!peer->collecting_members && now >= peer->members_next) {
		peer->collecting_members = true;
		peer->members_next = now + MEMBERS_INTERVAL;
		mirror_begin(&peer->members_mirror);
	}
	if (!peer->collecting_members)
		return false;
	if (mirror_ask(&peer->members_mirror, question)) {
		peer->asker = MEMBERS;
		return true;
	}
	peer->collecting_members = false;
	peer_members_take(&peer->members,
			  mirror_rows(&peer->members_mirror, &peer_asked_member_table), now);
	return false;
}

/* A request goes before rows, and may wait for one question of theirs. */
static bool find_question(struct peer *peer, struct peer_question *question, int64_t now)
{
	if (forwards_ask(&peer->forwards, question, now)) {
		peer->asker = FORWARDS;
		return true;
	}
	if (!peer->collecting && now >= peer->next)
		begin(peer, now);
	if (peer->collecting && mirror_ask(&peer->mirror, question)) {
		peer->asker = COLLECTION;
		return true;
	}
	if (peer->collecting)
		conclude(peer);
	return find_members_question(peer, question, now);
}

static void take_answer(struct peer *peer, const struct peer_answer *answer)
{
	enum asker asker = peer->asker;

	peer->asker = NOBODY;
	if (asker == FORWARDS)
		forwards_answer(&peer->forwards, answer, clock_now());
	else if (answer->outcome != PEER_ANSWERED)
		fail_asking(peer, answer);
	else if (!mirror_take(asker == MEMBERS ? &peer->members_mirror : &peer->mirror,
			      answer->cells, answer->count))
		fail(peer, haVrrpPeerCause_notUnderstood,
		     "the peer's agent answers what was not asked");
}

static void ask(struct peer *peer)
{
	struct peer_question question;
	struct peer_answer answer;

	do {
		if (peer->asker == NOBODY) {
			if (!find_question(peer, &question, clock_now()))
				break;
			peer_client_ask(peer->client, &question);
		}
		if (!peer_client_turn(peer->client, &answer))
			return;
		take_answer(peer, &answer);
	} while (true);
	loop_wake(peer->next);
	if (has_groups(peer) && peer->trouble == haVrrpPeerCause_none)
		loop_wake(peer->members_next);
	loop_wake(forwards_due(&peer->forwards));
}

/* ---- what the hub wants ---- */

static void take_order(void *argument, const struct frame *frame)
{
	struct peer *peer = argument;
	int64_t soon = peer->last + LOOK_INTERVAL;

	if (frame->head.type == FRAME_ASK)
		forwards_take(&peer->forwards, &frame->body.ask, clock_now());
	else if (frame->head.type == FRAME_LOOK && peer->client && soon < peer->next)
		peer->next = soon;
}

/* ---- how it is doing ---- */

static int32_t reason_of(int32_t trouble)
{
	switch (trouble) {
	case haVrrpPeerCause_authenticationFailed:
		return haSourceReason_authenticationFailed;
	case haVrrpPeerCause_noAgent:
		return haSourceReason_daemonMissing;
	case haVrrpPeerCause_notUnderstood:
		return haSourceReason_garbage;
	case haVrrpPeerCause_unreachable:
		return haSourceReason_unreachable;
	default:
		return haSourceReason_other;
	}
}

static void tell_pulse(struct peer *peer, int64_t now)
{
	int64_t since = peer->answered ? peer->answered : peer->started;

	if (!peer->client) {
		peer->pulse.state = haSourceState_unavailable;
		peer->pulse.reason = haSourceReason_permissionDenied;
	} else if (now - since > peer->settings->peer->limit) {
		peer->pulse.state = haSourceState_unavailable;
		peer->pulse.reason = reason_of(peer->trouble);
	} else {
		peer->pulse.state = peer->answered ? haSourceState_running : haSourceState_starting;
		peer->pulse.reason = haSourceReason_none;
	}
	report_pulse(&peer->pulse);
}

/* ---- the source ---- */

/* The passwords are in memory no longer than it takes to make keys of them. */
static void open_client(struct peer *peer, int64_t now)
{
	const struct settings_peer *settings = peer->settings->peer;
	char auth[SETTINGS_PASSWORD_MAX + 1], priv[SETTINGS_PASSWORD_MAX + 1];
	char error[SECRET_ERROR_MAX];

	if (now < peer->next) {
		loop_wake(peer->next);
		return;
	}
	peer->next = now + SECRET_INTERVAL;
	if (peer_secret_read(&settings->auth, auth, error) &&
	    peer_secret_read(&settings->priv, priv, error)) {
		peer->client = peer_client_open(settings, auth, priv);
		peer->next = now;
		TEXT_PUT(error, "net-snmp does not have these protocols");
	}
	explicit_bzero(auth, sizeof(auth));
	explicit_bzero(priv, sizeof(priv));
	if (peer->client)
		settings_forget_secrets(peer->settings);
	else
		TEXT_PUT(peer->pulse.error, error);
}

static void open_peer(struct peer *peer, const struct settings *settings)
{
	int64_t now = clock_now();

	/* A core would have keys in it. */
	prctl(PR_SET_DUMPABLE, 0);
	memset(peer, 0, sizeof(*peer));
	peer->settings = settings;
	peer->started = now;
	peer->trouble = haVrrpPeerCause_unknown;
	mirror_open(&peer->mirror, has_groups(peer) ? peer_asked_groups : peer_asked);
	peer_book_open(&peer->vrrp, &peer_vrrp_kind, settings->peer->limit, now);
	for (size_t i = 0; i < settings->vrrp->instances_count; i++)
		peer_book_expect(&peer->vrrp, settings->vrrp->instances[i].name);
	peer_book_open(&peer->groups, &peer_group_kind, settings->peer->limit, now);
	for (size_t i = 0; i < settings->groups->count; i++)
		peer_book_expect(&peer->groups, settings->groups->groups[i].name);
	mirror_open(&peer->members_mirror, peer_asked_members);
	peer_members_open(&peer->members, settings->groups, settings->node, MEMBERS_LIMIT);
	forwards_open(&peer->forwards, settings->node);
	report_hold(true);
	report_listen(take_order, peer);
}

static void close_peer(struct peer *peer)
{
	if (peer->client)
		peer_client_close(peer->client);
	peer_book_close(&peer->vrrp);
	peer_book_close(&peer->groups);
	peer_members_close(&peer->members);
	mirror_close(&peer->members_mirror);
	mirror_close(&peer->mirror);
}

static void run(const struct settings *settings)
{
	struct peer peer;

	open_peer(&peer, settings);
	while (!loop_ended() && !report_lost()) {
		if (!peer.client)
			open_client(&peer, clock_now());
		if (peer.client)
			ask(&peer);
		release_rows(&peer, clock_now());
		loop_wake(peer_book_turn(&peer.vrrp, clock_now()));
		loop_wake(peer_book_turn(&peer.groups, clock_now()));
		loop_wake(peer_members_turn(&peer.members, clock_now()));
		loop_wake(forwards_turn(&peer.forwards, clock_now()));
		tell_pulse(&peer, clock_now());
		loop_turn();
	}
	close_peer(&peer);
}

static bool is_wanted(const struct settings *settings)
{
	return settings->peer->addresses_count > 0;
}

static const char *refuse_secret(const struct settings_secret *secret, int *line)
{
	static char error[SECRET_ERROR_MAX];
	char password[SETTINGS_PASSWORD_MAX + 1];
	bool good = peer_secret_read(secret, password, error);

	explicit_bzero(password, sizeof(password));
	*line = secret->line;
	return good ? NULL : error;
}

/* A password that everybody can read is none. */
static const char *refuse(const struct settings *settings, int *line)
{
	const struct settings_peer *peer = settings->peer;
	const char *error;

	if (!is_wanted(settings))
		return NULL;
	*line = peer->auth.line;
	if ((!peer->auth.file || !peer->priv.file) && peer_secret_is_open(settings->path))
		return "others may read this file, which has a password in it: chmod o=";
	error = refuse_secret(&peer->auth, line);
	return error ? error : refuse_secret(&peer->priv, line);
}

const struct source peer_source = {
	.name = "peer",
	.tables = peer_tables,
	.wanted = is_wanted,
	.refuse = refuse,
	.run = run,
};
