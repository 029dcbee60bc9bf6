/* Fuzzes what keepalived says: any octets are dumps, lines and paths that are taken or refused.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An input is read as a JSON dump, as a data dump, as what comes out of the notify FIFO, and as the
 * XML of an introspection; what is understood goes into the claims, one voice after the other.
 */
#include "subagent/sources/vrrp/keepalived/claims.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "mib/ha-agentx-mib.h"
#include "mib/mib.h"
#include "subagent/sources/vrrp/keepalived/bus_path.h"
#include "subagent/sources/vrrp/keepalived/fifo.h"
#include "subagent/sources/vrrp/keepalived/program.h"
#include "subagent/sources/vrrp/keepalived/told.h"
#include "subagent/sources/vrrp/keepalived/told_data.h"
#include "subagent/sources/vrrp/keepalived/told_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static struct telling telling = { .now = 1000, .exact = 1000000, .wall = 1000, .fifo = true };

static void hear(void *argument, const struct fifo_line *line)
{
	struct news news = {
		.name = line->name,
		.state = line->state,
		.origin = haVrrpInstanceStateOrigin_fifo,
		.priority = line->priority,
	};

	REQUIRE(*line->name && memchr(line->name, '\0', sizeof(line->name)));
	REQUIRE(line->priority >= 0 && line->priority <= UINT8_MAX);
	claims_hear(argument, &news, &telling);
}

static void judge(const struct told *told)
{
	for (size_t i = 0; i < told->count; i++) {
		const struct claim *claim = &told->claims[i];

		REQUIRE(*claim->name && memchr(claim->name, '\0', sizeof(claim->name)));
		REQUIRE(mib_label_of(HaVrrpState_labels, claim->state));
		REQUIRE(mib_label_of(HaVrrpState_labels, claim->wanted_state));
		REQUIRE(mib_label_of(haVrrpRouterAuthType_labels, claim->auth_type));
		REQUIRE(!claim->addresses_count || claim->addresses);
		REQUIRE(!claim->files_count || claim->files);
	}
}

static void judge_order(const struct claims *claims)
{
	size_t count;
	const struct claim *const *list = claims_list(claims, &count);

	for (size_t i = 1; i < count; i++)
		REQUIRE(strcmp(list[i - 1]->name, list[i]->name) < 0);
}

static void take_dumps(struct claims *claims, const char *text, size_t length)
{
	struct told_global global;
	struct told told;

	REQUIRE(told_json(&told, text, length) || *told.error);
	judge(&told);
	claims_take(claims, &told, telling.exact, &telling);
	told_free(&told);
	REQUIRE(told_data(&told, &global, text, length) || *told.error);
	judge(&told);
	claims_take_data(claims, &told);
	told_free(&told);
}

static void take_lines(struct claims *claims, const char *text, size_t length)
{
	struct fifo fifo = { .fd = -1 };
	size_t half = length / 2;

	fifo_feed(&fifo, text, half, hear, claims);
	fifo_feed(&fifo, text + half, length - half, hear, claims);
}

static void take_child(void *argument, const char *child)
{
	struct bus_path path;

	(void)argument;
	REQUIRE(strlen(child) < BUS_PATH_MAX);
	if (bus_path_read(child, &path))
		bus_path_is_interface(path.interface, child);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), version[65];
	struct claims *claims = claims_new();
	struct bus_path path;

	REQUIRE(text);
	memcpy(text, data, size);
	text[size] = '\0';
	take_lines(claims, text, size);
	take_dumps(claims, text, size);
	take_lines(claims, text, size);
	judge_order(claims);
	bus_path_children(BUS_PATH_ROOT "/Instance/v0/1", text, take_child, NULL);
	bus_path_read(text, &path);
	program_read_version(text, version, sizeof(version));
	claims_stop(claims, &telling);
	claims_free(claims);
	free(text);
	return 0;
}
