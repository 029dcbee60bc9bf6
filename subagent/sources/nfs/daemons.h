/* The programs beside the kernel's NFS server: rpc.mountd, rpc.statd, nfsdcld.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFS_DAEMONS_H
#define HA_NFS_DAEMONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum nfs_daemon { NFS_MOUNTD, NFS_STATD, NFS_CLD, NFS_DAEMONS };

struct nfs_daemons {
	int fd[NFS_DAEMONS]; /* pidfd, or -1: it does not run */
	pid_t pid[NFS_DAEMONS];
	int64_t next_look; /* clock_now() at which those that do not run are looked for again */
};

void nfs_daemons_open(struct nfs_daemons *daemons);
void nfs_daemons_close(struct nfs_daemons *daemons);

/* Look who has ended and, once in a while, who is there. */
void nfs_daemons_look(struct nfs_daemons *daemons, int64_t now);

/* Look for all of them at the next look: the server has just started or stopped. */
void nfs_daemons_hurry(struct nfs_daemons *daemons);

bool nfs_daemon_runs(const struct nfs_daemons *daemons, enum nfs_daemon which);

/* The folder in which nfsdcld keeps its data base: the last that its command line (words ended by
 * 0) names, else the configuration file (nfs.conf(5), [nfsdcld] storagedir), else its default. */
void nfs_storage(const char *command, size_t length, const char *conf, char *path, size_t size);

/* The same of the one that runs. */
void nfs_daemons_storage(const struct nfs_daemons *daemons, char *path, size_t size);

#endif
