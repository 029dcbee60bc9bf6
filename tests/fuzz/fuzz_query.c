/* Fuzzes what the master agent sends: any stream is cut into PDUs, and each read as a request.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The first octet of an input says after how many octets the rest is cut, which comes in two parts.
 */
#include "subagent/line/query.h"

#include <stdlib.h>
#include <string.h>

#include "subagent/line/pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/* Read a PDU from memory of exactly its size; whatever is well formed is answered. */
static bool answer(void *argument, const unsigned char *octets, size_t size)
{
	size_t *answered = argument;
	unsigned char *exact = malloc(size);
	struct query query;
	struct range range;
	bool whole = false;

	if (!exact)
		abort();
	memcpy(exact, octets, size);
	if (query_begin(&query, exact, size)) {
		while (query_next(&query, &range))
			REQUIRE(range.start_length <= MIB_OID_MAX &&
				range.limit_length <= MIB_OID_MAX);
		whole = query_ended(&query);
	}
	if (whole)
		*answered += size;
	free(exact);
	return whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char buffer[65536 + PDU_HEADER];
	struct pdu_stream stream = { .missing = 0 };
	size_t answered = 0, passed = 0, parts[2];

	if (size < 1 || size > 65536)
		return 0;
	parts[0] = data[0] < size ? data[0] : size - 1;
	parts[1] = size - 1 - parts[0];
	data++;
	for (int i = 0; i < 2; data += parts[i++]) {
		size_t held = pdu_resume(&stream, buffer);

		memcpy(buffer + held, data, parts[i]);
		passed += pdu_sift(&stream, buffer, held + parts[i], answer, &answered);
	}
	REQUIRE(stream.held < PDU_HEADER);
	REQUIRE(answered + passed + stream.held == size - 1);
	return 0;
}
