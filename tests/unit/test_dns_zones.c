/* Tests the zones on their servers: an hour of questions and answers under a clock of its own, name
 * servers in small, and an engine that carries between them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/zones.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/message/answer.h"
#include "subagent/sources/dns/message/question.h"
#include "subagent/sources/dns/rows.h"
#include "tests/unit/check.h"
#include "tests/unit/signed_zones.h"

#define SERVERS 4
#define ZONES 12
#define FLYING_MAX 64

#define START 1000000
#define INTERVAL 60000
#define TIMEOUT 1000
#define TRIES 3
#define TOLERANCE 20
#define WARN 172800
#define LIMIT 86400

#define WALL INT64_C(1790000000000)    /* in 2026 */
#define EXPIRY INT64_C(3471292800)     /* of the signed zones: 2080-01-01 */
#define UNSIGNED "plain.test"          /* served by all that are asked for it */
#define EVERYTHING INT64_C(8000000000) /* more milliseconds than any test lasts */

/* ---- the world ---- */

/* A name server. */
struct server {
	bool dead;
	bool refuses;
	bool lame;                            /* answers without authority */
	bool strips;                          /* leaves out signatures */
	bool keyless;                         /* says nothing about DNSKEY */
	uint32_t serial;                      /* of the unsigned zone */
	const char *text;                     /* the records of www in the unsigned zone */
	uint32_t latency;                     /* milliseconds */
	void (*asked)(struct server *server); /* called with every question, or NULL */
};

struct flight {
	struct dns_exchange *exchange;
	int64_t due;
	ldns_pkt *answer; /* NULL: none comes */
};

struct dns_engine {
	struct flight flights[FLYING_MAX];
	size_t count;
};

static struct {
	int64_t now, wall, wake;
	struct dns_engine engine;
	struct server servers[SERVERS];
	size_t questions[SERVERS], most[SERVERS], flying[SERVERS];
	size_t turns;
	struct settings_check check;
	struct settings_server settings_servers[SERVERS];
	struct settings_zone settings_zones[ZONES];
	uint32_t positions[SERVERS];
	struct settings_dns settings;
	struct dns_zones *zones;
	struct dns_zone_row rows[ZONES][SERVERS];
	size_t reports[ZONES][SERVERS];
	uint32_t states_seen; /* bit N: a row had the state N */
} world;

int64_t clock_now(void)
{
	return world.now;
}

int64_t clock_wall(void)
{
	return world.wall + world.now - START;
}

int64_t clock_microseconds(void)
{
	return world.now * 1000;
}

void loop_wake(int64_t when)
{
	if (when && (!world.wake || when < world.wake))
		world.wake = when;
}

static size_t server_of(const struct dns_exchange *exchange)
{
	return exchange->server.octets[3];
}

/* ---- the servers ---- */

static void add(ldns_pkt *packet, const char *format, const char *name, uint32_t serial,
		const char *text)
{
	char line[512];
	ldns_rr *record;

	TEXT_PRINT(line, format, name, serial);
	if (text)
		TEXT_PRINT(line, "%s 60 %s", name, text);
	assert_int_equal(ldns_rr_new_frm_str(&record, line, 0, NULL, NULL), LDNS_STATUS_OK);
	ldns_rr_list_push_rr(ldns_pkt_answer(packet), record);
}

/* Records in the text are parted by bars. */
static void add_texts(ldns_pkt *packet, const char *name, const char *texts)
{
	char copy[256], *rest = copy, *text;

	TEXT_PUT(copy, texts);
	while ((text = strsep(&rest, "|")))
		add(packet, "%s %u", name, 0, text);
}

static ldns_pkt *answer_unsigned(const struct server *server, const char *name, uint16_t type)
{
	ldns_pkt *packet = ldns_pkt_new();

	ldns_pkt_set_aa(packet, true);
	if (type == LDNS_RR_TYPE_SOA)
		add(packet, "%s 60 SOA ns h %u 60 60 60 60", name, server->serial, NULL);
	else if (type == LDNS_RR_TYPE_A)
		add_texts(packet, name, server->text);
	else if (type == LDNS_RR_TYPE_NS)
		add(packet, "%s 60 NS ns", name, 0, NULL);
	return packet;
}

static void strip(ldns_rr_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		ldns_rr *record = ldns_rr_list_rr(list, i);

		if (ldns_rr_get_type(record) == LDNS_RR_TYPE_RRSIG)
			ldns_rr_free(record);
		else
			ldns_rr_list_set_rr(list, record, kept++);
	}
	ldns_rr_list_set_rr_count(list, kept);
}

/* The last two are zones that nobody has delegated. */
static bool is_unsigned(const char *name, uint16_t type)
{
	static const char *const zones[] = { UNSIGNED ".", "www.test.", "none.hidden." };
	size_t length = strlen(name);

	for (size_t i = 0; i < COUNT(zones); i++) {
		size_t own = strlen(zones[i]);

		if (length >= own && !strcmp(name + length - own, zones[i]))
			return type != LDNS_RR_TYPE_DS;
	}
	return false;
}

static ldns_pkt *answer_of(const struct server *server, const char *name, uint16_t type)
{
	ldns_pkt *packet = is_unsigned(name, type) ? answer_unsigned(server, name, type) :
						     signed_zones_answer(name, type);

	if (server->refuses)
		ldns_pkt_set_rcode(packet, LDNS_RCODE_REFUSED);
	if (server->lame)
		ldns_pkt_set_aa(packet, false);
	if (server->strips) {
		strip(ldns_pkt_answer(packet));
		strip(ldns_pkt_authority(packet));
	}
	return packet;
}

static ldns_pkt *ask_server(struct server *server, const struct dns_question *question)
{
	size_t position = LDNS_HEADER_SIZE;
	ldns_pkt *packet = NULL;
	ldns_rdf *name;
	uint16_t type;
	char *text;

	assert_int_equal(ldns_wire2dname(&name, question->octets, question->length, &position),
			 LDNS_STATUS_OK);
	type = ldns_read_uint16(question->octets + position);
	text = ldns_rdf2str(name);
	if (!server->dead && !(server->keyless && type == LDNS_RR_TYPE_DNSKEY))
		packet = answer_of(server, text, type);
	if (server->asked)
		server->asked(server);
	free(text);
	ldns_rdf_deep_free(name);
	return packet;
}

/* ---- the engine ---- */

void dns_engine_start(struct dns_engine *engine, struct dns_exchange *exchange)
{
	size_t which = server_of(exchange);
	struct server *server = &world.servers[which];
	struct flight *flight = &engine->flights[engine->count++];

	assert_true(engine->count < FLYING_MAX);
	exchange->engine = engine;
	flight->exchange = exchange;
	flight->answer = ask_server(server, exchange->question);
	flight->due =
		world.now + (flight->answer ? server->latency :
					      INT64_C(1) * exchange->timeout * exchange->tries);
	world.questions[which]++;
	if (++world.flying[which] > world.most[which])
		world.most[which] = world.flying[which];
}

static void end_flight(struct flight *flight)
{
	struct dns_engine *engine = &world.engine;

	world.flying[server_of(flight->exchange)]--;
	flight->exchange->engine = NULL;
	memmove(flight, flight + 1,
		sizeof(*flight) * (size_t)(engine->flights + engine->count - flight - 1));
	engine->count--;
}

void dns_engine_stop(struct dns_exchange *exchange)
{
	for (size_t i = 0; i < world.engine.count; i++)
		if (world.engine.flights[i].exchange == exchange) {
			ldns_pkt_free(world.engine.flights[i].answer);
			end_flight(&world.engine.flights[i]);
			return;
		}
}

bool dns_exchange_runs(const struct dns_exchange *exchange)
{
	return exchange->engine != NULL;
}

static void land(struct flight *flight)
{
	struct dns_exchange *exchange = flight->exchange;
	struct dns_answer answer = { .packet = flight->answer };
	struct dns_outcome outcome = { .reason = haDnsServerReason_timeout };

	if (answer.packet) {
		answer.rcode = ldns_pkt_get_rcode(answer.packet);
		outcome =
			(struct dns_outcome){ .reason = haDnsServerReason_none, .answer = &answer };
	}
	end_flight(flight);
	exchange->done(exchange, &outcome);
	ldns_pkt_free(answer.packet);
}

static struct flight *next_flight(void)
{
	struct flight *next = NULL;

	for (size_t i = 0; i < world.engine.count; i++)
		if (!next || world.engine.flights[i].due < next->due)
			next = &world.engine.flights[i];
	return next;
}

/* ---- the hub ---- */

static size_t zone_of(const char *name)
{
	size_t i = 0;

	while (i < world.settings.zones_count && strcmp(world.settings_zones[i].name, name) != 0)
		i++;
	assert_true(i < world.settings.zones_count);
	return i;
}

void report_row(const struct table *table, const void *row)
{
	const struct dns_zone_row *said = row;
	size_t zone = zone_of(said->name), server = (size_t)(said->server[1] - '0');

	assert_ptr_equal(table, &dns_zone_table);
	world.rows[zone][server] = *said;
	world.reports[zone][server]++;
	world.states_seen |= UINT32_C(1) << said->zone_state;
}

/* ---- time ---- */

static void turn(void)
{
	struct flight *flight;

	while ((flight = next_flight()) && flight->due <= world.now)
		land(flight);
	world.wake = 0;
	dns_zones_turn(world.zones);
	world.turns++;
}

static void pass(int64_t milliseconds)
{
	int64_t end = world.now + milliseconds;

	for (;;) {
		const struct flight *flight = next_flight();
		int64_t next = world.wake;

		if (flight && flight->due < next)
			next = flight->due;
		if (next > end)
			break;
		world.now = next > world.now ? next : world.now;
		turn();
	}
	world.now = end;
	turn();
}

/* ---- settings ---- */

static const char *const no_texts[] = { NULL };
static const char *const www[] = { "www A", NULL };

static int set_up(void **state)
{
	memset(&world, 0, sizeof(world));
	world.now = START;
	world.wall = WALL;
	world.check.timeout = TIMEOUT;
	world.check.tries = TRIES;
	for (uint32_t i = 0; i < SERVERS; i++) {
		struct settings_server *server = &world.settings_servers[i];

		TEXT_PRINT(server->name, "s%u", i);
		server->address.octets[3] = (uint8_t)i;
		server->check = &world.check;
		world.positions[i] = i;
		world.servers[i].serial = 100;
		world.servers[i].latency = 3;
		world.servers[i].text = "A 192.0.2.1|A 192.0.2.2";
	}
	world.settings.servers = world.settings_servers;
	world.settings.servers_count = SERVERS;
	world.settings.zones = world.settings_zones;
	return signed_zones_open(state);
}

/* A zone on the first servers. */
static struct settings_zone *watch(const char *name, size_t servers)
{
	struct settings_zone *zone = &world.settings_zones[world.settings.zones_count++];

	TEXT_PUT(zone->name, name);
	zone->line = (int)world.settings.zones_count;
	zone->servers = world.positions;
	zone->servers_count = servers;
	zone->primary = zone->chain_server = -1;
	zone->interval = INTERVAL;
	zone->tolerance = TOLERANCE;
	zone->signature_warn = WARN;
	zone->signature_limit = LIMIT;
	zone->anchors = no_texts;
	zone->compare = no_texts;
	return zone;
}

static void open_zones(void)
{
	world.zones = dns_zones_open(&world.settings, &world.engine);
	dns_zones_report(world.zones);
	turn();
}

static int tear_down(void **state)
{
	if (world.zones)
		dns_zones_close(world.zones);
	assert_int_equal(world.engine.count, 0);
	return signed_zones_close(state);
}

/* The unsigned zone on some servers, the first of which is its primary. */
static void open_with_primary(size_t servers)
{
	watch(UNSIGNED, servers)->primary = 0;
	open_zones();
	pass(100);
}

static void open_without_primary(size_t servers)
{
	watch(UNSIGNED, servers);
	open_zones();
	pass(100);
}

/* ---- what is seen ---- */

static int32_t state_of(size_t server)
{
	assert_int_equal(dns_zones_state(world.zones, 0, server), world.rows[0][server].zone_state);
	return world.rows[0][server].zone_state;
}

static bool has_value(const struct dns_zone_row *row, unsigned int object)
{
	return !(row->head.absent >> mib_objects[object].arc & 1);
}

static bool was_seen(int32_t state)
{
	return world.states_seen >> state & 1;
}

/* ---- rows ---- */

TEST(rows_are_there_from_the_start)
{
	const struct dns_zone_row *row = &world.rows[0][1];

	watch(UNSIGNED, 2)->primary = 0;
	open_zones();
	assert_int_equal(world.reports[0][0], 1);
	assert_int_equal(world.reports[0][1], 1);
	assert_int_equal(row->head.state, HaRowState_fresh);
	assert_string_equal(row->name, UNSIGNED);
	assert_string_equal(row->server, "s1");
	assert_string_equal(row->reference, "s0");
	assert_int_equal(row->zone_state, haDnsZoneState_unknown);
	assert_int_equal(row->state_time.wall, WALL);
	assert_int_equal(row->security, haDnsZoneSecurity_notChecked);
	assert_int_equal(row->signature_state, haDnsZoneSignatureState_unknown);
	assert_int_equal(row->agreement, haDnsZoneAgreement_unknown);
	assert_int_equal(row->tolerance, TOLERANCE);
	assert_int_equal(row->signature_warn, WARN);
	assert_int_equal(row->signature_limit, LIMIT);
	assert_false(has_value(row, mib_haDnsZoneSerial));
	assert_false(has_value(row, mib_haDnsZoneReferenceSerial));
	assert_false(has_value(row, mib_haDnsZoneLag));
	assert_false(has_value(row, mib_haDnsZoneLagTime));
	assert_false(has_value(row, mib_haDnsZoneSignatureTimeLeft));
	assert_int_equal(dns_zones_state(world.zones, 0, 3), haDnsZoneState_unknown);
	assert_int_equal(dns_zones_state(world.zones, 7, 0), haDnsZoneState_unknown);
}

TEST(equal_servers_are_in_sync_and_agree)
{
	open_with_primary(2);
	for (size_t i = 0; i < 2; i++) {
		const struct dns_zone_row *row = &world.rows[0][i];

		assert_int_equal(state_of(i), haDnsZoneState_inSync);
		assert_int_equal(row->serial, 100);
		assert_int_equal(row->reference_serial, 100);
		assert_string_equal(row->reference, "s0");
		assert_int_equal(row->agreement, haDnsZoneAgreement_agrees);
		assert_int_equal(row->signature_state, haDnsZoneSignatureState_notSigned);
		assert_int_equal(row->time_left, INT32_MAX);
		assert_int_equal(row->head.absent, 0);
	}
	pass(EVERYTHING / 1000);
	assert_int_equal(world.reports[0][0], 2);
}

TEST(a_zone_on_one_server_is_compared_with_nobody)
{
	open_without_primary(1);
	assert_int_equal(state_of(0), haDnsZoneState_inSync);
	assert_string_equal(world.rows[0][0].reference, "newest");
	assert_int_equal(world.rows[0][0].agreement, haDnsZoneAgreement_notChecked);
}

/* ---- serials ---- */

TEST(a_secondary_that_lags_is_late_at_its_moment)
{
	int64_t since;

	open_with_primary(2);
	world.servers[0].serial = 102;
	pass(INTERVAL - 100 + 20);
	since = world.now;
	assert_int_equal(state_of(1), haDnsZoneState_lagging);
	assert_int_equal(world.rows[0][1].lag, 2);
	assert_int_equal(world.rows[0][1].serial, 100);
	assert_int_equal(world.rows[0][1].reference_serial, 102);
	assert_int_equal(state_of(0), haDnsZoneState_inSync);
	pass(TOLERANCE * 1000 - 20);
	assert_int_equal(state_of(1), haDnsZoneState_lagging);
	pass(20);
	assert_int_equal(state_of(1), haDnsZoneState_late);
	assert_int_equal(world.rows[0][1].lag_time, TOLERANCE);
	assert_in_range(world.rows[0][1].state_time.wall - WALL,
			since - START + TOLERANCE * 1000 - 20, since - START + TOLERANCE * 1000);
	world.servers[1].serial = 102;
	pass(INTERVAL);
	assert_int_equal(state_of(1), haDnsZoneState_inSync);
	assert_int_equal(world.rows[0][1].lag_time, 0);
	assert_int_equal(world.rows[0][1].lag, 0);
}

TEST(a_secondary_that_has_caught_up_is_not_called_late)
{
	open_with_primary(2);
	world.servers[0].serial = 101;
	pass(INTERVAL);
	assert_int_equal(state_of(1), haDnsZoneState_lagging);
	world.servers[1].serial = 101;
	pass(TOLERANCE * 1000);
	assert_int_equal(state_of(1), haDnsZoneState_inSync);
	assert_false(was_seen(haDnsZoneState_late));
}

TEST(a_secondary_ahead_of_its_primary_is_told)
{
	world.servers[1].serial = 105;
	open_with_primary(3);
	assert_int_equal(state_of(0), haDnsZoneState_inSync);
	assert_int_equal(state_of(1), haDnsZoneState_ahead);
	assert_int_equal(world.rows[0][1].lag, -5);
	assert_int_equal(state_of(2), haDnsZoneState_inSync);
	assert_int_equal(world.rows[0][1].agreement, haDnsZoneAgreement_unknown);
}

/* The zone changes everywhere as soon as the primary has been asked. */
static void change_all(struct server *server)
{
	server->asked = NULL;
	for (size_t i = 0; i < SERVERS; i++)
		world.servers[i].serial++;
}

TEST(a_change_between_two_answers_puts_nobody_ahead)
{
	open_with_primary(3);
	for (unsigned int i = 0; i < 50; i++) {
		world.servers[i % 3].asked = change_all;
		world.servers[i % 2].latency = 1 + i * 7 % 50;
		pass(INTERVAL);
		assert_int_equal(state_of(0), haDnsZoneState_inSync);
		assert_int_equal(state_of(1), haDnsZoneState_inSync);
		assert_int_equal(state_of(2), haDnsZoneState_inSync);
	}
	assert_false(was_seen(haDnsZoneState_ahead));
	assert_false(was_seen(haDnsZoneState_lagging));
	assert_false(was_seen(haDnsZoneState_late));
}

static void change_each(struct server *server)
{
	(void)server;
	for (size_t i = 0; i < SERVERS; i++)
		world.servers[i].serial++;
}

TEST(a_zone_that_changes_with_every_question_is_neither_ahead_nor_late)
{
	open_with_primary(2);
	world.servers[0].asked = world.servers[1].asked = change_each;
	pass(100 * INTERVAL);
	assert_false(was_seen(haDnsZoneState_ahead));
	assert_false(was_seen(haDnsZoneState_late));
	assert_true(world.questions[0] < 5000);
}

TEST(without_a_primary_the_newest_is_the_reference)
{
	world.servers[1].serial = 101;
	open_without_primary(3);
	assert_int_equal(state_of(0), haDnsZoneState_lagging);
	assert_int_equal(state_of(1), haDnsZoneState_inSync);
	assert_int_equal(state_of(2), haDnsZoneState_lagging);
	assert_string_equal(world.rows[0][0].reference, "newest");
	assert_int_equal(world.rows[0][0].reference_serial, 101);
}

TEST(serials_wrap_and_have_no_order)
{
	world.servers[0].serial = 1;
	world.servers[1].serial = UINT32_MAX;
	world.servers[2].serial = UINT32_C(0x80000001);
	open_with_primary(3);
	assert_int_equal(state_of(1), haDnsZoneState_lagging);
	assert_int_equal(world.rows[0][1].lag, 2);
	assert_int_equal(state_of(2), haDnsZoneState_lagging);
	assert_int_equal(world.rows[0][2].lag, INT32_MAX);
}

/* ---- silence ---- */

TEST(a_server_without_authority_is_unavailable)
{
	world.servers[1].refuses = true;
	world.servers[2].lame = true;
	world.servers[3].dead = true;
	open_with_primary(4);
	assert_int_equal(state_of(0), haDnsZoneState_inSync);
	assert_int_equal(state_of(1), haDnsZoneState_unavailable);
	assert_int_equal(state_of(2), haDnsZoneState_unavailable);
	assert_int_equal(state_of(3), haDnsZoneState_unknown);
	pass(TIMEOUT * TRIES);
	assert_int_equal(state_of(3), haDnsZoneState_unavailable);
	assert_false(has_value(&world.rows[0][3], mib_haDnsZoneSerial));
	assert_int_equal(world.reports[0][3], 2);
	assert_int_equal(world.rows[0][3].reference_serial, 0);
	assert_int_equal(world.rows[0][1].signature_state, haDnsZoneSignatureState_unknown);
	world.servers[1].refuses = world.servers[2].lame = world.servers[3].dead = false;
	pass(INTERVAL);
	for (size_t i = 0; i < SERVERS; i++)
		assert_int_equal(state_of(i), haDnsZoneState_inSync);
}

static void die(struct server *server)
{
	server->dead = true;
}

TEST(a_server_that_dies_within_a_round_is_unavailable_two_time_outs_later)
{
	static const char *const names[] = { "a A", "b A", "c A", "d A", NULL };

	watch(UNSIGNED, 2)->compare = names;
	open_zones();
	pass(100);
	world.servers[1].asked = die;
	pass(INTERVAL - 100 + 2 * TIMEOUT * TRIES + 10);
	assert_int_equal(state_of(1), haDnsZoneState_unavailable);
}

TEST(a_dead_server_does_not_delay_the_others)
{
	open_without_primary(3);
	world.servers[2].dead = true;
	pass(INTERVAL + TIMEOUT * TRIES);
	assert_int_equal(state_of(2), haDnsZoneState_unavailable);
	world.servers[0].serial = 101;
	pass(INTERVAL - TIMEOUT * TRIES);
	assert_int_equal(state_of(0), haDnsZoneState_inSync);
	assert_int_equal(state_of(1), haDnsZoneState_lagging);
}

TEST(what_a_silent_primary_has_said_holds)
{
	open_with_primary(3);
	world.servers[0].serial = 101;
	world.servers[1].serial = 101;
	pass(INTERVAL);
	world.servers[0].dead = true;
	pass(INTERVAL + TIMEOUT * TRIES);
	assert_int_equal(state_of(0), haDnsZoneState_unavailable);
	assert_int_equal(state_of(1), haDnsZoneState_inSync);
	assert_int_equal(state_of(2), haDnsZoneState_late);
	assert_string_equal(world.rows[0][2].reference, "s0");
	assert_int_equal(world.rows[0][2].reference_serial, 101);
}

TEST(nobody_is_ahead_of_a_silent_primary)
{
	open_with_primary(3);
	world.servers[0].dead = true;
	world.servers[1].serial = 101;
	pass(2 * INTERVAL);
	assert_int_equal(state_of(0), haDnsZoneState_unavailable);
	assert_int_equal(state_of(1), haDnsZoneState_inSync);
	assert_int_equal(state_of(2), haDnsZoneState_late);
	assert_string_equal(world.rows[0][1].reference, "newest");
	assert_int_equal(world.rows[0][1].reference_serial, 101);
	assert_false(was_seen(haDnsZoneState_ahead));
	world.servers[0].dead = false;
	pass(INTERVAL);
	assert_int_equal(state_of(1), haDnsZoneState_ahead);
	assert_int_equal(state_of(2), haDnsZoneState_inSync);
}

TEST(a_primary_that_was_never_heard_is_replaced_by_the_newest)
{
	world.servers[0].dead = true;
	world.servers[1].serial = 101;
	open_with_primary(3);
	pass(TIMEOUT * TRIES);
	assert_int_equal(state_of(0), haDnsZoneState_unavailable);
	assert_int_equal(state_of(1), haDnsZoneState_inSync);
	assert_int_equal(state_of(2), haDnsZoneState_lagging);
	assert_string_equal(world.rows[0][2].reference, "newest");
}

/* ---- how much is asked ---- */

TEST(a_server_is_asked_few_questions_at_once)
{
	for (size_t i = 0; i < ZONES; i++)
		watch(UNSIGNED, 1);
	for (size_t i = 0; i < ZONES; i++)
		TEXT_PRINT(world.settings_zones[i].name, "z%zu." UNSIGNED, i);
	world.servers[0].latency = 500;
	open_zones();
	pass(INTERVAL / 2);
	assert_int_equal(world.most[0], 4);
	for (size_t i = 0; i < ZONES; i++)
		assert_int_equal(dns_zones_state(world.zones, i, 0), haDnsZoneState_inSync);
}

TEST(those_who_wait_for_a_dead_server_wait_once)
{
	for (size_t i = 0; i < ZONES; i++)
		watch(UNSIGNED, 1);
	for (size_t i = 0; i < ZONES; i++)
		TEXT_PRINT(world.settings_zones[i].name, "z%zu." UNSIGNED, i);
	world.servers[0].dead = true;
	open_zones();
	pass(TIMEOUT * TRIES + 1000);
	for (size_t i = 0; i < ZONES; i++)
		assert_int_equal(dns_zones_state(world.zones, i, 0), haDnsZoneState_unavailable);
}

TEST(figures_are_told_every_ten_seconds)
{
	watch("example.test", 2)->primary = 0;
	open_zones();
	pass(100);
	assert_int_equal(world.reports[0][0], 2);
	pass(600000);
	assert_in_range(world.reports[0][0], 55, 62);
	assert_in_range(world.rows[0][0].time_left, EXPIRY - clock_wall() / 1000,
			EXPIRY - clock_wall() / 1000 + 10);
	assert_true(world.turns < 600);
}

/* ---- agreement ---- */

static void open_compared(size_t servers, int primary)
{
	struct settings_zone *zone = watch(UNSIGNED, servers);

	zone->primary = primary;
	zone->compare = www;
	open_zones();
	pass(5000);
}

TEST(a_difference_at_the_same_serial_is_told)
{
	world.servers[1].text = "A 192.0.2.2|A 192.0.2.1";
	world.servers[2].text = "A 192.0.2.1|A 192.0.2.3";
	open_compared(3, 0);
	assert_int_equal(world.rows[0][0].agreement, haDnsZoneAgreement_agrees);
	assert_int_equal(world.rows[0][1].agreement, haDnsZoneAgreement_agrees);
	assert_int_equal(world.rows[0][2].agreement, haDnsZoneAgreement_differs);
	assert_int_equal(state_of(2), haDnsZoneState_inSync);
	world.servers[2].text = "A 192.0.2.1|A 192.0.2.2";
	pass(INTERVAL);
	assert_int_equal(world.rows[0][2].agreement, haDnsZoneAgreement_agrees);
}

TEST(without_a_primary_most_are_right)
{
	world.servers[0].text = "A 192.0.2.9";
	open_compared(3, -1);
	assert_int_equal(world.rows[0][0].agreement, haDnsZoneAgreement_differs);
	assert_int_equal(world.rows[0][1].agreement, haDnsZoneAgreement_agrees);
	world.servers[2].dead = true;
	pass(2 * INTERVAL);
	assert_int_equal(world.rows[0][0].agreement, haDnsZoneAgreement_differs);
	assert_int_equal(world.rows[0][1].agreement, haDnsZoneAgreement_differs);
	assert_int_equal(world.rows[0][2].agreement, haDnsZoneAgreement_unknown);
}

/* Both have the new serial before the records are asked for, but one of them not the new records.
 */
static void change_records_late(struct server *server)
{
	static unsigned int asked;

	if (++asked % 4 == 1)
		server->text = "A 192.0.2.7";
	if (asked % 4 == 3)
		server->text = "A 192.0.2.1|A 192.0.2.2";
}

TEST(a_difference_that_is_seen_once_is_not_told)
{
	size_t before;

	open_compared(2, 0);
	before = world.reports[0][1];
	world.servers[1].asked = change_records_late;
	pass(10 * INTERVAL);
	assert_int_equal(world.reports[0][1], before);
	assert_int_equal(world.rows[0][1].agreement, haDnsZoneAgreement_agrees);
}

TEST(servers_at_different_serials_need_not_agree)
{
	world.servers[1].serial = 99;
	world.servers[1].text = "A 192.0.2.9";
	open_compared(3, 0);
	assert_int_equal(world.rows[0][1].agreement, haDnsZoneAgreement_unknown);
	assert_int_equal(world.rows[0][2].agreement, haDnsZoneAgreement_agrees);
}

/* ---- DNSSEC ---- */

static const char *anchors[2];

static void open_anchored(const char *zone, const char *anchor, const char *const *compare)
{
	struct settings_zone *settings = watch(zone, 2);

	anchors[0] = signed_zones_anchor(anchor);
	settings->primary = 0;
	settings->anchors = anchors;
	settings->chain_server = 3;
	if (compare)
		settings->compare = compare;
	open_zones();
	pass(100);
}

static int32_t security_of(size_t server)
{
	return world.rows[0][server].security;
}

TEST(a_signed_zone_is_secure_by_its_own_anchor)
{
	const char *const names[] = { "www A", "alias A", "x.wild TXT", "none A", "@ NS", NULL };

	open_anchored("example.test", "example.test", names);
	assert_int_equal(state_of(0), haDnsZoneState_inSync);
	assert_int_equal(security_of(0), haDnsZoneSecurity_secure);
	assert_int_equal(security_of(1), haDnsZoneSecurity_secure);
	assert_int_equal(world.rows[0][0].signature_state, haDnsZoneSignatureState_valid);
	assert_int_equal(world.rows[0][0].time_left, EXPIRY - WALL / 1000);
	assert_int_equal(world.questions[3], 0);
}

TEST(a_server_that_strips_signatures_is_bogus)
{
	open_anchored("example.test", "example.test", NULL);
	world.servers[1].strips = true;
	pass(INTERVAL);
	assert_int_equal(security_of(0), haDnsZoneSecurity_secure);
	assert_int_equal(security_of(1), haDnsZoneSecurity_bogus);
	assert_int_equal(world.rows[0][1].signature_state, haDnsZoneSignatureState_notSigned);
	assert_int_equal(state_of(1), haDnsZoneState_inSync);
	world.servers[1].strips = false;
	pass(INTERVAL);
	assert_int_equal(security_of(1), haDnsZoneSecurity_secure);
}

TEST(an_expired_zone_is_bogus_and_says_since_when)
{
	open_anchored("expired.test", "expired.test", NULL);
	assert_int_equal(security_of(0), haDnsZoneSecurity_bogus);
	assert_int_equal(world.rows[0][0].signature_state, haDnsZoneSignatureState_expired);
	assert_int_equal(world.rows[0][0].time_left, INT64_C(1704067200) - WALL / 1000);
}

TEST(silence_about_keys_is_unknown)
{
	world.servers[1].keyless = true;
	open_anchored("example.test", "example.test", NULL);
	pass(TIMEOUT * TRIES);
	assert_int_equal(state_of(1), haDnsZoneState_inSync);
	assert_int_equal(security_of(1), haDnsZoneSecurity_unknown);
	assert_int_equal(security_of(0), haDnsZoneSecurity_secure);
}

TEST(a_silent_server_is_not_known_to_be_secure)
{
	open_anchored("example.test", "example.test", NULL);
	world.servers[1].dead = true;
	pass(2 * INTERVAL);
	assert_int_equal(security_of(1), haDnsZoneSecurity_unknown);
	assert_int_equal(world.rows[0][1].signature_state, haDnsZoneSignatureState_unknown);
	assert_int_equal(world.rows[0][1].agreement, haDnsZoneAgreement_unknown);
}

/* The zone, the zone of its anchor, and what the chain between them comes to. */
static const struct {
	const char *zone, *anchor;
	int32_t security;
} chains[] = {
	{ "example.test", "test", haDnsZoneSecurity_secure },
	{ "a.b.test", "test", haDnsZoneSecurity_secure },
	{ "signed.hidden", "hidden", haDnsZoneSecurity_secure },
	{ "signed.optout", "optout", haDnsZoneSecurity_secure },
	{ "expired.test", "test", haDnsZoneSecurity_bogus },
	{ UNSIGNED, "test", haDnsZoneSecurity_insecure },
	{ "below." UNSIGNED, "test", haDnsZoneSecurity_insecure },
	{ "www.test", "test", haDnsZoneSecurity_bogus },
	{ "none.hidden", "hidden", haDnsZoneSecurity_bogus },
};

TEST(the_chain_from_an_anchor_above_is_walked)
{
	for (size_t i = 0; i < COUNT(chains); i++) {
		set_up(state);
		open_anchored(chains[i].zone, chains[i].anchor, NULL);
		assert_int_equal(state_of(0), haDnsZoneState_inSync);
		assert_int_equal(security_of(0), chains[i].security);
		assert_int_equal(security_of(1), chains[i].security);
		assert_true(world.questions[3] > 0);
		tear_down(state);
		world.zones = NULL;
	}
}

TEST(a_chain_without_signatures_is_bogus)
{
	for (size_t i = 0; i < COUNT(chains); i++) {
		set_up(state);
		world.servers[3].strips = true;
		open_anchored(chains[i].zone, chains[i].anchor, NULL);
		assert_int_equal(security_of(0), haDnsZoneSecurity_bogus);
		tear_down(state);
		world.zones = NULL;
	}
}

TEST(a_chain_that_changes_is_judged_anew)
{
	for (size_t i = 0; i < COUNT(chains); i++) {
		set_up(state);
		open_anchored(chains[i].zone, chains[i].anchor, NULL);
		world.servers[3].strips = true;
		pass(INTERVAL);
		assert_int_equal(security_of(0), haDnsZoneSecurity_bogus);
		world.servers[3].strips = false;
		pass(INTERVAL);
		assert_int_equal(security_of(0), chains[i].security);
		tear_down(state);
		world.zones = NULL;
	}
}

TEST(a_chain_that_cannot_be_asked_is_unknown)
{
	open_anchored("example.test", "test", NULL);
	assert_int_equal(security_of(0), haDnsZoneSecurity_secure);
	world.servers[3].dead = true;
	pass(2 * INTERVAL);
	assert_int_equal(security_of(0), haDnsZoneSecurity_unknown);
	world.servers[3].dead = false;
	world.servers[3].refuses = true;
	pass(INTERVAL);
	assert_int_equal(security_of(0), haDnsZoneSecurity_unknown);
	world.servers[3].refuses = false;
	pass(INTERVAL);
	assert_int_equal(security_of(0), haDnsZoneSecurity_secure);
}

/* ---- time goes on ---- */

static int32_t signature_of(size_t server)
{
	return world.rows[0][server].signature_state;
}

/* Set the time of day to so many seconds before the signatures expire, between two rounds. */
static void set_before_expiry(int64_t seconds)
{
	world.wall = (EXPIRY - seconds) * 1000 - (world.now - START);
	pass(1);
}

TEST(signatures_run_out_at_their_moments)
{
	open_anchored("example.test", "example.test", NULL);
	set_before_expiry(WARN + 1);
	assert_int_equal(signature_of(0), haDnsZoneSignatureState_valid);
	pass(2000);
	assert_int_equal(signature_of(0), haDnsZoneSignatureState_warning);
	assert_int_equal(world.rows[0][0].time_left, WARN - 1);
	set_before_expiry(LIMIT);
	assert_int_equal(signature_of(0), haDnsZoneSignatureState_warning);
	pass(1000);
	assert_int_equal(signature_of(0), haDnsZoneSignatureState_critical);
	set_before_expiry(0);
	assert_int_equal(signature_of(0), haDnsZoneSignatureState_critical);
	assert_int_equal(security_of(0), haDnsZoneSecurity_secure);
	pass(1000);
	assert_int_equal(signature_of(0), haDnsZoneSignatureState_expired);
	assert_int_equal(security_of(0), haDnsZoneSecurity_bogus);
	assert_int_equal(world.rows[0][0].time_left, -1);
}

TEST(a_clock_that_jumps_changes_the_verdict_both_ways)
{
	open_anchored("example.test", "test", NULL);
	assert_int_equal(security_of(0), haDnsZoneSecurity_secure);
	set_before_expiry(-5);
	pass(100);
	assert_int_equal(security_of(0), haDnsZoneSecurity_bogus);
	assert_int_equal(signature_of(0), haDnsZoneSignatureState_expired);
	world.wall = WALL;
	pass(1);
	pass(100);
	assert_int_equal(security_of(0), haDnsZoneSecurity_secure);
	assert_int_equal(signature_of(0), haDnsZoneSignatureState_valid);
}

TEST(a_proof_that_has_expired_proves_nothing)
{
	open_anchored(UNSIGNED, "test", NULL);
	assert_int_equal(security_of(0), haDnsZoneSecurity_insecure);
	set_before_expiry(0);
	pass(900);
	assert_int_equal(security_of(0), haDnsZoneSecurity_insecure);
	pass(200);
	assert_int_equal(security_of(0), haDnsZoneSecurity_bogus);
	world.wall = WALL;
	pass(1);
	pass(100);
	assert_int_equal(security_of(0), haDnsZoneSecurity_insecure);
}

TEST(waiting_for_a_time_that_has_passed_is_no_hurry)
{
	open_anchored("example.test", "test", NULL);
	world.servers[1].dead = world.servers[3].dead = true;
	pass(2 * INTERVAL);
	set_before_expiry(-5);
	world.turns = 0;
	pass(10 * INTERVAL);
	assert_true(world.turns < 600);
}

/* ---- settings ---- */

static const struct {
	const char *anchor, *compare, *error;
} refused[] = {
	{ "nonsense", NULL, "anchor `nonsense': not a DS record" },
	{ "example.test. A 192.0.2.1", NULL, "not a DS record" },
	{ "example.test. DS 4711 13 2", NULL, "not a DS record" },
	{ "example.org. DS 1 13 2 00", NULL, "not for the zone or one above" },
	{ "www.example.test. DS 1 13 2 00", NULL, "not for the zone or one above" },
	{ "test. DS 1 13 2 00", NULL, "no server is named" },
	{ NULL, "www", "compare `www': not a name and a type" },
	{ NULL, "www NONSENSE", "not a name and a type" },
	{ NULL, "www ANY", "not a name and a type" },
	{ NULL, "www AXFR", "not a name and a type" },
	{ NULL, " A", "not a name and a type" },
	{ NULL, "a..b A", "not a name and a type" },
	{ NULL, "www.example.org. A", "the name is not in the zone" },
	{ "example.test. DS 1 13 2 00", "www.example.test. A", NULL },
	{ ". DS 1 13 2 00", NULL, "no server is named" },
	{ NULL, "www\tTYPE65280", NULL },
	{ NULL, "@ MX", NULL },
};

TEST(wrong_texts_are_refused_with_a_reason)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		const char *given[] = { refused[i].anchor, NULL };
		const char *compared[] = { refused[i].compare, NULL };
		struct settings_zone *zone;
		const char *error;
		int line = 0;

		world.settings.zones_count = 0;
		zone = watch("example.test", 2);
		zone->line = 42;
		zone->anchors = given;
		zone->compare = compared;
		error = dns_zones_refuse(&world.settings, &line);
		assert_int_equal(error != NULL, refused[i].error != NULL);
		if (error && refused[i].error && !strstr(error, refused[i].error))
			fail_msg("`%s' instead of `%s'", error, refused[i].error);
		assert_int_equal(line, 42);
	}
}

TEST(a_primary_that_is_no_server_of_the_zone_is_refused)
{
	int line;

	watch("example.test", 2)->primary = 2;
	assert_non_null(dns_zones_refuse(&world.settings, &line));
	world.settings_zones[0].primary = 1;
	assert_null(dns_zones_refuse(&world.settings, &line));
}

TEST(anchors_of_different_names_are_refused)
{
	static const char *const given[] = { "test. DS 1 13 2 00", ". DS 1 13 2 00", NULL };
	struct settings_zone *zone = watch("example.test", 2);
	int line;

	zone->anchors = given;
	zone->chain_server = 3;
	assert_non_null(strstr(dns_zones_refuse(&world.settings, &line), "the same name"));
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(rows_are_there_from_the_start),
		TEST_OF(equal_servers_are_in_sync_and_agree),
		TEST_OF(a_zone_on_one_server_is_compared_with_nobody),
		TEST_OF(a_secondary_that_lags_is_late_at_its_moment),
		TEST_OF(a_secondary_that_has_caught_up_is_not_called_late),
		TEST_OF(a_secondary_ahead_of_its_primary_is_told),
		TEST_OF(a_change_between_two_answers_puts_nobody_ahead),
		TEST_OF(a_zone_that_changes_with_every_question_is_neither_ahead_nor_late),
		TEST_OF(without_a_primary_the_newest_is_the_reference),
		TEST_OF(serials_wrap_and_have_no_order),
		TEST_OF(a_server_without_authority_is_unavailable),
		TEST_OF(a_server_that_dies_within_a_round_is_unavailable_two_time_outs_later),
		TEST_OF(a_dead_server_does_not_delay_the_others),
		TEST_OF(what_a_silent_primary_has_said_holds),
		TEST_OF(nobody_is_ahead_of_a_silent_primary),
		TEST_OF(a_primary_that_was_never_heard_is_replaced_by_the_newest),
		TEST_OF(a_server_is_asked_few_questions_at_once),
		TEST_OF(those_who_wait_for_a_dead_server_wait_once),
		TEST_OF(figures_are_told_every_ten_seconds),
		TEST_OF(a_difference_at_the_same_serial_is_told),
		TEST_OF(without_a_primary_most_are_right),
		TEST_OF(a_difference_that_is_seen_once_is_not_told),
		TEST_OF(servers_at_different_serials_need_not_agree),
		TEST_OF(a_signed_zone_is_secure_by_its_own_anchor),
		TEST_OF(a_server_that_strips_signatures_is_bogus),
		TEST_OF(an_expired_zone_is_bogus_and_says_since_when),
		TEST_OF(silence_about_keys_is_unknown),
		TEST_OF(a_silent_server_is_not_known_to_be_secure),
		TEST_OF(the_chain_from_an_anchor_above_is_walked),
		TEST_OF(a_chain_without_signatures_is_bogus),
		TEST_OF(a_chain_that_changes_is_judged_anew),
		TEST_OF(a_chain_that_cannot_be_asked_is_unknown),
		TEST_OF(signatures_run_out_at_their_moments),
		TEST_OF(a_clock_that_jumps_changes_the_verdict_both_ways),
		TEST_OF(a_proof_that_has_expired_proves_nothing),
		TEST_OF(waiting_for_a_time_that_has_passed_is_no_hurry),
		TEST_OF(wrong_texts_are_refused_with_a_reason),
		TEST_OF(a_primary_that_is_no_server_of_the_zone_is_refused),
		TEST_OF(anchors_of_different_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
