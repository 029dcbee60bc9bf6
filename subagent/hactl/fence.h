/* DRBD's handlers fence-peer and unfence-peer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_HACTL_FENCE_H
#define HA_HACTL_FENCE_H

struct arguments;

/* Called by DRBD when the connection of a resource (argument, or DRBD_RESOURCE in the environment)
 * is lost while this node is Primary, and its I/O may wait for the answer ("fencing
 * resource-and-stonith"), or when this node is to be Primary without the peer. The status to exit
 * with is returned, see verdict.h. */
int fence_peer(const struct arguments *arguments);

/* Called when a resynchronisation has ended. There is nothing to take back: the agents see it. */
int fence_unfence_peer(const struct arguments *arguments);

#endif
