/* Values of cells as SNMP knows them, and back.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/value.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/table.h"
#include "subagent/jobs.h"

/* TimeStamp: sysUpTime of the master agent at that moment, 0 when it had not started yet. */
static uint64_t stamp_of(int64_t when, int64_t start)
{
	return when && when > start ? (uint64_t)(when - start) / 10 : 0;
}

/* Local time of a second. Rows of one table often carry the same, and localtime_r() is slow. */
static const struct tm *local_time(time_t seconds)
{
	static time_t known;
	static struct tm parts;

	if (seconds != known && !localtime_r(&seconds, &parts))
		return NULL;
	known = seconds;
	return &parts;
}

/* DateAndTime of RFC 2579, local time with its offset; eight zero octets for never. */
static size_t put_moment(int64_t wall, unsigned char *octet)
{
	const struct tm *parts = wall ? local_time((time_t)(wall / 1000)) : NULL;
	long offset;

	memset(octet, 0, 11);
	if (!parts)
		return 8;
	offset = labs(parts->tm_gmtoff) / 60;
	octet[0] = (unsigned char)((parts->tm_year + 1900) >> 8);
	octet[1] = (unsigned char)(parts->tm_year + 1900);
	octet[2] = (unsigned char)(parts->tm_mon + 1);
	octet[3] = (unsigned char)parts->tm_mday;
	octet[4] = (unsigned char)parts->tm_hour;
	octet[5] = (unsigned char)parts->tm_min;
	octet[6] = (unsigned char)parts->tm_sec;
	octet[7] = (unsigned char)(wall % 1000 / 100);
	octet[8] = parts->tm_gmtoff < 0 ? '-' : '+';
	octet[9] = (unsigned char)(offset / 60);
	octet[10] = (unsigned char)(offset % 60);
	return 11;
}

/* BITS of RFC 2578: bit 0 is the highest of the first octet; as many octets as there are labels. */
static size_t put_bits(const struct mib_label *labels, uint32_t bits, unsigned char *octet)
{
	int32_t highest = 0;

	memset(octet, 0, 4);
	for (; labels && labels->label; labels++) {
		if (labels->value > highest)
			highest = labels->value;
		if (bits >> labels->value & 1)
			octet[labels->value / 8] |= (unsigned char)(0x80 >> labels->value % 8);
	}
	return (size_t)highest / 8 + 1;
}

static void set_number(struct value *value, enum value_type type, uint64_t number)
{
	value->type = type;
	value->number = number;
}

static void set_octets(struct value *value, const unsigned char *octets, size_t length)
{
	value->type = VALUE_OCTETS;
	value->octets = octets;
	value->length = length;
}

void value_write(struct value *value, const struct column *column, int64_t number, int64_t start)
{
	const struct mib_object *object = &mib_objects[column->object];

	switch ((enum mib_syntax)object->syntax) {
	case MIB_UNSIGNED:
		set_number(value, VALUE_GAUGE32, (uint32_t)number);
		break;
	case MIB_COUNTER:
		set_number(value, VALUE_COUNTER32, (uint32_t)number);
		break;
	case MIB_COUNTER64:
		set_number(value, VALUE_COUNTER64, (uint64_t)number);
		break;
	case MIB_TIMESTAMP:
		set_number(value, VALUE_TIMETICKS, stamp_of(number, start));
		break;
	case MIB_OCTETS:
		set_octets(value, value->own, put_moment(number, value->own));
		break;
	case MIB_BITS:
		set_octets(value, value->own,
			   put_bits(object->labels, (uint32_t)number, value->own));
		break;
	case MIB_INTEGER:
	case MIB_STRING:
	case MIB_NODE:
		set_number(value, VALUE_INTEGER, (uint32_t)number);
		break;
	}
}

void value_read(struct value *value, const struct column *column, const void *row, int64_t start)
{
	const void *place = (const char *)row + column->offset;
	const struct octets *octets = place;

	if (column->storage == STORE_TEXT)
		set_octets(value, place, strnlen(place, column->size));
	else if (column->storage == STORE_OCTETS)
		set_octets(value, octets->octet, octets->length);
	else if (column->storage == STORE_AGE)
		value_write(value, column, table_age(column, row), start);
	else
		value_write(value, column, table_number(column, row), start);
}

static int take_number(const struct mib_object *object, int64_t number, struct set_change *change)
{
	if (object->labels && !mib_label_of(object->labels, (int32_t)number))
		return SET_WRONG_VALUE;
	if ((object->min || object->max) && (number < object->min || number > object->max))
		return SET_WRONG_VALUE;
	change->number = number;
	return SET_NO_ERROR;
}

static int take_text(const struct mib_object *object, const unsigned char *text, size_t length,
		     struct set_change *change)
{
	if (length >= sizeof(change->text) ||
	    ((object->min || object->max) &&
	     ((int64_t)length < object->min || (int64_t)length > object->max)))
		return SET_WRONG_LENGTH;
	if (memchr(text, '\0', length))
		return SET_WRONG_VALUE;
	text_put_part(change->text, sizeof(change->text), (const char *)text, length);
	return SET_NO_ERROR;
}

int value_assign(const struct value *value, const struct column *column, struct set_change *change)
{
	const struct mib_object *object = &mib_objects[column->object];

	switch ((enum mib_syntax)object->syntax) {
	case MIB_INTEGER:
		if (value->type != VALUE_INTEGER)
			return SET_WRONG_TYPE;
		return take_number(object, (int32_t)value->number, change);
	case MIB_UNSIGNED:
		if (value->type != VALUE_GAUGE32)
			return SET_WRONG_TYPE;
		return take_number(object, (uint32_t)value->number, change);
	case MIB_STRING:
		if (value->type != VALUE_OCTETS)
			return SET_WRONG_TYPE;
		return take_text(object, value->octets, value->length, change);
	case MIB_NODE:
	case MIB_COUNTER:
	case MIB_COUNTER64:
	case MIB_TIMESTAMP:
	case MIB_OCTETS:
	case MIB_BITS:
		break;
	}
	return SET_NOT_WRITABLE;
}
