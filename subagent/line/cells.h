/* Finds values by object identifier: GET and GETNEXT over all tables of a board.
 *
 * One engine for every table: the readable columns, sorted, and in each the rows of its table,
 * sorted. Pure C, no SNMP library.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_CELLS_H
#define HA_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mib/mib.h"

struct board;
struct column;
struct rows;

/* One column of the MIB that can be read. */
struct slot {
	struct rows *rows;
	const struct column *column;
	uint64_t absent; /* the bit of this column in the `absent` of a row */
	size_t last;     /* where in the rows the last answer was: a walk goes on behind it */
	size_t length;
	uint32_t arcs[32]; /* its identifier */
};

struct cells {
	struct slot *slots; /* in ascending order of identifiers */
	size_t count, last;
};

enum cell_outcome { CELL_FOUND, CELL_NO_OBJECT, CELL_NO_INSTANCE, CELL_END };

/* A value that was found; valid until the board changes. */
struct cell {
	const struct column *column;
	const struct rows *rows;
	const void *row;
	uint32_t oid[MIB_OID_MAX];
	size_t length;
};

/* All columns of the board's tables, which lives longer. */
void cells_open(struct cells *cells, const struct board *board);
void cells_close(struct cells *cells);

/* The value with exactly this identifier. For CELL_NO_INSTANCE, `column` and `rows` are set. */
enum cell_outcome cells_get(struct cells *cells, const uint32_t *oid, size_t length,
			    struct cell *cell);

/* The first value behind this identifier, or with `inclusive` not before it. */
enum cell_outcome cells_next(struct cells *cells, const uint32_t *oid, size_t length,
			     bool inclusive, struct cell *cell);

#endif
