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
