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
#include "subagent/requests/group.h"
#include "subagent/requests/ipvs.h"
#include "subagent/requests/vrrp.h"

const struct request_kind *const request_kinds[] = {
	&request_drbd, &request_bond, &request_ipvs, &request_vrrp, &request_group, NULL,
};

static bool has_verb(const struct request_verb *verbs, int32_t verb)
{
	for (; verbs && verbs->verb; verbs++)
		if (verbs->verb == verb)
			return true;
	return false;
}

const struct request_kind *request_kind_of_verb(int32_t verb)
{
	for (size_t i = 0; request_kinds[i]; i++)
		if (has_verb(request_kinds[i]->verbs, verb) ||
		    has_verb(request_kinds[i]->force_verbs, verb) ||
		    has_verb(request_kinds[i]->own_verbs, verb))
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

static const struct request_verb *verbs_of(const struct request_kind *kind, bool forced)
{
	return forced ? kind->force_verbs : kind->verbs;
}

int32_t request_verb_of(const struct request_kind *kind, bool forced,
			const struct set_change *change)
{
	for (const struct request_verb *verb = verbs_of(kind, forced); verb->verb; verb++)
		if (verb->value ? verb->value == change->number : change->text[0])
			return verb->verb;
	return HaJobVerb_none;
}

int32_t request_value_of(const struct request_kind *kind, bool forced, int32_t verb)
{
	for (const struct request_verb *known = verbs_of(kind, forced); known->verb; known++)
		if (known->verb == verb)
			return known->value;
	return 1;
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
	request->settings = settings;
	request->verb = HaJobVerb_none;
	find(settings, request, index, length);
}

void request_of_row(const struct settings *settings, const struct request_kind *kind,
		    const void *key, struct request *request)
{
	uint32_t index[INDEX_MAX];

	request_about(settings, kind, index, table_index(kind->table, key, index), request);
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
	request->settings = settings;
	request->forced = forced;
	request->verb = request_verb_of(kind, forced, change);
	TEXT_PUT(request->text, change->text);
	find(settings, request, change->index, change->index_length);
	return true;
}

static bool is_seconds(const struct request_kind *kind, uint16_t object)
{
	return kind->seconds && object == kind->seconds;
}

static bool is_expected(const struct request_kind *kind, bool forced, uint16_t object)
{
	uint16_t own = forced ? kind->force_expected : kind->expected;

	return own && object == own;
}

bool request_is_companion(const struct set_change *change)
{
	for (size_t i = 0; request_kinds[i]; i++)
		if (is_seconds(request_kinds[i], change->object) ||
		    is_expected(request_kinds[i], false, change->object) ||
		    is_expected(request_kinds[i], true, change->object))
			return true;
	return false;
}

static void take_seconds(const struct set_change *change, struct request *request)
{
	uint32_t unit = request->kind->seconds_unit;

	request->timed = true;
	request->seconds = (uint32_t)change->number * (unit ? unit : 1);
}

bool request_take_companion(const struct set_change *change, struct request *request)
{
	if (change->index_length != request->index_length ||
	    memcmp(change->index, request->index, request->index_length * sizeof(*request->index)))
		return false;
	if (is_seconds(request->kind, change->object))
		take_seconds(change, request);
	else if (is_expected(request->kind, request->forced, change->object))
		TEXT_PUT(request->expected, change->text);
	else
		return false;
	return true;
}

void request_keep(const struct settings *settings, const struct promise *promise,
		  struct request *request)
{
	memset(request, 0, sizeof(*request));
	request->kind = request_kind_of_verb(promise->verb);
	request->settings = settings;
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
