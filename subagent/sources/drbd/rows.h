/* The rows of haDrbd, flat as they travel, and the tables that describe them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_ROWS_H
#define HA_DRBD_ROWS_H

#include <stdint.h>

#include "lib/table.h"

#define DRBD_NAME_MAX 64  /* of a resource: longer ones cannot be an index of the MIB */
#define DRBD_TEXT_MAX 255 /* of a host, a device, a mount point */
#define DRBD_ADDRESS_MAX 128
#define DRBD_VOLUME_MAX 65535
#define DRBD_NODE_ID_MAX 31

/* Estimated time left, when there is no estimate. */
#define DRBD_NO_ESTIMATE UINT32_MAX

struct drbd_scalars_row {
	struct row head;
	char kernel_version[65];
	char utils_version[65];
	uint32_t resources;
	uint32_t split_brains;
};

struct drbd_resource_row {
	struct row head;
	char name[DRBD_NAME_MAX + 1];
	int32_t configured;
	int32_t role;
	struct moment role_time;
	uint32_t suspended; /* bits */
	int32_t write_ordering;
	int32_t may_promote;
	uint32_t promotion_score;
	int32_t auto_promote;
	int32_t force_io_failures;
	int32_t split_brain;
	struct moment split_brain_time;
	char split_brain_peer[DRBD_TEXT_MAX + 1];
	uint32_t volumes, volumes_up_to_date;
	uint32_t peers, peers_connected;
};

struct drbd_volume_row {
	struct row head;
	char resource[DRBD_NAME_MAX + 1];
	uint32_t number;
	uint32_t minor;
	char device[DRBD_TEXT_MAX + 1];
	char backing_device[DRBD_TEXT_MAX + 1];
	char mount_point[DRBD_TEXT_MAX + 1];
	int32_t disk;
	int32_t client;
	int32_t quorum;
	int32_t open;
	uint32_t blocked; /* bits */
	uint64_t size;    /* this and the next two in KiB */
	uint64_t read, written;
	uint64_t al_writes, bm_writes;
	uint32_t upper_pending, lower_pending;
	int32_t al_suspended;
};

struct drbd_peer_row {
	struct row head;
	char resource[DRBD_NAME_MAX + 1];
	uint32_t node_id;
	int32_t configured;
	char name[DRBD_TEXT_MAX + 1];
	int32_t connection;
	struct moment connection_time;
	int32_t role;
	int32_t protocol;
	int32_t congested;
	int32_t tls;
	uint32_t ap_in_flight, rs_in_flight; /* sectors */
	char local_address[DRBD_ADDRESS_MAX + 1];
	char remote_address[DRBD_ADDRESS_MAX + 1];
	uint32_t paths, paths_established;
};

struct drbd_peer_volume_row {
	struct row head;
	char resource[DRBD_NAME_MAX + 1];
	uint32_t node_id;
	uint32_t volume;
	char peer_name[DRBD_TEXT_MAX + 1];
	int32_t replication;
	int32_t disk;
	int32_t client;
	uint32_t resync_suspended; /* bits */
	uint64_t out_of_sync;      /* this and the next two in KiB */
	uint64_t received, sent;
	uint32_t pending, unacked;
	uint32_t resync_done;      /* hundredths of a percent */
	uint32_t resync_rate;      /* KiB a second */
	uint32_t resync_time_left; /* seconds, or DRBD_NO_ESTIMATE */
	struct moment last_in_sync;
};

extern const struct table drbd_scalars_table;
extern const struct table drbd_resource_table;
extern const struct table drbd_volume_table;
extern const struct table drbd_peer_table;
extern const struct table drbd_peer_volume_table;

/* All five, ended by NULL. */
extern const struct table *const drbd_tables[];

#endif
