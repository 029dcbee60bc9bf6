/* Rows of another agent, gathered from its answers: any tables, any of their columns.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/mirror.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "lib/memory.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"

/* Rows in one answer: so few that, with few columns, it fits into an Ethernet frame; and so many
 * that it is cut up. */
#define VARIABLES_USUAL 32
#define REPETITIONS_USUAL 4
#define REPETITIONS_MIN 2
#define REPETITIONS_MAX 50

/* ---- what to ask for ---- */

static bool is_index(const struct table *table, const struct column *column)
{
	const uint16_t *object = mib_objects[table->entry].list;

	for (; object && *object; object++)
		if (*object == column->object)
			return true;
	return false;
}

static void add_column(struct mirror *mirror, struct rows *rows, const struct column *column)
{
	struct mirror_column *added = &mirror->columns[mirror->columns_count++];

	assert(mirror->columns_count <= MIRROR_COLUMNS_MAX);
	added->column = column;
	added->rows = rows;
	added->single = mib_objects[column->object].kind == MIB_KIND_SCALAR;
	added->base_length = mib_oid(column->object, added->name);
}

void mirror_open(struct mirror *mirror, const struct table *const *tables)
{
	memset(mirror, 0, sizeof(*mirror));
	mirror->limit = REPETITIONS_MAX;
	for (; *tables; tables++) {
		struct rows *rows = &mirror->tables[mirror->tables_count++];

		assert(mirror->tables_count <= MIRROR_TABLES_MAX);
		rows_open(rows, *tables);
		for (size_t i = 0; i < (*tables)->columns_count; i++)
			if (!is_index(*tables, &(*tables)->columns[i]))
				add_column(mirror, rows, &(*tables)->columns[i]);
	}
}

void mirror_close(struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->tables_count; i++)
		rows_close(&mirror->tables[i]);
}

void mirror_begin(struct mirror *mirror)
{
	mirror->rows_before = 0;
	for (size_t i = 0; i < mirror->tables_count; i++) {
		const struct table *table = mirror->tables[i].table;

		if (mirror->tables[i].count > mirror->rows_before)
			mirror->rows_before = mirror->tables[i].count;
		rows_close(&mirror->tables[i]);
		rows_open(&mirror->tables[i], table);
	}
	for (size_t i = 0; i < mirror->columns_count; i++) {
		mirror->columns[i].length = mirror->columns[i].base_length;
		mirror->columns[i].done = false;
	}
}

static void ask_for(struct mirror *mirror, struct peer_question *question, bool single)
{
	for (size_t i = 0; i < mirror->columns_count; i++) {
		const struct mirror_column *column = &mirror->columns[i];

		if (column->done || column->single != single)
			continue;
		mirror->asked[question->count] = i;
		memcpy(question->names[question->count].number, column->name,
		       column->length * sizeof(*column->name));
		question->names[question->count++].length = column->length;
	}
}

static size_t clamp(size_t value, size_t min, size_t max)
{
	return value < min ? min : value > max ? max : value;
}

/* For so many columns; one row more than there were, so that the end is seen at once. */
static uint32_t repetitions_of(const struct mirror *mirror, size_t columns)
{
	size_t least = clamp(VARIABLES_USUAL / (columns + 1), REPETITIONS_MIN, REPETITIONS_USUAL);

	return (uint32_t)clamp(mirror->rows_before + 1, least,
			       clamp(mirror->limit, least, REPETITIONS_MAX));
}

bool mirror_ask(struct mirror *mirror, struct peer_question *question)
{
	question->operation = PEER_BULK;
	question->count = 0;
	ask_for(mirror, question, true);
	question->singles = question->count;
	ask_for(mirror, question, false);
	question->repetitions = repetitions_of(mirror, question->count - question->singles);
	mirror->asked_count = question->count;
	mirror->asked_singles = question->singles;
	return question->count > 0;
}

void mirror_shrink(struct mirror *mirror)
{
	mirror->limit = mirror->limit / 2 < REPETITIONS_MIN ? REPETITIONS_MIN : mirror->limit / 2;
}

/* ---- values ---- */

/* Read a DateAndTime (RFC 2579). */
static bool read_moment(const struct peer_cell *cell, int64_t *wall)
{
	const uint8_t *octet = cell->octets;
	struct tm tm = { 0 };
	int64_t offset = 0;

	if (cell->kind != CELL_OCTETS || (cell->octets_length != 8 && cell->octets_length != 11))
		return false;
	*wall = 0;
	if (octet[0] == 0 && octet[1] == 0)
		return true;
	if (cell->octets_length == 11)
		offset = (octet[9] * 3600 + octet[10] * 60) * (octet[8] == '-' ? -1 : 1);
	tm.tm_year = octet[0] * 256 + octet[1] - 1900;
	tm.tm_mon = octet[2] - 1;
	tm.tm_mday = octet[3];
	tm.tm_hour = octet[4];
	tm.tm_min = octet[5];
	tm.tm_sec = octet[6];
	*wall = ((int64_t)timegm(&tm) - offset) * 1000 + octet[7] * 100;
	return true;
}

/* A label that this version does not know is one of a newer peer. */
static bool put_enumeration(const struct column *column, void *row, int64_t number)
{
	const struct mib_label *labels = mib_objects[column->object].labels;

	if (number < INT32_MIN || number > INT32_MAX)
		return false;
	if (labels && !mib_label_of(labels, (int32_t)number)) {
		number = mib_value_of(labels, "other", 5, 0);
		if (!number)
			return false;
	}
	table_set_number(column, row, number);
	return true;
}

/* Octets that would disturb a terminal become question marks. */
static bool put_text(const struct column *column, void *row, const struct peer_cell *cell)
{
	char *text = (char *)row + column->offset;

	if (cell->kind != CELL_OCTETS)
		return false;
	text_put_part(text, column->size, (const char *)cell->octets, cell->octets_length);
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7F)
			*text = '?';
	return true;
}

static bool put_number(const struct column *column, void *row, const struct peer_cell *cell)
{
	if (cell->kind != CELL_NUMBER)
		return false;
	if (column->storage == STORE_INT32)
		return put_enumeration(column, row, cell->number);
	if (column->storage == STORE_UINT32 && (cell->number < 0 || cell->number > UINT32_MAX))
		return false;
	table_set_number(column, row, cell->number);
	return true;
}

/* BITS of RFC 2578: bit 0 is the highest of the first octet. One that this version does not know is
 * of a newer peer. */
static bool put_bits(const struct column *column, void *row, const struct peer_cell *cell)
{
	const struct mib_label *labels = mib_objects[column->object].labels;
	int32_t other = mib_value_of(labels, "other", 5, 0);
	uint32_t bits = 0;

	if (cell->kind != CELL_OCTETS)
		return false;
	for (size_t i = 0; i < cell->octets_length * 8; i++) {
		bool known = i < 32 && mib_label_of(labels, (int32_t)i);

		if (cell->octets[i / 8] & 0x80 >> i % 8)
			bits |= UINT32_C(1) << (known ? i : (size_t)other);
	}
	table_set_number(column, row, bits);
	return true;
}

/* False: it is not of the column's type. */
static bool put_value(const struct column *column, void *row, const struct peer_cell *cell)
{
	int64_t wall;

	if (mib_objects[column->object].syntax == MIB_BITS)
		return put_bits(column, row, cell);
	switch ((enum storage)column->storage) {
	case STORE_INT32:
	case STORE_UINT32:
	case STORE_UINT64:
		return put_number(column, row, cell);
	case STORE_MOMENT:
		if (!read_moment(cell, &wall))
			return false;
		table_set_number(column, row, wall);
		return true;
	case STORE_TEXT:
		return put_text(column, row, cell);
	case STORE_STAMP:
	case STORE_AGE:
	case STORE_OCTETS:
		break;
	}
	assert(!"a storage that can be mirrored");
	return false;
}

/* ---- answers ---- */

/* A row of which no column has come yet. */
static struct entry *make_row(struct rows *rows, const uint32_t *index, size_t length)
{
	union {
		struct row head;
		unsigned char octets[ROW_SIZE_MAX];
	} row = { 0 };
	const struct table *table = rows->table;

	if (!table_set_index(table, &row, index, length))
		return NULL;
	for (size_t i = 0; i < table->columns_count; i++)
		if (!is_index(table, &table->columns[i]))
			row.head.absent |= UINT64_C(1) << mib_objects[table->columns[i].object].arc;
	return rows_put(rows, &row);
}

static void store(struct mirror *mirror, const struct mirror_column *column,
		  const struct peer_cell *cell)
{
	const uint32_t *index = cell->name + column->base_length;
	size_t length = cell->name_length - column->base_length;
	struct entry *entry = rows_find(column->rows, index, length);
	struct row *head;

	if (!entry)
		entry = make_row(column->rows, index, length);
	if (!entry || !put_value(column->column, entry->row, cell)) {
		mirror->rejected++;
		return;
	}
	head = entry->row;
	head->absent &= ~(UINT64_C(1) << mib_objects[column->column->object].arc);
}

static bool is_below(const struct mirror_column *column, const struct peer_cell *cell)
{
	return cell->kind != CELL_NONE && cell->name_length > column->base_length &&
	       !memcmp(cell->name, column->name, column->base_length * sizeof(*cell->name));
}

/* An agent that does not go forward would be asked for ever. */
static bool take_cell(struct mirror *mirror, struct mirror_column *column,
		      const struct peer_cell *cell)
{
	if (column->done)
		return true;
	if (!is_below(column, cell)) {
		column->done = true;
		return true;
	}
	if (index_compare(cell->name, cell->name_length, column->name, column->length) <= 0)
		return false;
	store(mirror, column, cell);
	memcpy(column->name, cell->name, cell->name_length * sizeof(*cell->name));
	column->length = cell->name_length;
	column->done = column->single;
	return column->rows->count <= MIRROR_ROWS_MAX;
}

bool mirror_take(struct mirror *mirror, const struct peer_cell *cells, size_t count)
{
	size_t singles = mirror->asked_singles;
	size_t repeaters = mirror->asked_count - singles;

	if (count == 0 || (count > mirror->asked_count && repeaters == 0))
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t place = i;

		if (i >= mirror->asked_count)
			place = singles + (i - singles) % repeaters;
		if (!take_cell(mirror, &mirror->columns[mirror->asked[place]], &cells[i]))
			return false;
	}
	return true;
}

const struct rows *mirror_rows(const struct mirror *mirror, const struct table *table)
{
	for (size_t i = 0; i < mirror->tables_count; i++)
		if (mirror->tables[i].table == table)
			return &mirror->tables[i];
	assert(!"a table that is mirrored");
	return NULL;
}

const void *mirror_scalars(const struct mirror *mirror, const struct table *table)
{
	const struct rows *rows = mirror_rows(mirror, table);

	return rows->count > 0 ? rows->entries[0]->row : NULL;
}
