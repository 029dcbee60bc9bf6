/* Requests for the active port of a bond: haActionBondTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/bond.h"

#include <string.h>

#include "actions/plan.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_bond.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/requests/finding.h"
#include "subagent/sources/bond/rows.h"

static const struct column columns[] = {
	COLUMN(action_bond_row, haBondName, name),
	COLUMN(action_bond_row, haActionBondActivePort, port),
	COLUMN(action_bond_row, haActionBondAllowed, allowed),
	COLUMN(action_bond_row, haActionBondLastJob, last_job),
};

const struct table action_bond_table = TABLE(action_bond_row, haActionBondEntry, columns, NULL);

/* The text is the port. */
static const struct request_verb verbs[] = {
	{ 0, HaJobVerb_bondActivePort },
	{ .verb = 0 },
};

static size_t find_port(const struct settings_expected_bond *bond, const char *name)
{
	for (size_t i = 0; i < bond->ports_count; i++)
		if (!strcmp(bond->ports[i], name))
			return i;
	return SIZE_MAX;
}

static void find(const struct settings *settings, const void *key, struct request *request)
{
	const struct action_bond_row *row = key;
	const struct settings_bond *bond = settings->bond;

	for (size_t i = 0; i < bond->bonds_count; i++)
		if (!strcmp(bond->bonds[i].name, row->name)) {
			request->allowed = bond->bonds[i].switchable;
			request->subject = i;
			request->part = find_port(&bond->bonds[i], request->text);
		}
}

static bool has_active_port(int32_t mode)
{
	return mode == haBondMode_activeBackup || mode == haBondMode_balanceTlb ||
	       mode == haBondMode_balanceAlb;
}

static void judge_bond(const struct bond_row *bond, const struct request *request,
		       struct finding *finding)
{
	const char *name = request->name;

	if (!bond)
		finding_put(finding, HaReason_noSubject, "there is no bond %s", name);
	else if (bond->head.state == HaRowState_missing)
		finding_put(finding, HaReason_notUp, "%s is not there", name);
	else if (bond->head.state != HaRowState_fresh || bond->mode == haBondMode_unknown)
		finding_put(finding, HaReason_factsStale,
			    "what is known of %s is not current: see haSourceTable", name);
	else if (!has_active_port(bond->mode))
		finding_put(finding, HaReason_badValue,
			    "%s is in mode %s, which has no active port", name,
			    mib_label_of(haBondMode_labels, bond->mode));
	else if (request->part == SIZE_MAX)
		finding_put(finding, HaReason_badValue, "the configuration names no port %s of %s",
			    request->text, name);
	else if (!strcmp(bond->active, request->text))
		finding_put(finding, HaReason_nothingToDo, "%s uses %s already", name,
			    request->text);
}

static const struct bond_port_row *find_port_row(const struct board *board,
						 const struct request *request)
{
	struct bond_port_row key = { .head.state = 0 };

	TEXT_PUT(key.bond, request->name);
	TEXT_PUT(key.name, request->text);
	return board_row(board, mib_haBondPortEntry, &key);
}

static void judge_port(const struct bond_port_row *port, const struct request *request,
		       struct finding *finding)
{
	if (!port || port->head.state == HaRowState_missing)
		finding_put(finding, HaReason_targetDown, "%s is not in %s now", request->text,
			    request->name);
	else if (port->head.state != HaRowState_fresh || port->link == haBondPortLink_unknown)
		finding_put(finding, HaReason_factsStale,
			    "what is known of %s is not current: see haSourceTable", request->text);
	else if (port->link != haBondPortLink_up || port->carrier == HaAnswer_no)
		finding_put(finding, HaReason_targetDown,
			    "%s is not up (%s%s): see to its link first", request->text,
			    mib_label_of(haBondPortLink_labels, port->link),
			    port->carrier == HaAnswer_no ? ", no carrier" : "");
}

static void guard(const struct board *board, const struct request *request, struct finding *finding)
{
	finding_open(finding);
	judge_bond(request_row(board, request), request, finding);
	if (finding->reason == HaReason_none)
		judge_port(find_port_row(board, request), request, finding);
}

static void plan(const struct request *request, struct plan *plan)
{
	plan_bond_port(plan, request->subject, request->part);
}

static bool reached(const struct board *board, const struct request *request,
		    const struct plan_step *step)
{
	const struct bond_row *bond = request_row(board, request);

	(void)step;
	return bond && bond->head.state == HaRowState_fresh && !strcmp(bond->active, request->text);
}

static int64_t patience(const struct board *board, const struct request *request,
			const struct plan_step *step)
{
	(void)board;
	(void)request;
	(void)step;
	return PLAN_VERIFY_DEADLINE;
}

static void explain(const struct board *board, const struct request *request,
		    const struct plan_step *step, struct finding *finding)
{
	const struct bond_row *bond = request_row(board, request);

	(void)step;
	if (!bond || bond->head.state != HaRowState_fresh)
		finding_put(finding, HaReason_factsStale,
			    "it was done, but the source cannot tell the active port; look at "
			    "haSourceTable");
	else
		finding_put(finding, HaReason_roleNotReached, "it was done, and yet %s uses %s",
			    request->name, bond->active[0] ? bond->active : "no port");
}

static void tell(const struct request *request, char *text, size_t size)
{
	text_print(text, size, "%s uses %s", request->name, request->text);
}

const struct request_kind request_bond = {
	.table = &action_bond_table,
	.facts = mib_haBondEntry,
	.request = mib_haActionBondActivePort,
	.allowed = mib_haActionBondAllowed,
	.last_job = mib_haActionBondLastJob,
	.verbs = verbs,
	.find = find,
	.guard = guard,
	.plan = plan,
	.reached = reached,
	.patience = patience,
	.explain = explain,
	.tell = tell,
	.noun = "bond",
	.aim = "active port",
};
