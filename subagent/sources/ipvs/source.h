/* The IPVS source: virtual services and real servers of the kernel's load balancer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_SOURCE_H
#define HA_IPVS_SOURCE_H

struct source;

extern const struct source ipvs_source;

#endif
