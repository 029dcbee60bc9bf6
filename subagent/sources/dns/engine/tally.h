/* What became of the questions to one name server, counted as haDnsServerTable shows it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_TALLY_H
#define HA_DNS_TALLY_H

#include <stdint.h>

struct dns_tally {
	/* By the engine: */
	uint32_t queries;      /* questions sent, repetitions included */
	uint32_t timeouts;     /* without an answer in time */
	uint32_t unreachables; /* returned by the network or the host */
	uint32_t malformed;    /* messages that are not DNS */
	uint32_t mismatched;   /* with another id, question or address than asked */
	uint32_t late;         /* after their time */
	uint32_t truncated;    /* and asked again by TCP */
	/* By the judge: */
	uint32_t answers; /* that were accepted */
	uint32_t bad_rcodes;
	uint32_t refused;         /* of them: REFUSED */
	uint32_t server_failures; /* of them: SERVFAIL */
	uint32_t wrong_answers;
};

#endif
