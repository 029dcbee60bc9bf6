/* Reads and writes the values of a flat row as its table describes them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

const struct watch watch_quiet = { 0 };

static const void *cell_of(const struct column *column, const void *row)
{
	return (const char *)row + column->offset;
}

int64_t table_number(const struct column *column, const void *row)
{
	const void *cell = cell_of(column, row);
	union {
		int32_t i32;
		uint32_t u32;
		uint64_t u64;
		int64_t i64;
	} value;

	switch ((enum storage)column->storage) {
	case STORE_INT32:
		memcpy(&value.i32, cell, sizeof(value.i32));
		return value.i32;
	case STORE_UINT32:
		memcpy(&value.u32, cell, sizeof(value.u32));
		return value.u32;
	case STORE_UINT64:
	case STORE_STAMP:
	case STORE_MOMENT:
	case STORE_AGE:
		memcpy(&value.i64, cell, sizeof(value.i64));
		return value.i64;
	case STORE_TEXT:
		if (column->watch && column->watch->number) {
			memcpy(&value.i32, (const char *)row + column->watch->number,
			       sizeof(value.i32));
			return value.i32;
		}
		break;
	case STORE_OCTETS:
		break;
	}
	assert(!"a number");
	return 0;
}

int64_t table_age(const struct column *column, const void *row)
{
	int64_t since = table_number(column, row), now = clock_now();

	return since > 0 && since <= now ? now - since : 0;
}

void table_set_number(const struct column *column, void *row, int64_t value)
{
	void *cell = (char *)row + column->offset;
	uint32_t narrow = (uint32_t)value;

	if (column->storage == STORE_INT32 || column->storage == STORE_UINT32)
		memcpy(cell, &narrow, sizeof(narrow));
	else if (column->storage != STORE_TEXT && column->storage != STORE_OCTETS)
		memcpy(cell, &value, sizeof(value));
	else
		assert(!"a number");
}

bool table_differs(const struct column *column, const void *row, const void *other)
{
	return memcmp(cell_of(column, row), cell_of(column, other), column->size) != 0;
}

const char *table_text(const struct column *column, const void *row)
{
	assert(column->storage == STORE_TEXT);
	return cell_of(column, row);
}

bool table_has(const struct column *column, const void *row)
{
	const struct row *head = row;
	uint32_t arc = mib_objects[column->object].arc;

	return arc >= 64 || !(head->absent >> arc & 1);
}

const struct level *table_level(const struct column *column, const void *row, int64_t value)
{
	const struct watch *watch = column->watch;
	const struct level *level = watch ? watch->levels : NULL;

	if (level && watch->excused && watch->excused(row))
		return NULL;
	for (; level && level->value != LEVELS_END; level++)
		if (level->value == value || level->value == LEVEL_OTHERWISE)
			return level;
	return NULL;
}

const struct column *table_column(const struct table *table, unsigned int object)
{
	for (size_t i = 0; i < table->columns_count; i++)
		if (table->columns[i].object == object)
			return &table->columns[i];
	return NULL;
}

/* Index objects of an entry; NULL for scalars. */
static const uint16_t *index_objects(const struct table *table)
{
	return mib_objects[table->entry].list;
}

/* Text and octets carry their length first, unless the MIB says IMPLIED for the last. */
static size_t put_octets(uint32_t *index, const uint8_t *octet, size_t length, bool implied)
{
	size_t used = 0;

	if (!implied)
		index[used++] = (uint32_t)length;
	for (size_t i = 0; i < length; i++)
		index[used++] = octet[i];
	return used;
}

static size_t put_index(const struct column *column, const void *row, bool implied, uint32_t *index)
{
	const void *cell = cell_of(column, row);
	const struct octets *octets = cell;

	if (column->storage == STORE_TEXT)
		return put_octets(index, cell, strnlen(cell, column->size), implied);
	if (column->storage == STORE_OCTETS)
		return put_octets(index, octets->octet, octets->length, implied);
	*index = (uint32_t)table_number(column, row);
	return 1;
}

size_t table_index(const struct table *table, const void *row, uint32_t *index)
{
	const uint16_t *objects = index_objects(table);
	size_t length = 0;

	if (!objects) {
		index[0] = 0;
		return 1;
	}
	for (; *objects; objects++) {
		const struct column *column = table_column(table, *objects);
		bool implied = !objects[1] && mib_objects[table->entry].implied;

		assert(column && length + column->size + 1 <= INDEX_MAX);
		length += put_index(column, row, implied, index + length);
	}
	return length;
}

/* Take one index column from the front of `index`; how many numbers it took, 0 for none that fit.
 */
static size_t take_index(const struct column *column, void *row, bool implied,
			 const uint32_t *index, size_t length)
{
	char *cell = (char *)row + column->offset;
	struct octets *octets = (void *)cell;
	bool text = column->storage == STORE_TEXT;
	size_t head = implied ? 0 : 1, count;

	if (length == 0)
		return 0;
	if (!text && column->storage != STORE_OCTETS) {
		table_set_number(column, row, index[0]);
		return 1;
	}
	count = implied ? length : index[0];
	if (count > length - head || count > (text ? column->size - 1U : sizeof(octets->octet)))
		return 0;
	memset(cell, 0, column->size);
	if (!text)
		octets->length = (uint8_t)count;
	for (size_t i = 0; i < count; i++) {
		if (index[head + i] > UINT8_MAX || (text && !index[head + i]))
			return 0;
		*(text ? (uint8_t *)cell + i : octets->octet + i) = (uint8_t)index[head + i];
	}
	return head + count;
}

bool table_set_index(const struct table *table, void *row, const uint32_t *index, size_t length)
{
	const uint16_t *objects = index_objects(table);

	if (!objects)
		return length == 1 && index[0] == 0;
	for (; *objects; objects++) {
		const struct column *column = table_column(table, *objects);
		bool implied = !objects[1] && mib_objects[table->entry].implied;
		size_t taken = take_index(column, row, implied, index, length);

		if (taken == 0)
			return false;
		index += taken;
		length -= taken;
	}
	return length == 0;
}

void table_subject(const struct table *table, const void *row, char *text, size_t size)
{
	const uint16_t *objects = index_objects(table);
	size_t used = 0;

	if (table->subject) {
		table->subject(row, text, size);
		return;
	}
	text_put(text, size, "");
	for (; objects && *objects && used + 1 < size; objects++) {
		if (used)
			text[used++] = '/';
		table_print(table_column(table, *objects), row, text + used, size - used);
		used += strlen(text + used);
	}
}

static void print_bits(const struct mib_label *labels, uint32_t bits, char *text, size_t size)
{
	size_t used = 0;

	text_put(text, size, bits ? "" : "none");
	for (; labels && labels->label; labels++)
		if (bits >> labels->value & 1 && used < size) {
			text_print(text + used, size - used, "%s%s", used ? "," : "",
				   labels->label);
			used += strlen(text + used);
		}
}

static void print_moment(int64_t wall, char *text, size_t size)
{
	time_t seconds = (time_t)(wall / 1000);
	struct tm parts;

	text_put(text, size, "-");
	if (wall && localtime_r(&seconds, &parts))
		strftime(text, size, "%Y-%m-%dT%H:%M:%S", &parts);
}

/* A moment of clock_now() as time of day: what a person can compare. */
static int64_t wall_of(int64_t stamp)
{
	int64_t now = clock_now();

	return stamp > 0 && stamp <= now ? clock_wall() - (now - stamp) : 0;
}

static void print_octets(const struct octets *octets, char *text, size_t size)
{
	text_put(text, size, "");
	for (size_t i = 0; i < octets->length && 2 * i + 3 <= size; i++)
		text_print(text + 2 * i, size - 2 * i, "%02x", octets->octet[i]);
}

void table_print(const struct column *column, const void *row, char *text, size_t size)
{
	const struct mib_object *object = &mib_objects[column->object];
	const char *label = NULL;

	if (!table_has(column, row)) {
		text_put(text, size, "-");
	} else if (column->storage == STORE_TEXT) {
		text_put(text, size, table_text(column, row));
	} else if (column->storage == STORE_OCTETS) {
		print_octets(cell_of(column, row), text, size);
	} else if (column->storage == STORE_MOMENT) {
		print_moment(table_number(column, row), text, size);
	} else if (column->storage == STORE_STAMP) {
		print_moment(wall_of(table_number(column, row)), text, size);
	} else if (column->storage == STORE_AGE) {
		text_print(text, size, "%" PRId64, table_age(column, row));
	} else if (object->syntax == MIB_BITS) {
		print_bits(object->labels, (uint32_t)table_number(column, row), text, size);
	} else {
		if (object->labels)
			label = mib_label_of(object->labels, (int32_t)table_number(column, row));
		if (label)
			text_put(text, size, label);
		else if (column->storage == STORE_UINT64)
			text_print(text, size, "%" PRIu64, (uint64_t)table_number(column, row));
		else
			text_print(text, size, "%" PRId64, table_number(column, row));
	}
}

bool table_sound(const struct table *table, const void *row)
{
	for (size_t i = 0; i < table->columns_count; i++) {
		const struct column *column = &table->columns[i];
		const struct octets *octets = cell_of(column, row);

		if (column->storage == STORE_TEXT && !memchr(octets, '\0', column->size))
			return false;
		if (column->storage == STORE_OCTETS && octets->length > sizeof(octets->octet))
			return false;
	}
	return true;
}

void table_forget(const struct table *table, void *row)
{
	struct row *head = row;

	head->state = HaRowState_unknown;
	for (size_t i = 0; i < table->columns_count; i++) {
		const struct column *column = &table->columns[i];
		const struct mib_label *labels = mib_objects[column->object].labels;
		int32_t unknown;

		if (!labels || column->storage != STORE_INT32)
			continue;
		unknown = mib_value_of(labels, "unknown", strlen("unknown"), 0);
		if (unknown)
			table_set_number(column, row, unknown);
	}
}
