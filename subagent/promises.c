/* What was done for a time, or can be given back: kept until it is over.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/promises.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/requests/request.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define PROMISES_MAX 100000

/* What the file begins with; the promises follow. */
struct head {
	uint64_t mark;   /* holds the size of a promise: another layout has another mark */
	uint64_t digest; /* of what follows the head */
	char boot[40];
	uint32_t count;
	uint32_t zero;
};

#define MARK (UINT64_C(0x6861707200000000) + sizeof(struct promise))

static void read_boot(char *boot, size_t size)
{
	FILE *file = fopen(BOOT_ID, "re");
	char id[40] = "";

	if (file && fscanf(file, "%36s", id) != 1)
		id[0] = '\0';
	if (file)
		fclose(file);
	text_put(boot, size, id);
}

static uint64_t digest_of(uint64_t digest, const struct promise *promise)
{
	const unsigned char *octet = (const void *)promise;

	for (size_t i = 0; i < sizeof(*promise); i++)
		digest = (digest ^ octet[i]) * 1099511628211U;
	return digest;
}

#define DIGEST_START 14695981039346656037U

static void add(struct promises *promises, const struct promise *promise)
{
	if (promises->count == promises->room) {
		promises->room = promises->room ? 2 * promises->room : 8;
		promises->entries = memory_resize(promises->entries, promises->room,
						  sizeof(*promises->entries));
	}
	promises->entries[promises->count++] = (struct promise_entry){ .promise = *promise };
}

/* The digest says that it is as it was written; this, that this program could have written it. */
static bool is_sound(const struct promise *promise)
{
	const struct request_kind *kind = request_kind_of_verb(promise->verb);

	return kind && kind->opens == promise->verb && promise->index_length &&
	       promise->index_length <= INDEX_MAX &&
	       memchr(promise->name, '\0', sizeof(promise->name));
}

/* Whether the whole file is what was written. */
static bool read_all(struct promises *promises, FILE *file)
{
	uint64_t digest = DIGEST_START;
	struct promise promise;
	struct head head;
	char boot[40];

	if (fread(&head, sizeof(head), 1, file) != 1 || head.mark != MARK || head.zero ||
	    head.count > PROMISES_MAX)
		return false;
	read_boot(boot, sizeof(boot));
	for (uint32_t i = 0; i < head.count; i++) {
		if (fread(&promise, sizeof(promise), 1, file) != 1 || !is_sound(&promise))
			return false;
		digest = digest_of(digest, &promise);
		if (request_kind_of_verb(promise.verb)->outlives_boot ||
		    !strncmp(boot, head.boot, sizeof(boot)))
			add(promises, &promise);
	}
	return digest == head.digest && fgetc(file) == EOF;
}

static void set_aside(struct promises *promises)
{
	char aside[sizeof(promises->path) + 8];

	TEXT_PRINT(aside, "%s.broken", promises->path);
	log_error("%s: not written by this program, and set aside as %s: nothing that was drained "
		  "or held ends by itself",
		  promises->path, aside);
	if (rename(promises->path, aside) < 0)
		log_error("%s: %s", aside, strerror(errno));
	promises->count = 0;
}

void promises_open(struct promises *promises, const char *folder)
{
	FILE *file;

	memset(promises, 0, sizeof(*promises));
	TEXT_PRINT(promises->path, "%s/promises", folder);
	file = fopen(promises->path, "re");
	if (!file && errno != ENOENT)
		log_error("%s: %s; nothing that was drained or held ends by itself", promises->path,
			  strerror(errno));
	if (!file)
		return;
	if (!read_all(promises, file))
		set_aside(promises);
	fclose(file);
}

void promises_close(struct promises *promises)
{
	free(promises->entries);
	memset(promises, 0, sizeof(*promises));
}

static bool write_all(const struct promises *promises, FILE *file)
{
	struct head head = {
		.mark = MARK,
		.digest = DIGEST_START,
		.count = (uint32_t)promises->count,
	};

	read_boot(head.boot, sizeof(head.boot));
	for (size_t i = 0; i < promises->count; i++)
		head.digest = digest_of(head.digest, &promises->entries[i].promise);
	fwrite(&head, sizeof(head), 1, file);
	for (size_t i = 0; i < promises->count; i++)
		fwrite(&promises->entries[i].promise, sizeof(struct promise), 1, file);
	return !ferror(file);
}

static bool replace(const struct promises *promises)
{
	char *content = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&content, &length);
	bool fine;

	if (!file)
		return false;
	fine = write_all(promises, file);
	fine = fclose(file) == 0 && fine && file_replace(promises->path, content, length, 0644);
	free(content);
	return fine;
}

static void store(const struct promises *promises)
{
	if (promises->path[0] && !replace(promises))
		log_error("%s: %s; a restart forgets what was drained or held", promises->path,
			  strerror(errno));
}

struct promise_entry *promises_find(const struct promises *promises, int32_t verb,
				    const uint32_t *index, size_t length)
{
	for (size_t i = 0; i < promises->count; i++) {
		struct promise_entry *entry = &promises->entries[i];

		if (entry->promise.verb == verb && entry->promise.index_length == length &&
		    !memcmp(entry->promise.index, index, length * sizeof(*index)))
			return entry;
	}
	return NULL;
}

void promises_put(struct promises *promises, const struct promise *promise)
{
	struct promise_entry *entry =
		promises_find(promises, promise->verb, promise->index, promise->index_length);

	if (entry)
		*entry = (struct promise_entry){ .promise = *promise };
	else
		add(promises, promise);
	store(promises);
}

void promises_drop(struct promises *promises, struct promise_entry *entry)
{
	*entry = promises->entries[--promises->count];
	store(promises);
}

uint32_t promise_left(const struct promise *promise, int64_t wall)
{
	int64_t left = promise->ends ? (promise->ends - wall + 999) / 1000 : 0;

	return left > 0 && left <= UINT32_MAX ? (uint32_t)left : 0;
}
