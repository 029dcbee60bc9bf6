/* Replays what real DRBD 8.4 and 9 wrote, and compares with what their other tools said of the same
 * moment.
 *
 * tests/data/drbd9 and drbd84 hold, of each node, continuous streams of `drbdsetup events2' over a
 * long sequence of faults, and snapshots of states of that sequence: `##### NAME TIME', then
 * sections of a command, its output and its status.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/test_drbd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "lib/memory.h"

#define TEXT_MAX 65536

/* How long after a snapshot's dump a line of the stream may come that the dump has seen already:
 * each program prints when the guest gets round to it. */
#define SLACK "0.300000"

struct key {
	const char *key;
	const char *object;
};

static const struct key resource_keys[] = {
	{ "role", "haDrbdResourceRole" },
	{ "suspended", "haDrbdResourceSuspended" },
	{ "force-io-failures", "haDrbdResourceForceIoFailures" },
	{ NULL, NULL },
};
static const struct key volume_keys[] = {
	{ "disk", "haDrbdVolumeDisk" },
	{ "client", "haDrbdVolumeClient" },
	{ "quorum", "haDrbdVolumeQuorum" },
	{ "minor", "haDrbdVolumeMinor" },
	{ NULL, NULL },
};
static const struct key peer_keys[] = {
	{ "connection", "haDrbdPeerConnection" },
	{ "role", "haDrbdPeerRole" },
	{ NULL, NULL },
};
static const struct key peer_volume_keys[] = {
	{ "replication", "haDrbdPeerVolumeReplication" },
	{ "peer-disk", "haDrbdPeerVolumeDisk" },
	{ "resync-suspended", "haDrbdPeerVolumeResyncSuspended" },
	{ "peer-client", "haDrbdPeerVolumeClient" },
	{ NULL, NULL },
};

/* Figures, which the stream tells only now and then. */
static const struct key volume_figures[] = {
	{ "size", "haDrbdVolumeSize" },
	{ "read", "haDrbdVolumeRead" },
	{ "written", "haDrbdVolumeWritten" },
	{ "al-writes", "haDrbdVolumeAlWrites" },
	{ "bm-writes", "haDrbdVolumeBmWrites" },
	{ "upper-pending", "haDrbdVolumeUpperPending" },
	{ "lower-pending", "haDrbdVolumeLowerPending" },
	{ "blocked", "haDrbdVolumeBlocked" },
	{ "al-suspended", "haDrbdVolumeAlSuspended" },
	{ NULL, NULL },
};
static const struct key peer_volume_figures[] = {
	{ "out-of-sync", "haDrbdPeerVolumeOutOfSync" },
	{ "received", "haDrbdPeerVolumeReceived" },
	{ "sent", "haDrbdPeerVolumeSent" },
	{ "pending", "haDrbdPeerVolumePending" },
	{ "unacked", "haDrbdPeerVolumeUnacked" },
	{ NULL, NULL },
};
static const struct key no_figures[] = { { NULL, NULL } };

/* With --diff, drbdsetup 9.22 does not tell the quorum of a device that is created. */
static bool quorum_untold;

/* The word behind "KEY:" in a line; false when it has none. */
static bool value_of(const char *line, const char *key, char *value, size_t size)
{
	char wanted[40];
	const char *at;

	TEXT_PRINT(wanted, " %s:", key);
	at = strstr(line, wanted);
	if (!at)
		return false;
	at += strlen(wanted);
	text_put_part(value, size, at, strcspn(at, " \n"));
	return true;
}

static unsigned long number_of(const char *line, const char *key)
{
	char value[32];

	return value_of(line, key, value, sizeof(value)) ? strtoul(value, NULL, 10) : 0;
}

/* UpToDate is upToDate, no-data is noData, and no reason at all is none. */
static bool same_word(const char *drbd, const char *mib, bool reasons)
{
	if (reasons && !strcmp(drbd, "no"))
		return !strcmp(mib, "none");
	while (*drbd && *mib) {
		if (*drbd == '-') {
			drbd++;
			continue;
		}
		if (strncasecmp(drbd++, mib++, 1) != 0)
			return false;
	}
	return !*drbd && !*mib;
}

static unsigned int compare_keys(const char *line, const struct key *keys,
				 const struct table *table, const void *row, bool loud)
{
	unsigned int wrong = 0;
	char value[64];

	for (; keys->key; keys++) {
		bool reasons = strstr(keys->key, "suspended") || !strcmp(keys->key, "blocked");
		const char *text;

		if (!value_of(line, keys->key, value, sizeof(value)))
			continue;
		text = row ? drbd_world_text(table, row, keys->object) : "no row";
		if (quorum_untold && !strcmp(keys->key, "quorum") && !strcmp(text, "unknown"))
			continue;
		if (same_word(value, text, reasons && strcmp(keys->key, "al-suspended") != 0))
			continue;
		wrong++;
		if (loud)
			print_error("%s is %s, not %s: %.*s\n", keys->object, text, value,
				    (int)strcspn(line, "\n"), line);
	}
	return wrong;
}

/* How many states of one line of a dump the rows do not show. */
static unsigned int compare_line(const char *line, bool figures, bool loud)
{
	const char *object = strstr(line, "exists ");
	const struct key *keys = no_figures, *more = no_figures;
	const struct table *table = NULL;
	const void *row = NULL;
	char name[128] = "";

	if (!object || !value_of(line, "name", name, sizeof(name)))
		return 0;
	object += strlen("exists ");
	if (!strncmp(object, "resource ", 9)) {
		table = &drbd_resource_table;
		keys = resource_keys;
		row = drbd_world_resource(name);
	} else if (!strncmp(object, "device ", 7)) {
		table = &drbd_volume_table;
		keys = volume_keys;
		more = volume_figures;
		row = drbd_world_volume(name, (uint32_t)number_of(line, "volume"));
	} else if (!strncmp(object, "connection ", 11)) {
		table = &drbd_peer_table;
		keys = peer_keys;
		row = drbd_world_peer(name, (uint32_t)number_of(line, "peer-node-id"));
	} else if (!strncmp(object, "peer-device ", 12)) {
		table = &drbd_peer_volume_table;
		keys = peer_volume_keys;
		more = peer_volume_figures;
		row = drbd_world_peer_volume(name, (uint32_t)number_of(line, "peer-node-id"),
					     (uint32_t)number_of(line, "volume"));
	}
	return compare_keys(line, keys, table, row, loud) +
	       (figures ? compare_keys(line, more, table, row, loud) : 0);
}

/* Rows that a dump does not have are as wrong as states. */
static unsigned int compare_dump(const char *dump, bool figures, bool loud)
{
	static const char *const objects[] = {
		"exists resource ",
		"exists device ",
		"exists connection ",
		"exists peer-device ",
	};
	unsigned int wrong = 0;

	for (const char *line = dump; *line; line += strcspn(line, "\n"), line += *line == '\n')
		wrong += compare_line(line, figures, loud);
	for (size_t i = 0; i < 4; i++) {
		size_t count = 0;

		for (const char *at = dump; (at = strstr(at, objects[i])) != NULL; at++)
			count++;
		if (count == drbd_world_rows(drbd_tables[i + 1]))
			continue;
		wrong++;
		if (loud)
			print_error("%zu rows of %s\n", drbd_world_rows(drbd_tables[i + 1]),
				    objects[i]);
	}
	return wrong;
}

struct snapshot {
	char name[64];
	char time[40];
	const char *text;
	size_t length;
};

/* The next snapshot at `*at`; false at the end. */
static bool next_snapshot(const char **at, struct snapshot *snapshot)
{
	const char *start = *at, *end;

	if (strncmp(start, "##### ", 6) != 0)
		return false;
	assert_int_equal(sscanf(start, "##### %63s %39s", snapshot->name, snapshot->time), 2);
	end = strstr(start, "\n##### ");
	end = end ? end + 1 : start + strlen(start);
	snapshot->text = start;
	snapshot->length = (size_t)(end - start);
	*at = end;
	return true;
}

/* Output of a command in a snapshot; false when it is not there or failed. */
static bool section(const struct snapshot *snapshot, const char *command, char *output, size_t size)
{
	char copy[2 * TEXT_MAX], wanted[128];
	const char *start, *end;

	TEXT_PUT(copy, "");
	text_put_part(copy, sizeof(copy), snapshot->text, snapshot->length);
	TEXT_PRINT(wanted, "\n$ %s\n", command);
	start = strstr(copy, wanted);
	if (!start)
		return false;
	start += strlen(wanted);
	end = strstr(start, "[rc=");
	if (!end || strncmp(end, "[rc=0]", 6) != 0)
		return false;
	text_put_part(output, size, start, (size_t)(end - start));
	return true;
}

/* ---- snapshots ---- */

static bool has_line(const char *text, const char *line, size_t length)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strcspn(text, "\n") == length && !strncasecmp(text, line, length))
			return true;
	return false;
}

/* DRBD 8.4 has one word for the connection and the replication. */
static const char *old_state(const struct drbd_peer_row *peer,
			     const struct drbd_peer_volume_row *volume)
{
	static const char *const words[][2] = {
		{ "connecting", "WFConnection" },
		{ "established", "Connected" },
	};
	const char *text = drbd_world_text(&drbd_peer_table, peer, "haDrbdPeerConnection");

	if (!strcmp(text, "connected"))
		text = drbd_world_text(&drbd_peer_volume_table, volume,
				       "haDrbdPeerVolumeReplication");
	for (size_t i = 0; i < 2; i++)
		if (!strcmp(text, words[i][0]))
			return words[i][1];
	return text;
}

static void check_old_tools(const struct snapshot *snapshot)
{
	const struct drbd_resource_row *resource = drbd_world_resource("r0");
	const struct drbd_peer_row *peer = drbd_world_peer("r0", 0);
	const struct drbd_peer_volume_row *volume = drbd_world_peer_volume("r0", 0, 0);
	char output[256], wanted[128], own[32];

	TEXT_PUT(own, drbd_world_text(&drbd_resource_table, resource, "haDrbdResourceRole"));
	TEXT_PRINT(wanted, "%s/%s\n", own,
		   drbd_world_text(&drbd_peer_table, peer, "haDrbdPeerRole"));
	assert_true(section(snapshot, "drbdadm role r0", output, sizeof(output)));
	assert_int_equal(strcasecmp(output, wanted), 0);
	TEXT_PRINT(wanted, "%s\n", old_state(peer, volume));
	assert_true(section(snapshot, "drbdadm cstate r0", output, sizeof(output)));
	assert_int_equal(strcasecmp(output, wanted), 0);
	TEXT_PUT(own, drbd_world_text(&drbd_volume_table, drbd_world_volume("r0", 0),
				      "haDrbdVolumeDisk"));
	TEXT_PRINT(wanted, "%s/%s\n", own,
		   drbd_world_text(&drbd_peer_volume_table, volume, "haDrbdPeerVolumeDisk"));
	assert_true(section(snapshot, "drbdadm dstate r0", output, sizeof(output)));
	assert_int_equal(strcasecmp(output, wanted), 0);
}

/* The kernel's own file: the amount out of sync, of a state that rests. */
static void check_old_amount(const struct snapshot *snapshot)
{
	const struct drbd_peer_volume_row *volume = drbd_world_peer_volume("r0", 0, 0);
	char output[1024];
	const char *oos;

	assert_true(section(snapshot, "cat /proc/drbd", output, sizeof(output)));
	oos = strstr(output, " oos:");
	if (!oos || (!strstr(output, "cs:Connected") && !strstr(output, "cs:StandAlone")))
		return;
	assert_true(volume->out_of_sync == strtoull(oos + 5, NULL, 10));
	if (volume->out_of_sync == 0)
		assert_int_equal(volume->resync_done, 10000);
	else
		assert_in_range(volume->resync_done, 0, 9999);
}

static void check_old_snapshots(const char *name)
{
	char *text = drbd_world_file(name), dump[TEXT_MAX];
	const char *at = text;
	struct snapshot snapshot;
	unsigned int checked = 0;

	while (next_snapshot(&at, &snapshot)) {
		struct drbd_world world;

		drbd_world_open(&world);
		drbd_model_kernel(world.model, "8.4.11");
		assert_true(section(&snapshot, "drbdsetup events2 r0 --now --statistics", dump,
				    sizeof(dump)) ||
			    !strcmp(snapshot.name, "23-n1-down"));
		drbd_world_feed(&world, dump);
		assert_int_equal(compare_dump(dump, true, true), 0);
		if (drbd_world_resource("r0")) {
			check_old_tools(&snapshot);
			check_old_amount(&snapshot);
			checked++;
		}
		assert_int_equal(drbd_model_unknown_words(world.model), 0);
		assert_int_equal(drbd_model_rejected_lines(world.model), 0);
		assert_true(drbd_world_poll(&world, dump));
		drbd_world_close(&world);
	}
	assert_true(checked >= 24);
	free(text);
}

static void test_old_snapshots(void **state)
{
	(void)state;
	check_old_snapshots("drbd84/snapshots.n1.txt");
	check_old_snapshots("drbd84/snapshots.n2.txt");
}

/* One line for each connection, in the configuration's order. */
static bool check_connections(const char *name, const char *output)
{
	size_t lines = 0, peers = 0;

	for (const char *at = output; *at; at++)
		lines += *at == '\n';
	for (uint32_t id = 0; id <= DRBD_NODE_ID_MAX; id++) {
		const struct drbd_peer_row *peer = drbd_world_peer(name, id);
		const char *text;

		if (!peer)
			continue;
		peers++;
		text = drbd_world_text(&drbd_peer_table, peer, "haDrbdPeerConnection");
		if (!has_line(output, text, strlen(text)))
			return false;
	}
	return lines == peers;
}

/* "UpToDate/Inconsistent/DUnknown": this node's disk, then the peers'. */
static bool check_disks(const char *name, uint32_t number, const char *line)
{
	const struct drbd_volume_row *volume = drbd_world_volume(name, number);
	const char *text = drbd_world_text(&drbd_volume_table, volume, "haDrbdVolumeDisk");
	char rest[128];

	if (strncasecmp(line, text, strlen(text)) != 0)
		return false;
	TEXT_PRINT(rest, "/%.*s/", (int)(strcspn(line, "\n") - strlen(text)), line + strlen(text));
	for (uint32_t id = 0; id <= DRBD_NODE_ID_MAX; id++) {
		const struct drbd_peer_volume_row *peer = drbd_world_peer_volume(name, id, number);
		char wanted[40];

		if (!peer)
			continue;
		TEXT_PRINT(wanted, "/%s/",
			   drbd_world_text(&drbd_peer_volume_table, peer, "haDrbdPeerVolumeDisk"));
		if (!strcasestr(rest, wanted))
			return false;
	}
	return true;
}

static bool check_tools(const struct snapshot *snapshot, const char *name)
{
	const struct drbd_resource_row *resource = drbd_world_resource(name);
	char command[40], output[1024];
	const char *line = output, *role;

	if (!resource)
		return true;
	TEXT_PRINT(command, "drbdadm role %s", name);
	role = drbd_world_text(&drbd_resource_table, resource, "haDrbdResourceRole");
	if (section(snapshot, command, output, sizeof(output)) &&
	    !has_line(output, role, strlen(role)))
		return false;
	TEXT_PRINT(command, "drbdadm cstate %s", name);
	if (section(snapshot, command, output, sizeof(output)) && !check_connections(name, output))
		return false;
	TEXT_PRINT(command, "drbdadm dstate %s", name);
	if (!section(snapshot, command, output, sizeof(output)))
		return true;
	for (uint32_t number = 0; number < resource->volumes; number++) {
		if (!check_disks(name, number, line))
			return false;
		line += strcspn(line, "\n") + 1;
	}
	return true;
}

/* Snapshots that were taken while their states changed: their first commands and their last saw
 * different ones. */
static bool is_passing(const char *name)
{
	static const char *const names[] = {
		"10-cut-first-second",
		"22-n2-crashed-first-second",
		"29-split-brain-resolving",
		"72-r2-cut-under-write",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static void check_snapshot(const struct snapshot *snapshot, const char *command, bool tools)
{
	static const char *const names[] = { "r0", "r1", "r2" };
	static char dump[TEXT_MAX];
	struct drbd_world world;
	bool agrees = true;

	if (!section(snapshot, command, dump, sizeof(dump)))
		return;
	drbd_world_open(&world);
	drbd_model_kernel(world.model, "9.2.18");
	drbd_world_feed(&world, dump);
	assert_int_equal(compare_dump(dump, true, true), 0);
	for (size_t i = 0; i < 3; i++)
		agrees = agrees && check_tools(snapshot, names[i]);
	if (tools && !agrees && !is_passing(snapshot->name))
		fail_msg("%s: not what drbdadm says", snapshot->name);
	assert_int_equal(drbd_model_unknown_words(world.model), 0);
	assert_int_equal(drbd_model_rejected_lines(world.model), 0);
	assert_true(drbd_world_poll(&world, dump));
	drbd_world_close(&world);
}

static void check_snapshots(const char *name)
{
	char *text = drbd_world_file(name);
	const char *at = text;
	struct snapshot snapshot;

	while (next_snapshot(&at, &snapshot)) {
		check_snapshot(&snapshot, "drbdsetup events2 --now --timestamps --statistics all",
			       true);
		check_snapshot(&snapshot,
			       "drbdsetup-9.34.0 events2 --now --timestamps --statistics all",
			       false);
	}
	free(text);
}

static void test_snapshots(void **state)
{
	(void)state;
	check_snapshots("drbd9/snapshots.n1.txt");
	check_snapshots("drbd9/snapshots.n2.txt");
	check_snapshots("drbd9/snapshots.n3.txt");
}

/* ---- streams ---- */

struct replay {
	struct drbd_world world;
	char *stream;
	const char *at; /* what was not fed yet */
	int64_t time;   /* of the last line that was fed */
};

/* Milliseconds of the day, of a line that begins with its time. */
static int64_t time_of(const char *line)
{
	unsigned int hour, minute;
	double second;

	assert_int_equal(sscanf(line + 11, "%2u:%2u:%lf", &hour, &minute, &second), 3);
	return (int64_t)(((hour * 60 + minute) * 60 + second) * 1000);
}

/* The world's clock goes as that of the line, or another text that begins with a time. */
static void follow_clock(struct replay *replay, const char *line)
{
	int64_t time = time_of(line);

	if (replay->time && time > replay->time)
		drbd_world_pass(&replay->world, time - replay->time);
	replay->time = time;
	if (drbd_model_is_complete(replay->world.model))
		drbd_world_flush(&replay->world);
}

/* After a crash or a restart of the program another dump begins: the source says so to the model.
 */
static void feed_line(struct replay *replay)
{
	size_t length = strcspn(replay->at, "\n");
	char line[4096];

	assert_in_range(length, 0, sizeof(line) - 2);
	text_put_part(line, sizeof(line), replay->at, length);
	if (line[0] != '#') {
		follow_clock(replay, line);
		if (drbd_model_is_complete(replay->world.model) && strstr(line, " exists "))
			drbd_model_begin(replay->world.model);
		drbd_world_feed(&replay->world, line);
	}
	replay->at += length + (replay->at[length] == '\n');
}

/* Whether the next line is a message that was written before `time`: both are of one form. */
static bool is_before(const struct replay *replay, const char *time)
{
	const char *line = replay->at;

	return *line && (line[0] == '#' || strncmp(line, time, 26) < 0);
}

static void feed_until(struct replay *replay, const char *time)
{
	while (is_before(replay, time))
		feed_line(replay);
	follow_clock(replay, time);
}

/* `time` and the slack, in the same form. */
static void add_slack(const char *time, char *later, size_t size)
{
	unsigned int hour, minute;
	double second;

	assert_int_equal(sscanf(time + 11, "%2u:%2u:%lf", &hour, &minute, &second), 3);
	second += strtod(SLACK, NULL);
	if (second >= 60) {
		second -= 60;
		minute++;
	}
	text_print(later, size, "%.11s%02u:%02u:%09.6f", time, hour, minute, second);
}

/* How long the source keeps quiet about a volume that is new and has no disk. */
#define NEW_TIME 1000

/* The stream has come to where the dump was taken; lines that came late count, too, and so does
 * what the source holds back. */
static bool arrives(struct replay *replay, const char *dump, const char *time)
{
	char later[40];

	feed_until(replay, time);
	add_slack(time, later, sizeof(later));
	while (compare_dump(dump, false, false) != 0 && is_before(replay, later))
		feed_line(replay);
	if (compare_dump(dump, false, false) != 0) {
		drbd_world_pass(&replay->world, NEW_TIME);
		drbd_world_flush(&replay->world);
	}
	return compare_dump(dump, false, false) == 0;
}

static int by_time(const void *one, const void *other)
{
	const struct snapshot *left = one, *right = other;

	return strcmp(left->time, right->time);
}

static size_t load_snapshots(const char *text, struct snapshot *snapshots, size_t room)
{
	size_t count = 0;

	while (count < room && next_snapshot(&text, &snapshots[count]))
		count += strcmp(snapshots[count].time, "-") != 0;
	qsort(snapshots, count, sizeof(*snapshots), by_time);
	return count;
}

static void replay_open(struct replay *replay, const char *stream, const char *kernel)
{
	drbd_world_open(&replay->world);
	drbd_model_kernel(replay->world.model, kernel);
	replay->stream = drbd_world_file(stream);
	replay->at = replay->stream;
}

static void replay_close(struct replay *replay)
{
	while (*replay->at)
		feed_line(replay);
	assert_int_equal(drbd_model_unknown_words(replay->world.model), 0);
	assert_int_equal(drbd_model_rejected_lines(replay->world.model), 0);
	assert_false(drbd_model_is_torn(replay->world.model));
	drbd_world_close(&replay->world);
	free(replay->stream);
}

static void check_stream(const char *kind, const char *node)
{
	static struct snapshot snapshots[100];
	static char dump[TEXT_MAX];
	struct replay replay = { .time = 0 };
	char path[80], *text;
	size_t count;

	TEXT_PRINT(path, "drbd9/snapshots.%s.txt", node);
	text = drbd_world_file(path);
	count = load_snapshots(text, snapshots, 100);
	assert_in_range(count, 10, 99);
	TEXT_PRINT(path, "drbd9/stream.events2.%s.%s.txt", kind, node);
	quorum_untold = !strcmp(kind, "diff");
	replay_open(&replay, path, "9.2.18");
	for (size_t i = 0; i < count; i++) {
		if (!section(&snapshots[i], "drbdsetup events2 --now --timestamps --statistics all",
			     dump, sizeof(dump)))
			continue;
		if (!arrives(&replay, dump, dump)) {
			compare_dump(dump, false, true);
			fail_msg("%s of %s does not arrive at %s", kind, node, snapshots[i].name);
		}
	}
	replay_close(&replay);
	quorum_untold = false;
	free(text);
}

static void test_streams(void **state)
{
	static const char *const kinds[] = { "plain", "stat", "full", "diff", "poll" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		check_stream(kinds[i], "n1");
		check_stream(kinds[i], "n2");
		check_stream(kinds[i], "n3");
	}
}

/* Their snapshots tell the second or two in which they were taken, not the moment. */
static void check_old_stream(const char *node)
{
	static struct snapshot snapshots[40];
	static char dump[TEXT_MAX];
	struct replay replay = { .time = 0 };
	char path[80], *text;
	size_t count;

	TEXT_PRINT(path, "drbd84/snapshots.%s.txt", node);
	text = drbd_world_file(path);
	count = load_snapshots(text, snapshots, 40);
	assert_in_range(count, 24, 39);
	TEXT_PRINT(path, "drbd84/stream.events2.%s.txt", node);
	replay_open(&replay, path, "8.4.11");
	for (size_t i = 0; i < count; i++) {
		assert_true(section(&snapshots[i], "drbdsetup events2 r0 --now --statistics", dump,
				    sizeof(dump)));
		if (!arrives(&replay, dump, snapshots[i].time)) {
			compare_dump(dump, false, true);
			fail_msg("%s does not arrive at %s", node, snapshots[i].name);
		}
	}
	replay_close(&replay);
	free(text);
}

static void test_old_streams(void **state)
{
	(void)state;
	check_old_stream("n1");
	check_old_stream("n2");
}

/* ---- the split brains of the sequence ---- */

struct moment_of {
	const char *time;
	const char *split_brain;
};

static void check_split_brains(const char *stream, const char *kernel,
			       const struct moment_of *moments)
{
	struct replay replay = { .time = 0 };

	replay_open(&replay, stream, kernel);
	for (; moments->time; moments++) {
		const char *text;

		feed_until(&replay, moments->time);
		text = drbd_world_text(&drbd_resource_table, drbd_world_resource("r0"),
				       "haDrbdResourceSplitBrain");
		if (strcmp(text, moments->split_brain) != 0)
			fail_msg("%s at %s: %s, not %s", stream, moments->time, text,
				 moments->split_brain);
		assert_int_equal(drbd_world_scalars()->split_brains,
				 strcmp(text, "none") != 0 && strcmp(text, "unknown") != 0);
	}
	replay_close(&replay);
}

/* Cut, both Primary: nobody knows yet. Healed: detected, and latched while one side is demoted and
 * refused. discard-my-data: resolving, then none. Later both were fenced by each other and
 * Primary: no helper says it, so it is suspected. The same of both nodes. */
static void test_split_brain(void **state)
{
	static const struct moment_of moments[] = {
		{ "2026-11-22T09:41:57.700000", "none" },
		{ "2026-11-22T09:42:08.000000", "none" },
		{ "2026-11-22T09:42:18.000000", "detected" },
		{ "2026-11-22T09:42:22.000000", "detected" },
		{ "2026-11-22T09:42:28.000000", "detected" },
		{ "2026-11-22T09:42:31.000000", "detected" },
		{ "2026-11-22T09:42:31.690000", "resolving" },
		{ "2026-11-22T09:42:33.000000", "none" },
		{ "2026-11-22T09:44:43.500000", "none" },
		{ "2026-11-22T09:44:52.000000", "suspected" },
		{ "2026-11-22T09:47:01.000000", "suspected" },
		{ "2026-11-22T09:48:31.000000", "none" },
		{ NULL, NULL },
	};

	(void)state;
	check_split_brains("drbd9/stream.events2.plain.n1.txt", "9.2.18", moments);
	check_split_brains("drbd9/stream.events2.plain.n2.txt", "9.2.18", moments);
	check_split_brains("drbd9/stream.events2.diff.n1.txt", "9.2.18", moments);
	check_split_brains("drbd9/stream.events2.full.n2.txt", "9.2.18", moments);
}

static void test_old_split_brain(void **state)
{
	static const struct moment_of moments[] = {
		{ "2026-11-22T08:24:39.000000", "none" },
		{ "2026-11-22T08:24:46.700000", "detected" },
		{ "2026-11-22T08:25:08.000000", "detected" },
		{ "2026-11-22T08:25:09.200000", "detected" },
		{ "2026-11-22T08:25:12.000000", "none" },
		{ NULL, NULL },
	};

	(void)state;
	check_split_brains("drbd84/stream.events2.n1.txt", "8.4.11", moments);
	check_split_brains("drbd84/stream.events2.n2.txt", "8.4.11", moments);
}

/* ---- resources that are taken down ---- */

static bool has_no_disk(uint32_t number)
{
	const struct drbd_volume_row *volume = drbd_world_volume("r0", number);
	const char *disk =
		volume ? drbd_world_text(&drbd_volume_table, volume, "haDrbdVolumeDisk") : "";

	return !strcmp(disk, "failed") || !strcmp(disk, "diskless") || !strcmp(disk, "detaching");
}

/* Feed what was written in a span of time at the times at which it was; whether a disk was shown
 * as lost meanwhile. */
static bool loses_disk(const char *stream, const char *kernel, const char *from, const char *to)
{
	struct replay replay = { .time = 0 };
	bool lost = false;

	replay_open(&replay, stream, kernel);
	feed_until(&replay, from);
	assert_false(has_no_disk(0) || has_no_disk(1));
	while (is_before(&replay, to)) {
		feed_line(&replay);
		lost = lost || has_no_disk(0) || has_no_disk(1);
	}
	replay_close(&replay);
	return lost;
}

/* `drbdadm down' of a resource that is Secondary, and `drbdadm up': Failed or Detaching, Diskless,
 * gone; Diskless, Attaching, UpToDate. */
static void test_down_and_up(void **state)
{
	(void)state;
	assert_false(loses_disk("drbd84/stream.events2.n1.txt", "8.4.11",
				"2026-11-22T08:25:23.500000", "2026-11-22T08:25:40.000000"));
	assert_false(loses_disk("drbd9/stream.events2.plain.n1.txt", "9.2.18",
				"2026-11-22T09:42:41.900000", "2026-11-22T09:42:48.000000"));
}

/* A disk that fails while its resource is in use, or connected, is told with its first line. */
static void test_failed_disk(void **state)
{
	static const char *const failures[][2] = {
		{ "drbd84/stream.events2.n1.txt", "2026-11-22T08:23:46.996500" },
		{ "drbd84/stream.events2.n2.txt", "2026-11-22T08:23:22.816000" },
		{ "drbd84/stream.events2.n2.txt", "2026-11-22T08:23:35.802000" },
		{ "drbd9/stream.events2.plain.n1.txt", "2026-11-22T09:40:08.857000" },
	};
	struct replay replay = { .time = 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		replay_open(&replay, failures[i][0], i < 3 ? "8.4.11" : "9.2.18");
		feed_until(&replay, failures[i][1]);
		assert_true(has_no_disk(0));
		assert_int_equal(drbd_model_due(replay.world.model), 0);
		replay_close(&replay);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_old_snapshots),   cmocka_unit_test(test_snapshots),
		cmocka_unit_test(test_old_streams),     cmocka_unit_test(test_streams),
		cmocka_unit_test(test_old_split_brain), cmocka_unit_test(test_split_brain),
		cmocka_unit_test(test_down_and_up),     cmocka_unit_test(test_failed_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
