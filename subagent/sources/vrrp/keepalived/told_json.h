/* The JSON dump of keepalived: what each instance is, wants to be, and has counted.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_TOLD_JSON_H
#define HA_VRRP_TOLD_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct told;

/* Either of its versions: an array, or an object with an array `vrrp'. False: it is no whole JSON,
 * or something else; told->error says what. True: the caller frees it; told->error names the first
 * member that is not as it should be, "" when all are. */
bool told_json(struct told *told, const char *octets, size_t length);

#endif
