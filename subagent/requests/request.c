/* What is asked for, and what a kind of request is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/request.h"

#include <string.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/requests/bond.h"
#include "subagent/requests/drbd.h"
#include "subagent/requests/ipvs.h"
#include "subagent/requests/vrrp.h"

const struct request_kind *const request_kinds[] = {
	&request_drbd, &request_bond, &request_ipvs, &request_vrrp, NULL,
};

const struct request_kind *request_kind_of_verb(int32_t verb)
{
	for (size_t i = 0; request_kinds[i]; i++)
		for (const struct request_verb *known = request_kinds[i]->verbs; known->verb;
		     known++)
			if (known->verb == verb)
				return request_kinds[i];
	return NULL;
}

const struct request_kind *request_kind_of_object(uint16_t object, bool *forced)
{
	for (size_t i = 0; request_kinds[i]; i++) {
		const struct request_kind *kind = request_kinds[i];

		*forced = kind->force_table && object == kind->force_request;
		if (*forced || object == kind->request)
			return kind;
	}
	return NULL;
}

static int32_t verb_of(const struct request_kind *kind, const struct set_change *change)
{
	for (const struct request_verb *verb = kind->verbs; verb->verb; verb++)
		if (verb->value ? verb->value == change->number : change->text[0])
			return verb->verb;
	return HaJobVerb_none;
}

/* Find the subject of an index; one that is no index of the table has none. */
static void find(const struct settings *settings, struct request *request, const uint32_t *index,
		 size_t length)
{
	_Alignas(struct row) unsigned char key[ROW_SIZE_MAX] = { 0 };
	const struct table *table = request->kind->table;

	if (length > INDEX_MAX || !table_set_index(table, key, index, length))
		return;
	request->index_length = (uint16_t)length;
	memcpy(request->index, index, length * sizeof(*index));
	table_subject(table, key, request->name, sizeof(request->name));
	request->kind->find(settings, key, request);
}

void request_about(const struct settings *settings, const struct request_kind *kind,
		   const uint32_t *index, size_t length, struct request *request)
{
	memset(request, 0, sizeof(*request));
	request->kind = kind;
	request->verb = HaJobVerb_none;
	find(settings, request, index, length);
}

bool request_take(const struct settings *settings, const struct set_change *change,
		  struct request *request)
{
	bool forced;
	const struct request_kind *kind = request_kind_of_object(change->object, &forced);

	if (!kind)
		return false;
	memset(request, 0, sizeof(*request));
	request->kind = kind;
	request->forced = forced;
	request->verb = verb_of(kind, change);
	TEXT_PUT(request->text, change->text);
	find(settings, request, change->index, change->index_length);
	return true;
}

bool request_is_seconds(const struct set_change *change)
{
	for (size_t i = 0; request_kinds[i]; i++)
		if (request_kinds[i]->seconds && change->object == request_kinds[i]->seconds)
			return true;
	return false;
}

bool request_take_seconds(const struct set_change *change, struct request *request)
{
	if (change->object != request->kind->seconds ||
	    change->index_length != request->index_length ||
	    memcmp(change->index, request->index, request->index_length * sizeof(*request->index)))
		return false;
	request->timed = true;
	request->seconds = (uint32_t)change->number;
	return true;
}

void request_keep(const struct settings *settings, const struct promise *promise,
		  struct request *request)
{
	memset(request, 0, sizeof(*request));
	request->kind = request_kind_of_verb(promise->verb);
	request->verb = request->kind->closes;
	request->promised = true;
	request->promise = *promise;
	find(settings, request, promise->index, promise->index_length);
	TEXT_PUT(request->name, promise->name);
}

const void *request_row_of(const struct board *board, uint16_t facts, const uint32_t *index,
			   size_t length)
{
	const struct rows *rows = board_rows(board, facts);
	const struct entry *entry = rows ? rows_find(rows, index, length) : NULL;

	return entry && !entry->gone ? entry->row : NULL;
}

const void *request_row(const struct board *board, const struct request *request)
{
	return request_row_of(board, request->kind->facts, request->index, request->index_length);
}
