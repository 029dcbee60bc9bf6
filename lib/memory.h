/* Memory that is there or the process ends, and text that always fits.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MEMORY_H
#define HA_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* `count` zeroed elements of `size` octets; the caller frees them. Out of memory is fatal. */
void *memory_new(size_t count, size_t size);

/* `old` (or NULL) with room for `count` elements; what is added is not zeroed. */
void *memory_resize(void *old, size_t count, size_t size);

/* A copy of `text`; the caller frees it. */
char *memory_text(const char *text);

/* Copy `text` into `field`, cut to fit and ended by a NUL; what remains of the field is zeroed, so
 * that rows with equal texts are equal octet by octet. */
void text_put(char *field, size_t size, const char *text);

/* The same; false when it was cut. */
bool text_fit(char *field, size_t size, const char *text);

/* The same from `length` octets of `text`. */
void text_put_part(char *field, size_t size, const char *text, size_t length);

/* The same, formatted. */
void text_print(char *field, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same from `length` octets in which a blank and the like stand as three octal digits, \040, as
 * the kernel writes paths (seq_path(), mountinfo) and nfs-utils does. False when it was cut. */
bool text_unescape(char *field, size_t size, const char *text, size_t length);

/* Put a sentence behind those that stand in the field already, parted by "; "; cut to fit. */
void text_add(char *field, size_t size, const char *sentence);

#define TEXT_PUT(field, text) text_put(field, sizeof(field), text)
#define TEXT_FIT(field, text) text_fit(field, sizeof(field), text)
#define TEXT_PRINT(field, ...) text_print(field, sizeof(field), __VA_ARGS__)

#endif
