/* What the jobs of groups have begun, on disk: a hub that starts knows what an earlier one left.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"

/* The file as a whole. The mark holds its size: another layout has another mark. */
struct content {
	uint64_t mark;
	uint64_t digest; /* of the entries (FNV-1a) */
	struct journal_entry entries[SETTINGS_GROUPS_MAX];
};

#define MARK (UINT64_C(0x686167726f000000) + sizeof(struct content))

static uint64_t digest_of(const struct journal_entry *entries)
{
	const unsigned char *octet = (const void *)entries;
	uint64_t digest = 14695981039346656037U;

	for (size_t i = 0; i < SETTINGS_GROUPS_MAX * sizeof(*entries); i++)
		digest = (digest ^ octet[i]) * 1099511628211U;
	return digest;
}

static bool read_all(const char *path, struct content *content)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool sound;

	if (fd < 0 && errno != ENOENT)
		log_error("%s: %s; what was left half done is judged by the facts alone", path,
			  strerror(errno));
	if (fd < 0)
		return false;
	sound = read(fd, content, sizeof(*content)) == (ssize_t)sizeof(*content) &&
		content->mark == MARK && content->digest == digest_of(content->entries);
	close(fd);
	if (!sound)
		log_error("%s: not written by this program; what was left half done is judged by "
			  "the facts alone",
			  path);
	return sound;
}

static void tell(const struct journal_entry *left)
{
	if (left->phase != JOURNAL_DONE)
		log_warning("group %s: job %u, %s, was left half done", left->group, left->job,
			    mib_label_of(HaJobVerb_labels, left->verb));
	if (left->held)
		log_warning("group %s: its instance may be held", left->group);
}

/* The settings may have other groups now, or the same ones in another order. */
static void take(struct journal *journal, const struct journal_entry *left)
{
	if (!left->group[0])
		return;
	tell(left);
	for (size_t i = 0; i < journal->count; i++)
		if (!strncmp(journal->entries[i].group, left->group, sizeof(left->group)))
			journal->entries[i] = *left;
}

void journal_open(struct journal *journal, const struct settings *settings)
{
	struct content content;

	memset(journal, 0, sizeof(*journal));
	TEXT_PRINT(journal->path, "%s/groups", settings->state);
	journal->count = settings->groups->count;
	for (size_t i = 0; i < journal->count; i++)
		TEXT_PUT(journal->entries[i].group, settings->groups->groups[i].name);
	if (!read_all(journal->path, &content))
		return;
	for (size_t i = 0; i < SETTINGS_GROUPS_MAX; i++)
		take(journal, &content.entries[i]);
}

/* A disk that hangs must not hang the hub, whose node the watchdog would reset, so that nobody
 * waits for it: the file is for the death of the hub. What a power cut takes from it, such as a
 * hold, it takes as well. */
void journal_write(const struct journal *journal)
{
	struct content content;

	if (!journal->path[0])
		return;
	memset(&content, 0, sizeof(content));
	content.mark = MARK;
	memcpy(content.entries, journal->entries, sizeof(content.entries));
	content.digest = digest_of(content.entries);
	if (!file_replace(journal->path, &content, sizeof(content), 0600))
		log_error("%s: %s; a restart will not know what a job of a group has begun",
			  journal->path, strerror(errno));
}
