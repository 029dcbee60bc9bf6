/* Writes tables for a person, and for a program as JSON.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PRINT_H
#define HA_PRINT_H

#include <stdint.h>

struct board;
struct column;
struct mib_label;
struct rows;

/* Some columns of a table, a line per row. `objects` (enum mib_id) is ended by 0; NULL stands for
 * all columns, then each row is a block. */
void print_text(const struct rows *rows, const uint16_t *objects);

/* The label of a value, or a hyphen. */
const char *print_label(const struct mib_label *labels, int32_t value);

/* How bad the value of a column is (enum HaSeverity). */
int32_t print_severity(const struct column *column, const void *row);

/* These tables (enum mib_id of entries, ended by 0; NULL: all) as one JSON object: a member for
 * each table, an array of objects with a member for each column. Numbers stay numbers, enumerations
 * are labels, times are local ones of ISO 8601; an absent value and a time that never was are null.
 */
void print_json(const struct board *board, const uint16_t *entries);

#endif
