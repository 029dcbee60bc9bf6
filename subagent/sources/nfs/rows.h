/* The tables of haNfs: the server, its exports, its clients.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFS_ROWS_H
#define HA_NFS_ROWS_H

#include <stdint.h>

#include "lib/table.h"

/* haNfs's scalars; filled from zeroed memory, like all rows here. */
struct nfs_row {
	struct row head;
	int32_t nfs_state; /* enum haNfsState */
	struct moment state_time;
	uint32_t threads;
	uint32_t versions; /* bits of enum haNfsVersions */
	char scope[256];
	uint32_t grace_time, lease_time, grace_left; /* seconds */
	int32_t tracking;                            /* enum haNfsTracking */
	char tracking_path[256];
	int32_t tracking_mirrored, mountd, statd; /* enum HaAnswer */
	uint32_t exports, clients;
	uint32_t problems; /* bits of enum HaNfsProblems */
	char problems_text[256];
	/* In no column: what the source has found; to it the hub adds what differs from the other
	 * node. */
	uint32_t own_problems;
	char own_problems_text[256];
};

struct nfs_export_row {
	struct row head;
	char path[65];
	char client[41];
	int32_t export_state; /* enum haNfsExportState */
	struct moment state_time;
	char fsid[65];
	int32_t fsid_fixed, read_only, sync; /* enum HaAnswer */
	char options[256];
	char resource[65];
	char mount_point[256];
	char group[65];
	uint32_t problems;     /* bits of enum HaNfsProblems */
	uint32_t own_problems; /* as above */
};

struct nfs_client_row {
	struct row head;
	struct octets id;
	int32_t address_type; /* enum InetAddressType */
	struct octets address;
	uint32_t port;
	char name[256];
	uint32_t minor_version;
	int32_t status;     /* enum haNfsClientStatus */
	int32_t callback;   /* enum haNfsClientCallback */
	uint32_t renew_age; /* seconds */
	uint32_t states;
};

extern const struct table nfs_table;
extern const struct table nfs_export_table;
extern const struct table nfs_client_table;

/* All of them, ended by NULL. */
extern const struct table *const nfs_tables[];

#endif
