/* Zones as the servers serve them: serial numbers, signatures, agreement.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_ZONES_H
#define HA_DNS_ZONES_H

#include <stddef.h>
#include <stdint.h>

struct dns_engine;
struct dns_zones;
struct settings_dns;

/* Watch every zone of the settings on each of its servers, by questions of its own through the
 * engine. Settings and engine outlive it. */
struct dns_zones *dns_zones_open(const struct settings_dns *settings, struct dns_engine *engine);
void dns_zones_close(struct dns_zones *zones);

/* NULL when the settings' texts (names, anchors, comparisons) can be used; else which cannot, and
 * why, with the line of the file. */
const char *dns_zones_refuse(const struct settings_dns *settings, int *line);

/* After every turn of the engine: what has been learned is judged and reported, also what changes
 * because time passes. Registers when it must be called again. */
void dns_zones_turn(struct dns_zones *zones);

/* State of the zone on the server at these positions of the settings: enum haDnsZoneState;
 * `unknown' also for a server that the zone does not name. */
int32_t dns_zones_state(const struct dns_zones *zones, size_t zone, size_t server);

/* Report every row, between report_begin() and report_end(). */
void dns_zones_report(struct dns_zones *zones);

#endif
