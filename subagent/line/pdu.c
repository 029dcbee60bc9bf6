/* What the master agent sends, cut into AgentX PDUs (RFC 2741, 6.1). Pure C.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/pdu.h"

#include <arpa/inet.h>
#include <string.h>

uint32_t pdu_number(const unsigned char *octets, bool network_order)
{
	uint32_t number;

	memcpy(&number, octets, sizeof(number));
	return network_order ? ntohl(number) : number;
}

size_t pdu_resume(const struct pdu_stream *stream, unsigned char *octets)
{
	memcpy(octets, stream->header, stream->held);
	return stream->held;
}

static size_t least(size_t one, size_t other)
{
	return one < other ? one : other;
}

/* Size of the PDU with this header. */
static size_t size_of(const unsigned char *octets)
{
	bool network_order = octets[PDU_FLAGS] & PDU_NETWORK_BYTE_ORDER;

	return PDU_HEADER + (size_t)pdu_number(octets + PDU_LENGTH, network_order);
}

size_t pdu_sift(struct pdu_stream *stream, unsigned char *octets, size_t length, pdu_call *answer,
		void *argument)
{
	size_t at = least(stream->missing, length), kept = at;

	stream->missing -= at;
	while (length - at >= PDU_HEADER) {
		size_t size = size_of(octets + at), here = least(size, length - at);

		if (here < size || !answer(argument, octets + at, size)) {
			memmove(octets + kept, octets + at, here);
			kept += here;
			stream->missing = size - here;
		}
		at += here;
	}
	stream->held = length - at;
	memcpy(stream->header, octets + at, stream->held);
	return kept;
}
