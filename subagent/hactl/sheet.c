/* A small table for a person, made cell by cell.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/sheet.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/hactl/colour.h"

#define COLUMNS_MAX 16

void sheet_open(struct sheet *sheet, const char *const *titles, size_t columns)
{
	memset(sheet, 0, sizeof(*sheet));
	sheet->columns = columns < COLUMNS_MAX ? columns : COLUMNS_MAX;
	for (size_t i = 0; i < sheet->columns; i++)
		sheet_put(sheet, "%s", titles[i]);
}

char *sheet_cell(struct sheet *sheet)
{
	if (sheet->count == sheet->room) {
		sheet->room = sheet->room ? 2 * sheet->room : 64;
		sheet->cells = memory_resize(sheet->cells, sheet->room, sizeof(*sheet->cells));
		sheet->severities =
			memory_resize(sheet->severities, sheet->room, sizeof(*sheet->severities));
	}
	sheet->severities[sheet->count] = HaSeverity_info;
	memset(sheet->cells[sheet->count], 0, SHEET_CELL);
	return sheet->cells[sheet->count++];
}

void sheet_rate(struct sheet *sheet, int32_t severity)
{
	sheet->severities[sheet->count - 1] = severity;
}

static void append(char *cell, const char *format, va_list arguments)
{
	size_t used = strlen(cell);
	int length = vsnprintf(cell + used, SHEET_CELL - used, format, arguments);

	if (length < 0 || (size_t)length >= SHEET_CELL - used)
		memcpy(cell + SHEET_CELL - 3, "..", 3);
}

void sheet_put(struct sheet *sheet, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(sheet_cell(sheet), format, arguments);
	va_end(arguments);
}

void sheet_list(char *cell, const char *format, ...)
{
	va_list arguments;

	if (*cell)
		strncat(cell, ", ", SHEET_CELL - 1 - strlen(cell));
	va_start(arguments, format);
	append(cell, format, arguments);
	va_end(arguments);
}

void sheet_print(struct sheet *sheet)
{
	int widths[COLUMNS_MAX] = { 0 };

	for (size_t i = 0; i < sheet->count; i++) {
		int width = (int)strlen(sheet->cells[i]);

		if (width > widths[i % sheet->columns])
			widths[i % sheet->columns] = width;
	}
	for (size_t i = 0; i < sheet->count; i++) {
		size_t column = i % sheet->columns;
		bool last = column + 1 == sheet->columns;

		colour_print(sheet->severities[i], last ? 0 : widths[column], sheet->cells[i]);
		fputs(last ? "\n" : "  ", stdout);
	}
	free(sheet->cells);
	free(sheet->severities);
	memset(sheet, 0, sizeof(*sheet));
}
