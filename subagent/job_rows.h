/* The tables of haAction and haForce that are about jobs, whatever they are for.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_JOB_ROWS_H
#define HA_JOB_ROWS_H

#include <stdint.h>

#include "lib/table.h"
#include "subagent/promises.h"

/* haAction's scalars. */
struct action_row {
	struct row head;
	int32_t lock;
	uint32_t current_job;
	uint32_t refusals;
	struct moment refused;
	int32_t refused_verb; /* enum HaJobVerb */
	char refused_subject[PROMISE_NAME_SIZE];
	int32_t refused_reason; /* enum HaReason */
	char refused_message[160];
};

/* haForce's. */
struct force_row {
	struct row head;
	int32_t lock;
};

/* A row of haActionTable. */
struct job_row {
	struct row head;
	uint32_t job;
	int32_t verb; /* enum HaJobVerb */
	char subject[PROMISE_NAME_SIZE];
	int32_t forced; /* enum TruthValue */
	int32_t origin; /* enum haActionOrigin */
	int32_t state;  /* enum HaJobState */
	int32_t reason; /* enum HaReason */
	char message[160];
	char kernel[256];
	int32_t exit_status;
	uint32_t percent;
	uint32_t steps;
	uint32_t current_step; /* counted from 1, 0 before the first */
	char step_text[96];
	int32_t cancellable; /* enum TruthValue */
	struct moment requested, started, ended;
	uint32_t elapsed; /* milliseconds */
	uint32_t passed;  /* in no column: 1: the other node does it, else 0 */
};

/* A row of haActionStepTable. */
struct job_step_row {
	struct row head;
	uint32_t job;
	uint32_t number; /* counted from 1 */
	char text[96];
	int32_t state; /* enum HaJobState */
	struct moment started;
	uint32_t elapsed; /* milliseconds */
	int32_t reason;   /* enum HaReason */
	char message[160];
};

extern const struct table action_table, force_table, job_table, job_step_table;

#endif
