/* Arrays that are kept in order: where an element stands, room for one more, one less.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SORTED_H
#define HA_SORTED_H

#include <stddef.h>

/* Below 0, 0, above 0: the element comes before the key, is of the key, comes behind it. */
typedef int sorted_order(const void *element, const void *key);

/* Position of the first of `count` elements of `size` octets that does not come before the key:
 * where that stands, or would stand; `count` when all come before it. */
size_t sorted_position(const void *array, size_t count, size_t size, const void *key,
		       sorted_order *order);

/* Put a zeroed element at the position `at` of an array that has room for `room` of them and may
 * be NULL while it has none. Returns the array, which may have moved. */
void *sorted_insert(void *array, size_t at, size_t *count, size_t *room, size_t size);

/* Take the element at the position `at` out; the room stays. */
void sorted_remove(void *array, size_t at, size_t *count, size_t size);

#endif
