/* A name server in small: answers out of the signed zones in tests/data/dns-zones.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SIGNED_ZONES_H
#define HA_SIGNED_ZONES_H

#include <stdint.h>

struct ldns_struct_pkt;
struct ldns_struct_rr_list;

/* Set-up and tear-down functions of cmocka. */
int signed_zones_open(void **state);
int signed_zones_close(void **state);

/* The DS record of a zone as text, as a configuration names it. */
const char *signed_zones_anchor(const char *zone);

/* The records of a zone, which may be changed; read again with signed_zones_open(). */
struct ldns_struct_rr_list *signed_zones_records(const char *zone);

/* An authoritative answer, with signatures; the caller frees it with ldns_pkt_free(). DS records
 * come from above. Like real servers it proves with NSEC and NSEC3 that something is not there, if
 * with more of the latter. */
struct ldns_struct_pkt *signed_zones_answer(const char *name, uint16_t type);

#endif
