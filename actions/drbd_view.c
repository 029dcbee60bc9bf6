/* What stands in the way of a role switch, read from one dump of `drbdsetup events2'.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/drbd_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "actions/word_list.h"
#include "lib/events2.h"
#include "lib/memory.h"
#include "lib/mountinfo.h"
#include "mib/ha-agentx-mib.h"

void obstacle_set(struct obstacle *obstacle, int reason, bool passing, const char *format, ...)
{
	va_list arguments;

	obstacle->reason = reason;
	obstacle->passing = passing;
	va_start(arguments, format);
	vsnprintf(obstacle->text, sizeof(obstacle->text), format, arguments);
	va_end(arguments);
}

/* Copy the value of a key; "unknown" when the line has none. */
static void take_word(const struct events2_line *line, const char *key, char *word, size_t size)
{
	struct events2_text value;

	if (events2_find(line, key, &value) && value.length)
		text_put_part(word, size, value.start, value.length);
	else
		text_put(word, size, "unknown");
}

/* DRBD 8.4 knows no names of peers: it says conn-name:peer, or nothing. */
static void take_peer(const struct events2_line *line, char *peer, size_t size)
{
	struct events2_text name;

	if (events2_find(line, "conn-name", &name) && name.length && !events2_is(&name, "peer"))
		text_put_part(peer, size, name.start, name.length);
	else
		text_put(peer, size, "the peer");
}

static bool is_among(const char *word, const char *const words[])
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* Keep the first obstacle of its kind, but let one that stays replace one that may pass. */
static bool is_news(const struct obstacle *kept, bool passing)
{
	return !kept->reason || (kept->passing && !passing);
}

static void take_resource(struct drbd_view *view, const struct events2_line *line)
{
	char role[32], suspended[64];

	take_word(line, "role", role, sizeof(role));
	take_word(line, "suspended", suspended, sizeof(suspended));
	view->up = true;
	view->suspended = strcmp(suspended, "no") != 0 && strcmp(suspended, "unknown") != 0;
	view->held_back = word_list_has(suspended, "user", strlen("user"));
	if (!strcmp(role, "Primary"))
		view->role = DRBD_PRIMARY;
	else if (!strcmp(role, "Secondary"))
		view->role = DRBD_SECONDARY;
}

static void take_volume(struct drbd_view *view, const struct events2_line *line)
{
	char volume[16], disk[32];
	uint64_t minor_number;

	view->volumes++;
	if (events2_number(line, "minor", &minor_number) &&
	    view->devices_count < DRBD_VIEW_DEVICES_MAX)
		view->devices[view->devices_count++] =
			makedev(DRBD_MAJOR, (unsigned int)minor_number);
	take_word(line, "disk", disk, sizeof(disk));
	take_word(line, "volume", volume, sizeof(volume));
	if (strcmp(disk, "UpToDate") != 0 && is_news(&view->disk, false))
		obstacle_set(&view->disk, HaReason_notUpToDate, false, "volume %s is %s", volume,
			     disk);
}

static void take_role_of_peer(struct drbd_view *view, const struct events2_line *line,
			      const char *peer)
{
	char role[32];

	take_word(line, "role", role, sizeof(role));
	if (!strcmp(role, "Secondary") || !is_news(&view->rival, true))
		return;
	if (!strcmp(role, "Primary"))
		obstacle_set(&view->rival, HaReason_peerPrimary, true, "%s is Primary", peer);
	else
		obstacle_set(&view->rival, HaReason_peerRoleUnknown, true, "the role of %s is %s",
			     peer, role);
}

static void take_connection(struct drbd_view *view, const struct events2_line *line)
{
	static const char *const moving[] = {
		"Unconnected",   "Timeout",  "BrokenPipe", "NetworkFailure",
		"ProtocolError", "TearDown", "Connecting", NULL,
	};
	char peer[64], connection[32];
	bool passing;

	view->connections++;
	take_peer(line, peer, sizeof(peer));
	take_word(line, "connection", connection, sizeof(connection));
	if (!strcmp(connection, "Connected")) {
		take_role_of_peer(view, line, peer);
		return;
	}
	passing = is_among(connection, moving);
	if (is_news(&view->parted, passing))
		obstacle_set(&view->parted, HaReason_notConnected, passing,
			     "the connection to %s is %s", peer, connection);
}

static void take_peer_volume(struct drbd_view *view, const struct events2_line *line)
{
	static const char *const harmless[] = { "Established", "SyncSource", NULL };
	static const char *const verifying[] = { "VerifyS", "VerifyT", NULL };
	static const char *const starting[] = {
		"StartingSyncS", "StartingSyncT", "WFBitMapS", "WFBitMapT", "WFSyncUUID", NULL,
	};
	char volume[16], replication[32], peer[64];

	view->peer_volumes++;
	take_word(line, "replication", replication, sizeof(replication));
	if (is_among(replication, harmless))
		return;
	take_word(line, "volume", volume, sizeof(volume));
	take_peer(line, peer, sizeof(peer));
	if (!strcmp(replication, "Off")) {
		if (is_news(&view->parted, true))
			obstacle_set(&view->parted, HaReason_notConnected, true,
				     "volume %s is not replicated to %s", volume, peer);
	} else if (is_among(replication, verifying)) {
		if (is_news(&view->sync, false))
			obstacle_set(&view->sync, HaReason_verifyRunning, false,
				     "volume %s is being verified", volume);
	} else if (is_news(&view->sync, is_among(replication, starting))) {
		obstacle_set(&view->sync, HaReason_resyncRunning, is_among(replication, starting),
			     "volume %s is %s with %s", volume, replication, peer);
	}
}

static void take_line(struct drbd_view *view, const char *resource, const struct events2_line *line)
{
	struct events2_text name;

	if (line->verb != EVENTS2_EXISTS)
		return;
	if (line->object == EVENTS2_NOTHING)
		view->complete = true;
	else if (!events2_find(line, "name", &name) || !events2_is(&name, resource))
		return;
	else if (line->object == EVENTS2_RESOURCE)
		take_resource(view, line);
	else if (line->object == EVENTS2_DEVICE)
		take_volume(view, line);
	else if (line->object == EVENTS2_CONNECTION)
		take_connection(view, line);
	else if (line->object == EVENTS2_PEER_DEVICE)
		take_peer_volume(view, line);
}

/* A peer that was forgotten (DRBD 9 after a failed "down") and a line that was not understood show
 * in the numbers. */
static void count(struct drbd_view *view)
{
	if (!view->volumes && is_news(&view->disk, false))
		obstacle_set(&view->disk, HaReason_notUpToDate, false, "it has no volume");
	if (!view->connections)
		obstacle_set(&view->parted, HaReason_notConnected, false,
			     "the kernel knows no peer of it");
	else if (view->peer_volumes < view->connections * view->volumes &&
		 is_news(&view->parted, true))
		obstacle_set(&view->parted, HaReason_notConnected, true,
			     "not every volume is replicated to every peer");
}

void drbd_view_read(struct drbd_view *view, const char *resource, const char *dump)
{
	struct events2_line line;
	const char *end;

	memset(view, 0, sizeof(*view));
	for (; (end = strchr(dump, '\n')); dump = end + 1)
		if (events2_parse(dump, (size_t)(end - dump), &line))
			take_line(view, resource, &line);
	count(view);
}

/* The first that stays, or else the first. */
static const struct obstacle *worst(const struct obstacle *const obstacles[], size_t length)
{
	const struct obstacle *found = NULL;

	for (size_t i = 0; i < length; i++)
		if (obstacles[i]->reason && (!found || (found->passing && !obstacles[i]->passing)))
			found = obstacles[i];
	return found;
}

const struct obstacle *drbd_view_forbids(const struct drbd_view *view, bool alone)
{
	const struct obstacle *const obstacles[] = {
		&view->disk,
		&view->rival,
		&view->parted,
		&view->sync,
	};

	return worst(obstacles, alone ? 2 : 4);
}

const struct obstacle *drbd_view_regrets(const struct drbd_view *view, bool alone)
{
	const struct obstacle *const obstacles[] = { &view->rival, &view->parted };

	return worst(obstacles, alone ? 1 : 2);
}
