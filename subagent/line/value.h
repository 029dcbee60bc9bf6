/* Values of cells as SNMP knows them, and back.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VALUE_H
#define HA_VALUE_H

#include <stddef.h>
#include <stdint.h>

struct column;
struct set_change;

/* Types of values, and the exceptions in their place: RFC 3416, and with the same numbers RFC 2741,
 * section 5.4. */
enum value_type {
	VALUE_INTEGER = 2,
	VALUE_OCTETS = 4,
	VALUE_NULL = 5,
	VALUE_COUNTER32 = 65,
	VALUE_GAUGE32 = 66,
	VALUE_TIMETICKS = 67,
	VALUE_COUNTER64 = 70,
	VALUE_NO_OBJECT = 128,
	VALUE_NO_INSTANCE = 129,
	VALUE_END_OF_VIEW = 130
};

/* A value on its way out. `octets` points into the row or into `own`: it lives as long as both. */
struct value {
	enum value_type type;
	uint64_t number;
	const unsigned char *octets; /* of VALUE_OCTETS */
	size_t length;
	unsigned char own[12];
};

/* The value of `column` in `row`. `start` is when the master agent's sysUpTime was 0, by
 * clock_now(): TimeStamps count from there. */
void value_read(struct value *value, const struct column *column, const void *row, int64_t start);

/* The value `number` as the syntax of `column` writes it. */
void value_write(struct value *value, const struct column *column, int64_t number, int64_t start);

/* Check a value that is to be assigned, of an SNMP type and with its octets or number, against the
 * syntax, range and labels of the MIB, and store it in `change`. Returns an enum set_error. */
int value_assign(const struct value *value, const struct column *column, struct set_change *change);

#endif
