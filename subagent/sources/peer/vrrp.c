/* Judges whether the peer would take an instance over, from what its agent says.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/vrrp.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/sorted.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"

#define AGE_BIT (UINT64_C(1) << mib_objects[mib_haVrrpPeerAge].arc)

/* ---- instances ---- */

static void tell(struct paced *paced)
{
	const struct peer_instance *instance =
		(const struct peer_instance *)((const char *)paced -
					       offsetof(struct peer_instance, paced));

	report_row(&peer_vrrp_table, &instance->row);
}

static struct peer_instance *new_instance(const struct peer_vrrp *vrrp, const char *name)
{
	struct peer_instance *instance = memory_new(1, sizeof(*instance));

	instance->paced.tell = tell;
	instance->content = haVrrpPeerCause_unknown;
	instance->trouble = haVrrpPeerCause_unknown;
	instance->row = (struct peer_vrrp_row){
		.head.state = HaRowState_stale,
		.head.absent = AGE_BIT,
		.vrrp_state = HaVrrpState_unknown,
		.reason = haVrrpPeerReason_unknown,
		.held = HaAnswer_unknown,
		.healthy = HaAnswer_unknown,
		.cause = haVrrpPeerCause_unknown,
	};
	TEXT_PUT(instance->row.instance, name);
	TEXT_PUT(instance->row.node, vrrp->node);
	return instance;
}

static int compare_names(const void *element, const void *name)
{
	return strcmp((*(const struct peer_instance *const *)element)->row.instance, name);
}

static size_t position_of(const struct peer_vrrp *vrrp, const char *name)
{
	return sorted_position(vrrp->instances, vrrp->count, sizeof(*vrrp->instances), name,
			       compare_names);
}

/* The instance of this name, a new one when there was none. */
static struct peer_instance *instance_of(struct peer_vrrp *vrrp, const char *name)
{
	size_t position = position_of(vrrp, name);

	if (position < vrrp->count && !strcmp(vrrp->instances[position]->row.instance, name))
		return vrrp->instances[position];
	vrrp->instances = sorted_insert(vrrp->instances, position, &vrrp->count, &vrrp->room,
					sizeof(*vrrp->instances));
	vrrp->instances[position] = new_instance(vrrp, name);
	return vrrp->instances[position];
}

static void forget_instance(struct peer_vrrp *vrrp, size_t position)
{
	struct peer_instance *instance = vrrp->instances[position];

	pace_drop(&vrrp->pace, &instance->paced);
	report_gone(&peer_vrrp_table, &instance->row);
	free(instance);
	sorted_remove(vrrp->instances, position, &vrrp->count, sizeof(*vrrp->instances));
}

void peer_vrrp_open(struct peer_vrrp *vrrp, int64_t limit, int64_t now)
{
	memset(vrrp, 0, sizeof(*vrrp));
	vrrp->limit = limit;
	vrrp->begun = now;
	pace_open(&vrrp->pace);
}

void peer_vrrp_close(struct peer_vrrp *vrrp)
{
	for (size_t i = 0; i < vrrp->count; i++)
		free(vrrp->instances[i]);
	free(vrrp->instances);
}

void peer_vrrp_expect(struct peer_vrrp *vrrp, const char *name)
{
	instance_of(vrrp, name)->expected = true;
}

/* ---- judgement ---- */

/* What a row that the peer vouches for comes to. */
static int32_t judge_content(const struct peer_instance_row *row, int32_t keepalived)
{
	if (keepalived == haVrrpKeepalivedState_stopped ||
	    keepalived == haVrrpKeepalivedState_notInstalled)
		return haVrrpPeerCause_keepalivedGone;
	if (row->head.state == HaRowState_missing)
		return haVrrpPeerCause_noSuchInstance;
	if (row->held == HaAnswer_yes)
		return haVrrpPeerCause_held;
	if (row->vrrp_state == HaVrrpState_fault)
		return haVrrpPeerCause_fault;
	if (row->vrrp_state == HaVrrpState_backup || row->vrrp_state == HaVrrpState_master)
		return haVrrpPeerCause_none;
	return haVrrpPeerCause_notReady;
}

/* A row that its own agent does not vouch for says nothing about the peer as it is now. */
static bool is_known(const struct peer_instance_row *row)
{
	return table_has(table_column(&peer_instance_table, mib_haVrrpInstanceState), row) &&
	       row->vrrp_state != HaVrrpState_unknown &&
	       (row->head.state == HaRowState_fresh || row->head.state == HaRowState_missing);
}

static int64_t reference_of(const struct peer_vrrp *vrrp, const struct peer_instance *instance)
{
	return instance->confirmed ? instance->confirmed : vrrp->begun;
}

static void judge(const struct peer_vrrp *vrrp, struct peer_instance *instance, int64_t now)
{
	struct peer_vrrp_row *row = &instance->row;
	bool late = now - reference_of(vrrp, instance) > vrrp->limit;
	bool missing = instance->content == haVrrpPeerCause_noSuchInstance;

	row->cause = instance->content;
	/* Nobody has said anything: this process itself was stopped. */
	if (late)
		row->cause = instance->trouble == haVrrpPeerCause_none ? haVrrpPeerCause_unknown :
									 instance->trouble;
	if (late || !instance->confirmed)
		row->head.state = HaRowState_stale;
	else
		row->head.state = missing ? HaRowState_missing : HaRowState_fresh;
	if (row->cause == haVrrpPeerCause_unknown)
		row->healthy = HaAnswer_unknown;
	else
		row->healthy = row->cause == haVrrpPeerCause_none ? HaAnswer_yes : HaAnswer_no;
}

/* A change since the row was `before' is told at once; that it was confirmed again, in its turn. */
static void settle(struct peer_vrrp *vrrp, struct peer_instance *instance,
		   const struct peer_vrrp_row *before, int64_t now)
{
	judge(vrrp, instance, now);
	instance->row.age.since = instance->confirmed;
	instance->row.head.absent = instance->confirmed ? 0 : AGE_BIT;
	TEXT_PUT(instance->row.node, vrrp->node);
	if (memcmp(before, &instance->row, offsetof(struct peer_vrrp_row, age)) != 0)
		pace_pass(&vrrp->pace, &instance->paced);
	else if (before->age.since != instance->row.age.since)
		pace_add(&vrrp->pace, &instance->paced);
}

/* It was not confirmed, for this reason. */
static void trouble(struct peer_vrrp *vrrp, struct peer_instance *instance, int32_t cause,
		    int64_t now)
{
	struct peer_vrrp_row before = instance->row;

	instance->trouble = cause;
	settle(vrrp, instance, &before, now);
}

static void confirm(struct peer_instance *instance, int32_t content, int64_t now)
{
	instance->confirmed = now;
	instance->content = content;
	instance->trouble = haVrrpPeerCause_none;
}

/* ---- what the peer says ---- */

static void take_values(struct peer_vrrp_row *row, const struct peer_instance_row *said)
{
	row->state_time = said->state_time;
	row->vrrp_state = said->vrrp_state;
	row->reason = said->reason ? said->reason : haVrrpPeerReason_unknown;
	row->priority = said->priority;
	row->addresses_present = said->addresses_present;
	row->held = said->held ? said->held : HaAnswer_unknown;
}

static void take_row(struct peer_vrrp *vrrp, const struct peer_instance_row *said,
		     int32_t keepalived, int64_t now)
{
	struct peer_instance *instance = instance_of(vrrp, said->name);
	struct peer_vrrp_row before = instance->row;

	if (!is_known(said)) {
		trouble(vrrp, instance, haVrrpPeerCause_rowNotFresh, now);
		return;
	}
	confirm(instance, judge_content(said, keepalived), now);
	take_values(&instance->row, said);
	settle(vrrp, instance, &before, now);
}

static bool said_row(const struct peer_said *said, const struct peer_instance *instance)
{
	struct peer_instance_row key = { 0 };

	TEXT_PUT(key.name, instance->row.instance);
	return rows_find_row(said->instances, &key) != NULL;
}

/* The peer knows its instances, and this is none of them. */
static void lose(struct peer_vrrp *vrrp, struct peer_instance *instance, int32_t keepalived,
		 int64_t now)
{
	struct peer_vrrp_row before = instance->row;

	confirm(instance,
		keepalived == haVrrpKeepalivedState_running ? haVrrpPeerCause_noSuchInstance :
							      haVrrpPeerCause_keepalivedGone,
		now);
	instance->row.vrrp_state = HaVrrpState_unknown;
	instance->row.held = HaAnswer_unknown;
	settle(vrrp, instance, &before, now);
}

static void take_absent(struct peer_vrrp *vrrp, const struct peer_said *said, int64_t now)
{
	bool known = said->keepalived != haVrrpKeepalivedState_unknown &&
		     said->keepalived != haVrrpKeepalivedState_other;

	for (size_t i = vrrp->count; i-- > 0;) {
		struct peer_instance *instance = vrrp->instances[i];

		if (said_row(said, instance))
			continue;
		if (!known)
			trouble(vrrp, instance, haVrrpPeerCause_rowNotFresh, now);
		else if (instance->expected)
			lose(vrrp, instance, said->keepalived, now);
		else
			forget_instance(vrrp, i);
	}
}

void peer_vrrp_take(struct peer_vrrp *vrrp, const struct peer_said *said, int64_t now)
{
	TEXT_PUT(vrrp->node, said->node);
	for (size_t i = 0; i < said->instances->count; i++)
		take_row(vrrp, said->instances->entries[i]->row, said->keepalived, now);
	take_absent(vrrp, said, now);
}

void peer_vrrp_fail(struct peer_vrrp *vrrp, int32_t cause, int64_t now)
{
	for (size_t i = 0; i < vrrp->count; i++)
		trouble(vrrp, vrrp->instances[i], cause, now);
}

/* ---- time ---- */

static int64_t earlier(int64_t one, int64_t other)
{
	return one && (!other || one < other) ? one : other;
}

int64_t peer_vrrp_turn(struct peer_vrrp *vrrp, int64_t now)
{
	int64_t next = 0;

	for (size_t i = 0; i < vrrp->count; i++) {
		struct peer_instance *instance = vrrp->instances[i];
		int64_t late = reference_of(vrrp, instance) + vrrp->limit + 1;

		if (now >= late)
			trouble(vrrp, instance, instance->trouble, now);
		else
			next = earlier(late, next);
	}
	return earlier(pace_turn(&vrrp->pace, now), next);
}

void peer_vrrp_report(struct peer_vrrp *vrrp)
{
	for (size_t i = 0; i < vrrp->count; i++)
		pace_pass(&vrrp->pace, &vrrp->instances[i]->paced);
}
