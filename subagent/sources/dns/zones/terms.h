/* The texts of a zone's settings, read: its name, what is asked of every server, the trust anchor.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_TERMS_H
#define HA_DNS_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_question;
struct ldns_struct_rdf;
struct ldns_struct_rr_list;
struct settings_zone;

/* A name and a type, and the question for it. */
struct term {
	struct ldns_struct_rdf *name;
	uint16_t type;
	struct dns_question *question;
};

struct terms {
	struct ldns_struct_rdf *zone;
	struct ldns_struct_rr_list *anchors; /* DS records, all of one owner; empty: none */
	size_t count;
	struct term *list; /* the SOA; with anchors the DNSKEY; then what is compared */
	size_t compared;   /* position of the first that is compared */
};

#define TERMS_SOA 0
#define TERMS_KEYS 1

/* False when a text cannot be used, and then `error' says which and why, and nothing is to be
 * freed. */
bool terms_read(struct terms *terms, const struct settings_zone *settings, char *error,
		size_t size);
void terms_free(struct terms *terms);

/* Whether there is a trust anchor, and whether it is for a zone above. */
bool terms_are_anchored(const struct terms *terms);
bool terms_need_chain(const struct terms *terms);

/* A term of its own: with RD, which a server above the zone may need. The name is copied. */
void term_make(struct term *term, const struct ldns_struct_rdf *name, uint16_t type,
	       bool recursion);
/* Idempotent. */
void term_free(struct term *term);

#endif
