/* Answers of a name server, read by ldns.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_ANSWER_H
#define HA_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_MESSAGE_MAX 65535
#define DNS_NSID_MAX 64

struct ldns_struct_pkt;

struct dns_answer {
	struct ldns_struct_pkt *packet; /* owned by the answer */
	int rcode;                      /* 0 to 4095, extended by EDNS */
	uint32_t flags;                 /* bit N: value N of haDnsServerFlags */
	uint16_t edns_size;             /* 0: the server knows no EDNS */
	bool truncated;
	char nsid[DNS_NSID_MAX + 1]; /* text, or hexadecimal; empty: not given */
};

/* Read a message whole; false when it is not DNS, and then there is nothing to free. Nothing in a
 * message makes this fail in any other way. */
bool dns_answer_read(struct dns_answer *answer, const uint8_t *message, size_t length);

void dns_answer_free(struct dns_answer *answer);

#endif
