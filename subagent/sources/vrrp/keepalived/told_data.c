/* The data dump of keepalived, for people to read: what the JSON dump does not say.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/told_data.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/told.h"
#include "subagent/sources/vrrp/keepalived/words.h"

#define INSTANCES_MAX 4096
#define FILES_MAX 256 /* of one instance */
#define LINE_MAX_READ 1024

enum section { GLOBAL, TOPOLOGY, TRACK_FILES, INTERFACES, ELSEWHERE };

struct reader {
	struct told *told;
	struct told_global *global;
	enum section section;
	struct claim *claim; /* instance under way; NULL: none */
	char path[256];      /* of the track file under way; "" */
	bool whole;
};

/* What stands behind `before' at the begin of a line; NULL: it begins otherwise. */
static const char *behind(const char *line, const char *before)
{
	size_t length = strlen(before);

	return strncmp(line, before, length) ? NULL : line + length;
}

static void begin_section(struct reader *reader, const char *name)
{
	static const struct {
		const char *name;
		enum section section;
	} sections[] = {
		{ "Global definitions", GLOBAL },
		{ "VRRP Topology", TOPOLOGY },
		{ "VRRP Track files", TRACK_FILES },
		{ "Interfaces", INTERFACES },
	};

	reader->section = ELSEWHERE;
	reader->claim = NULL;
	reader->path[0] = '\0';
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		if (behind(name, sections[i].name))
			reader->section = sections[i].section;
	if (reader->section == INTERFACES)
		reader->whole = true;
}

/* "/run/keepalived.fifo, uid:gid 0:0" */
static void read_fifo(struct told_global *global, const char *text)
{
	const char *end = strstr(text, ", uid:gid");

	if (global->fifos_count == TOLD_FIFOS_MAX)
		return;
	words_put(global->fifos[global->fifos_count], sizeof(global->fifos[0]), text,
		  end ? (size_t)(end - text) : strlen(text));
	global->fifos_count++;
}

static void read_global(struct reader *reader, const char *line)
{
	struct told_global *global = reader->global;
	const char *value;

	if (behind(line, " DBus enabled"))
		global->bus = true;
	else if ((value = behind(line, " DBus service name = ")))
		words_put(global->bus_name, sizeof(global->bus_name), value, strlen(value));
	else if ((value = behind(line, " Global notify fifo = ")) ||
		 (value = behind(line, " VRRP notify fifo = ")))
		read_fifo(global, value);
}

static struct claim *begin_instance(struct reader *reader, const char *name)
{
	struct claim *claim;

	if (!*name || reader->told->count == INSTANCES_MAX)
		return NULL;
	claim = told_add(reader->told);
	words_put(claim->name, sizeof(claim->name), name, strlen(name));
	claim->family = AF_INET;
	claim->files_known = HaAnswer_yes;
	return claim;
}

static void read_topology(struct reader *reader, const char *line)
{
	const char *value = behind(line, " VRRP Instance = ");
	struct claim *claim = reader->claim;

	if (value)
		reader->claim = begin_instance(reader, value);
	else if (claim && (value = behind(line, "   Sync group = ")))
		words_put(claim->sync_group, sizeof(claim->sync_group), value, strlen(value));
	else if (claim && behind(line, "   Using Native IPv6"))
		claim->family = AF_INET6;
}

static struct claim *find(const struct told *told, const char *name)
{
	for (size_t i = 0; i < told->count; i++)
		if (!strcmp(told->claims[i].name, name))
			return &told->claims[i];
	return NULL;
}

/* "     VI_1, weight 0 reverse": one that tracks the file, by itself or through its group. */
static void read_tracking(struct reader *reader, const char *text)
{
	static const char between[] = ", weight ";
	const char *weight = NULL;
	char name[sizeof(reader->claim->name)];
	struct claim_file *file;
	struct claim *claim;

	for (const char *at = strstr(text, between); at; at = strstr(at + 1, between))
		weight = at;
	if (!weight || !*reader->path)
		return;
	words_put(name, sizeof(name), text, (size_t)(weight - text));
	claim = find(reader->told, name);
	if (!claim || claim->files_count == FILES_MAX)
		return;
	file = told_add_file(claim);
	TEXT_PUT(file->path, reader->path);
	file->weight = (int32_t)strtol(weight + sizeof(between) - 1, NULL, 10);
	file->reverse = strstr(weight, " reverse") != NULL;
}

static void read_track_file(struct reader *reader, const char *line)
{
	const char *value;

	if (behind(line, " Track file = ") || behind(line, " VRRP Track file = "))
		reader->path[0] = '\0';
	else if ((value = behind(line, "   File = ")))
		words_put(reader->path, sizeof(reader->path), value, strlen(value));
	else if ((value = behind(line, "     ")))
		read_tracking(reader, value);
}

static void read_line(struct reader *reader, const char *line)
{
	const char *section = behind(line, "------< ");

	if (section)
		begin_section(reader, section);
	else if (reader->section == GLOBAL)
		read_global(reader, line);
	else if (reader->section == TOPOLOGY)
		read_topology(reader, line);
	else if (reader->section == TRACK_FILES)
		read_track_file(reader, line);
}

/* The section about interfaces, of which there is always one, is the last. */
bool told_data(struct told *told, struct told_global *global, const char *text, size_t length)
{
	struct told_global found = { .bus = false };
	struct reader reader = { .told = told, .global = &found, .section = ELSEWHERE };
	char line[LINE_MAX_READ];

	*told = (struct told){ 0 };
	while (length > 0) {
		const char *end = memchr(text, '\n', length);
		size_t taken = end ? (size_t)(end - text) : length;

		text_put_part(line, sizeof(line), text, taken);
		read_line(&reader, line);
		taken += end != NULL;
		text += taken;
		length -= taken;
	}
	if (!reader.whole) {
		told_free(told);
		TEXT_PUT(told->error, "it breaks off");
		return false;
	}
	*global = found;
	return true;
}
