/* The configuration: one file, read once at start, the same octets for every process.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_H
#define HA_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SETTINGS_RESOURCES_MAX 256
#define SETTINGS_NAME_MAX 64

struct settings_bond;
struct settings_dns;
struct settings_groups;
struct settings_ipvs;
struct settings_nfs;
struct settings_peer;
struct settings_vrrp;

/* Whether a system is watched. */
enum settings_watch { WATCH_AUTO, WATCH_YES, WATCH_NO };

/* A DRBD resource that the configuration names. */
struct settings_resource {
	char name[SETTINGS_NAME_MAX + 1];
	bool switchable; /* its role may be switched by a SET */
};

struct settings {
	const char *path;
	uint64_t digest;     /* of the file's octets but for passwords (FNV-1a) */
	char *node;          /* name of this node */
	char *user;          /* whom everything but the executor runs as */
	char *agentx;        /* path of the master agent's socket */
	char *socket;        /* where hactl finds the hub */
	char *state;         /* folder of what is kept over restarts */
	char *executor;      /* path of the root half's program */
	uint32_t events;     /* rows of the event log */
	uint32_t burst;      /* notifications of one kind that are sent at once; 0: any number */
	uint32_t rate;       /* .. and a minute after that */
	int64_t stale_limit; /* after how many milliseconds a stale row becomes unknown */

	enum settings_watch drbd;
	char *drbdadm; /* paths of the programs */
	char *drbdsetup;
	bool drbd_netlink;     /* the kernel is asked itself where it is DRBD 8.4 */
	char *drbd_state;      /* file of the kernel: /proc/drbd */
	char *drbd_config;     /* file whose folder is watched for changes: /etc/drbd.conf */
	int64_t drbd_interval; /* milliseconds between two complete collections */
	int64_t drbd_deadline; /* milliseconds that a role switch may take */
	size_t resources_count;
	struct settings_resource *resources; /* in the order of the file, then those of groups */

	enum settings_watch bond_watch, dns_watch, ipvs_watch, nfs_watch, vrrp_watch;
	struct settings_bond *bond; /* lib/settings_bond.h, and so on */
	struct settings_dns *dns;
	struct settings_groups *groups;
	struct settings_ipvs *ipvs;
	struct settings_nfs *nfs;
	struct settings_peer *peer;
	struct settings_vrrp *vrrp;
};

/* Read the configuration from the descriptor `fd`, which is at its start and can be read again;
 * `path` names it in messages. A file that is wrong is fatal, with path and line; a missing file
 * is not, for the caller opens it. Free it with settings_free(). */
struct settings *settings_load(int fd, const char *path);
void settings_free(struct settings *settings);

/* Give back the memory of the section `dns' in a process that has no use for it: ten thousand name
 * servers are to cost it nothing. It is then as if it were empty. */
void settings_forget_dns(struct settings *settings);

/* Wipe the passwords of the section `peer', in every process but the one that asks the peer. */
void settings_forget_secrets(const struct settings *settings);

/* Whether any request by a SET is allowed. A group that is not switchable follows its VRRP instance
 * nevertheless. */
bool settings_allow_actions(const struct settings *settings);

/* Position of a DRBD resource among `resources`; -1 when the file does not name it. */
int settings_find_resource(const struct settings *settings, const char *name);

#endif
