/* Rows of another agent, gathered from its answers: any tables, any of their columns.
 *
 * What is to be asked is a list of tables whose descriptions (lib/table.h) have just the columns
 * that are wanted. A collection is a GETBULK with a place for every column; while a column has not
 * come to its end, it is asked for again from where the last answer left it. So an answer may be
 * cut anywhere, and rows may have holes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_MIRROR_H
#define HA_PEER_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/rows.h"
#include "mib/mib.h"
#include "subagent/sources/peer/question.h"

struct table;

#define MIRROR_TABLES_MAX 8
#define MIRROR_COLUMNS_MAX QUESTION_NAMES_MAX
#define MIRROR_ROWS_MAX 4096

/* A column, and how far it has been read. */
struct mirror_column {
	const struct column *column;
	struct rows *rows; /* of its table */
	uint32_t name[MIB_OID_MAX];
	size_t length, base_length; /* of `name'; of its beginning that is the object's own */
	bool single;                /* a scalar */
	bool done;
};

/* Not to be copied, as it points into itself. */
struct mirror {
	size_t tables_count, columns_count;
	struct rows tables[MIRROR_TABLES_MAX];
	struct mirror_column columns[MIRROR_COLUMNS_MAX];
	size_t asked[MIRROR_COLUMNS_MAX]; /* the columns of the last question, in its order */
	size_t asked_count, asked_singles;
	size_t rows_before; /* of the longest table of the last collection */
	uint32_t limit;     /* of repetitions */
	uint32_t rejected;  /* values that could not be understood, counted */
};

/* `tables' is ended by NULL and lives as long as the mirror. */
void mirror_open(struct mirror *mirror, const struct table *const *tables);
void mirror_close(struct mirror *mirror);

/* A collection begins: forget what has been gathered. */
void mirror_begin(struct mirror *mirror);

/* What to ask next; false: the collection is complete. */
bool mirror_ask(struct mirror *mirror, struct peer_question *question);

/* The answer to the last question. False: it makes no sense, the collection has failed. */
bool mirror_take(struct mirror *mirror, const struct peer_cell *cells, size_t count);

/* An answer did not come: ask for less at a time, for large packets are lost more easily. */
void mirror_shrink(struct mirror *mirror);

/* The rows that were gathered of a table; a column that did not come is absent (struct row). */
const struct rows *mirror_rows(const struct mirror *mirror, const struct table *table);

/* The one row of a table of scalars; NULL: none of them has come. */
const void *mirror_scalars(const struct mirror *mirror, const struct table *table);

#endif
