/* Fuzzes answers of name servers: any octets are read and judged, or are no DNS message.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An input is a message as it comes from the wire. Its id, which nothing else depends on, chooses
 * the check that it is judged by.
 */
#include "subagent/sources/dns/message/answer.h"

#include <stdlib.h>
#include <string.h>

#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/message/question.h"
#include "subagent/sources/dns/servers/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NAME "www.example.test"

static const char *const no_texts[] = { NULL };
static const char *const rcodes[] = { "NOERROR", "NXDOMAIN", "REFUSED", "BADVERS", NULL };
static const char *const addresses[] = { "192.0.2.80", "192.0.2.81", NULL };
static const char *const exchanges[] = { "10 mail.example.test", "20 mail2.example.test", NULL };
static const char *const services[] = { "1 . alpn=\"h2,h3\" ipv4hint=192.0.2.80", NULL };

static const struct settings_check checks[] = {
	{ NAME, "A", "IN", .rcodes = no_texts, .answers = addresses },
	{ NAME, "A", "IN", .rcodes = rcodes, .answers = no_texts, .pattern = "^192\\." },
	{ NAME, "ANY", "IN", .rcodes = rcodes, .answers = no_texts, .pattern = "[0-9]+ \"?x" },
	{ NAME, "ANY", "IN", .rcodes = rcodes, .answers = no_texts, .pattern = "no such data" },
	{ "example.test", "MX", "IN", .rcodes = no_texts, .answers = exchanges },
	{ "svc.example.test", "HTTPS", "IN", .rcodes = no_texts, .answers = services },
	{ ".", "SOA", "CH", .rcodes = no_texts, .answers = no_texts, .aa = true, .ad = true },
};

static void judge(const struct dns_policy *policy, const struct dns_answer *answer)
{
	struct dns_outcome outcome = { .reason = haDnsServerReason_none, .answer = answer };
	struct dns_tally tally = { .answers = 0 };
	struct dns_verdict verdict;

	dns_policy_judge(policy, &outcome, &tally, &verdict);
	REQUIRE(verdict.state == haDnsServerState_up || verdict.state == haDnsServerState_down);
	REQUIRE((verdict.state == haDnsServerState_up) ==
		(verdict.reason == haDnsServerReason_none));
	REQUIRE(tally.answers + tally.bad_rcodes + tally.wrong_answers == 1);
	REQUIRE(verdict.rcode >= 0 && verdict.rcode <= DNS_RCODE_MAX);
	REQUIRE(strlen(answer->nsid) <= DNS_NSID_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dns_policy *policies[COUNT(checks)];
	struct dns_answer answer;
	char error[256];
	size_t choice = size ? data[0] % COUNT(checks) : 0;

	for (size_t i = 0; i < COUNT(checks) && !policies[i]; i++)
		REQUIRE((policies[i] = dns_policy_make(&checks[i], error, sizeof(error))));
	dns_question_answered(dns_policy_question(policies[choice]), 0, data, size);
	if (!dns_answer_read(&answer, data, size))
		return 0;
	judge(policies[choice], &answer);
	dns_answer_free(&answer);
	return 0;
}
