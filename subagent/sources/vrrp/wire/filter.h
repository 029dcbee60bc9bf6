/* What a packet socket lets through: VRRP, so that nobody else's packets wake us.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_FILTER_H
#define HA_VRRP_FILTER_H

#include <stdbool.h>

/* Let the kernel drop everything but VRRP over IPv4, also behind an authentication header, and over
 * IPv6, also where other headers may lead to it. Works on packets that begin with their IP header.
 * Nobody can take the filter off again. False with errno. */
bool filter_attach(int fd);

#endif
