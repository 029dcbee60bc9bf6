/* The bonds of this node: links in, rows out.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Pure: the clock, the links and what is expected are passed in. It remembers since when things are
 * as they are, and what was reported.
 */
#ifndef HA_BOND_MODEL_H
#define HA_BOND_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bond_link;
struct bond_model;
struct settings_bond;
struct table;

/* Where rows go: report.h, or a test. */
struct bond_report {
	void (*row)(const struct table *table, const void *row);
	void (*gone)(const struct table *table, const void *row);
	void (*begin)(const struct table *table);
	void (*end)(const struct table *table);
};

/* `expected' outlives it. */
struct bond_model *bond_model_new(const struct settings_bond *expected);
void bond_model_free(struct bond_model *model);

/* What time it is for everything that follows: clock_now() and clock_wall(). */
void bond_model_clock(struct bond_model *model, int64_t now, int64_t wall);

/* A link is now this; links that are neither bond nor port are passed over. True when it is a bond
 * or a port, or was one. */
bool bond_model_link(struct bond_model *model, const struct bond_link *link);

/* The link with this index is no more. */
void bond_model_unlink(struct bond_model *model, uint32_t index);

/* Between these two all links are said; the others are no more. */
void bond_model_dump_begin(struct bond_model *model);
void bond_model_dump_end(struct bond_model *model);

/* The text of /proc/net/bonding/NAME for each bond that speaks LACP; `read' leaves "" when there is
 * none. */
void bond_model_lacp(struct bond_model *model,
		     void (*read)(const char *name, char *text, size_t size));

/* Whether there is a bond that speaks LACP, and whether there is, or should be, any bond. */
bool bond_model_has_lacp(const struct bond_model *model);
bool bond_model_is_used(const struct bond_model *model);

/* Report the rows that have changed since they were reported last; all of them with `whole'.
 * Returns how many were reported. */
unsigned int bond_model_report(struct bond_model *model, const struct bond_report *report,
			       bool whole);

/* When rows will change though no link does (clock_now()); 0: never. */
int64_t bond_model_due(const struct bond_model *model);

#endif
