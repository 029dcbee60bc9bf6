/* Questions as they go over the wire, made by ldns.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_QUESTION_H
#define HA_DNS_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_terms {
	const char *name; /* with or without a final dot */
	uint16_t type, class;
	uint16_t edns_size; /* 0: no EDNS, then `dnssec' and `nsid' are left out */
	bool recursion;     /* RD */
	bool dnssec;        /* DO, and CD so that a validating resolver shows what it has got */
	bool nsid;          /* RFC 5001 */
	bool ad;            /* AD, to be told whether the answer is authenticated (RFC 6840, 5.7) */
};

/* A query without its id, whose place is zero: header, question, OPT record (RFC 1035, 4.1; RFC
 * 6891). One serves any number of exchanges. */
struct dns_question {
	uint16_t length;
	uint16_t end; /* of the question section, from the start */
	uint8_t octets[];
};

/* The caller frees it with free(). NULL when the name is none. */
struct dns_question *dns_question_make(const struct dns_terms *terms);

/* Whether `message` is a response to this question under this id: header, and the question section
 * octet by octet but for the case of letters (RFC 5452, 9.1). Believes nothing else of it: it may
 * still be malformed. */
bool dns_question_answered(const struct dns_question *question, uint16_t id, const uint8_t *message,
			   size_t length);

#define DNS_RCODE_MAX 4095

/* Numbers of mnemonics; false when there is none of this name. */
bool dns_type_of(const char *text, uint16_t *type);
bool dns_class_of(const char *text, uint16_t *class);
bool dns_rcode_of(const char *text, int *rcode);

/* "SERVFAIL", or "RCODE11" for one without a name. */
void dns_rcode_print(int rcode, char *text, size_t size);

#endif
