/* The JSON dump of keepalived: what each instance is, wants to be, and has counted.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/told_json.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/told.h"
#include "subagent/sources/vrrp/keepalived/words.h"

#define INSTANCES_MAX 4096
#define ADDRESSES_MAX 4096 /* of one instance */

/* ---- members ---- */

/* An object that is read, and where its first fault is noted. */
struct reader {
	const json_t *object;
	const char *name; /* of the instance */
	struct told *told;
};

static void complain(const struct reader *reader, const char *member, const char *what)
{
	if (!*reader->told->error)
		TEXT_PRINT(reader->told->error, "instance %s: %s %s", reader->name, member, what);
}

/* A whole number up to `limit`, 0 when there is none; keepalived writes some as 0 or 1 and some as
 * false or true. */
static int64_t read_whole(const struct reader *reader, const char *member, int64_t limit)
{
	const json_t *value = json_object_get(reader->object, member);
	int64_t number = 0;

	if (json_is_integer(value))
		number = json_integer_value(value);
	else if (json_is_boolean(value))
		number = json_is_true(value);
	else
		complain(reader, member, value ? "is no number" : "is missing");
	if (number >= 0 && number <= limit)
		return number;
	complain(reader, member, "is out of range");
	return 0;
}

/* Seconds, in milliseconds. */
static int64_t read_seconds(const struct reader *reader, const char *member)
{
	const json_t *value = json_object_get(reader->object, member);
	double seconds = json_number_value(value);

	if (!json_is_number(value))
		complain(reader, member, value ? "is no number" : "is missing");
	else if (!(seconds >= 0 && seconds < 1e12))
		complain(reader, member, "is out of range");
	else
		return llround(seconds * 1000);
	return 0;
}

static void read_text(const struct reader *reader, const char *member, char *field, size_t size)
{
	const char *text = json_string_value(json_object_get(reader->object, member));

	if (text)
		words_put(field, size, text, strlen(text));
}

static int32_t read_state(const struct reader *reader, const char *member)
{
	if (!json_is_integer(json_object_get(reader->object, member))) {
		complain(reader, member, "is missing");
		return HaVrrpState_unknown;
	}
	return words_state(read_whole(reader, member, UINT8_MAX));
}

static int32_t read_answer(const struct reader *reader, const char *member)
{
	if (!json_object_get(reader->object, member))
		return HaAnswer_unknown;
	return read_whole(reader, member, 1) ? HaAnswer_yes : HaAnswer_no;
}

/* Without the code for it, keepalived does not mention authentication: there is none then. */
static int32_t read_authentication(const struct reader *reader)
{
	static const int32_t types[] = { haVrrpRouterAuthType_none, haVrrpRouterAuthType_simple,
					 haVrrpRouterAuthType_ah };

	int64_t type;

	if (!json_object_get(reader->object, "auth_type"))
		return haVrrpRouterAuthType_none;
	type = read_whole(reader, "auth_type", UINT8_MAX);
	return type < 3 ? types[type] : haVrrpRouterAuthType_other;
}

/* ---- an instance ---- */

static void read_addresses(const struct reader *reader, const char *member, bool excluded,
			   struct claim *claim)
{
	const json_t *list = json_object_get(reader->object, member);
	const size_t count = json_array_size(list);
	struct claim_address address;

	for (size_t i = 0; i < count && claim->addresses_count < ADDRESSES_MAX; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || !words_address(text, &address)) {
			complain(reader, member, "has what is no address");
			continue;
		}
		address.excluded = excluded;
		told_add_address(claim, &address);
	}
}

/* The family of the adverts is that of the addresses in them. */
static void read_data(const struct reader *reader, struct claim *claim)
{
	read_text(reader, "iname", claim->name, sizeof(claim->name));
	claim->state = read_state(reader, "state");
	claim->wanted_state = read_state(reader, "wantstate");
	claim->changed = read_seconds(reader, "last_transition");
	claim->vrid = (uint8_t)read_whole(reader, "vrid", UINT8_MAX);
	claim->version = (uint8_t)read_whole(reader, "version", UINT8_MAX);
	read_text(reader, "ifp_ifname", claim->interface, sizeof(claim->interface));
	claim->base_priority = (uint8_t)read_whole(reader, "base_priority", UINT8_MAX);
	claim->effective_priority = (uint8_t)read_whole(reader, "effective_priority", UINT8_MAX);
	claim->nopreempt = read_answer(reader, "nopreempt");
	claim->advert_interval = (uint32_t)read_seconds(reader, "adver_int");
	claim->auth_type = read_authentication(reader);
	read_addresses(reader, "vips", false, claim);
	if (claim->addresses_count)
		claim->family = claim->addresses[0].address.family;
	read_addresses(reader, "evips", true, claim);
}

static void read_counters(const struct reader *reader, struct claim *claim)
{
	static const char *const errors[] = {
		"packet_len_err",    "advert_interval_err", "ip_ttl_err",
		"invalid_type_rcvd", "addr_list_err",       "invalid_authtype",
	};
	static const char *const more_errors[] = { "authtype_mismatch", "auth_failure" };

	if (!json_is_object(reader->object))
		return;
	claim->counted = true;
	claim->adverts_sent = (uint64_t)read_whole(reader, "advert_sent", INT64_MAX);
	claim->adverts_received = (uint64_t)read_whole(reader, "advert_rcvd", INT64_MAX);
	claim->mastership_changes = (uint64_t)read_whole(reader, "become_master", INT64_MAX) +
				    (uint64_t)read_whole(reader, "release_master", INT64_MAX);
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		claim->advert_errors += (uint64_t)read_whole(reader, errors[i], INT64_MAX);
	for (size_t i = 0; i < sizeof(more_errors) / sizeof(*more_errors); i++)
		if (json_object_get(reader->object, more_errors[i]))
			claim->advert_errors +=
				(uint64_t)read_whole(reader, more_errors[i], INT64_MAX);
}

static void read_instance(const json_t *instance, struct told *told)
{
	struct reader data = { json_object_get(instance, "data"), "?", told };
	struct reader stats = { json_object_get(instance, "stats"), "?", told };
	const char *name = json_string_value(json_object_get(data.object, "iname"));
	struct claim *claim;

	if (!name || !*name) {
		complain(&data, "iname", "is missing");
		return;
	}
	claim = told_add(told);
	data.name = stats.name = name;
	read_data(&data, claim);
	read_counters(&stats, claim);
}

/* ---- the dump ---- */

/* Whether it may be whole: the file is read while it is written, and parsing is dear. */
static bool ends_well(const char *octets, size_t length)
{
	while (length > 0 && isspace((unsigned char)octets[length - 1]))
		length--;
	return length > 0 && (octets[length - 1] == ']' || octets[length - 1] == '}');
}

bool told_json(struct told *told, const char *octets, size_t length)
{
	json_error_t error;
	json_t *root = NULL;
	const json_t *list;
	bool read;

	*told = (struct told){ 0 };
	if (ends_well(octets, length))
		root = json_loadb(octets, length, 0, &error);
	else
		TEXT_PUT(error.text, "it breaks off");
	if (!root) {
		TEXT_PRINT(told->error, "no whole JSON: %s", error.text);
		return false;
	}
	list = json_is_object(root) ? json_object_get(root, "vrrp") : root;
	if (!json_is_array(list))
		TEXT_PUT(told->error, "JSON, but no list of instances");
	for (size_t i = 0; i < json_array_size(list) && i < INSTANCES_MAX; i++)
		read_instance(json_array_get(list, i), told);
	read = json_is_array(list);
	json_decref(root);
	return read;
}
