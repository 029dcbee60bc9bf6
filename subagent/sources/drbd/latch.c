/* Remembers open split brains over restarts of the source: a small text file.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/latch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/split.h"

/* A line: resource, node-id of the peer, state as the MIB calls it, wall clock in milliseconds. */
#define LINE_FORMAT "%s %" PRIu32 " %s %" PRId64 "\n"
#define LINE_SCAN "%64s %" SCNu32 " %16s %" SCNd64

void drbd_latch_open(struct drbd_latch *latch, const char *folder)
{
	ssize_t length = -1;
	int fd;

	memset(latch, 0, sizeof(*latch));
	TEXT_PRINT(latch->path, "%s/split-brain", folder);
	fd = open(latch->path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		length = read(fd, latch->recalled, sizeof(latch->recalled) - 1);
	if (fd >= 0)
		close(fd);
	latch->recalled[length > 0 ? length : 0] = '\0';
	memcpy(latch->written, latch->recalled, sizeof(latch->written));
}

static int32_t state_of(const char *label)
{
	return mib_value_of(haDrbdResourceSplitBrain_labels, label, strlen(label), 0);
}

static bool is_bad(int32_t state)
{
	return state == haDrbdResourceSplitBrain_suspected ||
	       state == haDrbdResourceSplitBrain_detected ||
	       state == haDrbdResourceSplitBrain_resolving;
}

void drbd_latch_recall(const struct drbd_latch *latch, const char *resource, uint32_t node_id,
		       struct drbd_split *split)
{
	const char *line = latch->recalled;
	char name[65], label[17];
	uint32_t id;
	int64_t found;

	for (; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
		if (sscanf(line, LINE_SCAN, name, &id, label, &found) == 4 &&
		    !strcmp(name, resource) && id == node_id && is_bad(state_of(label))) {
			split->state = state_of(label);
			split->found = found;
		}
}

void drbd_latch_begin(struct drbd_latch *latch)
{
	memset(latch->next, 0, sizeof(latch->next));
	latch->used = 0;
}

void drbd_latch_add(struct drbd_latch *latch, const char *resource, uint32_t node_id,
		    const struct drbd_split *split)
{
	if (!is_bad(split->state))
		return;
	text_print(latch->next + latch->used, sizeof(latch->next) - latch->used, LINE_FORMAT,
		   resource, node_id, mib_label_of(haDrbdResourceSplitBrain_labels, split->state),
		   split->found);
	latch->used += strlen(latch->next + latch->used);
}

void drbd_latch_end(struct drbd_latch *latch)
{
	if (!strcmp(latch->next, latch->written))
		return;
	memcpy(latch->written, latch->next, sizeof(latch->written));
	if (!file_replace_durably(latch->path, latch->next, latch->used, 0644))
		log_warning("%s: %s; a restart will not know of this split brain", latch->path,
			    strerror(errno));
}
