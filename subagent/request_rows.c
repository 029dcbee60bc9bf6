/* The tables of requests: a row for each thing that something can be asked of.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/request_rows.h"

#include <assert.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/jobs.h"
#include "subagent/requests/request.h"

/* Number of the last job for a subject of this kind, 0 when none is remembered. */
static uint32_t last_job_of(const struct jobs *jobs, const struct request *request)
{
	const struct rows *rows = board_rows(jobs->changes->board, mib_haActionEntry);

	for (size_t i = rows->count; i-- > 0;) {
		const struct job_row *row = rows->entries[i]->row;

		if (!rows->entries[i]->gone && !strcmp(row->subject, request->name) &&
		    request_kind_of_verb(row->verb) == request->kind)
			return row->job;
	}
	return 0;
}

/* The running job about the subject that was requested so, if there is one: beside it another may
 * run that was not requested, or by force. */
static const struct job *job_about(const struct jobs *jobs, const struct request *request,
				   bool forced)
{
	int32_t forced_row = forced ? TruthValue_true : TruthValue_false;

	for (size_t slot = 0; slot < JOB_SLOTS; slot++) {
		const struct job *job = &jobs->job[slot];

		if (job->phase > JOB_RESERVED && job->request.kind == request->kind &&
		    job->row.forced == forced_row && !job->request.own &&
		    request_value_of(request->kind, forced, job->row.verb) != 1 &&
		    !index_compare(job->request.index, job->request.index_length, request->index,
				   request->index_length))
			return job;
	}
	return NULL;
}

static void set_number(const struct table *table, unsigned int object, void *row, int64_t value)
{
	const struct column *column = table_column(table, object);

	if (column)
		table_set_number(column, row, value);
}

/* What the request column reads: the request of the running job, or none. */
static void set_request(const struct request_kind *kind, bool forced, const struct job *job,
			void *row)
{
	const struct column *column = table_column(forced ? kind->force_table : kind->table,
						   forced ? kind->force_request : kind->request);

	if (column->storage == STORE_TEXT)
		text_put((char *)row + column->offset, column->size, job ? job->request.text : "");
	else
		table_set_number(
			column, row,
			request_value_of(kind, forced, job ? job->row.verb : HaJobVerb_none));
}

/* What is left of the promise; or how long one lasts. */
static uint32_t seconds_of(const struct jobs *jobs, const struct request *request,
			   const struct instant *when)
{
	const struct request_kind *kind = request->kind;
	const struct promise_entry *entry;

	if (kind->usual)
		return kind->usual(request) / kind->seconds_unit;
	entry = promises_find(&jobs->promises, kind->opens, request->index, request->index_length);
	return entry ? promise_left(&entry->promise, when->wall) : 0;
}

static void put(const struct jobs *jobs, const struct request *request, bool forced,
		const struct instant *when)
{
	const struct request_kind *kind = request->kind;
	const struct table *table = forced ? kind->force_table : kind->table;
	const struct job *job = job_about(jobs, request, forced);
	_Alignas(struct row) unsigned char row[ROW_SIZE_MAX];
	bool indexed;

	memset(row, 0, table->size);
	((struct row *)row)->state = HaRowState_fresh;
	indexed = table_set_index(table, row, request->index, request->index_length);
	assert(indexed);
	set_request(kind, forced, job, row);
	set_number(table, kind->allowed, row,
		   request->allowed ? TruthValue_true : TruthValue_false);
	set_number(table, kind->last_job, row, last_job_of(jobs, request));
	if (kind->seconds)
		set_number(table, kind->seconds, row, seconds_of(jobs, request, when));
	changes_put(jobs->changes, table, row, when);
}

static void put_both(const struct jobs *jobs, const struct request_kind *kind,
		     const uint32_t *index, size_t length, const struct instant *when)
{
	struct request request;

	request_about(jobs->settings, kind, index, length, &request);
	put(jobs, &request, false, when);
	if (kind->force_table)
		put(jobs, &request, true, when);
}

void request_rows_put(const struct jobs *jobs, const struct request_kind *kind,
		      const uint32_t *index, size_t length, const struct instant *when)
{
	if (request_row_of(jobs->changes->board, kind->facts, index, length))
		put_both(jobs, kind, index, length, when);
}

/* The row of the force table has the same index. */
static void take_off(const struct jobs *jobs, const struct request_kind *kind,
		     const struct entry *entry, const struct instant *when)
{
	struct rows *forced = kind->force_table ?
				      board_rows(jobs->changes->board, kind->force_table->entry) :
				      NULL;
	struct entry *other = forced ? rows_find(forced, entry->index, entry->index_length) : NULL;

	if (other)
		changes_remove(jobs->changes, kind->force_table, other->row, when);
	changes_remove(jobs->changes, kind->table, entry->row, when);
}

static size_t pass_gone(const struct rows *rows, size_t position)
{
	while (position < rows->count && rows->entries[position]->gone)
		position++;
	return position;
}

/* Which of two rows comes first, as index_compare(); the end of a table comes last. */
static int compare(const struct rows *facts, size_t fact, const struct rows *rows, size_t own)
{
	if (fact == facts->count || own == rows->count)
		return fact == facts->count ? 1 : -1;
	return index_compare(facts->entries[fact]->index, facts->entries[fact]->index_length,
			     rows->entries[own]->index, rows->entries[own]->index_length);
}

/* Both tables are in the order of one index: whatever only one of them has is new, or gone. */
static void follow(const struct jobs *jobs, const struct request_kind *kind,
		   const struct rows *facts, const struct instant *when)
{
	const struct rows *rows = board_rows(jobs->changes->board, kind->table->entry);
	size_t fact = pass_gone(facts, 0), own = pass_gone(rows, 0);

	while (fact < facts->count || own < rows->count) {
		int order = compare(facts, fact, rows, own);

		if (order > 0) {
			take_off(jobs, kind, rows->entries[own], when);
		} else {
			const struct entry *there = facts->entries[fact++];

			if (order < 0) {
				put_both(jobs, kind, there->index, there->index_length, when);
				own = rows_position(rows, there->index, there->index_length);
			}
			own++;
		}
		fact = pass_gone(facts, fact);
		own = pass_gone(rows, own);
	}
}

void request_rows_follow(const struct jobs *jobs, const struct instant *when)
{
	for (size_t i = 0; request_kinds[i]; i++) {
		const struct rows *facts =
			board_rows(jobs->changes->board, request_kinds[i]->facts);

		if (facts)
			follow(jobs, request_kinds[i], facts, when);
	}
}
