/* One virtual service with its real servers.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_SERVICE_H
#define HA_IPVS_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/pace.h"
#include "subagent/sources/ipvs/rows.h"

struct checks_virtual;
struct real;

/* When it is, and who tells of it: what every step of a collection needs. */
struct ipvs_moment {
	struct pace *pace;
	int64_t now;  /* clock_now() */
	int64_t wall; /* clock_wall() */
};

struct service {
	struct ipvs_key key;
	bool expected;             /* by the configuration: its row stays for ever */
	bool present;              /* in the kernel */
	bool seen;                 /* in the dump under way */
	bool missed;               /* in the dump before, which was in several parts */
	int64_t lost;              /* clock_now() at which it was removed; 0: it is there */
	struct ipvs_service found; /* as the kernel has it */
	struct real **reals;       /* in the order of their addresses, octet by octet */
	size_t count, room;
	struct paced paced;
	struct ipvs_service_row row; /* as it is, or will be told */
};

/* A service that has not been seen in the kernel yet. */
struct service *service_new(const struct ipvs_key *key);

/* It and its servers are no more; their rows stay with the hub. */
void service_free(struct service *service, struct pace *pace);

/* The same, and their rows go. */
void service_forget(struct service *service, struct pace *pace);

/* Its server at this address; one that is new has not been seen in the kernel. */
struct real *service_real(struct service *service, const struct address *address);

/* Between these two, name every server that the kernel has. `whole': the list was made at one
 * moment, nothing can have slipped through. False: it must be asked for again, for some are missing
 * that may be there. */
void service_begin_reals(struct service *service);
void service_take_real(struct service *service, const struct ipvs_real *found,
		       const struct ipvs_moment *moment);
bool service_end_reals(struct service *service, bool whole, const struct ipvs_moment *moment);

/* The kernel has it no more: nor its servers. */
void service_lose(struct service *service, const struct ipvs_moment *moment);

/* Say what the row says now that all servers are known. */
void service_judge(struct service *service, const struct ipvs_moment *moment);

/* What keepalived's checks of it and its servers say; NULL: keepalived tells nothing of it. */
void service_take_checks(struct service *service, const struct checks_virtual *found,
			 struct pace *pace);

/* Forget servers that were removed before this time (clock_now()). */
void service_forget_reals(struct service *service, int64_t before, struct pace *pace);

#endif
