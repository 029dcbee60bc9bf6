/* Changes the table of exportfs(8) without running it: a program costs the clients time that they
 * wait.
 *
 * Under the locks that exportfs takes the table is written anew, but for one export octet by octet
 * as it was, and put in the place of the old one, by which rpc.mountd notices. Then the kernel is
 * told to forget what it has heard of all exports, as exportfs does.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_EXPORT_TABLE_H
#define HA_EXPORT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct export_change {
	const char *folder; /* of the table */
	const char *caches; /* folder of what the kernel remembers */
	const char *path, *client;
	const char *line; /* to be put there, as exportfs has written it; NULL: the export goes */
};

#define EXPORT_TABLE_CACHES "/proc/net/rpc"

/* By `deadline' (clock_now()). False: nothing was changed, or not all of it; exportfs is to do it.
 * That is so when the export is there already, or has gone already, when some line of the table is
 * not as exportfs writes it, when somebody else holds the locks for long, and when the kernel has
 * none of the files by which it is told. */
bool export_table_change(const struct export_change *change, int64_t deadline);

#endif
