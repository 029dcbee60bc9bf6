/* Writes AgentX responses to GET and GETNEXT (RFC 2741, 6.2.16).
 *
 * The library would do it too, at four times the instructions for each variable. Pure C.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REPLY_H
#define HA_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct query_head;
struct value;

/* A response that is being written. Its memory is kept from one to the next. */
struct reply {
	unsigned char *octets;
	size_t length, room;
	bool network_order; /* of octets, else this machine's: as in the request */
};

/* Begin the response to a request, without variables; error 0, sysUpTime 0 (which no master agent
 * looks at). */
void reply_begin(struct reply *reply, const struct query_head *head);

/* Append a variable with this name and value. */
void reply_add(struct reply *reply, const uint32_t *name, size_t length, const struct value *value);

/* Write the length into the header: the response is whole. */
void reply_end(struct reply *reply);

void reply_free(struct reply *reply);

#endif
