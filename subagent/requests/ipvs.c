/* Requests to drain and restore a real server: haActionIpvsTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/ipvs.h"

#include <string.h>

#include "actions/plan.h"
#include "lib/address.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_ipvs.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/requests/finding.h"
#include "subagent/sources/ipvs/rows.h"

static const struct column columns[] = {
	COLUMN(action_ipvs_row, haIpvsServiceProtocol, protocol),
	COLUMN(action_ipvs_row, haIpvsServiceAddressType, service_type),
	COLUMN(action_ipvs_row, haIpvsServiceAddress, service),
	COLUMN(action_ipvs_row, haIpvsServicePort, service_port),
	COLUMN(action_ipvs_row, haIpvsRealAddressType, address_type),
	COLUMN(action_ipvs_row, haIpvsRealAddress, address),
	COLUMN(action_ipvs_row, haIpvsRealPort, port),
	COLUMN(action_ipvs_row, haActionIpvsRequest, request),
	COLUMN(action_ipvs_row, haActionIpvsSeconds, seconds),
	COLUMN(action_ipvs_row, haActionIpvsAllowed, allowed),
	COLUMN(action_ipvs_row, haActionIpvsLastJob, last_job),
};

static struct address address_of(int32_t type, const struct octets *octets, uint32_t port)
{
	struct address address = {
		.family = type == InetAddressType_ipv6 ? AF_INET6 : AF_INET,
		.port = (uint16_t)port,
	};

	memcpy(address.octets, octets->octet, sizeof(address.octets));
	return address;
}

/* As the row of facts calls it, which need not be there. */
static void call(const void *row, char *text, size_t size)
{
	const struct action_ipvs_row *action = row;
	struct address address = address_of(action->address_type, &action->address, action->port);
	struct ipvs_real_row real = {
		.protocol = action->protocol,
		.service_type = action->service_type,
		.service_port = action->service_port,
		.service = action->service,
	};

	address_print_port(&address, real.text, sizeof(real.text));
	table_subject(&ipvs_real_table, &real, text, size);
}

const struct table action_ipvs_table = TABLE(action_ipvs_row, haActionIpvsEntry, columns, call);

static const struct request_verb verbs[] = {
	{ haActionIpvsRequest_drain, HaJobVerb_ipvsDrain },
	{ haActionIpvsRequest_restore, HaJobVerb_ipvsRestore },
	{ .verb = 0 },
};

/* ---- the settings ---- */

static bool is_service(const struct settings_ipvs_service *service,
		       const struct action_ipvs_row *row, const struct address *address)
{
	if (service->protocol != (uint32_t)row->protocol)
		return false;
	if (service->protocol == HaIpvsProtocol_fwmark)
		return service->mark == row->service_port &&
		       service->address.family == address->family;
	return address_equal(&service->address, address);
}

static size_t find_server(const struct settings_ipvs_service *service,
			  const struct address *address)
{
	for (size_t i = 0; i < service->servers_count; i++)
		if (address_equal(&service->servers[i], address))
			return i;
	return SIZE_MAX;
}

static void find(const struct settings *settings, const void *key, struct request *request)
{
	const struct action_ipvs_row *row = key;
	const struct settings_ipvs *ipvs = settings->ipvs;
	struct address service = address_of(row->service_type, &row->service, row->service_port);
	struct address server = address_of(row->address_type, &row->address, row->port);

	for (size_t i = 0; i < ipvs->services_count; i++)
		if (is_service(&ipvs->services[i], row, &service)) {
			request->subject = i;
			request->part = find_server(&ipvs->services[i], &server);
			request->allowed =
				ipvs->services[i].switchable && request->part != SIZE_MAX;
		}
}

/* ---- the facts ---- */

static void judge_row(const struct ipvs_real_row *real, const struct request *request,
		      struct finding *finding)
{
	if (!real)
		finding_put(finding, HaReason_noSubject, "there is no %s", request->name);
	else if (real->head.state != HaRowState_fresh && real->head.state != HaRowState_missing)
		finding_put(finding, HaReason_factsStale,
			    "what is known of %s is not current: see haSourceTable", request->name);
	else if (real->real_state == haIpvsRealState_unknown)
		finding_put(finding, HaReason_factsStale, "the state of %s is not known",
			    request->name);
	else if (real->real_state == haIpvsRealState_removed)
		finding_put(finding, HaReason_targetDown,
			    "%s is not in the kernel: keepalived or an operator has removed it",
			    request->name);
}

static bool is_same_service(const struct ipvs_real_row *one, const struct ipvs_real_row *other)
{
	return one->protocol == other->protocol && one->service_type == other->service_type &&
	       one->service_port == other->service_port &&
	       one->service.length == other->service.length &&
	       !memcmp(one->service.octet, other->service.octet, one->service.length);
}

static bool is_last(const struct board *board, const struct ipvs_real_row *real)
{
	const struct rows *rows = board_rows(board, mib_haIpvsRealEntry);

	for (size_t i = 0; i < rows->count; i++) {
		const struct ipvs_real_row *other = rows->entries[i]->row;

		if (!rows->entries[i]->gone && other != real && is_same_service(real, other) &&
		    other->head.state == HaRowState_fresh && other->weight > 0)
			return false;
	}
	return true;
}

static void judge_drain(const struct board *board, const struct ipvs_real_row *real,
			const struct request *request, struct finding *finding)
{
	if (real->weight == 0 && request->promised)
		finding_put(finding, HaReason_nothingToDo, "%s is drained already", request->name);
	else if (real->weight == 0)
		finding_put(finding, HaReason_nothingToDo,
			    "%s has the weight 0 already, and not by a request", request->name);
	else if (is_last(board, real))
		finding_put(finding, HaReason_noHealthyPeer,
			    "%s is the last server with a weight: nobody would serve",
			    request->name);
}

/* Who has given it weight 0 knows why: its check may have failed. */
static void judge_restore(const struct ipvs_real_row *real, const struct request *request,
			  struct finding *finding)
{
	if (real->weight > 0)
		finding_put(finding, HaReason_nothingToDo, "%s has the weight %u already",
			    request->name, real->weight);
	else if (!request->promised)
		finding_put(
			finding, HaReason_targetDown,
			"%s was not drained by a request: whoever gave it weight 0 must restore "
			"it",
			request->name);
	else if (real->check == haIpvsRealCheck_down)
		finding_put(finding, HaReason_targetDown, "the check of %s fails", request->name);
}

static void guard(const struct board *board, const struct request *request, struct finding *finding)
{
	const struct ipvs_real_row *real = request_row(board, request);

	finding_open(finding);
	judge_row(real, request, finding);
	if (finding->reason != HaReason_none)
		return;
	if (request->verb == HaJobVerb_ipvsDrain)
		judge_drain(board, real, request, finding);
	else
		judge_restore(real, request, finding);
}

/* ---- the job ---- */

static uint32_t wanted_weight(const struct request *request)
{
	return request->verb == HaJobVerb_ipvsDrain ? 0 : request->promise.weight;
}

static void plan(const struct request *request, struct plan *plan)
{
	plan_ipvs_weight(plan, request->subject, request->part, wanted_weight(request));
}

static bool is_current(const struct ipvs_real_row *real)
{
	return real && real->head.state == HaRowState_fresh &&
	       real->real_state != haIpvsRealState_removed;
}

static bool reached(const struct board *board, const struct request *request,
		    const struct plan_step *step)
{
	const struct ipvs_real_row *real = request_row(board, request);

	(void)step;
	return is_current(real) && real->weight == wanted_weight(request);
}

/* The kernel tells of no change: it is seen at the next look. */
static int64_t patience(const struct board *board, const struct request *request,
			const struct plan_step *step)
{
	(void)board;
	(void)step;
	return PLAN_VERIFY_DEADLINE + request->settings->ipvs->interval;
}

static void explain(const struct board *board, const struct request *request,
		    const struct plan_step *step, struct finding *finding)
{
	const struct ipvs_real_row *real = request_row(board, request);

	(void)step;
	if (!is_current(real))
		finding_put(finding, HaReason_factsStale,
			    "it was done, but the source cannot tell the weight; look at "
			    "haSourceTable");
	else
		finding_put(finding, HaReason_roleNotReached,
			    "it was done, and yet the weight is %u: did keepalived set it?",
			    real->weight);
}

static void tell(const struct request *request, char *text, size_t size)
{
	if (request->verb == HaJobVerb_ipvsRestore)
		text_print(text, size, "%s has the weight %u again", request->name,
			   request->promise.weight);
	else if (request->seconds)
		text_print(text, size, "%s is drained for %u s", request->name, request->seconds);
	else
		text_print(text, size, "%s is drained", request->name);
}

static uint32_t remember(const struct board *board, const struct request *request)
{
	const struct ipvs_real_row *real = request_row(board, request);

	return real ? real->weight : 0;
}

/* A server that keepalived has removed may come back as it was. */
static int32_t holds(const struct board *board, const struct promise *promise)
{
	const struct ipvs_real_row *real =
		request_row_of(board, mib_haIpvsRealEntry, promise->index, promise->index_length);

	if (!is_current(real))
		return HaAnswer_unknown;
	return real->weight ? HaAnswer_no : HaAnswer_yes;
}

/* The source cannot know why the weight is 0. */
static void amend(void *row)
{
	struct ipvs_real_row *real = row;

	if (real->real_state == haIpvsRealState_quiesced)
		real->real_state = haIpvsRealState_drained;
}

const struct request_kind request_ipvs = {
	.table = &action_ipvs_table,
	.facts = mib_haIpvsRealEntry,
	.request = mib_haActionIpvsRequest,
	.seconds = mib_haActionIpvsSeconds,
	.allowed = mib_haActionIpvsAllowed,
	.last_job = mib_haActionIpvsLastJob,
	.verbs = verbs,
	.find = find,
	.guard = guard,
	.plan = plan,
	.reached = reached,
	.patience = patience,
	.explain = explain,
	.tell = tell,
	.noun = "server",
	.aim = "weight",
	.opens = HaJobVerb_ipvsDrain,
	.closes = HaJobVerb_ipvsRestore,
	.remember = remember,
	.holds = holds,
	.amend = amend,
};
