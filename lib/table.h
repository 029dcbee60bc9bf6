/* What a table is: columns of the MIB, and where each lies in a flat row.
 *
 * A table is described once. SNMP, hactl's text and JSON, change detection and notifications all
 * read this description; names, types, ranges, indexes and labels come from the MIB itself.
 * A group of scalars is a table with one row.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_TABLE_H
#define HA_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mib/mib.h"

/* Every row starts with this. A source fills `state` (HaRowState: fresh; missing when a
 * configuration expects what is not there; stale when whom it asks about it has gone silent) and
 * `absent`; the rest is the hub's. */
struct row {
	int32_t state;        /* enum HaRowState */
	uint32_t transitions; /* changes of watched columns since the row came into being */
	int64_t changed;      /* clock_now() of the last of them */
	uint64_t absent;      /* bit N: the column with the arc N has no value */
};

/* Octets with a length, for addresses. */
struct octets {
	uint8_t length;
	uint8_t octet[32];
};

/* A moment of the wall clock, milliseconds since 1970, 0 for never; travels as DateAndTime. */
struct moment {
	int64_t wall;
};

/* Since when (clock_now()), 0 for never; travels as the milliseconds since then. */
struct age {
	int64_t since;
};

/* How a value lies in the row. */
enum storage {
	STORE_INT32,
	STORE_UINT32, /* numbers, and BITS with bit 0 of the MIB in bit 0 */
	STORE_UINT64,
	STORE_STAMP, /* int64_t of clock_now(); travels as TimeStamp */
	STORE_MOMENT,
	STORE_AGE,
	STORE_OCTETS,
	STORE_TEXT /* char array, ended by a NUL */
};

/* How bad a value of a state column is. A list of levels ends with the value LEVELS_END; a value
 * that is not listed is HaSeverity_cleared, unless LEVEL_OTHERWISE is. The value `unknown` never
 * changes an alarm. */
struct level {
	int32_t value;
	uint16_t severity; /* enum HaSeverity */
	uint16_t alarm;    /* enum HaAlarmType, of severities above HaSeverity_info */
};

#define LEVELS_END INT32_MIN
#define LEVEL_OTHERWISE INT32_MAX

/* The level of a value by its label in the enumeration `type', of severities above HaSeverity_info;
 * for files that include the MIB's header. */
#define ALARM(type, label, how_bad, kind)                                                          \
	{                                                                                          \
		type##_##label, HaSeverity_##how_bad, HaAlarmType_##kind                           \
	}

/* Makes the changes of a column known. The kind of the event is the last number of the
 * notification's identifier (enum HaEventType). */
struct watch {
	uint16_t notification; /* enum mib_id; 0: a change moves the row's last change, no more */
	uint16_t cleared_notification; /* instead, when the new value is fine; 0: the same */
	bool counts;                   /* a change is a transition of the row */
	const struct level *levels;    /* NULL: every value is HaSeverity_info and no alarm */
	bool (*excused)(
		const void *row); /* this row is meant to be so: any value is fine; or NULL */
	/* This change is known from elsewhere: it counts, and its alarm is judged, but it is no
	 * event; or NULL. */
	bool (*known)(const void *row, const void *before);
	uint16_t reason; /* enum mib_id of the column that says why, for texts; 0: none does */
	uint16_t number; /* of a text: where in the row an int32_t stands that events tell as its
			    old and new state; 0: it is no text */
	uint16_t beside; /* enum mib_id of a watched column whose change makes this one known, too:
			    then no event of its own; 0: none does */
};

/* Its change moves the time of the row's last change, and is no event. */
extern const struct watch watch_quiet;

struct column {
	uint16_t object; /* enum mib_id */
	uint16_t offset;
	uint16_t size;
	uint16_t storage;          /* enum storage */
	const struct watch *watch; /* NULL: its changes are nothing to tell */
};

struct table {
	uint16_t entry; /* enum mib_id of the entry, or of the node above scalars */
	uint16_t columns_count;
	uint16_t size;                /* of a row */
	const struct column *columns; /* in ascending order of arc; the index columns, too */
	/* What a person calls this row, at most `size` octets; NULL: the index, joined by '/'. */
	void (*subject)(const void *row, char *text, size_t size);
};

#define TABLE_STORAGE(member)                                                                      \
	_Generic((member), \
	int32_t: STORE_INT32, uint32_t: STORE_UINT32, uint64_t: STORE_UINT64, \
	int64_t: STORE_STAMP, struct moment: STORE_MOMENT, struct age: STORE_AGE, \
	struct octets: STORE_OCTETS, \
	char *: STORE_TEXT)

#define WATCHED_COLUMN(type, name, member, seen)                                                   \
	{                                                                                          \
		.object = mib_##name, .offset = offsetof(struct type, member),                     \
		.size = sizeof(((struct type *)0)->member),                                        \
		.storage = TABLE_STORAGE(((struct type *)0)->member), .watch = (seen)              \
	}

#define COLUMN(type, name, member) WATCHED_COLUMN(type, name, member, NULL)

#define TABLE(type, name, list, call)                                                              \
	{                                                                                          \
		.entry = mib_##name, .columns_count = sizeof(list) / sizeof(*(list)),              \
		.size = sizeof(struct type), .columns = (list), .subject = (call)                  \
	}

/* The largest row of all tables: the limit of a frame. */
#define ROW_SIZE_MAX 2048

/* Longest index of any table, in numbers. */
#define INDEX_MAX 108

/* The value of `column` in `row`, an integer of whatever width, or a clock. Not for text or octets.
 */
int64_t table_number(const struct column *column, const void *row);

/* Milliseconds since the moment in a STORE_AGE column; 0 for never. */
int64_t table_age(const struct column *column, const void *row);

/* Set it. The column's own type cuts the value. */
void table_set_number(const struct column *column, void *row, int64_t value);

/* Whether two rows differ in a column, of whatever storage. */
bool table_differs(const struct column *column, const void *row, const void *other);

/* Text of a STORE_TEXT column, inside the row. */
const char *table_text(const struct column *column, const void *row);

/* Whether the row has a value there. */
bool table_has(const struct column *column, const void *row);

/* How bad `value' is in a watched column of this row; NULL: it is fine, or nothing is said of it.
 */
const struct level *table_level(const struct column *column, const void *row, int64_t value);

/* The column for an object; NULL when the table does not carry it. */
const struct column *table_column(const struct table *table, unsigned int object);

/* The row's index as SNMP orders it (RFC 2578, 7.7) into `index` with room for INDEX_MAX numbers;
 * the length is returned. Scalars have the index 0. */
size_t table_index(const struct table *table, const void *row, uint32_t *index);

/* Fill the index columns of `row` from `index`; false when it is not an index of this table. */
bool table_set_index(const struct table *table, void *row, const uint32_t *index, size_t length);

/* What a person calls this row. */
void table_subject(const struct table *table, const void *row, char *text, size_t size);

/* Any value as text: labels, numbers, times, addresses; `-` when absent. For hactl and messages. */
void table_print(const struct column *column, const void *row, char *text, size_t size);

/* Whether every text of the row ends inside its field and all octets lie inside theirs: rows of
 * another process are to be asked before they are read. */
bool table_sound(const struct table *table, const void *row);

/* Give every enumeration that has the label `unknown` that value, and mark the row. */
void table_forget(const struct table *table, void *row);

#endif
