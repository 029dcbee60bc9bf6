/* What an agent can be asked in one message of SNMP, and what it answers.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_QUESTION_H
#define HA_PEER_QUESTION_H

#include <stddef.h>
#include <stdint.h>

#include "mib/mib.h"

#define QUESTION_NAMES_MAX 32

enum peer_operation {
	PEER_BULK, /* GETBULK: the first `singles' names once, the others `repetitions' times */
	PEER_GET,
	PEER_SET
};

/* One variable of a question. */
struct peer_name {
	uint32_t number[MIB_OID_MAX];
	size_t length;
	/* PEER_SET: what is written, as MIB_INTEGER, MIB_UNSIGNED or MIB_STRING. */
	enum mib_syntax syntax;
	int64_t value;
	char text[256];
};

struct peer_question {
	enum peer_operation operation;
	size_t count, singles;
	uint32_t repetitions;
	struct peer_name names[QUESTION_NAMES_MAX];
};

enum cell_kind {
	CELL_NUMBER,
	CELL_OCTETS,
	CELL_OTHER, /* a value that no column here has */
	CELL_NONE   /* noSuchObject, noSuchInstance, endOfMibView */
};

/* One variable of an answer. Its memory is the caller's. */
struct peer_cell {
	uint32_t name[MIB_OID_MAX];
	size_t name_length;
	enum cell_kind kind;
	int64_t number;
	const uint8_t *octets;
	size_t octets_length;
};

#endif
