/* A small table for a person, made cell by cell.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SHEET_H
#define HA_SHEET_H

#include <stddef.h>
#include <stdint.h>

#define SHEET_CELL 160 /* octets of a cell with its NUL; what is longer ends in ".." */

struct sheet {
	size_t columns, count, room; /* cells there are, and are room for */
	char (*cells)[SHEET_CELL];
	int32_t *severities; /* of them, enum HaSeverity */
};

/* Its titles, which make its columns. */
void sheet_open(struct sheet *sheet, const char *const *titles, size_t columns);

/* The next cell, empty. */
char *sheet_cell(struct sheet *sheet);
void sheet_put(struct sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How bad the last cell is. */
void sheet_rate(struct sheet *sheet, int32_t severity);

/* Append to a cell that is a list. */
void sheet_list(char *cell, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Print it, and free what it has. */
void sheet_print(struct sheet *sheet);

#endif
