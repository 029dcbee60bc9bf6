/* Reads AgentX requests for values: Get and GetNext (RFC 2741, 6.2.5 and 6.2.6).
 *
 * The library would do it too, for some 4,700 instructions more with one variable, and 2,400 more
 * for each of ten: a quarter of the CPU that a walk of ten columns costs the agent. Pure C.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_QUERY_H
#define HA_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mib/mib.h"

/* What of a request stands in the header of its response. */
struct query_head {
	uint32_t session, transaction, packet;
	bool network_order; /* of octets, else this machine's */
};

/* A request that is being read. It points into what was received. */
struct query {
	struct query_head head;
	bool next; /* GetNext, else Get */
	const unsigned char *at, *end;
};

/* What to search: from `start` on, itself only with `inclusive`, up to `limit` and without it. No
 * length is no limit. Of a Get only `start` counts. */
struct range {
	uint32_t start[MIB_OID_MAX], limit[MIB_OID_MAX];
	size_t start_length, limit_length;
	bool inclusive;
};

/* Begin to read a whole PDU; false when it is no request of this kind, or of another context than
 * the default one. */
bool query_begin(struct query *query, const unsigned char *octets, size_t size);

/* The next range; false when all have been read, and at a broken one. */
bool query_next(struct query *query, struct range *range);

/* Whether all have been read. */
bool query_ended(const struct query *query);

#endif
