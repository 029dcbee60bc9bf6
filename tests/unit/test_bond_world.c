/* A model of bonds for its tests: fed with what a kernel said, and with messages made here.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/test_bond_world.h"

#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/rows.h"
#include "lib/settings_bond.h"
#include "tests/unit/check.h"

#define FILE_MAX (1 << 16)

struct bond_model *bonds;
int64_t bonds_now;

static char expected_ports[2][SETTINGS_INTERFACE_SIZE] = { "eth0", "eth1" };
static struct settings_expected_bond expected_bond = { "bond0", 2, expected_ports, false };
static struct settings_bond nothing = { 0, NULL }, expected = { 1, &expected_bond };
static struct rows bond_rows, port_rows;
static unsigned int reported;
static const char *lacp_file;

/* ---- the hub's side ---- */

static struct rows *rows_of(const struct table *table)
{
	return table == &bond_table ? &bond_rows : &port_rows;
}

static void take_row(const struct table *table, const void *row)
{
	assert_true(table_sound(table, row));
	rows_put(rows_of(table), row)->seen = true;
	reported++;
}

static void take_gone(const struct table *table, const void *row)
{
	struct rows *rows = rows_of(table);
	const struct entry *entry = rows_find_row(rows, row);

	assert_non_null(entry);
	rows_remove(rows, rows_position(rows, entry->index, entry->index_length));
	reported++;
}

static void take_mark(const struct table *table)
{
	(void)table;
}

static const struct bond_report to_test = { take_row, take_gone, take_mark, take_mark };

static void read_lacp(const char *name, char *text, size_t size)
{
	unsigned char *octets;
	size_t length;

	assert_string_equal(name, "bond0");
	if (!lacp_file)
		return;
	octets = bonds_recorded(lacp_file, &length);
	text_put(text, size, (const char *)octets);
	free(octets);
}

static void report(void)
{
	reported = 0;
	bond_model_lacp(bonds, read_lacp);
	bond_model_report(bonds, &to_test, false);
}

/* ---- making it ---- */

static void open_model(const struct settings_bond *settings)
{
	bonds = bond_model_new(settings);
	bonds_now = BONDS_START;
	bonds_pass(0);
}

int bonds_make(void **state)
{
	(void)state;
	lacp_file = NULL;
	rows_open(&bond_rows, &bond_table);
	rows_open(&port_rows, &bond_port_table);
	open_model(&nothing);
	return 0;
}

int bonds_remove(void **state)
{
	(void)state;
	bond_model_free(bonds);
	rows_close(&bond_rows);
	rows_close(&port_rows);
	return 0;
}

void bonds_expect(void)
{
	bond_model_free(bonds);
	open_model(&expected);
}

void bonds_pass(int64_t milliseconds)
{
	bonds_now += milliseconds;
	bond_model_clock(bonds, bonds_now, BONDS_WALL + bonds_now - BONDS_START);
}

/* ---- what the kernel says ---- */

unsigned char *bonds_recorded(const char *name, size_t *length)
{
	const char *top = getenv("srcdir");
	unsigned char *octets = memory_new(1, FILE_MAX);
	char path[512];
	FILE *file;

	TEXT_PRINT(path, "%s/tests/data/bond/%s", top ? top : ".", name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s: cannot be opened", path);
	*length = fread(octets, 1, FILE_MAX - 1, file);
	assert_int_equal(fclose(file), 0);
	assert_true(*length > 0);
	return memory_resize(octets, *length + 1, 1);
}

/* The message that begins at `*at', which is moved behind it; NULL at the end. */
static const struct nlmsghdr *take_message(const unsigned char **at, const unsigned char *end)
{
	const struct nlmsghdr *message = (const void *)*at;

	if (*at >= end)
		return NULL;
	assert_true(message->nlmsg_len >= sizeof(*message));
	assert_true(message->nlmsg_len <= (size_t)(end - *at));
	*at += NLMSG_ALIGN(message->nlmsg_len);
	return message;
}

struct bond_link bonds_link(const char *name, unsigned int number)
{
	size_t length;
	unsigned char *octets = bonds_recorded(name, &length);
	const unsigned char *at = octets;
	const struct nlmsghdr *message = take_message(&at, octets + length);
	struct bond_link link;

	for (; number && message; number--)
		message = take_message(&at, octets + length);
	if (!message)
		fail_msg("%s: has fewer messages", name);
	assert_true(bond_link_read(&link, message));
	free(octets);
	return link;
}

void bonds_tell(const struct bond_link *link)
{
	bond_model_link(bonds, link);
}

static void tell_port(struct bond_link link)
{
	link.speed = link.master ? 10000 : 0;
	link.duplex = link.master ? DUPLEX_FULL : DUPLEX_UNKNOWN;
	bonds_tell(&link);
}

static unsigned int count_messages(const char *name)
{
	size_t length;
	unsigned char *octets = bonds_recorded(name, &length);
	const unsigned char *at = octets;
	unsigned int count = 0;

	while (take_message(&at, octets + length))
		count++;
	free(octets);
	return count;
}

void bonds_dump(const char *name)
{
	unsigned int count = count_messages(name);

	bond_model_dump_begin(bonds);
	for (unsigned int i = 0; i < count; i++)
		tell_port(bonds_link(name, i));
	bond_model_dump_end(bonds);
}

void bonds_event(const char *name, unsigned int number)
{
	tell_port(bonds_link(name, number));
}

void bonds_lacp(const char *name)
{
	lacp_file = name;
}

/* ---- what the hub has then ---- */

const struct bond_row *bonds_row(const char *name)
{
	struct bond_row key = { .configured = 0 };
	const struct entry *entry;

	report();
	TEXT_PUT(key.name, name);
	entry = rows_find_row(&bond_rows, &key);
	return entry ? entry->row : NULL;
}

const struct bond_port_row *bonds_port(const char *bond, const char *name)
{
	struct bond_port_row key = { .configured = 0 };
	const struct entry *entry;

	report();
	TEXT_PUT(key.bond, bond);
	TEXT_PUT(key.name, name);
	entry = rows_find_row(&port_rows, &key);
	return entry ? entry->row : NULL;
}

unsigned int bonds_reported(void)
{
	return reported;
}
