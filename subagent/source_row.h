/* haSourceTable: how the sources are doing.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SOURCE_ROW_H
#define HA_SOURCE_ROW_H

#include <stdint.h>

#include "lib/table.h"

/* A row of haSourceTable; the line and the executors have one, too. */
struct source_row {
	struct row head;
	char name[65];
	int32_t state;  /* enum haSourceState */
	int32_t reason; /* enum haSourceReason */
	char error[200];
	struct moment error_time;
	struct age age;
	uint32_t restarts;
	uint32_t rows;
	uint32_t collect_time; /* microseconds */
	uint32_t unknown_words;
	uint32_t rejected_lines;
	uint32_t pid;
};

extern const struct table source_table;

#endif
