/* Fuzzes frames: whatever a child sends is a frame that can be read, or broken.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The first octet of an input says how the rest is sent: an even one as it is, head included, an
 * odd one as the body of a frame of that type (halved), to the table whose number comes next.
 */
#include "lib/frame.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/rows.h"
#include "subagent/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static const struct table *find_table(unsigned int number, bool by_entry)
{
	unsigned int count = 0;

	for (size_t s = 0; sources[s]; s++)
		for (size_t t = 0; sources[s]->tables[t]; t++)
			if ((by_entry ? sources[s]->tables[t]->entry : count++) == number)
				return sources[s]->tables[t];
	return NULL;
}

/* Everything that the hub does with a row before it looks at single columns. */
static void use_row(const struct table *table, const void *row)
{
	uint32_t index[INDEX_MAX];
	char text[300];
	size_t length = table_index(table, row, index);
	struct rows rows;

	REQUIRE(length > 0 && length <= INDEX_MAX);
	rows_open(&rows, table);
	REQUIRE(rows_put(&rows, row) == rows_find(&rows, index, length));
	REQUIRE(rows_find_row(&rows, row));
	table_subject(table, row, text, sizeof(text));
	for (size_t i = 0; i < table->columns_count; i++)
		table_print(&table->columns[i], row, text, sizeof(text));
	table_forget(table, rows.entries[0]->row);
	rows_close(&rows);
}

static void take(int fd)
{
	static struct frame frame;
	const struct table *table;
	enum frame_outcome outcome;

	memset(&frame, 0xa5, sizeof(frame));
	outcome = frame_receive(fd, &frame, NULL);
	REQUIRE(outcome != FRAME_AGAIN);
	if (outcome != FRAME_OK)
		return;
	REQUIRE(frame.head.type >= FRAME_ROW && frame.head.type <= FRAME_EXITED);
	REQUIRE(frame.head.length <= sizeof(frame.body));
	table = find_table(frame.head.table, true);
	if (frame.head.type <= FRAME_GONE && table && frame.head.length == table->size &&
	    table_sound(table, &frame.body))
		use_row(table, &frame.body);
}

static void send_frame(int fd, unsigned int type, const uint8_t *data, size_t size)
{
	const struct table *table = size ? find_table(data[0], false) : NULL;
	unsigned char body[ROW_SIZE_MAX + 1] = { 0 };

	if (size > sizeof(body))
		size = sizeof(body);
	memcpy(body, data, size);
	frame_send(fd, type, table ? table->entry : 0, body, table ? table->size : size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int pair[2];

	if (size < 2 || size > 2 * sizeof(struct frame))
		return 0;
	frame_pair(pair);
	if (data[0] % 2)
		send_frame(pair[0], data[0] / 2, data + 1, size - 1);
	else
		REQUIRE(send(pair[0], data + 1, size - 1, 0) == (ssize_t)size - 1);
	take(pair[1]);
	close(pair[0]);
	close(pair[1]);
	return 0;
}
