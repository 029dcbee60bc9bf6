/* The DNS source: name servers, zones, gates, and the resolver of this node.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_SOURCE_H
#define HA_DNS_SOURCE_H

struct source;

extern const struct source dns_source;

#endif
