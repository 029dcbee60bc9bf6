/* Remembers servers over restarts of the source, as long as the machine runs: a file.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/recall.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/ipvs/model.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define ENTRIES_MAX 200000

/* What the file begins with. */
struct head {
	char boot[37];
	char padding[3];
	uint32_t size; /* of an entry: another one is of another version */
};

static bool make_head(struct head *head)
{
	FILE *file = fopen(BOOT_ID, "re");
	bool read;

	memset(head, 0, sizeof(*head));
	head->size = sizeof(struct ipvs_memory);
	read = file && fscanf(file, "%36s", head->boot) == 1;
	if (file)
		fclose(file);
	return read;
}

static bool is_family(uint16_t family)
{
	return family == AF_INET || family == AF_INET6;
}

/* The file may be anything: it was somebody else's, or of another version. */
static bool is_sound(const struct ipvs_memory *memory)
{
	const struct mib_label *states =
		memory->real.family ? haIpvsRealState_labels : haIpvsServiceState_labels;

	return is_family(memory->service.address.family) &&
	       mib_label_of(HaIpvsProtocol_labels, (int32_t)memory->service.protocol) &&
	       (!memory->real.family || is_family(memory->real.family)) &&
	       mib_label_of(states, memory->state);
}

static void read_entries(FILE *file, struct ipvs_model *model)
{
	struct ipvs_memory memory;

	for (int i = 0; i < ENTRIES_MAX && fread(&memory, sizeof(memory), 1, file) == 1; i++)
		if (is_sound(&memory))
			ipvs_model_remember(model, &memory);
}

void ipvs_recall_read(const char *folder, struct ipvs_model *model)
{
	struct head head, wanted;
	char path[256];
	FILE *file;

	TEXT_PRINT(path, "%s/ipvs", folder);
	file = fopen(path, "re");
	if (!file)
		return;
	if (make_head(&wanted) && fread(&head, sizeof(head), 1, file) == 1 &&
	    !memcmp(head.boot, wanted.boot, sizeof(head.boot)) && head.size == wanted.size)
		read_entries(file, model);
	fclose(file);
}

static void write_entry(void *argument, const struct ipvs_memory *memory)
{
	fwrite(memory, sizeof(*memory), 1, argument);
}

/* It need not survive the machine, so nobody waits for the disk. */
static bool replace(const char *path, const struct ipvs_model *model)
{
	char *content = NULL;
	size_t length = 0;
	struct head head;
	FILE *file;
	bool fine;

	if (!make_head(&head))
		return false;
	file = open_memstream(&content, &length);
	if (!file)
		return false;
	fwrite(&head, sizeof(head), 1, file);
	ipvs_model_recite(model, write_entry, file);
	fine = !ferror(file);
	fine = fclose(file) == 0 && fine && file_replace(path, content, length, 0644);
	free(content);
	return fine;
}

void ipvs_recall_write(const char *folder, const struct ipvs_model *model)
{
	static bool logged;
	char path[256];

	TEXT_PRINT(path, "%s/ipvs", folder);
	if (replace(path, model)) {
		logged = false;
	} else if (!logged) {
		log_warning("%s: %s; a restart will not know of removed servers", path,
			    strerror(errno));
		logged = true;
	}
}
