/* What tests of the DRBD source share: a model, the rows that came out of it, recorded output.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/test_drbd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/memory.h"
#include "lib/rows.h"
#include "mib/mib.h"
#include "subagent/sources/drbd/config.h"
#include "subagent/sources/drbd/tell.h"

#define TABLES 5

static struct rows tables[TABLES];
static struct drbd_world *current;

static struct rows *rows_of(const struct table *table)
{
	for (size_t i = 0; i < TABLES; i++)
		if (tables[i].table == table)
			return &tables[i];
	fail_msg("a row of a table that the source does not have");
	return NULL;
}

static void take_row(const struct table *table, const void *row)
{
	rows_put(rows_of(table), row)->seen = true;
	current->rows++;
}

static void take_gone(const struct table *table, const void *row)
{
	struct rows *rows = rows_of(table);
	const struct entry *entry = rows_find_row(rows, row);

	assert_non_null(entry);
	rows_remove(rows, rows_position(rows, entry->index, entry->index_length));
	current->gone++;
}

static void take_begin(const struct table *table)
{
	struct rows *rows = rows_of(table);

	for (size_t i = 0; i < rows->count; i++)
		rows->entries[i]->seen = false;
	current->begun++;
}

static void take_end(const struct table *table)
{
	struct rows *rows = rows_of(table);

	for (size_t i = rows->count; i > 0; i--)
		if (!rows->entries[i - 1]->seen)
			rows_remove(rows, i - 1);
	current->ended++;
}

static const struct drbd_report report = { take_row, take_gone, take_begin, take_end };

void drbd_world_open(struct drbd_world *world)
{
	memset(world, 0, sizeof(*world));
	world->model = drbd_model_new();
	current = world;
	for (size_t i = 0; i < TABLES; i++)
		rows_open(&tables[i], drbd_tables[i]);
	assert_null(drbd_tables[TABLES]);
	drbd_model_begin(world->model);
	drbd_world_pass(world, 1000);
}

void drbd_world_close(struct drbd_world *world)
{
	for (size_t i = 0; i < TABLES; i++)
		rows_close(&tables[i]);
	drbd_model_free(world->model);
}

void drbd_world_pass(struct drbd_world *world, int64_t time)
{
	world->now += time;
	drbd_model_clock(world->model, world->now, WORLD_WALL + world->now);
}

static void feed_line(struct drbd_world *world, const char *line, size_t length)
{
	bool was = drbd_model_is_complete(world->model);

	drbd_model_line(world->model, line, length);
	if (!was && drbd_model_is_complete(world->model))
		drbd_model_report(world->model, &report);
	else if (was)
		drbd_model_flush(world->model, &report);
}

void drbd_world_feed(struct drbd_world *world, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		feed_line(world, text, length);
		text += length + (text[length] == '\n');
	}
}

bool drbd_world_poll(struct drbd_world *world, const char *text)
{
	bool agrees;

	drbd_model_poll_begin(world->model);
	while (*text) {
		size_t length = strcspn(text, "\n");

		drbd_model_poll_line(world->model, text, length);
		text += length + (text[length] == '\n');
	}
	agrees = drbd_model_poll_end(world->model);
	drbd_model_flush(world->model, &report);
	return agrees;
}

void drbd_world_expect(struct drbd_world *world, const char *node, const char *xml)
{
	struct drbd_config_parser *parser = drbd_config_begin(node);
	struct drbd_config *config;

	assert_true(drbd_config_take(parser, xml, strlen(xml)));
	config = drbd_config_end(parser, true);
	assert_non_null(config);
	drbd_model_config(world->model, config);
}

void drbd_world_flush(struct drbd_world *world)
{
	drbd_model_flush(world->model, &report);
}

void drbd_world_report(struct drbd_world *world)
{
	drbd_model_report(world->model, &report);
}

void drbd_world_count(struct drbd_world *world)
{
	world->rows = world->gone = world->begun = world->ended = 0;
}

static const void *find(const struct table *table, const void *key)
{
	const struct entry *entry = rows_find_row(rows_of(table), key);

	return entry ? entry->row : NULL;
}

const struct drbd_resource_row *drbd_world_resource(const char *name)
{
	struct drbd_resource_row key = { 0 };

	TEXT_PUT(key.name, name);
	return find(&drbd_resource_table, &key);
}

const struct drbd_volume_row *drbd_world_volume(const char *resource, uint32_t volume)
{
	struct drbd_volume_row key = { .number = volume };

	TEXT_PUT(key.resource, resource);
	return find(&drbd_volume_table, &key);
}

const struct drbd_peer_row *drbd_world_peer(const char *resource, uint32_t node_id)
{
	struct drbd_peer_row key = { .node_id = node_id };

	TEXT_PUT(key.resource, resource);
	return find(&drbd_peer_table, &key);
}

const struct drbd_peer_volume_row *drbd_world_peer_volume(const char *resource, uint32_t node_id,
							  uint32_t volume)
{
	struct drbd_peer_volume_row key = { .node_id = node_id, .volume = volume };

	TEXT_PUT(key.resource, resource);
	return find(&drbd_peer_volume_table, &key);
}

const struct drbd_scalars_row *drbd_world_scalars(void)
{
	assert_int_equal(rows_of(&drbd_scalars_table)->count, 1);
	return rows_of(&drbd_scalars_table)->entries[0]->row;
}

size_t drbd_world_rows(const struct table *table)
{
	return rows_of(table)->count;
}

const char *drbd_world_text(const struct table *table, const void *row, const char *object)
{
	static char text[256];
	int id = mib_find(object);

	assert_true(id >= 0);
	assert_non_null(row);
	assert_non_null(table_column(table, (unsigned int)id));
	table_print(table_column(table, (unsigned int)id), row, text, sizeof(text));
	return text;
}

char *drbd_world_file(const char *name)
{
	const char *top = getenv("srcdir");
	char path[512];
	size_t used = 0, room = 1 << 16, got;
	char *text;
	FILE *file;

	TEXT_PRINT(path, "%s/tests/data/%s", top ? top : ".", name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("cannot open %s", path);
	text = memory_resize(NULL, room, 1);
	while ((got = fread(text + used, 1, room - used - 1, file)) > 0) {
		used += got;
		if (used + 1 == room) {
			room *= 2;
			text = memory_resize(text, room, 1);
		}
	}
	fclose(file);
	text[used] = '\0';
	return text;
}
