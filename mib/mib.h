/* What the C code knows of HA-AGENTX-MIB: one record per object, generated from the MIB's text.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MIB_H
#define HA_MIB_H

#include <stddef.h>
#include <stdint.h>

/* Longest object identifier that SNMP can carry (RFC 3416, section 4.1). */
#define MIB_OID_MAX 128

/* How a value travels; textual conventions are resolved down to these. */
enum mib_syntax {
	MIB_NODE,     /* no value: a node, a table, an entry, a notification */
	MIB_INTEGER,  /* Integer32, and every enumeration (labels is set then) */
	MIB_UNSIGNED, /* Unsigned32 and Gauge32 */
	MIB_COUNTER,  /* Counter32 */
	MIB_COUNTER64,
	MIB_TIMESTAMP, /* TimeStamp: sysUpTime at an event, in hundredths of a second */
	MIB_STRING,    /* OCTET STRING of text */
	MIB_OCTETS,    /* OCTET STRING that is not text: addresses, DateAndTime */
	MIB_BITS       /* BITS: labels name the bits, counted from 0 */
};

enum mib_kind {
	MIB_KIND_NODE,
	MIB_KIND_TABLE,
	MIB_KIND_ENTRY,
	MIB_KIND_COLUMN,
	MIB_KIND_SCALAR,
	MIB_KIND_NOTIFICATION
};

enum mib_access { MIB_NO_ACCESS, MIB_NOTIFY, MIB_READ, MIB_WRITE };

struct mib_label {
	int32_t value;
	const char *label;
};

/* One object. Object 0 is the root of the MIB, its own parent; `arc` is the last number of an
 * object's identifier, so identifier = that of `parent` followed by `arc`. */
struct mib_object {
	const char *name;
	const char *units; /* UNITS clause, or NULL */
	const struct mib_label
		*labels;      /* of an enumeration or BITS, ended by a NULL label; else NULL */
	const uint16_t *list; /* INDEX of an entry, OBJECTS of a notification; ended by 0 */
	int64_t min, max;     /* range of a number, size of a string; both 0 when not given */
	uint32_t arc;
	uint16_t parent;
	uint8_t kind;    /* enum mib_kind */
	uint8_t syntax;  /* enum mib_syntax */
	uint8_t access;  /* enum mib_access */
	uint8_t implied; /* entry: its last index is IMPLIED */
};

/* Every object of the MIB, in the order of its text; indexed by enum mib_id of the generated
 * header, which ends in mib_count. */
extern const struct mib_object mib_objects[];

/* Object identifier of the root: the MIB's own, or what ./configure --with-mib-root gave. */
extern const uint32_t mib_root[];
extern const size_t mib_root_length;

/* Write the identifier of object `id` (an enum mib_id) into `oid`, which has room for MIB_OID_MAX
 * numbers; the length is returned. */
size_t mib_oid(unsigned int id, uint32_t *oid);

/* Label of `value` in an enumeration; NULL when it has none. */
const char *mib_label_of(const struct mib_label *labels, int32_t value);

/* Value whose label is `word` (`length` octets, letters of either case: DRBD's UpToDate is the
 * MIB's upToDate), or `otherwise` when there is none. */
int32_t mib_value_of(const struct mib_label *labels, const char *word, size_t length,
		     int32_t otherwise);

/* Object called `name`: its enum mib_id, or -1. */
int mib_find(const char *name);

#endif
