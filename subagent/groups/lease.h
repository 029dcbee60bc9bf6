/* The lease of a group: how long this node may go on, and when it may take over alone.
 *
 * A node that is active goes on while its peer answers, or at least half of the witnesses do. A
 * node that wants to take over alone waits until its peer has been silent, and more than half of
 * the witnesses have answered all the time, for `takeover'. Any half and any more than half have a
 * witness in common, and who reaches one node reaches whoever reaches it: so of two nodes that do
 * not see each other one has lost its lease, and has stopped, before the other one may begin.
 *
 * That holds as long as
 *  - the network is transitive: when both nodes reach one witness, they reach each other;
 *  - a cut stays where it is for longer than it takes to send two echo requests;
 *  - the clocks of the nodes run equally fast, but for 1 %: what time it is does not matter;
 *  - of the echo requests to the peer not two in succession are lost by chance;
 *  - a node that is told to stop has stopped `give_up' later, or its watchdog has reset it.
 *
 * What the peer advertises says that it lives, not that it hears us: it makes us wait, and never
 * lengthens our lease. DRBD's `Connected' is neither: it stays for seconds when the peer is gone.
 *
 * That nobody else writes is not enough to promote: the peer may have written what is not here. It
 * has not when it was not heard after the data was last the same on both nodes, and the witnesses
 * have answered all the time since, for then it has stopped; otherwise the data here is said to be
 * behind. The other way round, a node knows that its peer cannot take over when the peer says that
 * its own data is behind, or must have missed the witnesses.
 *
 * Where a fence program decides, a node that wants to take over waits, too, so that of two nodes
 * that do not see each other the active one is the first to turn the other off.
 *
 * It is pure: whoever calls says what time it is, always clock_now().
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_LEASE_H
#define HA_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/settings_group.h"

struct lease_witness {
	int64_t asked; /* when the last request that it has answered was sent; 0: none has been */
	int64_t since; /* when the first answer came since which hardly any was missing */
};

struct lease {
	const struct settings_group *group;
	int64_t opened; /* this and all others: clock_now(), 0 for never */
	int64_t turned; /* last lease_turn() */
	int64_t heard;  /* last sign of the peer */
	int64_t asked;  /* when the last request that the peer has answered was sent */
	int64_t synced; /* when the data was last known to be the same on both nodes */
	int64_t behind; /* when the peer was asked the last time that it called its data behind */
	int64_t fenced; /* when the fence program reported it off */
	bool sole;      /* this node alone goes on with its data, and nobody else has that */
	bool yielded;   /* this node does not go on with its data before it is the same again */
	struct lease_witness witnesses[SETTINGS_WITNESSES_MAX];
	int64_t linked; /* since when our own links are up; 0: they are not */
	bool taken;     /* something of the group runs here */
	bool waived;    /* an operator has said that the peer is off */
	int64_t broken; /* it was taken, and ended then; 0: it was never interrupted */
};

/* What follows from it all, now. */
struct lease_standing {
	bool holds;         /* this node may be active */
	int64_t ends;       /* when it has to stop unless somebody answers; INT64_MAX: never */
	bool must_stop;     /* it has to stop now, whether or not somebody answers again: the peer
			     * may have begun to wait for that */
	int64_t stop_by;    /* and has to have stopped by then */
	bool may_promote;   /* it may take over although it does not see its peer */
	bool fence_first;   /* but the fence program has to succeed first */
	bool behind;        /* the peer may have written what is not here: promote only where
			     * something else says that this data is the newest */
	int64_t promote_at; /* when it may if all stays as it is; 0: not at all */
	bool peer_behind;   /* the peer has said so of its own data, and keeps to it until the data
			     * is the same on both nodes */
	bool alone;         /* the peer is off, or cannot take over before the data is the same
			     * again: what is written here now will not be lost, and DRBD's
			     * handler fence-peer may say so */
	int32_t witness;    /* enum haGroupWitness */
	char why[160];      /* a sentence: why it has to stop, or may not take over; or "" */
};

/* Nobody has been seen yet, and our links are not known to be up. The settings outlive it. */
void lease_open(struct lease *lease, const struct settings_group *group, int64_t now);

/* Milliseconds from one echo request to the next: a quarter of the lease, but a tenth of a second
 * at least. */
int64_t lease_interval(const struct settings_group *group);

/* First of all in every turn of the hub: a node that has stood still for longer than its lease has
 * lost it, under every policy. When to call again at the latest. */
int64_t lease_turn(struct lease *lease, int64_t now);

/* The peer was heard: an advert that is its own, say. */
void lease_hear_peer(struct lease *lease, int64_t heard);

/* The peer, or the witness at this position of the settings, has answered a request that was sent
 * at `asked'; the answer came at `now'. An old one may be told again and again. */
void lease_take_peer(struct lease *lease, int64_t asked, int64_t now);
void lease_take_witness(struct lease *lease, size_t witness, int64_t asked, int64_t now);

/* The data here is as new as the peer's: every resource of the group is connected, and UpToDate on
 * both nodes. To be said again while it is so. */
void lease_take_synced(struct lease *lease, int64_t now);

/* This node is active: Primary, with a lease that holds. When the peer cannot take over, this data
 * is the newest from now on, whatever is seen or not, until it is the same on both nodes. */
void lease_take_written(struct lease *lease, int64_t now);

/* The data is the same on both nodes, which are parted, and this node leaves it to the peer to go
 * on with it; and the peer has done so. Until lease_take_synced(). */
void lease_yield(struct lease *lease);
void lease_take_yielded(struct lease *lease);

/* The peer's agent has said, asked at `asked', that the peer's data is behind ours. */
void lease_take_behind(struct lease *lease, int64_t asked);

/* The fence program has reported the peer off, at `fenced'; it may be told again and again, and
 * counts until the peer is heard. */
void lease_take_fenced(struct lease *lease, int64_t fenced);

/* Whether the links that lead to peer and witnesses are up. */
void lease_take_links(struct lease *lease, bool up, int64_t now);

/* Something of the group is to run here, or is found to run here. Not without a lease that holds
 * (a plain promotion, too), or it is broken at once; but a hub that has just started has the time
 * of a lease to see somebody. Idempotent. */
void lease_take(struct lease *lease, int64_t now);

/* The same by force: until somebody answers there need not be a lease. */
void lease_force(struct lease *lease);

/* Nothing of the group runs here any more. Idempotent. */
void lease_give(struct lease *lease);

void lease_judge(const struct lease *lease, int64_t now, struct lease_standing *standing);

/* For the watchdog (actions/watchdog.h): until when this machine may run at all unless it is told
 * something later; 0: the group is not here. */
int64_t lease_guard_until(const struct lease *lease, int64_t now);

#endif
