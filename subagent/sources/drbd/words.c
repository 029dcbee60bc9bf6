/* How the keys of an events2 line become columns.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/words.h"

#include <string.h>

#include "lib/events2.h"
#include "lib/memory.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/objects.h"

const struct drbd_key drbd_resource_keys[] = {
	{ "role", mib_haDrbdResourceRole, DRBD_STATE },
	{ "suspended", mib_haDrbdResourceSuspended, DRBD_STATE },
	{ "write-ordering", mib_haDrbdResourceWriteOrdering, 0 },
	{ "may_promote", mib_haDrbdResourceMayPromote, 0 },
	{ "promotion_score", mib_haDrbdResourcePromotionScore, 0 },
	{ "force-io-failures", mib_haDrbdResourceForceIoFailures, 0 },
	{ NULL, 0, 0 },
};

const struct drbd_key drbd_volume_keys[] = {
	{ "minor", mib_haDrbdVolumeMinor, 0 },
	{ "backing_dev", mib_haDrbdVolumeBackingDevice, 0 },
	{ "disk", mib_haDrbdVolumeDisk, DRBD_STATE },
	{ "client", mib_haDrbdVolumeClient, 0 },
	{ "quorum", mib_haDrbdVolumeQuorum, DRBD_STATE },
	{ "open", mib_haDrbdVolumeOpen, 0 },
	{ "blocked", mib_haDrbdVolumeBlocked, 0 },
	{ "size", mib_haDrbdVolumeSize, DRBD_FIGURE },
	{ "read", mib_haDrbdVolumeRead, DRBD_FIGURE },
	{ "written", mib_haDrbdVolumeWritten, DRBD_FIGURE },
	{ "al-writes", mib_haDrbdVolumeAlWrites, DRBD_FIGURE },
	{ "bm-writes", mib_haDrbdVolumeBmWrites, DRBD_FIGURE },
	{ "upper-pending", mib_haDrbdVolumeUpperPending, DRBD_FIGURE },
	{ "lower-pending", mib_haDrbdVolumeLowerPending, DRBD_FIGURE },
	{ "al-suspended", mib_haDrbdVolumeAlSuspended, 0 },
	{ NULL, 0, 0 },
};

const struct drbd_key drbd_peer_keys[] = {
	{ "connection", mib_haDrbdPeerConnection, DRBD_STATE },
	{ "role", mib_haDrbdPeerRole, DRBD_STATE },
	{ "congested", mib_haDrbdPeerCongested, 0 },
	{ "tls", mib_haDrbdPeerTls, 0 },
	{ "ap-in-flight", mib_haDrbdPeerApInFlight, 0 },
	{ "rs-in-flight", mib_haDrbdPeerRsInFlight, 0 },
	{ NULL, 0, 0 },
};

const struct drbd_key drbd_peer_volume_keys[] = {
	{ "replication", mib_haDrbdPeerVolumeReplication, DRBD_STATE },
	{ "peer-disk", mib_haDrbdPeerVolumeDisk, DRBD_STATE },
	{ "peer-client", mib_haDrbdPeerVolumeClient, 0 },
	{ "resync-suspended", mib_haDrbdPeerVolumeResyncSuspended, DRBD_STATE },
	{ "out-of-sync", mib_haDrbdPeerVolumeOutOfSync, DRBD_FIGURE },
	{ "received", mib_haDrbdPeerVolumeReceived, DRBD_FIGURE },
	{ "sent", mib_haDrbdPeerVolumeSent, DRBD_FIGURE },
	{ "pending", mib_haDrbdPeerVolumePending, DRBD_FIGURE },
	{ "unacked", mib_haDrbdPeerVolumeUnacked, DRBD_FIGURE },
	{ NULL, 0, 0 },
};

/* Every enumeration of the MIB, and every BITS that states appear in, calls an unknown word so. */
static int32_t other_of(const struct mib_label *labels)
{
	return mib_value_of(labels, "other", strlen("other"), 1);
}

static int32_t word_value(const struct mib_label *labels, const char *word, size_t length,
			  unsigned int *unknown)
{
	char plain[32];
	size_t used = 0;
	int32_t value;

	for (size_t i = 0; i < length && used < sizeof(plain); i++)
		if (word[i] != '-')
			plain[used++] = word[i];
	value = mib_value_of(labels, plain, used, INT32_MIN);
	if (value != INT32_MIN)
		return value;
	++*unknown;
	return other_of(labels);
}

/* "no" is none of them; else words with commas between. */
static int64_t bits_value(const struct mib_label *labels, const struct events2_text *text,
			  unsigned int *unknown)
{
	uint32_t bits = 0;
	size_t start = 0;

	if (events2_is(text, "no"))
		return 0;
	for (size_t i = 0; i <= text->length; i++)
		if (i == text->length || text->start[i] == ',') {
			bits |= UINT32_C(1)
				<< word_value(labels, text->start + start, i - start, unknown);
			start = i + 1;
		}
	return bits;
}

/* A number that does not fit its column is cut to its largest. */
static bool number_value(const struct column *column, const struct events2_line *line,
			 const char *key, int64_t *value)
{
	uint64_t number;

	if (!events2_number(line, key, &number))
		return false;
	if (column->storage == STORE_UINT32 && number > UINT32_MAX)
		number = UINT32_MAX;
	*value = (int64_t)number;
	return true;
}

static bool key_value(const struct column *column, const struct events2_line *line, const char *key,
		      int64_t *value, unsigned int *unknown)
{
	const struct mib_object *object = &mib_objects[column->object];
	struct events2_text text;

	if (!object->labels)
		return number_value(column, line, key, value);
	if (!events2_find(line, key, &text) || text.length == 0)
		return false;
	*value = object->syntax == MIB_BITS ?
			 bits_value(object->labels, &text, unknown) :
			 word_value(object->labels, text.start, text.length, unknown);
	return true;
}

static void take_text(const struct column *column, void *row, const struct events2_line *line,
		      const char *key)
{
	char *cell = (char *)row + column->offset;
	struct events2_text text;

	if (!events2_find(line, key, &text))
		return;
	if (events2_is(&text, "none"))
		text.length = 0;
	text_put_part(cell, column->size, text.start, text.length);
}

unsigned int drbd_words_take(struct drbd_node *node, const struct events2_line *line, bool states)
{
	struct row *head = node->row;
	unsigned int unknown = 0;

	for (const struct drbd_key *key = node->keys; key->key; key++) {
		const struct column *column = table_column(node->table, key->object);
		int64_t value;

		if (key->use == DRBD_STATE && !states)
			continue;
		if (column->storage == STORE_TEXT) {
			take_text(column, node->row, line, key->key);
		} else if (key_value(column, line, key->key, &value, &unknown)) {
			table_set_number(column, node->row, value);
			head->absent &= ~(UINT64_C(1) << mib_objects[key->object].arc);
		}
	}
	return unknown;
}

bool drbd_words_differ(const struct drbd_node *node, const struct events2_line *line)
{
	unsigned int unknown = 0;

	for (const struct drbd_key *key = node->keys; key->key; key++) {
		const struct column *column = table_column(node->table, key->object);
		int64_t value;

		if (key->use == DRBD_STATE && key_value(column, line, key->key, &value, &unknown) &&
		    value != table_number(column, node->row))
			return true;
	}
	return false;
}

static int64_t nothing_of(const struct mib_object *object)
{
	return object->labels && object->syntax != MIB_BITS ?
		       mib_value_of(object->labels, "unknown", strlen("unknown"), 0) :
		       0;
}

void drbd_words_clear(struct drbd_node *node)
{
	struct row *head = node->row;

	head->state = HaRowState_missing;
	head->absent = 0;
	for (const struct drbd_key *key = node->keys; key->key; key++) {
		const struct column *column = table_column(node->table, key->object);

		if (column->storage == STORE_TEXT)
			text_put((char *)node->row + column->offset, column->size, "");
		else
			table_set_number(column, node->row, nothing_of(&mib_objects[key->object]));
		if (key->use == DRBD_FIGURE)
			head->absent |= UINT64_C(1) << mib_objects[key->object].arc;
	}
}
