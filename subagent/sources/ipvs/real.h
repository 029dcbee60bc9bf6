/* One real server of one virtual service: what it is, and what it was before it was removed.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_REAL_H
#define HA_IPVS_REAL_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/pace.h"
#include "subagent/sources/ipvs/rows.h"

struct checks_virtual;
struct ipvs_memory;

struct real {
	struct address address;
	bool expected; /* by the configuration: its row stays for ever */
	bool present;  /* in the kernel */
	bool seen;     /* in the dump under way */
	bool missed;   /* in the dump before, which was in several parts */
	int64_t lost;  /* clock_now() at which it was removed; 0: it is there */
	struct paced paced;
	struct ipvs_real_row row; /* as it is, or will be told */
};

/* A server that has not been seen in the kernel yet. */
struct real *real_new(const struct ipvs_key *key, const struct address *address);

/* It is no more; its row stays with the hub. */
void real_free(struct real *real, struct pace *pace);

/* It was so before the source was started; what for, see ipvs_model_remember(). */
void real_remember(struct real *real, const struct ipvs_memory *memory);
void real_recite(const struct real *real, struct ipvs_memory *memory);

/* It is in the kernel, and so; `wall' is clock_wall(). A change of a state is told at once, of a
 * figure in its turn. */
void real_take(struct real *real, const struct ipvs_real *found, struct pace *pace, int64_t wall);

/* It is not in the kernel. */
void real_lose(struct real *real, struct pace *pace, int64_t now, int64_t wall);

/* What keepalived's check of it says; NULL: keepalived tells nothing of its service. */
void real_take_checks(struct real *real, const struct checks_virtual *found, struct pace *pace);

#endif
