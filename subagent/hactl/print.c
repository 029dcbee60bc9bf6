/* Writes tables for a person, and for a program as JSON.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/print.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/rows.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/hactl/colour.h"

#define COLUMNS_MAX 64

/* `name` without the prefix, when something is left. */
static const char *without(const char *name, const char *prefix, size_t length)
{
	return !strncmp(name, prefix, length) && name[length] ? name + length : name;
}

/* haDrbdResourceRole is Role in its own table, and ResourceRole in another one of haDrbd. */
static const char *short_name(const struct table *table, const struct column *column)
{
	const char *name = mib_objects[column->object].name;
	const char *entry = mib_objects[table->entry].name;
	const char *ending = strstr(entry, "Entry");
	uint16_t group = column->object;

	if (mib_objects[column->object].parent == table->entry)
		return without(name, entry, ending ? (size_t)(ending - entry) : strlen(entry));
	while (mib_objects[group].parent)
		group = mib_objects[group].parent;
	return without(name, mib_objects[group].name, strlen(mib_objects[group].name));
}

static int width_of(const struct rows *rows, const struct column *column)
{
	size_t width = strlen(short_name(rows->table, column));
	char text[256];

	for (size_t i = 0; i < rows->count; i++) {
		table_print(column, rows->entries[i]->row, text, sizeof(text));
		if (strlen(text) > width)
			width = strlen(text);
	}
	return (int)width;
}

static size_t choose(const struct table *table, const uint16_t *objects,
		     const struct column *chosen[])
{
	size_t count = 0;

	for (; *objects && count < COLUMNS_MAX; objects++) {
		chosen[count] = table_column(table, *objects);
		count += chosen[count] != NULL;
	}
	return count;
}

const char *print_label(const struct mib_label *labels, int32_t value)
{
	const char *label = mib_label_of(labels, value);

	return label ? label : "-";
}

int32_t print_severity(const struct column *column, const void *row)
{
	const struct level *level = NULL;

	if (table_has(column, row) && column->storage <= STORE_UINT64)
		level = table_level(column, row, table_number(column, row));
	return level ? level->severity : HaSeverity_info;
}

static void print_lines(const struct rows *rows, const uint16_t *objects)
{
	const struct column *chosen[COLUMNS_MAX];
	size_t count = choose(rows->table, objects, chosen);
	int widths[COLUMNS_MAX];
	char text[256];

	for (size_t c = 0; c < count; c++) {
		widths[c] = width_of(rows, chosen[c]);
		printf("%s%-*s", c ? "  " : "", c + 1 < count ? widths[c] : 0,
		       short_name(rows->table, chosen[c]));
	}
	putchar('\n');
	for (size_t i = 0; i < rows->count; i++) {
		for (size_t c = 0; c < count; c++) {
			table_print(chosen[c], rows->entries[i]->row, text, sizeof(text));
			printf("%s", c ? "  " : "");
			colour_print(print_severity(chosen[c], rows->entries[i]->row),
				     c + 1 < count ? widths[c] : 0, text);
		}
		putchar('\n');
	}
}

static void print_blocks(const struct rows *rows)
{
	char text[256];

	for (size_t i = 0; i < rows->count; i++) {
		table_subject(rows->table, rows->entries[i]->row, text, sizeof(text));
		printf("%s %s\n", mib_objects[rows->table->entry].name, text);
		for (size_t c = 0; c < rows->table->columns_count; c++) {
			const struct column *column = &rows->table->columns[c];

			table_print(column, rows->entries[i]->row, text, sizeof(text));
			printf("    %-20s %s\n", short_name(rows->table, column), text);
		}
	}
}

void print_text(const struct rows *rows, const uint16_t *objects)
{
	if (objects)
		print_lines(rows, objects);
	else
		print_blocks(rows);
}

static bool is_plain_number(const struct column *column)
{
	const struct mib_object *object = &mib_objects[column->object];

	return (column->storage == STORE_INT32 || column->storage == STORE_UINT32 ||
		column->storage == STORE_UINT64) &&
	       !object->labels;
}

static json_t *json_value(const struct column *column, const void *row)
{
	char text[256];

	bool time = column->storage == STORE_MOMENT || column->storage == STORE_STAMP;

	if (!table_has(column, row) || (time && !table_number(column, row)))
		return json_null();
	if (column->storage == STORE_AGE)
		return json_integer(table_age(column, row));
	if (is_plain_number(column))
		return json_integer(table_number(column, row));
	table_print(column, row, text, sizeof(text));
	return json_string(text);
}

static json_t *json_rows(const struct rows *rows)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rows->count; i++) {
		json_t *object = json_object();

		for (size_t c = 0; c < rows->table->columns_count; c++) {
			const struct column *column = &rows->table->columns[c];

			json_object_set_new(object, mib_objects[column->object].name,
					    json_value(column, rows->entries[i]->row));
		}
		json_array_append_new(array, object);
	}
	return array;
}

static bool is_among(const uint16_t *entries, uint16_t entry)
{
	if (!entries)
		return true;
	while (*entries && *entries != entry)
		entries++;
	return *entries != 0;
}

void print_json(const struct board *board, const uint16_t *entries)
{
	json_t *all = json_object();

	for (size_t i = 0; i < board->count; i++) {
		uint16_t entry = board->tables[i].table->entry;

		if (is_among(entries, entry))
			json_object_set_new(all, mib_objects[entry].name,
					    json_rows(&board->tables[i]));
	}
	if (json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) < 0)
		log_fatal("the output cannot be written");
	putchar('\n');
	json_decref(all);
}
