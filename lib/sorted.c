/* Arrays that are kept in order: where an element stands, room for one more, one less.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/sorted.h"

#include <string.h>

#include "lib/memory.h"

#define ROOM_FIRST 8

size_t sorted_position(const void *array, size_t count, size_t size, const void *key,
		       sorted_order *order)
{
	const char *octets = array;
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order(octets + middle * size, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *sorted_insert(void *array, size_t at, size_t *count, size_t *room, size_t size)
{
	char *octets = array;

	if (*count == *room) {
		*room = *room ? 2 * *room : ROOM_FIRST;
		octets = memory_resize(array, *room, size);
	}
	memmove(octets + (at + 1) * size, octets + at * size, (*count - at) * size);
	memset(octets + at * size, 0, size);
	++*count;
	return octets;
}

void sorted_remove(void *array, size_t at, size_t *count, size_t size)
{
	char *octets = array;

	--*count;
	memmove(octets + at * size, octets + (at + 1) * size, (*count - at) * size);
}
