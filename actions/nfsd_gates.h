/* The gates of servers that do not run.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFSD_GATES_H
#define HA_NFSD_GATES_H

struct settings;

/* Close the gate of every address of an NFS server that does not run here: the address may come at
 * any moment, before its server, and also to a node that has never stopped one. Idempotent. */
void nfsd_gates_close(const struct settings *settings);

#endif
