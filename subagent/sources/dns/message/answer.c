/* Answers of a name server, read by ldns.
 *
 * The records are given to ldns_wire2rr() one by one, instead of the whole message to
 * ldns_wire2pkt(): that one (ldns 1.8.3) does not look whether the data of a record end where they
 * should, and leaks all TSIG records of a message but the last. What a hostile message could make
 * ldns spend is looked at before.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/message/answer.h"

#include <ldns/ldns.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

#define POINTER 0xc0 /* first octet of a compression pointer (RFC 1035, 4.1.4), at least */
#define POINTER_PLACE 0x3fff
#define QUESTION_FIXED 4 /* octets behind the name: type and class */
#define RECORD_FIXED 10  /* behind the name: type, class, TTL, length of the data */

/* A name has at most 127 labels, and so no use for more pointers. */
#define POINTERS_MAX 127

/* In a message up to this length there is no room for what is_maze() looks for. */
#define MAZE_MIN 4096

/* What may be spent on the strings of a message, in octets: enough for 64 kB of the longest. */
#define STRINGS_COST_MAX (1U << 24)

struct reader {
	struct dns_answer *answer;
	const uint8_t *message;
	size_t length;
	size_t at;           /* where the next record begins */
	size_t strings_cost; /* so far, see has_cheap_strings() */
	bool edns;           /* an OPT record has been seen */
};

/* ---- compression pointers ---- */

/* Follow a name to its end, which is told as `length', but no further than over POINTERS_MAX
 * pointers or to `mark': where that is. */
static size_t follow(const uint8_t *message, size_t length, size_t at, size_t mark)
{
	size_t room = LDNS_MAX_DOMAINLEN;
	int pointers = 0;

	while (at + 1 < length && message[at] && pointers < POINTERS_MAX) {
		if (message[at] >= POINTER) {
			at = ldns_read_uint16(message + at) & POINTER_PLACE;
			pointers++;
			if (at == mark)
				return mark;
		} else if (message[at] <= LDNS_MAX_LABELLEN && message[at] < room) {
			room -= message[at] + 1U;
			at += message[at] + 1U;
		} else {
			return length;
		}
	}
	return pointers == POINTERS_MAX ? at : length;
}

/* Whether a long way of pointers begins somewhere. ldns follows up to 65535 of them for each name:
 * a message of 64 kB could keep it busy for half a second. Circles are let pass: short ones appear
 * by chance in keys and signatures, and the first name that leads into one ends the reading. */
static bool is_maze(const uint8_t *message, size_t length)
{
	if (length <= MAZE_MIN)
		return false;
	for (size_t start = LDNS_HEADER_SIZE; start < length; start++) {
		size_t at = length;

		if (message[start] >= POINTER)
			at = follow(message, length, start, length);
		if (at < length && follow(message, length, at, at) != at)
			return true;
	}
	return false;
}

/* ---- records ---- */

/* Where the name at `at' ends, not following pointers; behind `length' when it does not. */
static size_t skip_name(const struct reader *reader)
{
	size_t at = reader->at;

	while (at < reader->length && reader->message[at] && reader->message[at] < POINTER)
		at += reader->message[at] + 1U;
	if (at >= reader->length)
		return reader->length + 1;
	return at + (reader->message[at] ? 2 : 1);
}

/* Where the record ends that begins at the reader's place, and where its data begin; false when it
 * is cut. */
static bool find_end(const struct reader *reader, ldns_pkt_section section, size_t *data,
		     size_t *end)
{
	size_t fixed = skip_name(reader);

	*data = fixed + (section == LDNS_SECTION_QUESTION ? QUESTION_FIXED : RECORD_FIXED);
	*end = *data;
	if (*data > reader->length)
		return false;
	if (section != LDNS_SECTION_QUESTION)
		*end += ldns_read_uint16(reader->message + *data - 2);
	return *end <= reader->length;
}

/* For each string of a TXT record and the like ldns takes as much memory as for all of them: a
 * record of 65000 empty ones costs 4 GB. */
static bool has_cheap_strings(struct reader *reader, size_t data, size_t end)
{
	uint16_t type = ldns_read_uint16(reader->message + data - RECORD_FIXED);

	if (ldns_rr_descript(type)->_variable != LDNS_RDF_TYPE_STR)
		return true;
	for (size_t at = data; at < end; at += reader->message[at] + 1U)
		reader->strings_cost += end - data;
	return reader->strings_cost <= STRINGS_COST_MAX;
}

/* The caller owns the record; NULL when there is no sound one. */
static ldns_rr *read_record(struct reader *reader, ldns_pkt_section section)
{
	ldns_rr *record;
	size_t data, end;

	if (!find_end(reader, section, &data, &end) ||
	    (end > data && !has_cheap_strings(reader, data, end)) ||
	    ldns_wire2rr(&record, reader->message, end, &reader->at, section) != LDNS_STATUS_OK)
		return NULL;
	if (reader->at == end)
		return record;
	ldns_rr_free(record);
	return NULL;
}

/* ---- EDNS ---- */

static bool is_text(const uint8_t *octets, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (octets[i] < ' ' || octets[i] > '~')
			return false;
	return true;
}

static void take_nsid(struct dns_answer *answer, const uint8_t *octets, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	size_t shown = length < DNS_NSID_MAX / 2 ? length : DNS_NSID_MAX / 2;

	if (is_text(octets, length)) {
		text_print(answer->nsid, sizeof(answer->nsid), "%.*s", (int)length,
			   (const char *)octets);
		return;
	}
	for (size_t i = 0; i < shown; i++) {
		answer->nsid[2 * i] = digits[octets[i] >> 4];
		answer->nsid[2 * i + 1] = digits[octets[i] & 15];
	}
}

/* False when the options do not fit into each other. */
static bool take_options(struct dns_answer *answer)
{
	ldns_edns_option_list *options;

	if (!ldns_pkt_edns_data(answer->packet))
		return true;
	options = ldns_pkt_edns_get_option_list(answer->packet);
	for (size_t i = 0; i < ldns_edns_option_list_get_count(options); i++) {
		const ldns_edns_option *option = ldns_edns_option_list_get_option(options, i);

		if (ldns_edns_get_code(option) == LDNS_EDNS_NSID)
			take_nsid(answer, ldns_edns_get_data(option), ldns_edns_get_size(option));
	}
	return options != NULL;
}

/* Take what the OPT record says (RFC 6891, 6.1); it is freed. There can be but one. */
static bool take_edns(struct reader *reader, ldns_rr *record)
{
	ldns_pkt *packet = reader->answer->packet;
	uint32_t ttl = ldns_rr_ttl(record);
	bool first = !reader->edns;

	reader->edns = true;
	if (first) {
		ldns_pkt_set_edns_udp_size(packet, ldns_rr_get_class(record));
		ldns_pkt_set_edns_extended_rcode(packet, (uint8_t)(ttl >> 24));
		ldns_pkt_set_edns_version(packet, (uint8_t)(ttl >> 16));
		ldns_pkt_set_edns_z(packet, (uint16_t)ttl);
		ldns_pkt_set_edns_data(packet, ldns_rr_pop_rdf(record));
	}
	ldns_rr_free(record);
	return first && take_options(reader->answer);
}

/* ---- the message ---- */

static bool take_record(struct reader *reader, ldns_pkt_section section)
{
	ldns_pkt *packet = reader->answer->packet;
	ldns_rr *record = read_record(reader, section);

	if (!record)
		return false;
	if (section == LDNS_SECTION_ADDITIONAL && ldns_rr_get_type(record) == LDNS_RR_TYPE_OPT)
		return take_edns(reader, record);
	return ldns_pkt_push_rr(packet, section, record);
}

/* A truncated message may end anywhere, even within a record: what is there counts. */
static bool read_records(struct reader *reader)
{
	static const ldns_pkt_section sections[] = {
		LDNS_SECTION_QUESTION,
		LDNS_SECTION_ANSWER,
		LDNS_SECTION_AUTHORITY,
		LDNS_SECTION_ADDITIONAL,
	};

	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		uint16_t count = ldns_read_uint16(reader->message + LDNS_QDCOUNT_OFF + 2 * i);

		for (; count > 0; count--)
			if (!take_record(reader, sections[i]))
				return LDNS_TC_WIRE(reader->message);
	}
	return true;
}

static void read_header(struct dns_answer *answer, const uint8_t *message)
{
	ldns_pkt *packet = answer->packet;

	ldns_pkt_set_id(packet, LDNS_ID_WIRE(message));
	ldns_pkt_set_qr(packet, LDNS_QR_WIRE(message));
	ldns_pkt_set_opcode(packet, (ldns_pkt_opcode)LDNS_OPCODE_WIRE(message));
	ldns_pkt_set_aa(packet, LDNS_AA_WIRE(message));
	ldns_pkt_set_tc(packet, LDNS_TC_WIRE(message));
	ldns_pkt_set_rd(packet, LDNS_RD_WIRE(message));
	ldns_pkt_set_ra(packet, LDNS_RA_WIRE(message));
	ldns_pkt_set_ad(packet, LDNS_AD_WIRE(message));
	ldns_pkt_set_cd(packet, LDNS_CD_WIRE(message));
	ldns_pkt_set_rcode(packet, LDNS_RCODE_WIRE(message));
}

static uint32_t flags_of(const ldns_pkt *packet)
{
	return (uint32_t)ldns_pkt_aa(packet) << haDnsServerFlags_aa |
	       (uint32_t)ldns_pkt_tc(packet) << haDnsServerFlags_tc |
	       (uint32_t)ldns_pkt_rd(packet) << haDnsServerFlags_rd |
	       (uint32_t)ldns_pkt_ra(packet) << haDnsServerFlags_ra |
	       (uint32_t)ldns_pkt_ad(packet) << haDnsServerFlags_ad |
	       (uint32_t)ldns_pkt_cd(packet) << haDnsServerFlags_cd;
}

static void summarise(struct dns_answer *answer)
{
	const ldns_pkt *packet = answer->packet;

	answer->rcode = ldns_pkt_edns_extended_rcode(packet) << 4 | ldns_pkt_get_rcode(packet);
	answer->flags = flags_of(packet);
	answer->edns_size = ldns_pkt_edns_udp_size(packet);
	answer->truncated = ldns_pkt_tc(packet);
}

bool dns_answer_read(struct dns_answer *answer, const uint8_t *message, size_t length)
{
	struct reader reader = { .message = message, .length = length, .at = LDNS_HEADER_SIZE };

	memset(answer, 0, sizeof(*answer));
	reader.answer = answer;
	if (length < LDNS_HEADER_SIZE || length > DNS_MESSAGE_MAX || is_maze(message, length))
		return false;
	answer->packet = ldns_pkt_new();
	read_header(answer, message);
	if (!read_records(&reader)) {
		dns_answer_free(answer);
		return false;
	}
	summarise(answer);
	return true;
}

void dns_answer_free(struct dns_answer *answer)
{
	ldns_pkt_free(answer->packet);
	answer->packet = NULL;
}
