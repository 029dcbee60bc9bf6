/* The kernel's NFS server, as its file system /proc/fs/nfsd shows it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/server.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

static bool read_about(const struct nfs_server *server, const char *name, char *text, size_t size)
{
	char path[256];

	TEXT_PRINT(path, "%s/%s", server->folder, name);
	return file_read(path, text, size) >= 0;
}

static bool read_number(const struct nfs_server *server, const char *name, uint32_t *number)
{
	char text[32], *end;
	unsigned long value;

	if (!read_about(server, name, text, sizeof(text)))
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (end == text || errno || value > UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

/* A number that cannot be read is no 0. */
static void put_number(const struct nfs_server *server, const char *name, uint32_t *number,
		       struct nfs_row *row, unsigned int object)
{
	if (!read_number(server, name, number))
		row->head.absent |= UINT64_C(1) << mib_objects[object].arc;
}

uint32_t nfs_versions(const char *line)
{
	static const struct {
		const char *word;
		uint32_t bit;
	} words[] = {
		{ "+2", haNfsVersions_v2 },    { "+3", haNfsVersions_v3 },
		{ "+4.0", haNfsVersions_v40 }, { "+4", haNfsVersions_v40 },
		{ "+4.1", haNfsVersions_v41 }, { "+4.2", haNfsVersions_v42 },
	};
	uint32_t versions = 0;
	bool minor_zero_off = strstr(line, "-4.0") != NULL;

	for (const char *at = line; *at; at += strspn(at, " \n")) {
		size_t length = strcspn(at, " \n");

		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (strlen(words[i].word) == length && !strncmp(at, words[i].word, length))
				versions |= UINT32_C(1) << words[i].bit;
		at += length;
	}
	if (minor_zero_off)
		versions &= ~(UINT32_C(1) << haNfsVersions_v40);
	return versions;
}

/* The module is there, mounted or not: its file system is known. */
static bool is_installed(const struct nfs_server *server)
{
	char text[8192];

	return file_read(server->filesystems, text, sizeof(text)) >= 0 && strstr(text, "\tnfsd\n");
}

static bool is_in_grace(const struct nfs_server *server)
{
	char text[8];

	return read_about(server, "v4_end_grace", text, sizeof(text)) && *text == 'N';
}

static int32_t find_state(const struct nfs_server *server, const struct nfs_row *row)
{
	char text[32];

	if (read_about(server, "threads", text, sizeof(text))) {
		if (!row->threads)
			return haNfsState_stopped;
		return is_in_grace(server) ? haNfsState_grace : haNfsState_running;
	}
	if (errno == EACCES || errno == EPERM)
		return haNfsState_unknown;
	return is_installed(server) ? haNfsState_notMounted : haNfsState_notInstalled;
}

/* The kernel does not say when the grace time began: that is known when it was seen. */
static void move_to(struct nfs_server *server, int32_t state, int64_t now, int64_t wall,
		    uint32_t grace_time)
{
	if (state == server->state)
		return;
	server->grace_ends = 0;
	if (state == haNfsState_grace && server->state)
		server->grace_ends = now + (int64_t)grace_time * 1000;
	server->state = state;
	server->since = wall;
}

static uint32_t grace_left(const struct nfs_server *server, int64_t now, uint32_t grace_time)
{
	if (server->state != haNfsState_grace)
		return 0;
	if (!server->grace_ends)
		return grace_time;
	return server->grace_ends > now ? (uint32_t)((server->grace_ends - now + 999) / 1000) : 0;
}

void nfs_server_look(struct nfs_server *server, int64_t now, int64_t wall, struct nfs_row *row)
{
	char versions[128];

	put_number(server, "threads", &row->threads, row, mib_haNfsThreads);
	put_number(server, "nfsv4gracetime", &row->grace_time, row, mib_haNfsGraceTime);
	put_number(server, "nfsv4leasetime", &row->lease_time, row, mib_haNfsLeaseTime);
	read_about(server, "versions", versions, sizeof(versions));
	row->versions = nfs_versions(versions);
	move_to(server, find_state(server, row), now, wall, row->grace_time);
	row->nfs_state = server->state;
	row->state_time.wall = server->since;
	row->grace_left = grace_left(server, now, row->grace_time);
}
