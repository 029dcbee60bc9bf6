/* Reads signed zones and answers out of them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/signed_zones.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "tests/unit/check.h"

#define FOLDER "tests/data/dns-zones"

static const char *const names[] = { "example.test",  "a.b.test", "expired.test", "signed.hidden",
				     "signed.optout", "test",     "hidden",       "optout" };

static struct {
	ldns_rdf *name;
	ldns_rr_list *records;
} zones[COUNT(names)];

static char anchors[COUNT(names)][160];

/* ---- files ---- */

static FILE *open_file(const char *name)
{
	const char *source = getenv("srcdir");
	char path[512];
	FILE *file;

	TEXT_PRINT(path, "%s/" FOLDER "/%s", source ? source : ".", name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("no file %s", path);
	return file;
}

static ldns_rr_list *read_zone(const char *name)
{
	char file_name[64];
	ldns_rr_list *records;
	ldns_zone *zone;
	FILE *file;

	TEXT_PRINT(file_name, "%s.zone", name);
	file = open_file(file_name);
	assert_int_equal(ldns_zone_new_frm_fp(&zone, file, NULL, 0, LDNS_RR_CLASS_IN),
			 LDNS_STATUS_OK);
	fclose(file);
	records = ldns_rr_list_clone(ldns_zone_rrs(zone));
	ldns_rr_list_push_rr(records, ldns_rr_clone(ldns_zone_soa(zone)));
	ldns_zone_deep_free(zone);
	return records;
}

static void read_anchors(void)
{
	FILE *file = open_file("anchors");

	for (size_t i = 0; i < COUNT(anchors); i++)
		if (fgets(anchors[i], sizeof(anchors[i]), file))
			anchors[i][strcspn(anchors[i], "\n")] = '\0';
	fclose(file);
}

int signed_zones_open(void **state)
{
	signed_zones_close(state);
	for (size_t i = 0; i < COUNT(names); i++) {
		zones[i].name = ldns_dname_new_frm_str(names[i]);
		zones[i].records = read_zone(names[i]);
	}
	read_anchors();
	return 0;
}

int signed_zones_close(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		ldns_rdf_deep_free(zones[i].name);
		ldns_rr_list_deep_free(zones[i].records);
		zones[i].name = NULL;
		zones[i].records = NULL;
	}
	return 0;
}

const char *signed_zones_anchor(const char *zone)
{
	size_t length = strlen(zone);

	for (size_t i = 0; i < COUNT(anchors); i++)
		if (!strncmp(anchors[i], zone, length) && anchors[i][length] == '.' &&
		    anchors[i][length + 1] == '\t')
			return anchors[i];
	fail_msg("no anchor for %s", zone);
	return NULL;
}

struct ldns_struct_rr_list *signed_zones_records(const char *zone)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (!strcmp(names[i], zone))
			return zones[i].records;
	fail_msg("no zone %s", zone);
	return NULL;
}

/* ---- answers ---- */

static bool is_in(const ldns_rdf *name, const ldns_rdf *zone, uint16_t type)
{
	return ldns_dname_is_subdomain(name, zone) ||
	       (type != LDNS_RR_TYPE_DS && ldns_dname_compare(name, zone) == 0);
}

static const ldns_rr_list *find_zone(const ldns_rdf *name, uint16_t type)
{
	size_t found = COUNT(names);

	for (size_t i = 0; i < COUNT(names); i++)
		if (is_in(name, zones[i].name, type) &&
		    (found == COUNT(names) ||
		     ldns_dname_is_subdomain(zones[i].name, zones[found].name)))
			found = i;
	return found < COUNT(names) ? zones[found].records : NULL;
}

static bool is_of_type(const ldns_rr *record, uint16_t type)
{
	ldns_rr_type own = ldns_rr_get_type(record);

	return own == type ||
	       (own == LDNS_RR_TYPE_RRSIG &&
		ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(record)) == (ldns_rr_type)type);
}

/* The records under `from` as if they stood under `name`. */
static void add_set(ldns_rr_list *to, const ldns_rr_list *zone, const ldns_rdf *from,
		    const ldns_rdf *name, uint16_t type)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(zone); i++) {
		const ldns_rr *record = ldns_rr_list_rr(zone, i);
		ldns_rr *copy;

		if (ldns_dname_compare(ldns_rr_owner(record), from) != 0 ||
		    !is_of_type(record, type))
			continue;
		copy = ldns_rr_clone(record);
		ldns_rdf_deep_free(ldns_rr_owner(copy));
		ldns_rr_set_owner(copy, ldns_rdf_clone(name));
		ldns_rr_list_push_rr(to, copy);
	}
}

static void add_wildcard(ldns_rr_list *to, const ldns_rr_list *zone, const ldns_rdf *name,
			 uint16_t type)
{
	ldns_rdf *wildcard = ldns_dname_new_frm_str("*"), *above = ldns_dname_left_chop(name);

	ldns_dname_cat(wildcard, above);
	add_set(to, zone, wildcard, name, type);
	ldns_rdf_deep_free(wildcard);
	ldns_rdf_deep_free(above);
}

static bool is_proof(const ldns_rr *record, const ldns_rdf *name)
{
	return ldns_rr_get_type(record) == LDNS_RR_TYPE_NSEC3 ||
	       (ldns_rr_get_type(record) == LDNS_RR_TYPE_NSEC &&
		ldns_nsec_covers_name(record, name));
}

static void add_proofs(ldns_rr_list *to, const ldns_rr_list *zone, const ldns_rdf *name)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(zone); i++) {
		const ldns_rr *record = ldns_rr_list_rr(zone, i);

		if (is_proof(record, name))
			add_set(to, zone, ldns_rr_owner(record), ldns_rr_owner(record),
				ldns_rr_get_type(record));
	}
}

struct ldns_struct_pkt *signed_zones_answer(const char *name, uint16_t type)
{
	ldns_rdf *owner = ldns_dname_new_frm_str(name);
	const ldns_rr_list *zone = find_zone(owner, type);
	ldns_pkt *packet = ldns_pkt_new();

	ldns_pkt_set_qr(packet, true);
	ldns_pkt_set_aa(packet, zone != NULL);
	if (zone) {
		add_set(ldns_pkt_answer(packet), zone, owner, owner, type);
		if (ldns_rr_list_rr_count(ldns_pkt_answer(packet)) == 0)
			add_set(ldns_pkt_answer(packet), zone, owner, owner, LDNS_RR_TYPE_CNAME);
		if (ldns_rr_list_rr_count(ldns_pkt_answer(packet)) == 0)
			add_wildcard(ldns_pkt_answer(packet), zone, owner, type);
		if (ldns_rr_list_rr_count(ldns_pkt_answer(packet)) == 0)
			add_proofs(ldns_pkt_authority(packet), zone, owner);
	} else {
		ldns_pkt_set_rcode(packet, LDNS_RCODE_REFUSED);
	}
	ldns_rdf_deep_free(owner);
	return packet;
}
