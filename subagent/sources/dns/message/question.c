/* Questions as they go over the wire, made by ldns.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/message/question.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/memory.h"

#define TYPE_AND_CLASS 4 /* octets behind the name */
#define FLAGS 2          /* offset of the first octet of flags in the header */
#define QR_AND_OPCODE 0xf8
#define QR 0x80

/* ---- making ---- */

static void ask_for_nsid(ldns_pkt *packet)
{
	ldns_edns_option_list *options = ldns_edns_option_list_new();

	ldns_edns_option_list_push(options, ldns_edns_new(LDNS_EDNS_NSID, 0, NULL));
	ldns_pkt_set_edns_option_list(packet, options);
}

static ldns_pkt *make_packet(ldns_rdf *name, const struct dns_terms *terms)
{
	bool checking_disabled = terms->edns_size && terms->dnssec;
	uint16_t flags = (uint16_t)((terms->recursion ? LDNS_RD : 0) | (terms->ad ? LDNS_AD : 0) |
				    (checking_disabled ? LDNS_CD : 0));
	ldns_pkt *packet = ldns_pkt_query_new(name, terms->type, terms->class, flags);

	if (!terms->edns_size)
		return packet;
	ldns_pkt_set_edns_udp_size(packet, terms->edns_size);
	ldns_pkt_set_edns_do(packet, terms->dnssec);
	if (terms->nsid)
		ask_for_nsid(packet);
	return packet;
}

struct dns_question *dns_question_make(const struct dns_terms *terms)
{
	ldns_rdf *name = ldns_dname_new_frm_str(terms->name);
	struct dns_question *question;
	ldns_pkt *packet;
	uint8_t *octets = NULL;
	size_t length = 0;

	if (!name)
		return NULL;
	packet = make_packet(name, terms);
	ldns_pkt2wire(&octets, packet, &length);
	question = memory_new(1, sizeof(*question) + length);
	question->length = (uint16_t)length;
	question->end = (uint16_t)(LDNS_HEADER_SIZE + ldns_rdf_size(name) + TYPE_AND_CLASS);
	memcpy(question->octets, octets, length);
	free(octets);
	ldns_pkt_free(packet); /* and the name with it */
	return question;
}

/* ---- recognising the answer ---- */

/* Type and class are no letters, and neither is the length of a label, which is below 64. */
static bool is_same_question(const struct dns_question *question, const uint8_t *message)
{
	size_t name_end = question->end - TYPE_AND_CLASS;

	if (!memcmp(question->octets + LDNS_HEADER_SIZE, message + LDNS_HEADER_SIZE,
		    question->end - LDNS_HEADER_SIZE))
		return true;
	for (size_t i = LDNS_HEADER_SIZE; i < name_end; i++)
		if (LDNS_DNAME_NORMALIZE(question->octets[i]) != LDNS_DNAME_NORMALIZE(message[i]))
			return false;
	return !memcmp(question->octets + name_end, message + name_end, TYPE_AND_CLASS);
}

bool dns_question_answered(const struct dns_question *question, uint16_t id, const uint8_t *message,
			   size_t length)
{
	return length >= question->end && LDNS_ID_WIRE(message) == id &&
	       (message[FLAGS] & QR_AND_OPCODE) == QR && LDNS_QDCOUNT(message) == 1 &&
	       is_same_question(question, message);
}

/* ---- mnemonics ---- */

/* All of `text' as a decimal number. */
static bool number_of(const char *text, unsigned long max, unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	*number = strtoul(text, &end, 10);
	return !*end && *number <= max;
}

/* "TYPE65280", "CLASS3" (RFC 3597, 5): ldns takes whatever atoi(3) does. */
static bool is_generic(const char *text, const char *prefix, uint16_t *value)
{
	size_t length = strlen(prefix);
	unsigned long number;

	if (strncasecmp(text, prefix, length) || !number_of(text + length, UINT16_MAX, &number))
		return false;
	*value = (uint16_t)number;
	return true;
}

bool dns_type_of(const char *text, uint16_t *type)
{
	if (!strncasecmp(text, "TYPE", strlen("TYPE")))
		return is_generic(text, "TYPE", type) && *type;
	*type = (uint16_t)ldns_get_rr_type_by_name(text);
	return *type != 0;
}

bool dns_class_of(const char *text, uint16_t *class)
{
	if (!strncasecmp(text, "CLASS", strlen("CLASS")))
		return is_generic(text, "CLASS", class) && *class;
	*class = (uint16_t)ldns_get_rr_class_by_name(text);
	return *class != 0;
}

/* What ldns_rcodes lacks or calls otherwise (IANA, DNS RCODEs). */
static const ldns_lookup_table more_rcodes[] = {
	{ LDNS_RCODE_NOTIMPL, "NOTIMP" },
	{ 16, "BADVERS" },
	{ 23, "BADCOOKIE" },
	{ 0, NULL },
};

static bool find_rcode(const ldns_lookup_table *table, const char *text, int *rcode)
{
	for (; table->name; table++) {
		if (strcasecmp(table->name, text))
			continue;
		*rcode = table->id;
		return true;
	}
	return false;
}

bool dns_rcode_of(const char *text, int *rcode)
{
	unsigned long number;

	if (number_of(text, DNS_RCODE_MAX, &number)) {
		*rcode = (int)number;
		return true;
	}
	return find_rcode(more_rcodes, text, rcode) || find_rcode(ldns_rcodes, text, rcode);
}

static const char *name_of(const ldns_lookup_table *table, int id)
{
	while (table->name && table->id != id)
		table++;
	return table->name;
}

void dns_rcode_print(int rcode, char *text, size_t size)
{
	const char *name = name_of(more_rcodes, rcode);

	if (!name)
		name = name_of(ldns_rcodes, rcode);
	if (name)
		text_put(text, size, name);
	else
		text_print(text, size, "RCODE%d", rcode);
}
