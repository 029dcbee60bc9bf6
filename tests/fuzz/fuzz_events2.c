/* Fuzz target: any octets as the output of `drbdsetup events2', through the line assembler into the
 * model.
 *
 * The first octet chooses the kernel's version and the size of the pieces; octets 0xff switch
 * between the stream and a poll.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/events2.h"
#include "lib/table.h"
#include "subagent/sources/drbd/config.h"
#include "subagent/sources/drbd/model.h"
#include "subagent/sources/drbd/rows.h"
#include "subagent/sources/drbd/tell.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char expected[] =
	"<config><resource name='r0'><host name='n1'><volume vnr='0'><device minor='0'/></volume>"
	"</host><host name='n2'/></resource></config>";

struct run {
	struct drbd_model *model;
	bool polling;
	int64_t now;
};

/* Every row must print, and no text may lack its end. */
static void take_row(const struct table *table, const void *row)
{
	uint32_t index[INDEX_MAX];
	char text[300];

	table_index(table, row, index);
	table_subject(table, row, text, sizeof(text));
	for (size_t i = 0; i < table->columns_count; i++)
		table_print(&table->columns[i], row, text, sizeof(text));
}

static void take_gone(const struct table *table, const void *row)
{
	take_row(table, row);
}

static void ignore(const struct table *table)
{
	(void)table;
}

static const struct drbd_report report = { take_row, take_gone, ignore, ignore };

static void take_line(void *argument, const char *octets, size_t length)
{
	struct run *run = argument;

	drbd_model_clock(run->model, run->now, run->now);
	run->now += 300;
	if (run->polling)
		drbd_model_poll_line(run->model, octets, length);
	else
		drbd_model_line(run->model, octets, length);
	drbd_model_flush(run->model, &report);
}

static void switch_side(struct run *run)
{
	if (run->polling)
		drbd_model_poll_end(run->model);
	else
		drbd_model_poll_begin(run->model);
	run->polling = !run->polling;
}

static void feed(struct run *run, const uint8_t *data, size_t size, size_t piece)
{
	struct events2_stream stream = { .used = 0 };
	union {
		const uint8_t *in;
		const char *out;
	} octets = { .in = data };

	for (size_t at = 0; at < size;) {
		size_t length = size - at < piece ? size - at : piece;

		if (data[at] == 0xff)
			switch_side(run);
		drbd_model_reject(run->model,
				  events2_take(&stream, octets.out + at, length, take_line, run));
		at += length;
	}
	drbd_model_reject(run->model, events2_end(&stream));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = { .model = drbd_model_new(), .now = 1000 };
	struct drbd_config_parser *parser = drbd_config_begin("n1");
	uint8_t choice = size ? data[0] : 0;

	drbd_config_take(parser, expected, strlen(expected));
	drbd_model_config(run.model, drbd_config_end(parser, true));
	drbd_model_kernel(run.model, choice & 1 ? "8.4.11" : "9.2.18");
	drbd_model_begin(run.model);
	feed(&run, data, size, 1 + (choice >> 1));
	drbd_model_report(run.model, &report);
	drbd_model_kernel(run.model, "");
	drbd_model_flush(run.model, &report);
	drbd_model_free(run.model);
	return 0;
}
