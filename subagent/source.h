/* What a source is: a process that watches one system and reports rows about it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SOURCE_H
#define HA_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

struct settings;
struct table;

struct source {
	const char *name;                  /* in haSourceTable, in ps, in the log */
	const struct table *const *tables; /* what it fills; ended by NULL */
	uint64_t capabilities;             /* it needs: bit N for capability N (capabilities(7)) */
	bool first;                        /* the others are started when it has said a word */
	bool (*wanted)(const struct settings *settings);
	/* What is wrong in the settings that only this source can judge, and its line; NULL:
	 * nothing. The whole may be NULL. */
	const char *(*refuse)(const struct settings *settings, int *line);
	/* Watch and report until loop_ended() or report_lost(). Runs in a process of its own. */
	void (*run)(const struct settings *settings);
};

/* Every source there is, ended by NULL. */
extern const struct source *const sources[];

/* The tables of every source, ended by NULL: hactl shows them, and is not to carry what fills them.
 */
extern const struct table *const *const source_tables[];

#endif
