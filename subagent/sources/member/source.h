/* The source of the groups' members: mounts, exports, units of systemd, commands, NFS.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MEMBER_SOURCE_H
#define HA_MEMBER_SOURCE_H

struct source;
struct table;

extern const struct source member_source;

#endif
