/* What stands in the way of a role switch, read from one dump of `drbdsetup events2'.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_VIEW_H
#define HA_DRBD_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DRBD_VIEW_DEVICES_MAX 64

/* Why something is not done, or not possible. */
struct obstacle {
	int reason;     /* enum HaReason; 0 when nothing is in the way */
	bool passing;   /* may go by itself: worth waiting for */
	char text[112]; /* such as "volume 1 is Inconsistent"; names may hold any octet but NUL */
};

/* Write all of an obstacle. */
void obstacle_set(struct obstacle *obstacle, int reason, bool passing, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

enum drbd_role { DRBD_UNKNOWN, DRBD_PRIMARY, DRBD_SECONDARY };

/* One resource as this node sees it. */
struct drbd_view {
	bool complete; /* the dump has its end */
	bool up;       /* the kernel knows the resource */
	enum drbd_role role;
	bool suspended; /* its I/O waits, for whatever reason */
	bool held_back; /* it does since "drbdsetup suspend-io" */
	size_t connections, volumes, peer_volumes;
	struct obstacle disk;   /* a volume of this node is not UpToDate */
	struct obstacle rival;  /* a connected peer is Primary, or it is not known whether */
	struct obstacle parted; /* a peer is not connected, or a volume not replicated to it */
	struct obstacle sync;   /* a resynchronisation that needs the peer, or a verification */
	dev_t devices[DRBD_VIEW_DEVICES_MAX]; /* of the volumes */
	size_t devices_count;
};

/* Read `dump`, what "drbdsetup events2 --now RESOURCE" of DRBD 8.4 or 9 has printed. */
void drbd_view_read(struct drbd_view *view, const char *resource, const char *dump);

/* What forbids to promote: NULL, or what never goes by itself before what may. Every volume must be
 * UpToDate, every peer connected, Secondary and replicated to; a resynchronisation from this node
 * does no harm. `alone` asks only for the volumes, and for the role of peers that are connected. */
const struct obstacle *drbd_view_forbids(const struct drbd_view *view, bool alone);

/* What the peers have to say against a promotion that has succeeded already, for their state may
 * have changed between the check and the promotion; NULL when nothing. */
const struct obstacle *drbd_view_regrets(const struct drbd_view *view, bool alone);

#endif
