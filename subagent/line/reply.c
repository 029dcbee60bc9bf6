/* Writes AgentX responses to GET and GETNEXT (RFC 2741, 6.2.16).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/reply.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/mib.h"
#include "subagent/line/pdu.h"
#include "subagent/line/query.h"
#include "subagent/line/value.h"

/* The most that a variable takes apart from the octets of its value: type, name, length, padding,
 * a number of 64 bits. */
#define VARIABLE_MAX (4 + 4 + 4 * MIB_OID_MAX + 4 + 8)

static uint32_t order32(const struct reply *reply, uint32_t number)
{
	return reply->network_order ? htonl(number) : number;
}

static void put32(struct reply *reply, uint32_t number)
{
	number = order32(reply, number);
	memcpy(reply->octets + reply->length, &number, sizeof(number));
	reply->length += sizeof(number);
}

/* A type of 16 bits and 16 reserved ones. */
static void put_type(struct reply *reply, uint16_t type)
{
	uint16_t both[2] = { reply->network_order ? htons(type) : type, 0 };

	memcpy(reply->octets + reply->length, both, sizeof(both));
	reply->length += sizeof(both);
}

static void make_room(struct reply *reply, size_t more)
{
	if (reply->length + more <= reply->room)
		return;
	reply->room = 2 * (reply->length + more);
	reply->octets = memory_resize(reply->octets, reply->room, 1);
}

void reply_begin(struct reply *reply, const struct query_head *head)
{
	unsigned char flags = head->network_order ? PDU_NETWORK_BYTE_ORDER : 0;
	unsigned char first[4] = { 1, PDU_RESPONSE, flags, 0 };

	reply->length = 0;
	reply->network_order = head->network_order;
	make_room(reply, PDU_HEADER + 8);
	memcpy(reply->octets, first, sizeof(first));
	reply->length = sizeof(first);
	put32(reply, head->session);
	put32(reply, head->transaction);
	put32(reply, head->packet);
	put32(reply, 0); /* the length, see reply_end() */
	put32(reply, 0); /* sysUpTime */
	put32(reply, 0); /* error and index */
}

/* 1.3.6.1.N with N of one octet is written as the prefix N (RFC 2741, 5.1). */
static void put_name(struct reply *reply, const uint32_t *name, size_t length)
{
	bool short_form = length >= 5 && name[0] == 1 && name[1] == 3 && name[2] == 6 &&
			  name[3] == 1 && name[4] && name[4] <= UINT8_MAX;
	size_t skipped = short_form ? 5 : 0;
	unsigned char head[4] = { (unsigned char)(length - skipped),
				  short_form ? (unsigned char)name[4] : 0, 0, 0 };

	memcpy(reply->octets + reply->length, head, sizeof(head));
	reply->length += sizeof(head);
	if (reply->network_order) {
		for (size_t i = skipped; i < length; i++)
			put32(reply, name[i]);
		return;
	}
	memcpy(reply->octets + reply->length, name + skipped, (length - skipped) * sizeof(*name));
	reply->length += (length - skipped) * sizeof(*name);
}

static void put_octets(struct reply *reply, const unsigned char *octets, size_t length)
{
	size_t padding = (4 - length % 4) % 4;

	put32(reply, (uint32_t)length);
	memcpy(reply->octets + reply->length, octets, length);
	memset(reply->octets + reply->length + length, 0, padding);
	reply->length += length + padding;
}

static void put_number64(struct reply *reply, uint64_t number)
{
	uint32_t high = (uint32_t)(number >> 32), low = (uint32_t)number;
	uint64_t native = number;

	if (reply->network_order) {
		put32(reply, high);
		put32(reply, low);
		return;
	}
	memcpy(reply->octets + reply->length, &native, sizeof(native));
	reply->length += sizeof(native);
}

void reply_add(struct reply *reply, const uint32_t *name, size_t length, const struct value *value)
{
	make_room(reply, VARIABLE_MAX + (value->type == VALUE_OCTETS ? value->length : 0));
	put_type(reply, (uint16_t)value->type);
	put_name(reply, name, length);
	switch (value->type) {
	case VALUE_INTEGER:
	case VALUE_COUNTER32:
	case VALUE_GAUGE32:
	case VALUE_TIMETICKS:
		put32(reply, (uint32_t)value->number);
		break;
	case VALUE_COUNTER64:
		put_number64(reply, value->number);
		break;
	case VALUE_OCTETS:
		put_octets(reply, value->octets, value->length);
		break;
	case VALUE_NULL:
	case VALUE_NO_OBJECT:
	case VALUE_NO_INSTANCE:
	case VALUE_END_OF_VIEW:
		break;
	}
}

void reply_end(struct reply *reply)
{
	uint32_t length = order32(reply, (uint32_t)(reply->length - PDU_HEADER));

	memcpy(reply->octets + PDU_LENGTH, &length, sizeof(length));
}

void reply_free(struct reply *reply)
{
	free(reply->octets);
	memset(reply, 0, sizeof(*reply));
}
