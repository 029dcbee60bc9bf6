/* What is asked of a server and what is a good answer, ready for use; the judgement of one check.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/servers/policy.h"

#include <ldns/ldns.h>
#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/message/answer.h"
#include "subagent/sources/dns/message/question.h"

#define ALIASES_MAX 16 /* more than any resolver follows */

struct dns_policy {
	const struct settings_check *check;
	struct dns_question *question;
	ldns_rdf *name;
	uint16_t type, class;
	size_t rcodes_count;
	int *rcodes;
	ldns_rr_list *expected;
	regex_t pattern; /* when the check has one */
	bool pattern_made;
};

/* ---- making ---- */

static bool is_any(uint16_t type)
{
	return type == LDNS_RR_TYPE_ANY;
}

/* Transfers, and what belongs to a message instead of a name. */
static bool is_askable(uint16_t type)
{
	return type != LDNS_RR_TYPE_OPT && type != LDNS_RR_TYPE_TKEY && type != LDNS_RR_TYPE_TSIG &&
	       type != LDNS_RR_TYPE_IXFR && type != LDNS_RR_TYPE_AXFR;
}

static bool make_question(struct dns_policy *policy, char *error, size_t size)
{
	const struct settings_check *check = policy->check;
	struct dns_terms terms = {
		.name = check->query,
		.edns_size = (uint16_t)check->edns_size,
		.recursion = check->recursion,
		.nsid = check->nsid,
		.ad = check->ad,
	};

	if (!dns_type_of(check->type, &policy->type))
		text_print(error, size, "type \"%s\" is not a DNS type", check->type);
	else if (!is_askable(policy->type))
		text_print(error, size, "type \"%s\" cannot be asked by a check", check->type);
	else if (!dns_class_of(check->class, &policy->class))
		text_print(error, size, "class \"%s\" is not a DNS class", check->class);
	else if (!(policy->name = ldns_dname_new_frm_str(check->query)))
		text_print(error, size, "query \"%s\" is not a DNS name", check->query);
	if (!policy->name)
		return false;
	terms.type = policy->type;
	terms.class = policy->class;
	policy->question = dns_question_make(&terms);
	return true;
}

static bool make_rcodes(struct dns_policy *policy, char *error, size_t size)
{
	const char *const *texts = policy->check->rcodes;
	size_t count = 0;

	while (texts[count])
		count++;
	policy->rcodes = memory_new(count ? count : 1, sizeof(*policy->rcodes));
	policy->rcodes_count = count ? count : 1;
	policy->rcodes[0] = LDNS_RCODE_NOERROR;
	for (size_t i = 0; i < count; i++) {
		if (dns_rcode_of(texts[i], &policy->rcodes[i]))
			continue;
		text_print(error, size, "rcode \"%s\" is not a DNS return code", texts[i]);
		return false;
	}
	return true;
}

/* A record of this data; NULL when the text is none for the type. */
static ldns_rr *make_record(uint16_t type, const char *data)
{
	size_t size = strlen(data) + sizeof(". 0 IN TYPE65535 ");
	char *text = memory_new(size, 1);
	ldns_rr *record = NULL;

	text_print(text, size, ". 0 IN TYPE%u %s", type, data);
	if (ldns_rr_new_frm_str(&record, text, 0, NULL, NULL) != LDNS_STATUS_OK)
		record = NULL;
	free(text);
	if (record && !ldns_rr_rd_count(record)) {
		ldns_rr_free(record);
		record = NULL;
	}
	return record;
}

static bool make_expected(struct dns_policy *policy, char *error, size_t size)
{
	const struct settings_check *check = policy->check;

	policy->expected = ldns_rr_list_new();
	for (const char *const *data = check->answers; *data; data++) {
		ldns_rr *record = is_any(policy->type) ? NULL : make_record(policy->type, *data);

		if (!record) {
			text_print(error, size,
				   "answer \"%s\" is not the data of a record of type %s", *data,
				   check->type);
			return false;
		}
		ldns_rr_list_push_rr(policy->expected, record);
	}
	return true;
}

static bool make_pattern(struct dns_policy *policy, char *error, size_t size)
{
	const char *text = policy->check->pattern;
	char why[128];
	int failed;

	if (!text)
		return true;
	failed = regcomp(&policy->pattern, text, REG_EXTENDED | REG_NOSUB);
	policy->pattern_made = !failed;
	if (!failed)
		return true;
	regerror(failed, &policy->pattern, why, sizeof(why));
	text_print(error, size, "pattern \"%s\": %s", text, why);
	return false;
}

struct dns_policy *dns_policy_make(const struct settings_check *check, char *error, size_t size)
{
	struct dns_policy *policy = memory_new(1, sizeof(*policy));

	policy->check = check;
	if (make_question(policy, error, size) && make_rcodes(policy, error, size) &&
	    make_expected(policy, error, size) && make_pattern(policy, error, size))
		return policy;
	dns_policy_free(policy);
	return NULL;
}

void dns_policy_free(struct dns_policy *policy)
{
	if (!policy)
		return;
	if (policy->pattern_made)
		regfree(&policy->pattern);
	ldns_rr_list_deep_free(policy->expected);
	ldns_rdf_deep_free(policy->name);
	free(policy->rcodes);
	free(policy->question);
	free(policy);
}

const struct settings_check *dns_policy_check(const struct dns_policy *policy)
{
	return policy->check;
}

const struct dns_question *dns_policy_question(const struct dns_policy *policy)
{
	return policy->question;
}

uint16_t dns_policy_type(const struct dns_policy *policy)
{
	return policy->type;
}

uint16_t dns_policy_class(const struct dns_policy *policy)
{
	return policy->class;
}

/* ---- the records of an answer ---- */

/* Names are equal whatever the case of their letters. */
static bool is_same_data(const ldns_rr *one, const ldns_rr *other)
{
	size_t count = ldns_rr_rd_count(one);

	if (count != ldns_rr_rd_count(other))
		return false;
	for (size_t i = 0; i < count; i++) {
		const ldns_rdf *mine = ldns_rr_rdf(one, i), *theirs = ldns_rr_rdf(other, i);
		bool names = ldns_rdf_get_type(mine) == LDNS_RDF_TYPE_DNAME &&
			     ldns_rdf_get_type(theirs) == LDNS_RDF_TYPE_DNAME;

		if (names ? ldns_dname_compare(mine, theirs) : ldns_rdf_compare(mine, theirs))
			return false;
	}
	return true;
}

/* Where the CNAME of a name leads; NULL when it has none. */
static const ldns_rdf *alias_target(const ldns_rr_list *records, const ldns_rdf *name)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		const ldns_rr *record = ldns_rr_list_rr(records, i);

		if (ldns_rr_get_type(record) == LDNS_RR_TYPE_CNAME && ldns_rr_rd_count(record) &&
		    !ldns_dname_compare(ldns_rr_owner(record), name))
			return ldns_rr_rdf(record, 0);
	}
	return NULL;
}

/* The name whose records are the answer: that of the question, or what it is an alias of. */
static const ldns_rdf *find_owner(const struct dns_policy *policy, const ldns_rr_list *records)
{
	const ldns_rdf *name = policy->name, *target = name;

	if (policy->type == LDNS_RR_TYPE_CNAME || is_any(policy->type))
		return name;
	for (int aliases = 0; target && aliases < ALIASES_MAX; aliases++) {
		name = target;
		target = alias_target(records, name);
	}
	return name;
}

static bool is_of_answer(const struct dns_policy *policy, const ldns_rr *record,
			 const ldns_rdf *owner)
{
	return (is_any(policy->type) || ldns_rr_get_type(record) == policy->type) &&
	       !ldns_dname_compare(ldns_rr_owner(record), owner);
}

static bool is_expected(const struct dns_policy *policy, const ldns_rr *record)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(policy->expected); i++)
		if (is_same_data(ldns_rr_list_rr(policy->expected, i), record))
			return true;
	return false;
}

static bool is_answered(const struct dns_policy *policy, const ldns_rr *expected,
			const ldns_rr_list *records, const ldns_rdf *owner)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		const ldns_rr *record = ldns_rr_list_rr(records, i);

		if (is_of_answer(policy, record, owner) && is_same_data(expected, record))
			return true;
	}
	return false;
}

/* All that is expected, and no other. */
static bool has_expected(const struct dns_policy *policy, const ldns_rr_list *records,
			 const ldns_rdf *owner)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(policy->expected); i++)
		if (!is_answered(policy, ldns_rr_list_rr(policy->expected, i), records, owner))
			return false;
	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		const ldns_rr *record = ldns_rr_list_rr(records, i);

		if (is_of_answer(policy, record, owner) && !is_expected(policy, record))
			return false;
	}
	return true;
}

/* As in a zone file, fields with a blank between; the caller frees it. All the room is made at the
 * start: for the parameters of SVCB and HTTPS ldns 1.8.3 makes none, and ends the process by an
 * assertion. Two octets of such data become 16 characters (",no-default-alpn"), no others more. */
static char *print_data(const ldns_rr *record)
{
	ldns_buffer *buffer =
		ldns_buffer_new(LDNS_MIN_BUFLEN + 8 * ldns_rr_uncompressed_size(record));
	char *text;

	for (size_t i = 0; i < ldns_rr_rd_count(record); i++) {
		if (i)
			ldns_buffer_printf(buffer, " ");
		ldns_rdf2buffer_str(buffer, ldns_rr_rdf(record, i));
	}
	text = ldns_buffer_export2str(buffer);
	ldns_buffer_free(buffer);
	return text;
}

static bool matches(const struct dns_policy *policy, const ldns_rr *record)
{
	char *text = print_data(record);
	bool found = text && !regexec(&policy->pattern, text, 0, NULL, 0);

	free(text);
	return found;
}

static bool has_match(const struct dns_policy *policy, const ldns_rr_list *records,
		      const ldns_rdf *owner)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		const ldns_rr *record = ldns_rr_list_rr(records, i);

		if (is_of_answer(policy, record, owner) && matches(policy, record))
			return true;
	}
	return false;
}

static bool has_right_records(const struct dns_policy *policy, const ldns_pkt *packet)
{
	const ldns_rr_list *records = ldns_pkt_answer(packet);
	bool compare = ldns_rr_list_rr_count(policy->expected) > 0;
	const ldns_rdf *owner;

	if (!compare && !policy->pattern_made)
		return true;
	owner = find_owner(policy, records);
	return (!compare || has_expected(policy, records, owner)) &&
	       (!policy->pattern_made || has_match(policy, records, owner));
}

/* ---- judging ---- */

static bool is_accepted(const struct dns_policy *policy, int rcode)
{
	for (size_t i = 0; i < policy->rcodes_count; i++)
		if (policy->rcodes[i] == rcode)
			return true;
	return false;
}

static bool has_flag(const struct dns_answer *answer, enum haDnsServerFlags flag)
{
	return answer->flags >> flag & 1;
}

/* Reason not to believe in the server, whatever its latency. */
static int32_t find_fault(const struct dns_policy *policy, const struct dns_answer *answer)
{
	const struct settings_check *check = policy->check;

	if (!is_accepted(policy, answer->rcode))
		return haDnsServerReason_rcode;
	if (check->aa && !has_flag(answer, haDnsServerFlags_aa))
		return haDnsServerReason_notAuthoritative;
	if (check->ra && !has_flag(answer, haDnsServerFlags_ra))
		return haDnsServerReason_noRecursion;
	if (check->ad && !has_flag(answer, haDnsServerFlags_ad))
		return haDnsServerReason_notAuthenticated;
	if (answer->rcode == LDNS_RCODE_NOERROR && !has_right_records(policy, answer->packet))
		return haDnsServerReason_wrongAnswer;
	return haDnsServerReason_none;
}

static void count(struct dns_tally *tally, int32_t fault, int rcode)
{
	tally->answers += fault == haDnsServerReason_none;
	if (fault == haDnsServerReason_rcode) {
		tally->bad_rcodes++;
		tally->refused += rcode == LDNS_RCODE_REFUSED;
		tally->server_failures += rcode == LDNS_RCODE_SERVFAIL;
	} else {
		tally->wrong_answers += fault != haDnsServerReason_none;
	}
}

static void judge_latency(const struct settings_check *check, struct dns_verdict *verdict)
{
	if (check->latency_limit && verdict->latency > check->latency_limit) {
		verdict->reason = haDnsServerReason_slow;
	} else if (check->latency_warn && verdict->latency > check->latency_warn) {
		verdict->state = haDnsServerState_degraded;
		verdict->reason = haDnsServerReason_slow;
	} else {
		verdict->state = haDnsServerState_up;
	}
}

void dns_policy_judge(const struct dns_policy *policy, const struct dns_outcome *outcome,
		      struct dns_tally *tally, struct dns_verdict *verdict)
{
	const struct dns_answer *answer = outcome->answer;

	memset(verdict, 0, sizeof(*verdict));
	verdict->state = haDnsServerState_down;
	verdict->reason = outcome->reason;
	verdict->rcode = -1;
	verdict->error = outcome->error;
	if (outcome->reason != haDnsServerReason_none)
		return;
	verdict->reason = find_fault(policy, answer);
	verdict->rcode = answer->rcode;
	verdict->flags = answer->flags;
	verdict->edns_size = answer->edns_size;
	verdict->latency = outcome->latency;
	TEXT_PUT(verdict->nsid, answer->nsid);
	count(tally, verdict->reason, answer->rcode);
	if (verdict->reason == haDnsServerReason_none)
		judge_latency(policy->check, verdict);
}

int dns_verdict_worse(const struct dns_verdict *one, const struct dns_verdict *other)
{
	if (one->state != other->state)
		return one->state > other->state;
	return one->latency > other->latency;
}
