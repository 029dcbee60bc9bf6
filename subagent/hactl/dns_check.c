/* hactl dns-check: asks a name server once and judges the answer, without the daemon.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/dns_check.h"

#include <ctype.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/message/question.h"
#include "subagent/sources/dns/servers/policy.h"

/* Monitoring Plugins Development Guidelines, "Plugin Return Codes". */
enum plugin { PLUGIN_OK, PLUGIN_WARNING, PLUGIN_CRITICAL, PLUGIN_UNKNOWN };

static const char *const plugin_words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

#define TIMEOUT_MAX 60   /* seconds */
#define LATENCY_MAX 3600 /* seconds */
#define EDNS_SIZE 1232   /* dnsflagday.net, 2020 */

struct request {
	/* Texts of the options by their letter: that of the argument, or "" of one that has none;
	 * NULL: not given. */
	const char *given[128];
	const char **answers; /* ended by NULL */
	const char **rcodes;  /* likewise */
	char *rcodes_text;    /* that they lie in */
	bool json;
	const char *server;
	struct address address;
	struct settings_check check;
};

/* ---- the command line ---- */

static const struct option options[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "type", required_argument, NULL, 't' },
	{ "class", required_argument, NULL, 'C' },
	{ "udp", no_argument, NULL, 'u' },
	{ "tcp", no_argument, NULL, 'T' },
	{ "both", no_argument, NULL, 'b' },
	{ "timeout", required_argument, NULL, 'W' },
	{ "tries", required_argument, NULL, 'n' },
	{ "rcode", required_argument, NULL, 'r' },
	{ "answer", required_argument, NULL, 'a' },
	{ "pattern", required_argument, NULL, 'e' },
	{ "aa", no_argument, NULL, 'A' },
	{ "ra", no_argument, NULL, 'R' },
	{ "ad", no_argument, NULL, 'D' },
	{ "no-recursion", no_argument, NULL, 'N' },
	{ "edns", required_argument, NULL, 'E' },
	{ "nsid", no_argument, NULL, 'i' },
	{ "warn", required_argument, NULL, 'w' },
	{ "limit", required_argument, NULL, 'l' },
	{ "keepalived", no_argument, NULL, 'K' },
	{ "json", no_argument, NULL, 'j' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char letters[] = ":p:t:C:uTbW:n:r:a:e:ARDNE:iw:l:Kjvh";

static const char usage[] =
	"Usage: hactl dns-check ADDRESS NAME [OPTION...]\n"
	"Asks a name server for a name, and judges the answer.\n"
	"\n"
	"  -p, --port PORT        53\n"
	"  -t, --type TYPE        A; TYPE65280 for one without a name\n"
	"  -C, --class CLASS      IN\n"
	"  -u, --udp              by UDP, and by TCP when the answer is truncated; the default\n"
	"  -T, --tcp              by TCP\n"
	"  -b, --both             by UDP and by TCP: both must answer\n"
	"  -W, --timeout SECONDS  of one try: 1\n"
	"  -n, --tries COUNT      3\n"
	"  -N, --no-recursion     leave RD out of the question\n"
	"  -E, --edns SIZE        1232; 0: no EDNS\n"
	"  -i, --nsid             ask who answers (RFC 5001)\n"
	"\n"
	"What a good answer is:\n"
	"  -r, --rcode LIST       its return code is one of these, with commas between: NOERROR\n"
	"  -a, --answer DATA      it has this record; for each record once, and then no other\n"
	"  -e, --pattern REGEX    one of its records matches (regex(7))\n"
	"  -A, --aa  -R, --ra  -D, --ad\n"
	"                         it has this flag: authoritative, recursion available,\n"
	"                         authenticated\n"
	"  -w, --warn SECONDS     above this latency the server is degraded\n"
	"  -l, --limit SECONDS    above this one it is down\n"
	"\n"
	"One line is written, with performance data, and the exit status is that of a Nagios\n"
	"plugin: 0 up, 1 degraded, 2 down, 3 when the check could not be made.\n"
	"  -K, --keepalived       for keepalived: 0 up or degraded, 1 down; writes nothing\n"
	"  -v, --verbose          but with this it writes the line\n"
	"  -j, --json             write a JSON object instead of the line\n";

/* What ends the output line, or would become a second one, is no part of it. */
static void write_line(const char *text)
{
	for (; *text; text++)
		putchar(iscntrl((unsigned char)*text) || *text == '|' ? '?' : *text);
}

/* The check cannot be made: end. */
__attribute__((noreturn, format(printf, 2, 3))) static void refuse(const struct request *request,
								   const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (request->given['K']) {
		fprintf(stderr, "hactl dns-check: %s\n", text);
		exit(EXIT_FAILURE);
	}
	printf("DNS UNKNOWN - ");
	write_line(text);
	putchar('\n');
	exit(PLUGIN_UNKNOWN);
}

static const char *name_of(int letter)
{
	const struct option *option = options;

	while (option->name && option->val != letter)
		option++;
	return option->name;
}

static void add(const char ***list, size_t count, const char *text)
{
	*list = memory_resize(*list, count + 2, sizeof(**list));
	(*list)[count] = text;
	(*list)[count + 1] = NULL;
}

/* How the option that getopt_long(3) has just refused was called. */
static void print_option(char *text, size_t size, char **words)
{
	if (!optopt)
		text_put(text, size, words[optind - 1]);
	else if (name_of(optopt))
		text_print(text, size, "--%s", name_of(optopt));
	else
		text_print(text, size, "-%c", optopt);
}

/* Nothing is refused before all is read: how it is told is an option, too. */
static void take_options(struct request *request, int count, char **words)
{
	char refused[64] = "";
	size_t answers = 0;
	bool wanting = false;
	int option;

	add(&request->answers, 0, NULL);
	optind = 0; /* begin anew */
	opterr = 0;
	while ((option = getopt_long(count, words, letters, options, NULL)) != -1) {
		if (option != '?' && option != ':') {
			request->given[option] = optarg ? optarg : "";
		} else if (!refused[0]) {
			print_option(refused, sizeof(refused), words);
			wanting = option == ':';
		}
		if (option == 'a')
			add(&request->answers, answers++, optarg);
	}
	if (wanting)
		refuse(request, "%s wants an argument", refused);
	if (refused[0])
		refuse(request, "\"%s\" is not an option, or not like this", refused);
}

/* ---- what it asks for ---- */

static uint32_t number_of(const struct request *request, int letter, unsigned long min,
			  unsigned long max, unsigned long absent)
{
	const char *text = request->given[letter];
	unsigned long number = absent;

	if (!text)
		return (uint32_t)absent;
	if (*text && strspn(text, "0123456789") == strlen(text))
		number = strtoul(text, NULL, 10);
	else
		refuse(request, "--%s \"%s\" is not a number", name_of(letter), text);
	if (number != absent && (number < min || number > max))
		refuse(request, "--%s \"%s\" is not between %lu and %lu", name_of(letter), text,
		       min, max);
	return (uint32_t)number;
}

/* In `parts` of a second; 0 when it is not given. */
static uint32_t seconds_of(const struct request *request, int letter, double max, double parts)
{
	const char *text = request->given[letter];
	double seconds;
	char *end;

	if (!text)
		return 0;
	seconds = strtod(text, &end);
	if (*end || !*text || strspn(text, "0123456789.") != strlen(text))
		refuse(request, "--%s \"%s\" is not a number of seconds", name_of(letter), text);
	if (seconds * parts < 1 || seconds > max)
		refuse(request, "--%s \"%s\" is not between %g and %g seconds", name_of(letter),
		       text, 1 / parts, max);
	return (uint32_t)(seconds * parts + 0.5);
}

static int32_t transport_of(const struct request *request)
{
	bool udp = request->given['u'] != NULL, tcp = request->given['T'] != NULL;

	if (request->given['b'] || (udp && tcp))
		return haDnsServerTransport_both;
	return tcp ? haDnsServerTransport_tcp : haDnsServerTransport_udp;
}

static void split_rcodes(struct request *request)
{
	char *rest = NULL, *word;
	size_t count = 0;

	add(&request->rcodes, 0, NULL);
	if (!request->given['r'])
		return;
	request->rcodes_text = memory_text(request->given['r']);
	word = strtok_r(request->rcodes_text, ",", &rest);
	for (; word; word = strtok_r(NULL, ",", &rest))
		add(&request->rcodes, count++, word);
	if (!count)
		refuse(request, "--rcode \"%s\" names no return code", request->given['r']);
}

static const char *text_of(const struct request *request, int letter, const char *absent)
{
	return request->given[letter] ? request->given[letter] : absent;
}

static void fill_check(struct request *request)
{
	struct settings_check *check = &request->check;
	uint32_t timeout = seconds_of(request, 'W', TIMEOUT_MAX, 1000);

	check->type = text_of(request, 't', "A");
	check->class = text_of(request, 'C', "IN");
	check->transport = transport_of(request);
	check->timeout = timeout ? timeout : 1000;
	check->tries = number_of(request, 'n', 1, 10, 3);
	check->rise = check->fall = 1;
	check->edns_size = EDNS_SIZE;
	if (request->given['E'])
		check->edns_size = number_of(request, 'E', 512, UINT16_MAX, 0);
	check->latency_warn = seconds_of(request, 'w', LATENCY_MAX, 1000000);
	check->latency_limit = seconds_of(request, 'l', LATENCY_MAX, 1000000);
	check->recursion = !request->given['N'];
	check->aa = request->given['A'] != NULL;
	check->ra = request->given['R'] != NULL;
	check->ad = request->given['D'] != NULL;
	check->nsid = request->given['i'] != NULL;
	check->rcodes = request->rcodes;
	check->answers = request->answers;
	check->pattern = request->given['e'];
}

static void read_words(struct request *request, int count, char **words)
{
	take_options(request, count, words);
	if (request->given['h']) {
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	}
	if (count - optind != 2)
		refuse(request, "name one ADDRESS and one NAME; see hactl dns-check --help");
	split_rcodes(request);
	fill_check(request);
	request->server = words[optind];
	request->check.query = words[optind + 1];
	if (!address_parse(&request->address, request->server,
			   (uint16_t)number_of(request, 'p', 1, UINT16_MAX, 53)))
		refuse(request, "\"%s\" is not an address", request->server);
	request->json = request->json || request->given['j'];
}

/* ---- asking ---- */

/* One check: an exchange, or two of them. */
struct asking {
	const struct dns_policy *policy;
	struct dns_exchange first, second;
	struct dns_tally tally;
	struct dns_verdict verdict; /* the worse one */
	int open;                   /* exchanges */
};

static void take_outcome(struct asking *asking, const struct dns_outcome *outcome)
{
	struct dns_verdict verdict;

	dns_policy_judge(asking->policy, outcome, &asking->tally, &verdict);
	if (asking->verdict.state == 0 || dns_verdict_worse(&verdict, &asking->verdict))
		asking->verdict = verdict;
	asking->open--;
}

static void first_done(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	take_outcome((void *)((char *)exchange - offsetof(struct asking, first)), outcome);
}

static void second_done(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	take_outcome((void *)((char *)exchange - offsetof(struct asking, second)), outcome);
}

static void begin(struct asking *asking, struct dns_engine *engine, const struct request *request,
		  struct dns_exchange *exchange, bool tcp)
{
	exchange->question = dns_policy_question(asking->policy);
	exchange->server = request->address;
	exchange->tally = &asking->tally;
	exchange->timeout = request->check.timeout;
	exchange->tries = (uint8_t)request->check.tries;
	exchange->tcp = tcp;
	exchange->done = exchange == &asking->first ? first_done : second_done;
	asking->open++;
	dns_engine_start(engine, exchange);
}

static void ask(const struct request *request, struct asking *asking)
{
	int32_t transport = request->check.transport;
	struct dns_engine *engine = dns_engine_open();

	begin(asking, engine, request, &asking->first, transport == haDnsServerTransport_tcp);
	if (transport == haDnsServerTransport_both)
		begin(asking, engine, request, &asking->second, true);
	dns_engine_turn(engine);
	while (asking->open > 0) {
		dns_engine_watch(engine);
		loop_turn();
		dns_engine_turn(engine);
	}
	dns_engine_close(engine);
}

/* ---- telling ---- */

/* Ends of a sentence that begins with server and question, and has the latency before it when
 * there was an answer. */
static const struct {
	int32_t reason;
	const char *text;
} endings[] = {
	{ haDnsServerReason_timeout, "no answer" },
	{ haDnsServerReason_portClosed, "the port is closed" },
	{ haDnsServerReason_wrongAnswer, "not the expected records" },
	{ haDnsServerReason_notAuthoritative, "not authoritative" },
	{ haDnsServerReason_noRecursion, "no recursion" },
	{ haDnsServerReason_notAuthenticated, "not authenticated" },
	{ haDnsServerReason_slow, "slow" },
	{ haDnsServerReason_rcode, "not an accepted return code" },
	{ haDnsServerReason_truncated, "truncated by UDP, and no answer by TCP" },
	{ haDnsServerReason_malformed, "an answer that is not DNS" },
	{ haDnsServerReason_mismatched, "only answers that do not belong to the question" },
};

static const char *ending_of(const struct dns_verdict *verdict)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (endings[i].reason == verdict->reason)
			return endings[i].text;
	return verdict->error ? strerror(verdict->error) : "";
}

static void print_sentence(const struct request *request, const struct dns_verdict *verdict,
			   char *text, size_t size)
{
	const struct settings_check *check = &request->check;
	char rcode[32], port[16] = "", latency[64];

	if (request->address.port != 53)
		TEXT_PRINT(port, " port %u", request->address.port);
	if (verdict->rcode < 0) {
		text_print(text, size, "%s%s, asked for %s %s: %s", request->server, port,
			   check->query, check->type, ending_of(verdict));
		return;
	}
	dns_rcode_print(verdict->rcode, rcode, sizeof(rcode));
	TEXT_PRINT(latency, "%u.%03u ms", verdict->latency / 1000, verdict->latency % 1000);
	text_print(text, size, "%s%s answered %s %s %s in %s%s%s%s%s", request->server, port,
		   check->query, check->type, rcode, latency,
		   verdict->reason == haDnsServerReason_none ? "" : ": ", ending_of(verdict),
		   verdict->nsid[0] ? ", by " : "", verdict->nsid);
}

/* Seconds, or nothing for a limit that there is not. */
static void print_seconds(char *text, size_t size, uint32_t microseconds)
{
	if (microseconds)
		text_print(text, size, "%u.%06u", microseconds / 1000000, microseconds % 1000000);
	else
		text_put(text, size, "");
}

/* 'label'=value[UOM];[warn];[crit];[min];[max] of the Monitoring Plugins Development Guidelines. */
static void write_performance(const struct request *request, const struct asking *asking)
{
	const struct dns_verdict *verdict = &asking->verdict;
	char warn[32], limit[32];

	print_seconds(warn, sizeof(warn), request->check.latency_warn);
	print_seconds(limit, sizeof(limit), request->check.latency_limit);
	fputs(" |", stdout);
	if (verdict->rcode >= 0)
		printf(" time=%u.%06us;%s;%s;0.000000", verdict->latency / 1000000,
		       verdict->latency % 1000000, warn, limit);
	printf(" queries=%u;;;0\n", asking->tally.queries);
}

static json_t *flags_of(uint32_t flags)
{
	json_t *array = json_array();

	for (int32_t flag = haDnsServerFlags_aa; flag <= haDnsServerFlags_cd; flag++)
		if (flags >> flag & 1)
			json_array_append_new(
				array, json_string(mib_label_of(haDnsServerFlags_labels, flag)));
	return array;
}

/* A name may be any octets: what is not UTF-8 is left out. */
static void put_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, *text ? json_string(text) : json_null());
}

static void put_number(json_t *object, const char *name, json_int_t number)
{
	json_object_set_new(object, name, json_integer(number));
}

static void put_answer(json_t *object, const struct dns_verdict *verdict)
{
	char rcode[32] = "";

	if (verdict->rcode >= 0)
		dns_rcode_print(verdict->rcode, rcode, sizeof(rcode));
	put_text(object, "rcode", rcode);
	json_object_set_new(object, "flags", flags_of(verdict->flags));
	put_number(object, "ednsSize", verdict->edns_size);
	put_text(object, "nsid", verdict->nsid);
	if (verdict->rcode >= 0)
		put_number(object, "latency", verdict->latency);
	else
		put_text(object, "latency", "");
}

/* Latency in microseconds, as in the MIB. */
static void write_json(const struct request *request, const struct asking *asking)
{
	const struct dns_verdict *verdict = &asking->verdict;
	const struct dns_tally *tally = &asking->tally;
	json_t *object = json_object();

	put_text(object, "address", request->server);
	put_number(object, "port", request->address.port);
	put_text(object, "query", request->check.query);
	put_text(object, "type", request->check.type);
	put_text(object, "class", request->check.class);
	put_text(object, "state", mib_label_of(haDnsServerState_labels, verdict->state));
	put_text(object, "reason", mib_label_of(haDnsServerReason_labels, verdict->reason));
	put_text(object, "error", verdict->error ? strerror(verdict->error) : "");
	put_answer(object, verdict);
	put_number(object, "queries", tally->queries);
	put_number(object, "timeouts", tally->timeouts);
	put_number(object, "malformed", tally->malformed);
	put_number(object, "mismatched", tally->mismatched);
	put_number(object, "truncated", tally->truncated);
	json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(object);
}

static enum plugin plugin_of(const struct dns_verdict *verdict)
{
	if (verdict->reason == haDnsServerReason_socketError)
		return PLUGIN_UNKNOWN;
	if (verdict->state == haDnsServerState_down)
		return PLUGIN_CRITICAL;
	return verdict->state == haDnsServerState_degraded ? PLUGIN_WARNING : PLUGIN_OK;
}

static void tell(const struct request *request, const struct asking *asking)
{
	char sentence[1024];

	if (request->json) {
		write_json(request, asking);
	} else if (!request->given['K'] || request->given['v']) {
		print_sentence(request, &asking->verdict, sentence, sizeof(sentence));
		printf("DNS %s - ", plugin_words[plugin_of(&asking->verdict)]);
		write_line(sentence);
		write_performance(request, asking);
	}
}

int dns_check_run(int count, char **words, bool json)
{
	struct request request = { .json = json };
	struct asking asking = { .open = 0 };
	struct dns_policy *policy;
	enum plugin plugin;
	char error[256];

	read_words(&request, count, words);
	policy = dns_policy_make(&request.check, error, sizeof(error));
	if (!policy)
		refuse(&request, "%s", error);
	asking.policy = policy;
	ask(&request, &asking);
	tell(&request, &asking);
	plugin = plugin_of(&asking.verdict);
	dns_policy_free(policy);
	free(request.rcodes);
	free(request.rcodes_text);
	free(request.answers);
	if (request.given['K'])
		return plugin <= PLUGIN_WARNING ? EXIT_SUCCESS : EXIT_FAILURE;
	return (int)plugin;
}
