/* Asks the kernel for everything about its virtual services, again and again.
 *
 * A collection is a conversation over generic netlink: which daemons synchronise connections, which
 * services there are, which servers each has. The kernel tells no changes of IPVS by itself.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_POLL_H
#define HA_IPVS_POLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipvs_model;
struct nl_sock;

enum ipvs_step {
	IPVS_REST,     /* until the next collection */
	IPVS_FAMILIES, /* whether the kernel has IPVS at all */
	IPVS_INFO,     /* its version */
	IPVS_DAEMONS,
	IPVS_SERVICES,
	IPVS_REALS /* of the service `at' */
};

struct ipvs_poll {
	struct ipvs_model *model;
	uint32_t interval;      /* milliseconds */
	struct nl_sock *socket; /* NULL: none could be had */
	enum ipvs_step step;
	size_t at;
	uint32_t sequence;  /* of the question under way */
	size_t octets;      /* of its answer so far */
	unsigned int again; /* how often it has been asked again */
	int64_t deadline;   /* clock_now() at which its answer is given up */
	int64_t next;       /* clock_now() at which the next collection begins */
	int64_t begun;      /* clock_microseconds() at which this one began */

	/* What has come of it: */
	bool complete;   /* a collection has ended */
	uint16_t family; /* of IPVS in generic netlink; 0: the kernel does not have it */
	uint32_t version;
	uint32_t daemons;      /* IP_VS_STATE_MASTER, IP_VS_STATE_BACKUP; 0: none */
	uint32_t more_daemons; /* of the collection under way */
	uint32_t collect_time; /* of the last one, microseconds */
	uint32_t rejected;     /* messages that could not be understood */
	int error;             /* errno that has ended the last one; 0: it has ended well */
};

/* The model outlives it. */
void ipvs_poll_open(struct ipvs_poll *poll, struct ipvs_model *model, uint32_t interval);
void ipvs_poll_close(struct ipvs_poll *poll);

/* Go on as far as it goes without waiting, but not for long, and register for the coming turn. */
void ipvs_poll_turn(struct ipvs_poll *poll);

#endif
