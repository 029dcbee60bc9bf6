/* What the master agent sends, cut into AgentX PDUs (RFC 2741, 6.1). Pure C.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PDU_H
#define HA_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where what stands in the header. */
enum {
	PDU_VERSION = 0,
	PDU_TYPE = 1,
	PDU_FLAGS = 2,
	PDU_SESSION = 4,
	PDU_TRANSACTION = 8,
	PDU_PACKET = 12,
	PDU_LENGTH = 16, /* of what follows */
	PDU_HEADER = 20
};

enum pdu_type {
	PDU_GET = 5,
	PDU_GETNEXT = 6,
	PDU_UNDO_SET = 10,
	PDU_CLEANUP_SET = 11,
	PDU_RESPONSE = 18
};

enum pdu_flag { PDU_NON_DEFAULT_CONTEXT = 0x08, PDU_NETWORK_BYTE_ORDER = 0x10 };

/* 32 bits from anywhere in a PDU. */
uint32_t pdu_number(const unsigned char *octets, bool network_order);

/* A stream of PDUs on its way to somebody else. All zero at its beginning. */
struct pdu_stream {
	size_t missing; /* octets of a PDU whose first ones have been passed on */
	size_t held;    /* octets of a header that has not come whole */
	unsigned char header[PDU_HEADER];
};

/* Answers a whole PDU; false leaves it to whom the stream goes to. */
typedef bool pdu_call(void *argument, const unsigned char *octets, size_t size);

/* Write the octets that are held, less than PDU_HEADER, into `octets`; how many they are. What is
 * received belongs behind them. */
size_t pdu_resume(const struct pdu_stream *stream, unsigned char *octets);

/* Offer each whole PDU in the `length` octets to `answer`, and put together what it leaves: so many
 * of `octets` are to be passed on. */
size_t pdu_sift(struct pdu_stream *stream, unsigned char *octets, size_t length, pdu_call *answer,
		void *argument);

#endif
