/* Memory that is there or the process ends, and text that always fits.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

void *memory_new(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		log_fatal("out of memory");
	return memory;
}

void *memory_resize(void *old, size_t count, size_t size)
{
	void *memory = count <= SIZE_MAX / size ? realloc(old, count * size) : NULL;

	if (!memory)
		log_fatal("out of memory");
	return memory;
}

char *memory_text(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		log_fatal("out of memory");
	return copy;
}

void text_put(char *field, size_t size, const char *text)
{
	text_put_part(field, size, text, strlen(text));
}

bool text_fit(char *field, size_t size, const char *text)
{
	text_put(field, size, text);
	return strlen(text) < size;
}

void text_put_part(char *field, size_t size, const char *text, size_t length)
{
	if (length >= size)
		length = size - 1;
	memmove(field, text, length);
	memset(field + length, 0, size - length);
}

void text_print(char *field, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(field, size, format, arguments);
	va_end(arguments);
	if (length >= 0 && (size_t)length < size)
		memset(field + length, 0, size - (size_t)length);
}

static bool is_octal(char digit)
{
	return digit >= '0' && digit <= '7';
}

/* The octet that three digits behind a backslash say; -1: they do not. */
static int escaped(const char *at, const char *end)
{
	if (*at != '\\' || end - at < 4 || !is_octal(at[1]) || !is_octal(at[2]) || !is_octal(at[3]))
		return -1;
	return (at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0');
}

bool text_unescape(char *field, size_t size, const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	size_t used = 0;

	while (at < end && used + 1 < size) {
		int octet = escaped(at, end);

		field[used++] = octet < 0 ? *at : (char)octet;
		at += octet < 0 ? 1 : 4;
	}
	memset(field + used, 0, size - used);
	return at == end;
}

void text_add(char *field, size_t size, const char *sentence)
{
	size_t used = strlen(field);

	text_print(field + used, size - used, "%s%s", used ? "; " : "", sentence);
}
