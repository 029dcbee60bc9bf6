/* The tables of haAction and haForce that are about jobs, whatever they are for.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/job_rows.h"

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

/* A job's notifications are sent by hand, for each of two has its own layout. */
static const struct watch state_watch = { .counts = true };

static const struct column action_columns[] = {
	COLUMN(action_row, haActionLock, lock),
	COLUMN(action_row, haActionCurrentJob, current_job),
	COLUMN(action_row, haActionRefusals, refusals),
	COLUMN(action_row, haActionLastRefusedTime, refused),
	COLUMN(action_row, haActionLastRefusedVerb, refused_verb),
	COLUMN(action_row, haActionLastRefusedSubject, refused_subject),
	COLUMN(action_row, haActionLastRefusedReason, refused_reason),
	COLUMN(action_row, haActionLastRefusedMessage, refused_message),
};

static const struct column force_columns[] = {
	COLUMN(force_row, haForceLock, lock),
};

static const struct column job_columns[] = {
	COLUMN(job_row, haActionJob, job),
	COLUMN(job_row, haActionVerb, verb),
	COLUMN(job_row, haActionSubject, subject),
	COLUMN(job_row, haActionForced, forced),
	COLUMN(job_row, haActionOrigin, origin),
	WATCHED_COLUMN(job_row, haActionState, state, &state_watch),
	COLUMN(job_row, haActionLastChange, head.changed),
	COLUMN(job_row, haActionReason, reason),
	COLUMN(job_row, haActionMessage, message),
	COLUMN(job_row, haActionKernelMessage, kernel),
	COLUMN(job_row, haActionExitStatus, exit_status),
	COLUMN(job_row, haActionPercent, percent),
	COLUMN(job_row, haActionSteps, steps),
	COLUMN(job_row, haActionCurrentStep, current_step),
	COLUMN(job_row, haActionCurrentStepText, step_text),
	COLUMN(job_row, haActionCancellable, cancellable),
	COLUMN(job_row, haActionRequestTime, requested),
	COLUMN(job_row, haActionStartTime, started),
	COLUMN(job_row, haActionEndTime, ended),
	COLUMN(job_row, haActionElapsed, elapsed),
};

static const struct column job_step_columns[] = {
	COLUMN(job_step_row, haActionJob, job),
	COLUMN(job_step_row, haActionStepNumber, number),
	COLUMN(job_step_row, haActionStepText, text),
	COLUMN(job_step_row, haActionStepState, state),
	COLUMN(job_step_row, haActionStepStartTime, started),
	COLUMN(job_step_row, haActionStepElapsed, elapsed),
	COLUMN(job_step_row, haActionStepReason, reason),
	COLUMN(job_step_row, haActionStepMessage, message),
};

static void job_subject(const void *row, char *text, size_t size)
{
	const struct job_row *job = row;

	text_put(text, size, job->subject);
}

const struct table action_table = TABLE(action_row, haAction, action_columns, NULL);
const struct table force_table = TABLE(force_row, haForce, force_columns, NULL);
const struct table job_table = TABLE(job_row, haActionEntry, job_columns, job_subject);
const struct table job_step_table = TABLE(job_step_row, haActionStepEntry, job_step_columns, NULL);
