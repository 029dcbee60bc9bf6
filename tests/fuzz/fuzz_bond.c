/* Fuzzes the kernel's messages about bonds: any octets become rows that are sound, or nothing.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An input is what a netlink socket receives: messages, one behind the other. A text behind the
 * last of them is what /proc/net/bonding reads like.
 */
#include "subagent/sources/bond/link.h"

#include <linux/ethtool.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_bond.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/bond/model.h"
#include "subagent/sources/bond/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static char ports[2][SETTINGS_INTERFACE_SIZE] = { "eth0", "eth9" };
static struct settings_expected_bond expected_bond = {
	.name = "bond0",
	.ports_count = 2,
	.ports = ports,
};
static const struct settings_bond expected = { 1, &expected_bond };

static const char *rest; /* behind the last message, ended by a NUL */

static void take_text(const char *name, char *text, size_t size)
{
	REQUIRE(strlen(name) < BOND_NAME_SIZE);
	text_put(text, size, rest);
}

static void check_row(const struct table *table, const void *row)
{
	const struct row *head = row;

	REQUIRE(table_sound(table, row));
	REQUIRE(head->state == HaRowState_fresh || head->state == HaRowState_missing);
	for (size_t i = 0; i < table->columns_count; i++) {
		const struct column *column = &table->columns[i];
		char text[512];

		table_print(column, row, text, sizeof(text));
		if (table_has(column, row) && column->storage == STORE_INT32 &&
		    mib_objects[column->object].labels)
			REQUIRE(mib_label_of(mib_objects[column->object].labels,
					     (int32_t)table_number(column, row)));
	}
}

static void ignore_mark(const struct table *table)
{
	(void)table;
}

static const struct bond_report checked = { check_row, check_row, ignore_mark, ignore_mark };

static void check_link(const struct bond_link *link)
{
	REQUIRE(link->name[0] && strlen(link->name) < sizeof(link->name));
	REQUIRE(link->index && link->duplex == DUPLEX_UNKNOWN);
	REQUIRE(memchr(link->bond.arp_targets, '\0', sizeof(link->bond.arp_targets)));
	REQUIRE(link->address.length <= 20 && link->port.address.length <= 20);
	REQUIRE(link->bond.partner_system.length <= 6);
}

static void take_message(struct bond_model *model, const struct nlmsghdr *message)
{
	struct bond_link link;
	uint32_t gone = bond_link_gone(message);

	if (gone)
		bond_model_unlink(model, gone);
	if (!bond_link_read(&link, message))
		return;
	check_link(&link);
	bond_model_link(model, &link);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bond_model *model = bond_model_new(&expected);
	unsigned char *octets = memory_new(1, size + 1);
	struct nlmsghdr *message = (struct nlmsghdr *)(void *)octets;
	int left = (int)size;

	if (size)
		memcpy(octets, data, size);
	bond_model_clock(model, 1000, 2000);
	for (; nlmsg_ok(message, left); message = nlmsg_next(message, &left)) {
		take_message(model, message);
		bond_model_report(model, &checked, false);
	}
	rest = left > 0 ? (const char *)message : "";
	bond_model_lacp(model, take_text);
	bond_model_clock(model, 400000, 500000);
	bond_model_report(model, &checked, true);
	bond_model_free(model);
	free(octets);
	return 0;
}
