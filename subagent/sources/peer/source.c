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
#include "lib/settings_peer.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/peer/client.h"
#include "subagent/sources/peer/mirror.h"
#include "subagent/sources/peer/rows.h"
#include "subagent/sources/peer/secret.h"
#include "subagent/sources/peer/vrrp.h"

/* Milliseconds until a password that could not be read is looked for again. */
#define SECRET_INTERVAL 10000

struct peer {
	const struct settings *settings;
	struct peer_client *client; /* NULL: the passwords are not known yet */
	struct mirror mirror;
	struct peer_vrrp vrrp;
	bool asking;      /* a collection is under way */
	bool told;        /* the first rows have gone out */
	int64_t next;     /* clock_now() at which the next collection begins */
	int64_t started;  /* clock_now() at which the source did */
	int64_t answered; /* clock_now() of the last whole answer; 0: there was none */
	int64_t begun;    /* clock_microseconds() at which the collection began */
	int32_t trouble;  /* enum haVrrpPeerCause of the last collection */
	struct pulse pulse;
};

/* ---- how a collection ends ---- */

/* Rows go out when the peer has answered, or has not for long enough: a source that has been
 * started again does not take back what the hub knows. */
static void release_rows(struct peer *peer, int64_t now)
{
	int64_t limit = peer->settings->peer->limit;

	if (peer->told || (!peer->answered && now - peer->started <= limit))
		return;
	peer->told = true;
	report_hold(false);
	if (peer->answered)
		report_begin(&peer_vrrp_table);
	peer_vrrp_report(&peer->vrrp);
	if (peer->answered)
		report_end(&peer_vrrp_table);
}

static void fail(struct peer *peer, int32_t cause, const char *error)
{
	peer->asking = false;
	peer->trouble = cause;
	TEXT_PUT(peer->pulse.error, error);
	peer_vrrp_fail(&peer->vrrp, cause, clock_now());
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
	peer->asking = false;
	peer->trouble = haVrrpPeerCause_none;
	peer->answered = clock_now();
	peer->pulse.collect_time = (uint32_t)(clock_microseconds() - peer->begun);
	peer_vrrp_take(&peer->vrrp, said, peer->answered);
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

	if (!*said.node)
		fail(peer, haVrrpPeerCause_noAgent,
		     "the peer's snmpd has no ha-agentx, or does not show it to the user");
	else if (!strcmp(said.node, peer->settings->node))
		fail(peer, haVrrpPeerCause_ownNode, "the address of the peer leads to this node");
	else
		succeed(peer, &said);
}

/* ---- a collection ---- */

static void ask(struct peer *peer)
{
	struct mirror_question question;

	if (mirror_ask(&peer->mirror, &question))
		peer_client_ask(peer->client, &question);
	else
		conclude(peer);
}

static void begin(struct peer *peer, int64_t now)
{
	peer->asking = true;
	peer->next = now + peer->settings->peer->interval;
	peer->begun = clock_microseconds();
	mirror_begin(&peer->mirror);
	ask(peer);
}

static void take_answer(struct peer *peer, const struct peer_answer *answer)
{
	if (answer->outcome != PEER_ANSWERED)
		fail_asking(peer, answer);
	else if (mirror_take(&peer->mirror, answer->cells, answer->count))
		ask(peer);
	else
		fail(peer, haVrrpPeerCause_notUnderstood,
		     "the peer's agent answers what was not asked");
}

static void collect(struct peer *peer)
{
	int64_t now = clock_now();
	struct peer_answer answer;

	if (!peer->asking && now >= peer->next)
		begin(peer, now);
	while (peer_client_turn(peer->client, &answer))
		take_answer(peer, &answer);
	if (!peer->asking)
		loop_wake(peer->next > now ? peer->next : now);
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
	mirror_open(&peer->mirror, peer_asked);
	peer_vrrp_open(&peer->vrrp, settings->peer->limit, now);
	for (size_t i = 0; i < settings->vrrp->instances_count; i++)
		peer_vrrp_expect(&peer->vrrp, settings->vrrp->instances[i].name);
	report_hold(true);
}

static void close_peer(struct peer *peer)
{
	if (peer->client)
		peer_client_close(peer->client);
	peer_vrrp_close(&peer->vrrp);
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
			collect(&peer);
		release_rows(&peer, clock_now());
		loop_wake(peer_vrrp_turn(&peer.vrrp, clock_now()));
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
