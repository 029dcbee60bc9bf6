/* What is asked of a server and what is a good answer, ready for use; the judgement of one check.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_POLICY_H
#define HA_DNS_POLICY_H

#include <stddef.h>
#include <stdint.h>

struct dns_outcome;
struct dns_policy;
struct dns_question;
struct dns_tally;
struct settings_check;

/* One check of one server: by UDP, by TCP or both (then the worse of the two, see
 * dns_verdict_worse()). */
struct dns_verdict {
	int32_t state;    /* enum haDnsServerState: up, degraded or down */
	int32_t reason;   /* enum haDnsServerReason; `none' goes with up */
	int32_t rcode;    /* -1 without an answer */
	uint32_t flags;   /* of the answer, as in haDnsServerFlags */
	uint32_t latency; /* microseconds; 0 without an answer */
	uint16_t edns_size;
	char nsid[65];
	int error; /* errno, with unreachable and socketError */
};

/* Make it ready. NULL when a text in it is wrong; `error' then says which and why. The settings
 * must outlive it; the caller frees it with dns_policy_free(). */
struct dns_policy *dns_policy_make(const struct settings_check *check, char *error, size_t size);
void dns_policy_free(struct dns_policy *policy);

const struct settings_check *dns_policy_check(const struct dns_policy *policy);
const struct dns_question *dns_policy_question(const struct dns_policy *policy);
uint16_t dns_policy_type(const struct dns_policy *policy);
uint16_t dns_policy_class(const struct dns_policy *policy);

/* Judge what came of an exchange, and count it. In this order: an rcode that is not accepted, flags
 * that are missing, records that are not the expected ones, latency. Only a latency above the
 * warning leaves the server usable: degraded; everything else is down. */
void dns_policy_judge(const struct dns_policy *policy, const struct dns_outcome *outcome,
		      struct dns_tally *tally, struct dns_verdict *verdict);

/* Whether the first is worse than the other. */
int dns_verdict_worse(const struct dns_verdict *one, const struct dns_verdict *other);

#endif
