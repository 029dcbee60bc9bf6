/* The VRRP source: keepalived's instances, their addresses, and who advertises on the wire.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_SOURCE_H
#define HA_VRRP_SOURCE_H

struct source;

extern const struct source vrrp_source;

#endif
