/* Reads AgentX requests for values: Get and GetNext (RFC 2741, 6.2.5 and 6.2.6).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/query.h"

#include <string.h>

#include "subagent/line/pdu.h"

/* An identifier's count of numbers, its prefix, whether it is included, and nothing. */
#define NAME_HEAD 4

bool query_begin(struct query *query, const unsigned char *octets, size_t size)
{
	bool network_order = octets[PDU_FLAGS] & PDU_NETWORK_BYTE_ORDER;

	if (octets[PDU_VERSION] != 1 || octets[PDU_FLAGS] & PDU_NON_DEFAULT_CONTEXT ||
	    (octets[PDU_TYPE] != PDU_GET && octets[PDU_TYPE] != PDU_GETNEXT))
		return false;
	query->head.session = pdu_number(octets + PDU_SESSION, network_order);
	query->head.transaction = pdu_number(octets + PDU_TRANSACTION, network_order);
	query->head.packet = pdu_number(octets + PDU_PACKET, network_order);
	query->head.network_order = network_order;
	query->next = octets[PDU_TYPE] == PDU_GETNEXT;
	query->at = octets + PDU_HEADER;
	query->end = octets + size;
	return true;
}

static void take_numbers(struct query *query, size_t count, uint32_t *number)
{
	size_t size = count * sizeof(*number);

	memcpy(number, query->at, size);
	if (query->head.network_order)
		for (size_t i = 0; i < count; i++)
			number[i] = pdu_number(query->at + i * sizeof(*number), true);
	query->at += size;
}

/* A prefix N is 1.3.6.1.N (RFC 2741, 5.1). */
static bool take_name(struct query *query, uint32_t *name, size_t *length, bool *inclusive)
{
	static const uint32_t internet[] = { 1, 3, 6, 1 };
	size_t left = (size_t)(query->end - query->at), count, prefixed;

	if (left < NAME_HEAD)
		return false;
	count = query->at[0];
	prefixed = query->at[1] ? 5 : 0;
	if (count > (left - NAME_HEAD) / sizeof(*name) || prefixed + count > MIB_OID_MAX)
		return false;
	if (prefixed) {
		memcpy(name, internet, sizeof(internet));
		name[4] = query->at[1];
	}
	*inclusive = query->at[2];
	*length = prefixed + count;
	query->at += NAME_HEAD;
	take_numbers(query, count, name + prefixed);
	return true;
}

bool query_next(struct query *query, struct range *range)
{
	struct query ahead = *query;
	bool unused;

	if (!take_name(&ahead, range->start, &range->start_length, &range->inclusive) ||
	    !take_name(&ahead, range->limit, &range->limit_length, &unused))
		return false;
	query->at = ahead.at;
	return true;
}

bool query_ended(const struct query *query)
{
	return query->at == query->end;
}
