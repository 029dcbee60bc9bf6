/* The kernel's side: a socket of rtnetlink that keeps a model as the kernel has it.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A dump tells all links, events tell what changes after it. When events are lost, and once a
 * minute in any case, another dump follows. Where LACP is spoken some follow every event: of what
 * that does to the bond, and of what the partner says, come none.
 */
#ifndef HA_BOND_KERNEL_H
#define HA_BOND_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

struct bond_model;
struct nl_sock;

struct bond_kernel {
	struct bond_model *model;
	struct nl_sock *socket; /* NULL: it is opened again at `next_dump' */
	int64_t next_dump;      /* clock_now() */
	int64_t pause;          /* milliseconds to the dump after that */
	int64_t dump_began;     /* clock_now(), 0: no dump is under way */
	uint32_t dump_number;   /* sequence of the dump under way */
	bool torn;              /* events were lost since the last dump began */
	bool complete;          /* a dump has ended since the socket was opened */
	bool changed;           /* the model is not what it was: the owner takes it back */
	uint32_t collect_time;  /* of the last dump, microseconds */
	uint32_t rejected;      /* messages that were not understood */
	int error;              /* errno of what failed last; 0: it works */
};

void bond_kernel_open(struct bond_kernel *kernel, struct bond_model *model);
void bond_kernel_close(struct bond_kernel *kernel);

/* Begin the dump that is due, if one is. */
void bond_kernel_turn(struct bond_kernel *kernel);

/* Wait for news in the coming turn. */
void bond_kernel_watch(struct bond_kernel *kernel);

#endif
