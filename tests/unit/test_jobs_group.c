/* Tests jobs of groups: every step done, failed, cancelled, interrupted; beside each other; and
 * every request.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/follow.h"
#include "subagent/requests/drbd.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/jobs_world.h"

#define NFS (JOB_SLOT_GROUP + 0)
#define MAIL (JOB_SLOT_GROUP + 1)

/* Milliseconds in which the last verification has given up. */
#define LONG 60000

/* What a switchover has its executor do: two members are stopped, the resource is demoted, hold,
 * release. The third step is the last from which it can be called back. */
#define ORDERS 5
#define LAST_TO_CANCEL 3

static int make(void **state)
{
	if (folder_make(state) < 0)
		return -1;
	jobs_world_make(state);
	hub.settings.state = folder;
	promises_open(&hub.jobs.promises, folder);
	journal_open(&hub.jobs.journal, &hub.settings);
	return 0;
}

static int remove_all(void **state)
{
	jobs_world_remove(state);
	return folder_remove(state);
}

/* The same world as at first. */
static void anew(void)
{
	remove_all(NULL);
	make(NULL);
}

static struct job *job_in(size_t slot)
{
	return &hub.jobs.job[slot];
}

/* ---- what an executor does to the world ---- */

static struct jobs_group *group_of(const struct step *step)
{
	switch (step->verb) {
	case STEP_VRRP_HOLD:
	case STEP_VRRP_RELEASE:
		return &hub.group[step->subject - 2];
	default:
		return &hub.group[step->subject];
	}
}

static void promote(struct jobs_group *group)
{
	group->disks.resource.role = HaDrbdRole_primary;
	group->started[0] = true;
}

static void demote(struct jobs_group *group)
{
	group->disks.resource.role = HaDrbdRole_secondary;
	group->started[0] = false;
}

/* The other node, when it may, is master, and then has the disk. */
static void hold(struct jobs_group *group)
{
	group->instance.held = HaAnswer_yes;
	group->instance.vrrp_state = HaVrrpState_fault;
	if (!group->peer_takes)
		return;
	group->router.router_state = haVrrpRouterState_advertising;
	group->disks.peer.role = HaDrbdRole_primary;
}

static void release(struct jobs_group *group)
{
	bool given = group->router.router_state == haVrrpRouterState_advertising;

	group->instance.held = HaAnswer_no;
	group->instance.vrrp_state = given ? HaVrrpState_backup : HaVrrpState_master;
}

static void affect(const struct step *step)
{
	struct jobs_group *group = group_of(step);

	switch (step->verb) {
	case STEP_DRBD_PRIMARY:
	case STEP_DRBD_PRIMARY_ALONE:
		promote(group);
		break;
	case STEP_DRBD_SECONDARY:
		assert_false(group->started[1]);
		demote(group);
		break;
	case STEP_MEMBER_START:
		assert_true(group->started[0]);
		group->started[step->part] = true;
		break;
	case STEP_MEMBER_STOP:
		group->started[step->part] = false;
		break;
	case STEP_VRRP_HOLD:
		hold(group);
		break;
	case STEP_VRRP_RELEASE:
		release(group);
		break;
	default:
		break;
	}
}

/* The executor of a slot does what it was told. */
static void do_in(size_t slot)
{
	struct step step;

	assert_true(step_decode(&hub.settings, hub.given[slot].step, hub.given[slot].value, &step));
	affect(&step);
	jobs_world_answer_in(slot, HaReason_none);
	jobs_world_say();
}

/* So many steps. */
static void do_steps(size_t slot, size_t count)
{
	while (count-- > 0) {
		assert_int_equal(job_in(slot)->phase, JOB_EXECUTING);
		do_in(slot);
	}
}

static bool is_executing(size_t slot)
{
	return job_in(slot)->phase == JOB_EXECUTING || job_in(slot)->phase == JOB_ROLLING_BACK;
}

/* Everything that is left, as long as it goes well. */
static void do_rest(size_t slot)
{
	for (unsigned int i = 0; i < 50 && is_executing(slot); i++)
		do_in(slot);
	assert_false(is_executing(slot));
}

/* ---- requests ---- */

static struct set make_set(const char *name, int32_t value)
{
	struct action_group_row key = { .head.state = 0 };

	TEXT_PUT(key.name, name);
	return jobs_world_set(mib_haActionGroupRequest, &key, value, "");
}

static struct set make_forced(const char *name, int32_t value)
{
	struct action_group_row key = { .head.state = 0 };

	TEXT_PUT(key.name, name);
	return jobs_world_set(mib_haForceGroupRequest, &key, value, "");
}

static void expect_active(struct set *set, uint16_t object, const char *node)
{
	struct set_change *change = &set->changes[set->count++];

	*change = set->changes[0];
	change->object = object;
	TEXT_PUT(change->text, node);
}

static struct set make_switchover(const char *name)
{
	struct set set = make_set(name, haActionGroupRequest_switchover);

	expect_active(&set, mib_haActionGroupExpectedActive, "n1");
	return set;
}

/* Its first step, which looks and does nothing, is over. */
static uint32_t switch_over(const char *name)
{
	struct set set = make_switchover(name);
	uint32_t job = jobs_world_obey(&set);

	assert_int_equal(hub.step.verb, STEP_GROUP_LOOK);
	jobs_world_answer_in(hub.slot, HaReason_none);
	hub.orders--;
	return job;
}

static uint32_t request(const char *name, int32_t value)
{
	struct set set = make_set(name, value);

	return jobs_world_obey(&set);
}

static void refuse_switchover(uint16_t error, int32_t reason)
{
	struct set set = make_switchover("nfs");

	jobs_world_refuse(&set, error, 0, reason);
}

static const struct action_group_row *shown(const char *name)
{
	struct action_group_row key = { .head.state = 0 };

	TEXT_PUT(key.name, name);
	return board_row(&hub.board, mib_haActionGroupEntry, &key);
}

static void expect_job(uint32_t number, int32_t state, int32_t reason, const char *message)
{
	const struct job_row *job = jobs_world_job(number);

	assert_non_null(job);
	assert_string_equal(job->message, message);
	assert_int_equal(job->state, state);
	assert_int_equal(job->reason, reason);
	assert_int_equal(job->cancellable, TruthValue_false);
	assert_int_equal(job_in(NFS)->phase, JOB_IDLE);
}

/* Both halves of the group are in the same hands, and nothing is held: somebody serves. */
static void expect_served_here(const struct jobs_group *group)
{
	for (size_t i = 0; i < JOBS_MEMBERS; i++)
		assert_true(group->started[i]);
	assert_int_equal(group->disks.resource.role, HaDrbdRole_primary);
	assert_int_equal(group->instance.held, HaAnswer_no);
	assert_int_equal(group->instance.vrrp_state, HaVrrpState_master);
}

static void expect_given_away(const struct jobs_group *group)
{
	for (size_t i = 0; i < JOBS_MEMBERS; i++)
		assert_false(group->started[i]);
	assert_int_equal(group->disks.peer.role, HaDrbdRole_primary);
	assert_int_equal(group->instance.held, HaAnswer_no);
	assert_int_equal(group->instance.vrrp_state, HaVrrpState_backup);
}

/* ---- a switchover ---- */

TEST(a_switchover_moves_the_group)
{
	uint32_t job = switch_over("nfs");

	assert_int_equal(jobs_world_job(job)->verb, HaJobVerb_groupSwitchover);
	assert_int_equal(jobs_world_job(job)->steps, 10);
	assert_int_equal(jobs_world_job(job)->cancellable, TruthValue_true);
	assert_int_equal(hub.jobs.action.current_job, job);
	assert_int_equal(shown("nfs")->request, haActionGroupRequest_switchover);
	assert_int_equal(shown("mail")->request, haActionGroupRequest_none);
	do_steps(NFS, LAST_TO_CANCEL);
	assert_int_equal(jobs_world_job(job)->cancellable, TruthValue_false);
	assert_int_equal(jobs_world_job(job)->current_step, 6);
	assert_int_equal(jobs_world_job(job)->percent, 50);
	do_rest(NFS);
	expect_job(job, HaJobState_succeeded, HaReason_none, "nfs is active on the other node");
	expect_given_away(&hub.group[0]);
	assert_int_equal(hub.orders, ORDERS);
	assert_int_equal(jobs_world_job(job)->percent, 100);
	for (uint32_t i = 1; i <= 10; i++)
		assert_int_equal(jobs_world_step(job, i)->state, HaJobState_succeeded);
	assert_int_equal(shown("nfs")->request, haActionGroupRequest_none);
	assert_int_equal(shown("nfs")->last_job, job);
	assert_int_equal(hub.jobs.action.current_job, 0);
	assert_ptr_equal(jobs_group_last(&hub.jobs, 0), jobs_world_job(job));
	assert_null(jobs_group_last(&hub.jobs, 1));
	assert_false(jobs_group_holds(&hub.jobs, 0));
}

TEST(the_address_goes_only_when_the_disk_is_seen_to_be_given_up)
{
	uint32_t job = switch_over("nfs");

	do_steps(NFS, 2);
	jobs_world_answer_in(NFS, HaReason_none);
	jobs_world_say();
	assert_int_equal(job_in(NFS)->phase, JOB_VERIFYING);
	assert_int_equal(hub.orders, LAST_TO_CANCEL);
	demote(&hub.group[0]);
	jobs_world_say();
	assert_int_equal(hub.orders, LAST_TO_CANCEL + 1);
	assert_int_equal(jobs_world_job(job)->current_step, 6);
}

TEST(a_step_that_is_so_already_is_skipped)
{
	uint32_t job = switch_over("nfs");

	hub.group[0].started[2] = false;
	jobs_world_answer_in(NFS, HaReason_nothingToDo);
	assert_int_equal(jobs_world_step(job, 2)->state, HaJobState_skipped);
	assert_int_equal(jobs_world_step(job, 2)->reason, HaReason_nothingToDo);
	do_rest(NFS);
	expect_job(job, HaJobState_succeeded, HaReason_none, "nfs is active on the other node");
}

TEST(what_fails_at_any_step_is_taken_back)
{
	for (size_t failing = 0; failing < ORDERS; failing++) {
		uint32_t job;

		anew();
		hub.group[0].peer_takes = failing != ORDERS - 1;
		job = switch_over("nfs");
		do_steps(NFS, failing < ORDERS - 1 ? failing : failing - 1);
		if (failing < ORDERS - 1) {
			hub.group[0].peer_takes = false;
			jobs_world_answer_in(NFS, HaReason_toolFailed);
		} else {
			/* Nobody takes over: it comes to no release of its own. */
			do_in(NFS);
			jobs_world_pass(LONG);
		}
		assert_int_equal(jobs_world_job(job)->state, HaJobState_rollingBack);
		do_rest(NFS);
		assert_int_equal(jobs_world_job(job)->state, HaJobState_rolledBack);
		expect_served_here(&hub.group[0]);
		assert_false(jobs_group_holds(&hub.jobs, 0));
		assert_int_equal(jobs_world_job(job)->steps, jobs_world_job(job)->current_step);
		assert_int_equal(jobs_world_job(job)->reason, failing < ORDERS - 1 ?
								      HaReason_toolFailed :
								      HaReason_notTakenOver);
	}
}

/* It is found out later what becomes of the hold: what the other node has, it keeps. */
TEST(what_the_other_node_has_taken_over_is_not_taken_back)
{
	uint32_t job = switch_over("nfs");

	do_steps(NFS, ORDERS - 1);
	assert_int_equal(hub.step.verb, STEP_VRRP_RELEASE);
	jobs_world_answer_in(NFS, HaReason_toolFailed);
	expect_job(job, HaJobState_failed, HaReason_toolFailed, "it says this");
	assert_true(jobs_group_holds(&hub.jobs, 0));
	assert_int_equal(hub.orders, ORDERS);
}

/* It says why, and what it has done about it. */
TEST(a_group_that_nobody_takes_over_is_taken_back)
{
	uint32_t job;

	hub.group[0].peer_takes = false;
	job = switch_over("nfs");
	do_rest(NFS);
	assert_int_equal(job_in(NFS)->phase, JOB_VERIFYING);
	assert_true(jobs_group_holds(&hub.jobs, 0));
	jobs_world_pass(LONG);
	do_rest(NFS);
	expect_job(job, HaJobState_rolledBack, HaReason_notTakenOver,
		   "no other node has taken over VI_3; taken back");
	expect_served_here(&hub.group[0]);
}

TEST(a_node_that_takes_the_address_and_not_the_disk_has_not_taken_over)
{
	uint32_t job;

	hub.group[0].peer_takes = false;
	job = switch_over("nfs");
	do_rest(NFS);
	hub.group[0].router.router_state = haVrrpRouterState_advertising;
	jobs_world_say();
	assert_int_equal(jobs_world_job(job)->current_step, 8);
	jobs_world_pass(LONG);
	hub.group[0].router.router_state = haVrrpRouterState_silent;
	do_rest(NFS);
	expect_job(job, HaJobState_rolledBack, HaReason_notTakenOver,
		   "no other node has made r0 Primary; taken back");
	expect_served_here(&hub.group[0]);
}

static void cut_mirror(struct pair *disks)
{
	disks->peer.connection = HaDrbdConnection_connecting;
	disks->peer.role = HaDrbdRole_unknown;
	for (size_t i = 0; i < COUNT(disks->peer_volume); i++) {
		disks->peer_volume[i].replication = HaDrbdReplication_off;
		disks->peer_volume[i].disk = HaDrbdDisk_dUnknown;
	}
}

/* What the other node could not take is not given away. */
TEST(a_mirror_that_is_cut_meanwhile_has_everything_taken_back)
{
	static const enum step_verb verbs[] = { STEP_DRBD_PRIMARY, STEP_DRBD_PRIMARY_ALONE };

	for (int newest = 0; newest < 2; newest++) {
		uint32_t job;

		anew();
		job = switch_over("nfs");
		do_steps(NFS, 1);
		cut_mirror(&hub.group[0].disks);
		hub.group[0].row.newest = newest;
		do_steps(NFS, LAST_TO_CANCEL - 1);
		assert_int_equal(job_in(NFS)->phase, JOB_VERIFYING);
		jobs_world_pass(LONG);
		assert_int_equal(hub.step.verb, STEP_VRRP_RELEASE);
		do_in(NFS);
		assert_int_equal(hub.step.verb, verbs[newest]);
		do_rest(NFS);
		assert_int_equal(jobs_world_job(job)->reason, HaReason_notConnected);
		assert_int_equal(jobs_world_job(job)->state, HaJobState_rolledBack);
		expect_served_here(&hub.group[0]);
	}
}

TEST(what_cannot_be_taken_back_says_so)
{
	for (size_t failing = 0; failing < 4; failing++) {
		uint32_t job;

		anew();
		hub.group[0].peer_takes = false;
		job = switch_over("nfs");
		do_rest(NFS);
		jobs_world_pass(LONG);
		while (failing > 0 && jobs_world_job(job)->current_step < 8 + failing)
			do_in(NFS);
		jobs_world_answer_in(NFS, HaReason_toolFailed);
		expect_job(job, HaJobState_failed, HaReason_notTakenOver,
			   "no other node has taken over VI_3; NOT taken back: it says this");
	}
}

/* ---- cancelled ---- */

TEST(a_switchover_is_cancelled_before_the_point_of_no_return)
{
	for (size_t done = 0; done < LAST_TO_CANCEL; done++) {
		uint32_t job, cancel;

		anew();
		job = switch_over("nfs");
		do_steps(NFS, done);
		cancel = request("nfs", haActionGroupRequest_cancel);
		assert_int_equal(jobs_world_job(cancel)->state, HaJobState_succeeded);
		assert_string_equal(jobs_world_job(cancel)->message,
				    "the job of nfs is being taken back");
		assert_int_equal(jobs_world_job(job)->cancellable, TruthValue_false);
		assert_int_equal(job_in(NFS)->phase, JOB_EXECUTING);
		do_rest(NFS);
		expect_job(job, HaJobState_cancelled, HaReason_cancelRequested,
			   "cancelled by a request; taken back");
		expect_served_here(&hub.group[0]);
	}
}

TEST(a_verification_is_cancelled_at_once)
{
	uint32_t job = switch_over("nfs");

	do_steps(NFS, 2);
	jobs_world_answer_in(NFS, HaReason_none);
	assert_int_equal(job_in(NFS)->phase, JOB_VERIFYING);
	request("nfs", haActionGroupRequest_cancel);
	assert_int_equal(job_in(NFS)->phase, JOB_ROLLING_BACK);
	assert_int_equal(jobs_world_step(job, 5)->state, HaJobState_cancelled);
	do_rest(NFS);
	expect_job(job, HaJobState_cancelled, HaReason_cancelRequested,
		   "cancelled by a request; taken back");
}

TEST(nothing_is_cancelled_that_is_over_or_cannot_be)
{
	struct set set = make_set("nfs", haActionGroupRequest_cancel);

	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_nothingToCancel);
	switch_over("nfs");
	set = make_set("mail", haActionGroupRequest_cancel);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_nothingToCancel);
	do_steps(NFS, LAST_TO_CANCEL);
	set = make_set("nfs", haActionGroupRequest_cancel);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_nothingToCancel);
	do_rest(NFS);
	set = make_set("nfs", haActionGroupRequest_cancel);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_nothingToCancel);
}

/* ---- its executor ends ---- */

static void lose(size_t slot)
{
	hub.absent = true;
	jobs_executor_lost(&hub.jobs, slot, &hub.when);
}

static void come(size_t slot)
{
	hub.absent = false;
	jobs_executor_came(&hub.jobs, slot, &hub.when);
}

TEST(a_step_whose_executor_ends_is_done_again)
{
	for (size_t done = 0; done < ORDERS; done++) {
		uint32_t job, orders;

		anew();
		job = switch_over("nfs");
		do_steps(NFS, done);
		orders = hub.orders;
		lose(NFS);
		assert_int_equal(job_in(NFS)->phase, JOB_AWAITING);
		jobs_world_pass(1000);
		assert_int_equal(hub.orders, orders);
		come(NFS);
		assert_int_equal(hub.orders, orders + 1);
		do_rest(NFS);
		expect_job(job, HaJobState_succeeded, HaReason_none,
			   "nfs is active on the other node");
		expect_given_away(&hub.group[0]);
	}
}

TEST(an_executor_that_does_not_come_back_ends_the_job)
{
	uint32_t job = switch_over("nfs");

	lose(NFS);
	jobs_world_pass(5000);
	assert_int_equal(job_in(NFS)->phase, JOB_AWAITING_BACK);
	jobs_world_pass(5000);
	expect_job(job, HaJobState_failed, HaReason_executorAbsent,
		   "the executor is not running; NOT taken back: the executor is not running");
}

TEST(a_step_that_ends_its_executor_is_not_tried_for_ever)
{
	uint32_t job = switch_over("nfs");

	for (unsigned int i = 0; i < 3; i++) {
		lose(NFS);
		come(NFS);
	}
	assert_int_equal(job_in(NFS)->phase, JOB_ROLLING_BACK);
	do_rest(NFS);
	expect_job(job, HaJobState_rolledBack, HaReason_executorFailed,
		   "the executor ended again and again; taken back");
	expect_served_here(&hub.group[0]);
}

TEST(an_executor_that_hangs_is_ended_and_what_it_did_taken_back)
{
	uint32_t job = switch_over("nfs");

	jobs_world_pass(LONG);
	assert_int_equal(hub.abandoned, 1);
	assert_int_equal(hub.slot, NFS);
	assert_int_equal(job_in(NFS)->phase, JOB_ROLLING_BACK);
	lose(NFS);
	assert_int_equal(job_in(NFS)->phase, JOB_AWAITING_BACK);
	come(NFS);
	do_rest(NFS);
	expect_job(job, HaJobState_rolledBack, HaReason_timeout,
		   "the executor did not answer in time; taken back");
}

/* ---- the hub ends ---- */

static struct job_row kept;

static void keep(void *keeper, const struct job_row *row)
{
	(void)keeper;
	if (row->verb == HaJobVerb_groupSwitchover)
		kept = *row;
}

TEST(a_hub_that_ends_at_any_step_leaves_word)
{
	for (size_t done = 0; done < ORDERS; done++) {
		uint32_t job;

		anew();
		hub.jobs.keep = keep;
		job = switch_over("nfs");
		do_steps(NFS, done);
		jobs_world_restart(folder);
		assert_true(jobs_group_holds(&hub.jobs, 0));
		assert_false(jobs_group_holds(&hub.jobs, 1));
		assert_int_equal(hub.jobs.journal.entries[0].phase, JOURNAL_HANDING);
		assert_int_equal(hub.jobs.journal.entries[0].job, job);
		jobs_remember(&hub.jobs, &kept, &hub.when);
		expect_job(job, HaJobState_failed, HaReason_interrupted,
			   "the agent ended during this job; look at the group");
		assert_int_equal(jobs_group_last(&hub.jobs, 0)->reason, HaReason_interrupted);
		assert_null(jobs_group_running(&hub.jobs, 0));
	}
}

TEST(a_job_that_is_over_is_no_word_to_leave)
{
	switch_over("nfs");
	do_rest(NFS);
	jobs_world_restart(folder);
	assert_int_equal(hub.jobs.journal.entries[0].phase, JOURNAL_DONE);
	assert_false(jobs_group_holds(&hub.jobs, 0));
}

/* ---- what a group does by itself ---- */

static bool start(size_t group, enum group_aim aim)
{
	struct group_intent intent = { .aim = aim };

	return jobs_group_start(&hub.jobs, group, &intent, haActionOrigin_vrrp, &hub.when);
}

TEST(a_group_hands_over_and_takes_over_by_itself)
{
	const struct job_row *row;

	assert_true(start(0, AIM_DEMOTE));
	row = jobs_group_running(&hub.jobs, 0);
	assert_int_equal(row->verb, HaJobVerb_groupDemote);
	assert_int_equal(row->origin, haActionOrigin_vrrp);
	assert_false(start(0, AIM_PROMOTE));
	do_rest(NFS);
	assert_int_equal(jobs_group_last(&hub.jobs, 0)->verb, HaJobVerb_groupDemote);
	assert_string_equal(jobs_group_last(&hub.jobs, 0)->message,
			    "nothing of nfs runs on this node");
	assert_true(start(0, AIM_PROMOTE));
	do_rest(NFS);
	assert_string_equal(jobs_group_last(&hub.jobs, 0)->message, "nfs is active on this node");
	expect_served_here(&hub.group[0]);
	assert_false(start(0, AIM_NOTHING));
	hub.absent = true;
	assert_false(start(0, AIM_DEMOTE));
}

TEST(a_peer_is_off_as_soon_as_the_fence_program_says_so)
{
	struct group_intent intent = { .aim = AIM_PROMOTE, .alone = true, .fence = true };
	int64_t fenced;

	start(0, AIM_DEMOTE);
	do_rest(NFS);
	assert_true(jobs_group_start(&hub.jobs, 0, &intent, haActionOrigin_vrrp, &hub.when));
	assert_int_equal(hub.step.verb, STEP_GROUP_FENCE);
	jobs_world_answer_in(NFS, HaReason_notFenced);
	assert_int_equal(jobs_group_fenced(&hub.jobs, 0), 0);
	do_rest(NFS);
	assert_true(jobs_group_start(&hub.jobs, 0, &intent, haActionOrigin_vrrp, &hub.when));
	jobs_world_pass(1000);
	fenced = hub.when.now;
	jobs_world_answer_in(NFS, HaReason_none);
	assert_int_equal(hub.step.verb, STEP_DRBD_PRIMARY_ALONE);
	assert_int_equal(jobs_group_fenced(&hub.jobs, 0), fenced);
	jobs_world_pass(1000);
	do_rest(NFS);
	assert_true(start(0, AIM_DEMOTE));
	assert_int_equal(jobs_group_fenced(&hub.jobs, 0), fenced);
	assert_int_equal(jobs_group_fenced(&hub.jobs, 1), 0);
}

TEST(what_is_taken_by_halves_is_given_up)
{
	struct group_intent intent = { .aim = AIM_PROMOTE, .alone = true, .fence = true };
	uint32_t job;

	start(0, AIM_DEMOTE);
	do_rest(NFS);
	assert_true(jobs_group_start(&hub.jobs, 0, &intent, haActionOrigin_lease, &hub.when));
	job = jobs_group_running(&hub.jobs, 0)->job;
	assert_int_equal(jobs_world_job(job)->origin, haActionOrigin_lease);
	assert_string_equal(jobs_world_job(job)->step_text, jobs_world_step(job, 1)->text);
	assert_int_equal(hub.step.verb, STEP_GROUP_FENCE);
	do_in(NFS);
	assert_int_equal(hub.step.verb, STEP_DRBD_PRIMARY_ALONE);
	do_steps(NFS, 2);
	jobs_world_answer_in(NFS, HaReason_toolFailed);
	assert_int_equal(job_in(NFS)->phase, JOB_ROLLING_BACK);
	do_rest(NFS);
	expect_job(job, HaJobState_rolledBack, HaReason_toolFailed, "it says this; taken back");
	assert_int_equal(hub.group[0].disks.resource.role, HaDrbdRole_secondary);
	for (size_t i = 0; i < JOBS_MEMBERS; i++)
		assert_false(hub.group[0].started[i]);
}

TEST(a_group_that_cannot_stop_is_left_as_it_is)
{
	uint32_t job;

	start(0, AIM_DEMOTE);
	job = jobs_group_running(&hub.jobs, 0)->job;
	do_in(NFS);
	jobs_world_answer_in(NFS, HaReason_heldOpen);
	expect_job(job, HaJobState_failed, HaReason_heldOpen, "it says this");
}

TEST(a_group_gives_its_address_away_and_takes_part_again)
{
	hub.group[0].peer_takes = false;
	assert_true(start(0, AIM_HOLD));
	assert_int_equal(hub.step.verb, STEP_VRRP_HOLD);
	do_rest(NFS);
	assert_int_equal(job_in(NFS)->row.state, HaJobState_succeeded);
	assert_true(jobs_group_holds(&hub.jobs, 0));
	jobs_world_restart(folder);
	assert_true(jobs_group_holds(&hub.jobs, 0));
	assert_true(start(0, AIM_RELEASE));
	do_rest(NFS);
	assert_int_equal(job_in(NFS)->row.state, HaJobState_succeeded);
	assert_false(jobs_group_holds(&hub.jobs, 0));
	assert_null(jobs_group_last(&hub.jobs, 0));
}

TEST(writing_is_stopped_while_a_step_hangs)
{
	assert_true(start(0, AIM_DEMOTE));
	assert_true(start(0, AIM_SUSPEND));
	assert_int_equal(hub.slot, JOB_SLOT_ASIDE);
	assert_int_equal(hub.step.verb, STEP_DRBD_SUSPEND);
	assert_int_equal(jobs_group_running(&hub.jobs, 0)->verb, HaJobVerb_groupDemote);
	assert_false(start(1, AIM_SUSPEND));
	do_in(JOB_SLOT_ASIDE);
	assert_true(jobs_group_suspended(&hub.jobs, 0));
	assert_true(start(1, AIM_SUSPEND));
	jobs_world_restart(folder);
	assert_true(jobs_group_suspended(&hub.jobs, 0));
	assert_true(jobs_group_suspended(&hub.jobs, 1));
	assert_true(start(0, AIM_RESUME));
	do_in(JOB_SLOT_ASIDE);
	assert_false(jobs_group_suspended(&hub.jobs, 0));
}

/* ---- beside each other ---- */

TEST(groups_and_plain_requests_do_not_wait_for_each_other)
{
	struct action_bond_row bond = { .name = "bond0" };
	uint32_t nfs = switch_over("nfs"), mail = switch_over("mail"), plain;
	struct set set = jobs_world_set(mib_haActionBondActivePort, &bond, 0, "eth1");

	plain = jobs_world_obey(&set);
	assert_int_equal(hub.slot, JOB_SLOT_PLAIN);
	assert_int_equal(hub.jobs.action.current_job, plain);
	assert_int_equal(hub.given[NFS].job, nfs);
	assert_int_equal(hub.given[MAIL].job, mail);
	do_steps(MAIL, 3);
	do_steps(NFS, 1);
	jobs_world_answer_in(JOB_SLOT_PLAIN, HaReason_none);
	TEXT_PUT(hub.bond.active, "eth1");
	jobs_world_say();
	assert_int_equal(jobs_world_job(plain)->state, HaJobState_succeeded);
	assert_int_equal(hub.jobs.action.current_job, nfs);
	lose(MAIL);
	assert_int_equal(job_in(NFS)->phase, JOB_EXECUTING);
	hub.absent = false;
	do_rest(NFS);
	expect_given_away(&hub.group[0]);
	assert_int_equal(job_in(MAIL)->phase, JOB_AWAITING);
	come(MAIL);
	do_rest(MAIL);
	expect_given_away(&hub.group[1]);
	assert_int_equal(jobs_world_job(mail)->state, HaJobState_succeeded);
}

/* Of the answers of executors each is for its own slot. */
TEST(the_answer_of_another_executor_is_none)
{
	struct step_result result = { .reason = HaReason_none };

	switch_over("nfs");
	result.job = hub.given[NFS].job;
	jobs_result(&hub.jobs, MAIL, &result, &hub.when);
	jobs_result(&hub.jobs, JOB_SLOT_PLAIN, &result, &hub.when);
	assert_int_equal(job_in(NFS)->row.current_step, 2);
	jobs_executor_lost(&hub.jobs, MAIL, &hub.when);
	assert_int_equal(job_in(NFS)->phase, JOB_EXECUTING);
}

/* TestAndIncr holds for the slots together: one value of the lock, one request. */
TEST(two_reservations_with_one_lock_are_one_too_many)
{
	struct set nfs = make_switchover("nfs"), mail = make_switchover("mail");
	struct verdict verdict;

	nfs.phase = mail.phase = SET_RESERVE;
	jobs_set(&hub.jobs, &nfs, &verdict, &hub.when);
	assert_int_equal(verdict.error, SET_NO_ERROR);
	jobs_world_refuse(&mail, SET_RESOURCE_UNAVAILABLE, 0, HaReason_busy);
	nfs.phase = SET_UNDO;
	jobs_set(&hub.jobs, &nfs, &verdict, &hub.when);
	mail = make_switchover("mail");
	assert_int_equal(jobs_world_obey(&mail), 101);
}

/* A number that somebody has seen is not given to another job. */
TEST(a_number_is_given_once)
{
	struct set nfs = make_switchover("nfs");
	struct verdict verdict;
	uint32_t mail;

	nfs.phase = SET_RESERVE;
	jobs_set(&hub.jobs, &nfs, &verdict, &hub.when);
	assert_int_equal(verdict.job, 101);
	start(1, AIM_DEMOTE);
	mail = jobs_group_running(&hub.jobs, 1)->job;
	assert_int_equal(mail, 102);
	nfs.phase = SET_UNDO;
	jobs_set(&hub.jobs, &nfs, &verdict, &hub.when);
	assert_int_equal(switch_over("nfs"), 103);
}

/* ---- what is in the way of a switchover ---- */

TEST(the_operator_must_know_which_node_is_active)
{
	struct set set = make_set("nfs", haActionGroupRequest_switchover);

	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_unexpectedActive);
	assert_string_equal(hub.jobs.action.refused_message,
			    "write the active node, which is n1, as the expected one in the same "
			    "SET");
	set = make_set("nfs", haActionGroupRequest_switchover);
	expect_active(&set, mib_haActionGroupExpectedActive, "n2");
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_unexpectedActive);
	assert_string_equal(hub.jobs.action.refused_message, "nfs is active on n1, not on n2");
	assert_string_equal(hub.jobs.action.refused_subject, "nfs");
	/* The expected node of one group says nothing of another one. */
	set = make_switchover("nfs");
	set.changes[2].index[1] = 'm';
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 2, HaReason_badValue);
}

TEST(a_switchover_that_was_obeyed_is_not_obeyed_again)
{
	switch_over("nfs");
	refuse_switchover(SET_RESOURCE_UNAVAILABLE, HaReason_busy);
	do_rest(NFS);
	TEXT_PUT(hub.group[0].row.active_node, "n2");
	jobs_world_say();
	refuse_switchover(SET_INCONSISTENT_VALUE, HaReason_unexpectedActive);
}

TEST(every_blocker_has_its_reason)
{
	static const struct {
		int32_t blocker, reason;
		bool yields; /* to force */
	} cases[] = {
		{ HaSwitchBlockers_maintenance, HaReason_maintenance, true },
		{ HaSwitchBlockers_coolDown, HaReason_coolDown, true },
		{ HaSwitchBlockers_jobRunning, HaReason_busy, false },
		{ HaSwitchBlockers_peerUnreachable, HaReason_peerUnreachable, true },
		{ HaSwitchBlockers_drbdNotConnected, HaReason_notConnected, false },
		{ HaSwitchBlockers_drbdPeerNotUpToDate, HaReason_peerNotUpToDate, false },
		{ HaSwitchBlockers_drbdResyncing, HaReason_resyncRunning, false },
		{ HaSwitchBlockers_drbdSplitBrain, HaReason_splitBrain, false },
		{ HaSwitchBlockers_nfsProblems, HaReason_groupNotReady, true },
		{ HaSwitchBlockers_conflict, HaReason_groupNotReady, false },
		{ HaSwitchBlockers_vrrpConflict, HaReason_groupNotReady, false },
		{ HaSwitchBlockers_unknown, HaReason_groupNotReady, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct set set;

		anew();
		hub.group[0].row.switch_ready = HaAnswer_no;
		hub.group[0].row.blockers = UINT32_C(1) << cases[i].blocker;
		TEXT_PUT(hub.group[0].row.blockers_text, "so it is");
		jobs_world_say();
		refuse_switchover(SET_INCONSISTENT_VALUE, cases[i].reason);
		assert_string_equal(hub.jobs.action.refused_message, "so it is");
		set = make_forced("nfs", haForceGroupRequest_switchover);
		expect_active(&set, mib_haForceGroupExpectedActive, "n1");
		if (cases[i].yields)
			jobs_world_obey(&set);
		else
			jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, cases[i].reason);
	}
}

/* Whatever has no name among them is in the way, too. */
TEST(a_group_that_is_not_ready_is_not_moved)
{
	hub.group[0].row.switch_ready = HaAnswer_unknown;
	jobs_world_say();
	refuse_switchover(SET_INCONSISTENT_VALUE, HaReason_groupNotReady);
	hub.group[0].row.switch_ready = HaAnswer_yes;
	hub.group[0].row.head.state = HaRowState_stale;
	jobs_world_say();
	refuse_switchover(SET_INCONSISTENT_VALUE, HaReason_factsStale);
	hub.group[0].row.head.state = HaRowState_fresh;
	hub.group[0].row.active_node[0] = '\0';
	jobs_world_say();
	refuse_switchover(SET_INCONSISTENT_VALUE, HaReason_groupNotReady);
}

TEST(the_world_is_judged_again_at_the_commit)
{
	struct set set = make_switchover("nfs");
	struct verdict verdict;

	set.phase = SET_RESERVE;
	jobs_set(&hub.jobs, &set, &verdict, &hub.when);
	hub.group[0].row.switch_ready = HaAnswer_no;
	hub.group[0].row.blockers = UINT32_C(1) << HaSwitchBlockers_drbdResyncing;
	TEXT_PUT(hub.group[0].row.blockers_text, "r0 is being synchronised");
	jobs_world_say();
	set.phase = SET_COMMIT;
	jobs_set(&hub.jobs, &set, &verdict, &hub.when);
	expect_job(101, HaJobState_failed, HaReason_resyncRunning, "r0 is being synchronised");
	assert_int_equal(hub.orders, 0);
}

/* ---- passed on ---- */

/* A switchover that is asked of the standby; n2 is active. */
static uint32_t ask_standby(void)
{
	struct set set = make_set("nfs", haActionGroupRequest_switchover);

	TEXT_PUT(hub.group[0].row.active_node, "n2");
	jobs_world_say();
	expect_active(&set, mib_haActionGroupExpectedActive, "n2");
	return jobs_world_obey(&set);
}

static void answer(enum answer_state state, int32_t job_state, int32_t reason, const char *message)
{
	struct answer answer = {
		.ticket = hub.ask.ticket,
		.state = state,
		.job_state = job_state,
		.reason = reason,
		.percent = 30,
	};

	TEXT_PUT(answer.message, message);
	jobs_answer(&hub.jobs, &answer, &hub.when);
}

TEST(the_standby_has_the_active_node_hand_over)
{
	uint32_t job = ask_standby();

	assert_int_equal(hub.asked, 1);
	assert_int_equal(hub.orders, 0);
	assert_int_equal(hub.ask.ticket, job);
	assert_int_equal(hub.ask.verb, haActionGroupRequest_switchover);
	assert_string_equal(hub.ask.group, "nfs");
	assert_string_equal(hub.ask.expected, "n2");
	assert_string_equal(jobs_world_job(job)->step_text, "ask the other node to hand over nfs");
	answer(ANSWER_FOLLOWED, HaJobState_running, HaReason_none, "stop the server");
	assert_int_equal(jobs_world_job(job)->percent, 30);
	assert_string_equal(jobs_world_step(job, 1)->message, "stop the server");
	/* What this node has to do for it is not kept waiting. */
	assert_true(start(0, AIM_PROMOTE));
	assert_int_equal(shown("nfs")->request, haActionGroupRequest_switchover);
	do_rest(NFS);
	assert_int_equal(hub.jobs.action.current_job, job);
	answer(ANSWER_ENDED, HaJobState_succeeded, HaReason_none, "nfs is active on n1");
	expect_job(job, HaJobState_succeeded, HaReason_none,
		   "nfs was handed over by the other node");
	assert_int_equal(jobs_group_last(&hub.jobs, 0)->verb, HaJobVerb_groupPromote);
}

TEST(what_the_active_node_makes_of_it_is_told)
{
	static const struct {
		enum answer_state state;
		int32_t job_state, reason, expected;
	} cases[] = {
		{ ANSWER_REFUSED, 0, HaReason_maintenance, HaJobState_failed },
		{ ANSWER_UNSENT, 0, HaReason_peerUnreachable, HaJobState_failed },
		{ ANSWER_LOST, HaJobState_running, HaReason_timeout, HaJobState_failed },
		{ ANSWER_ENDED, HaJobState_failed, HaReason_heldOpen, HaJobState_failed },
		{ ANSWER_ENDED, HaJobState_rolledBack, HaReason_heldOpen, HaJobState_rolledBack },
		{ ANSWER_ENDED, HaJobState_cancelled, HaReason_cancelRequested,
		  HaJobState_cancelled },
		{ ANSWER_ENDED, 4711, HaReason_other, HaJobState_failed },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t job = ask_standby();

		answer(cases[i].state, cases[i].job_state, cases[i].reason, "it is like this");
		expect_job(job, cases[i].expected, cases[i].reason, "it is like this");
		assert_int_equal(job_in(JOB_SLOT_PASSED)->phase, JOB_IDLE);
	}
}

TEST(a_peer_of_which_nothing_is_heard_is_not_waited_for)
{
	uint32_t job = ask_standby();

	jobs_world_pass(14999);
	answer(ANSWER_FOLLOWED, HaJobState_running, HaReason_none, "");
	jobs_world_pass(14999);
	assert_int_equal(jobs_world_job(job)->state, HaJobState_running);
	jobs_world_pass(1);
	expect_job(job, HaJobState_failed, HaReason_timeout, "nothing is heard of it any more");
	assert_int_equal(hub.abandoned, 0);
	/* Too late, and not about the next one. */
	job = ask_standby();
	hub.ask.ticket--;
	answer(ANSWER_ENDED, HaJobState_succeeded, HaReason_none, "");
	assert_int_equal(jobs_world_job(job)->state, HaJobState_running);
	jobs_peer_lost(&hub.jobs, &hub.when);
	assert_int_equal(jobs_world_job(job)->reason, HaReason_interrupted);
	hub.absent = true;
	expect_job(ask_standby(), HaJobState_failed, HaReason_peerUnreachable,
		   "the source peer is not running");
}

TEST(a_forced_switchover_is_asked_of_the_active_node)
{
	struct set set;

	TEXT_PUT(hub.group[0].row.active_node, "n2");
	jobs_world_say();
	set = make_forced("nfs", haForceGroupRequest_switchover);
	expect_active(&set, mib_haForceGroupExpectedActive, "n2");
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_peerNotReady);
	assert_string_equal(hub.jobs.action.refused_message,
			    "nfs is active on n2: ask the agent of that node");
}

/* ---- check ---- */

TEST(a_check_finds_out_and_does_nothing)
{
	uint32_t job = request("nfs", haActionGroupRequest_check);

	assert_int_equal(hub.slot, JOB_SLOT_ASIDE);
	assert_int_equal(hub.step.verb, STEP_GROUP_LOOK);
	jobs_world_answer(HaReason_none);
	expect_job(job, HaJobState_succeeded, HaReason_none,
		   "a switchover of nfs would be accepted now");
	hub.group[0].row.switch_ready = HaAnswer_no;
	TEXT_PUT(hub.group[0].row.blockers_text, "n2 does not answer");
	jobs_world_say();
	job = request("nfs", haActionGroupRequest_check);
	expect_job(job, HaJobState_failed, HaReason_groupNotReady, "n2 does not answer");
	assert_int_equal(hub.orders, 1);
	assert_null(jobs_group_last(&hub.jobs, 0));
	assert_int_equal(hub.jobs.journal.entries[0].job, 0);
}

TEST(somebody_who_uses_a_mount_is_found_before_anything_is_stopped)
{
	uint32_t job = request("nfs", haActionGroupRequest_check);
	struct set set;

	jobs_world_answer(HaReason_heldOpen);
	assert_int_equal(jobs_world_job(job)->state, HaJobState_failed);
	assert_int_equal(jobs_world_job(job)->reason, HaReason_heldOpen);
	set = make_switchover("nfs");
	job = jobs_world_obey(&set);
	assert_int_equal(hub.step.verb, STEP_GROUP_LOOK);
	assert_int_equal(hub.slot, NFS);
	jobs_world_answer_in(NFS, HaReason_heldOpen);
	assert_int_equal(jobs_world_job(job)->state, HaJobState_failed);
	assert_int_equal(jobs_world_job(job)->reason, HaReason_heldOpen);
	assert_int_equal(hub.orders, 2);
	expect_served_here(&hub.group[0]);
	assert_int_equal(hub.jobs.journal.entries[0].phase, JOURNAL_DONE);
}

/* Force is for what the guards would not let pass, and the look is one. */
TEST(a_forced_switchover_does_not_look)
{
	struct set set = make_forced("nfs", haForceGroupRequest_switchover);

	expect_active(&set, mib_haForceGroupExpectedActive, "n1");
	jobs_world_obey(&set);
	assert_int_equal(hub.step.verb, STEP_MEMBER_STOP);
}

/* ---- promote and demote ---- */

static void refuse_following(int32_t value, int32_t reason, const char *message)
{
	struct set set = make_set("nfs", value);

	jobs_world_say();
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, reason);
	assert_string_equal(hub.jobs.action.refused_message, message);
}

TEST(a_node_may_be_told_to_do_what_it_would_do_by_itself)
{
	struct group_row *row = &hub.group[0].row;
	uint32_t job;

	row->wanted = AIM_PROMOTE;
	row->alone = row->fence = true;
	jobs_world_say();
	job = request("nfs", haActionGroupRequest_promote);
	assert_int_equal(jobs_world_job(job)->verb, HaJobVerb_groupPromote);
	assert_int_equal(shown("nfs")->request, haActionGroupRequest_promote);
	assert_int_equal(hub.step.verb, STEP_GROUP_FENCE);
	jobs_world_answer_in(NFS, HaReason_none);
	assert_int_equal(hub.step.verb, STEP_DRBD_PRIMARY_ALONE);
	do_rest(NFS);
	assert_int_equal(jobs_world_job(job)->state, HaJobState_succeeded);
	row->wanted = AIM_DEMOTE;
	jobs_world_say();
	job = request("nfs", haActionGroupRequest_demote);
	assert_int_equal(hub.step.verb, STEP_MEMBER_STOP);
	do_rest(NFS);
	expect_job(job, HaJobState_succeeded, HaReason_none, "nothing of nfs runs on this node");
}

TEST(what_a_node_would_not_do_by_itself_is_refused)
{
	struct group_row *row = &hub.group[0].row;

	row->wanted = AIM_NOTHING;
	row->wanted_reason = HaReason_groupNotReady;
	TEXT_PUT(row->wanted_text, "VI_3 is backup here");
	refuse_following(haActionGroupRequest_promote, HaReason_groupNotReady,
			 "VI_3 is backup here");
	row->wanted = AIM_PROMOTE;
	row->maintenance = TruthValue_true;
	refuse_following(haActionGroupRequest_promote, HaReason_maintenance,
			 "nfs is in maintenance: request resume first");
	row->maintenance = TruthValue_false;
	TEXT_PUT(row->wanted_text, "VI_3 is master here");
	refuse_following(haActionGroupRequest_demote, HaReason_groupNotReady,
			 "VI_3 is master here");
	assert_int_equal(hub.orders, 0);
}

TEST(what_is_so_already_needs_no_step)
{
	struct group_row *row = &hub.group[0].row;

	row->whole = row->idle = true;
	jobs_world_say();
	expect_job(request("nfs", haActionGroupRequest_promote), HaJobState_succeeded,
		   HaReason_nothingToDo, "nfs is active on this node");
	expect_job(request("nfs", haActionGroupRequest_demote), HaJobState_succeeded,
		   HaReason_nothingToDo, "nothing of nfs runs on this node");
	assert_int_equal(hub.orders, 0);
}

TEST(a_check_is_possible_while_a_job_runs)
{
	switch_over("nfs");
	hub.group[0].row.switch_ready = HaAnswer_no;
	TEXT_PUT(hub.group[0].row.blockers_text, "a job is running");
	jobs_world_say();
	assert_string_equal(jobs_world_job(request("nfs", haActionGroupRequest_check))->message,
			    "a job is running");
	assert_int_equal(job_in(NFS)->phase, JOB_EXECUTING);
}

/* ---- maintenance ---- */

static uint32_t maintain(uint32_t minutes)
{
	struct set set = make_set("nfs", haActionGroupRequest_maintenance);

	if (minutes)
		jobs_world_add_seconds(&set, mib_haActionGroupMinutes, minutes);
	return jobs_world_obey(&set);
}

TEST(maintenance_lasts_as_long_as_was_said)
{
	uint32_t job = maintain(10);

	expect_job(job, HaJobState_succeeded, HaReason_none,
		   "nfs is in maintenance for 10 minutes: nothing is done by itself");
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), hub.when.wall + 600000);
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 1), 0);
	/* That something else ends well does not end it. */
	request("nfs", haActionGroupRequest_check);
	switch_over("nfs");
	do_rest(NFS);
	assert_int_not_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
	jobs_world_pass(599999);
	assert_int_not_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
	jobs_world_pass(1);
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
	expect_job(hub.jobs.last_job, HaJobState_succeeded, HaReason_none,
		   "nfs is in maintenance no more");
	assert_int_equal(jobs_world_job(hub.jobs.last_job)->origin, haActionOrigin_deadline);
}

TEST(maintenance_lasts_as_long_as_the_configuration_says)
{
	assert_int_equal(shown("nfs")->minutes, 60);
	maintain(0);
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), hub.when.wall + 3600000);
	assert_int_equal(shown("nfs")->minutes, 60);
	maintain(120);
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), hub.when.wall + 7200000);
}

TEST(maintenance_outlives_the_agent)
{
	int64_t ends;

	maintain(10);
	ends = jobs_group_maintenance(&hub.jobs, 0);
	jobs_world_restart(folder);
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), ends);
	jobs_world_pass(600000);
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
	maintain(10);
	hub.when.wall += 3600000;
	jobs_world_restart(folder);
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
}

TEST(maintenance_is_ended_by_a_request)
{
	uint32_t job = request("nfs", haActionGroupRequest_resume);

	expect_job(job, HaJobState_succeeded, HaReason_nothingToDo, "nfs is not in maintenance");
	maintain(10);
	job = request("nfs", haActionGroupRequest_resume);
	expect_job(job, HaJobState_succeeded, HaReason_none, "nfs is in maintenance no more");
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
}

/* Its end waits for the job of the group that runs. */
TEST(maintenance_ends_behind_a_job)
{
	maintain(10);
	jobs_world_pass(599000);
	switch_over("nfs");
	jobs_world_pass(2000);
	assert_int_not_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
	do_rest(NFS);
	assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
}

TEST(minutes_go_with_maintenance_alone)
{
	struct set set = make_switchover("nfs");

	jobs_world_add_seconds(&set, mib_haActionGroupMinutes, 10);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 3, HaReason_badValue);
}

/* Hactl's SETs do not come by the line, which knows the ranges. */
TEST(minutes_have_the_range_of_the_mib)
{
	static const uint32_t wrong[] = { 0, 10081, 71582789, UINT32_MAX };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct set set = make_set("nfs", haActionGroupRequest_maintenance);

		jobs_world_add_seconds(&set, mib_haActionGroupMinutes, wrong[i]);
		jobs_world_refuse(&set, SET_WRONG_VALUE, set.count - 1, HaReason_badValue);
		assert_int_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
	}
	maintain(10080);
	assert_int_not_equal(jobs_group_maintenance(&hub.jobs, 0), 0);
}

TEST(a_group_that_is_not_switchable_is_not_asked)
{
	struct set set;

	hub.group[1].row = hub.group[0].row;
	TEXT_PUT(hub.group[1].row.name, "off");
	jobs_world_say();
	assert_int_equal(shown("off")->allowed, TruthValue_false);
	assert_int_equal(shown("nfs")->allowed, TruthValue_true);
	set = make_set("off", haActionGroupRequest_maintenance);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
}

/* ---- takeover ---- */

static void become_standby(void)
{
	struct jobs_group *group = &hub.group[0];

	demote(group);
	memset(group->started, 0, sizeof(group->started));
	group->disks.peer.connection = HaDrbdConnection_connecting;
	group->disks.peer.role = HaDrbdRole_unknown;
	jobs_world_say();
}

TEST(a_takeover_asks_nobody)
{
	struct set set;
	uint32_t job;

	become_standby();
	set = make_forced("nfs", haForceGroupRequest_takeover);
	job = jobs_world_obey(&set);
	assert_int_equal(jobs_world_job(job)->forced, TruthValue_true);
	assert_int_equal(hub.step.verb, STEP_DRBD_PRIMARY_ALONE);
	do_rest(NFS);
	expect_job(job, HaJobState_succeeded, HaReason_none, "nfs is active on this node");
	expect_served_here(&hub.group[0]);
	/* What serves in need is not given up for what does not. */
	become_standby();
	set = make_forced("nfs", haForceGroupRequest_takeover);
	job = jobs_world_obey(&set);
	do_in(NFS);
	jobs_world_answer_in(NFS, HaReason_toolFailed);
	expect_job(job, HaJobState_failed, HaReason_toolFailed, "it says this");
	assert_int_equal(hub.group[0].disks.resource.role, HaDrbdRole_primary);
}

TEST(a_takeover_needs_the_address_and_the_data)
{
	struct set set;

	become_standby();
	hub.group[0].instance.vrrp_state = HaVrrpState_backup;
	jobs_world_say();
	set = make_forced("nfs", haForceGroupRequest_takeover);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_groupNotReady);
	hub.group[0].instance.vrrp_state = HaVrrpState_master;
	hub.group[0].disks.volume[1].disk = HaDrbdDisk_inconsistent;
	jobs_world_say();
	set = make_forced("nfs", haForceGroupRequest_takeover);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notUpToDate);
	hub.group[0].disks.volume[1].disk = HaDrbdDisk_upToDate;
	hub.group[0].disks.peer.connection = HaDrbdConnection_connected;
	hub.group[0].disks.peer.role = HaDrbdRole_primary;
	jobs_world_say();
	set = make_forced("nfs", haForceGroupRequest_takeover);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_peerPrimary);
}

/* ---- its parts are its own ---- */

TEST(parts_of_a_group_are_switched_by_force_only)
{
	struct action_vrrp_row instance = { .name = "VI_3" };
	struct action_drbd_row resource = { .name = "r0" };
	struct set set =
		jobs_world_set(mib_haActionVrrpRequest, &instance, haActionVrrpRequest_hold, "");

	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
	set = jobs_world_set(mib_haActionDrbdRequest, &resource, haActionDrbdRequest_secondary, "");
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
	set = jobs_world_set(mib_haForceDrbdRequest, &resource, haForceDrbdRequest_secondary, "");
	jobs_world_obey(&set);
	assert_int_equal(hub.slot, NFS);
	refuse_switchover(SET_RESOURCE_UNAVAILABLE, HaReason_busy);
	assert_false(start(0, AIM_DEMOTE));
	set = jobs_world_set(mib_haForceVrrpRequest, &instance, haForceVrrpRequest_hold, "");
	jobs_world_refuse(&set, SET_RESOURCE_UNAVAILABLE, 0, HaReason_busy);
}

/* ---- state x event ---- */

static struct set cell_set;

static void bring_to(enum job_phase phase)
{
	struct verdict verdict;

	cell_set = make_switchover("nfs");
	cell_set.phase = SET_RESERVE;
	hub.group[0].peer_takes = false;
	if (phase >= JOB_RESERVED)
		jobs_set(&hub.jobs, &cell_set, &verdict, &hub.when);
	cell_set.phase = SET_COMMIT;
	if (phase >= JOB_AWAITING)
		jobs_set(&hub.jobs, &cell_set, &verdict, &hub.when);
	if (phase >= JOB_AWAITING)
		jobs_world_answer_in(NFS, HaReason_none);
	if (phase == JOB_AWAITING)
		lose(NFS);
	if (phase == JOB_VERIFYING) {
		do_steps(NFS, 2);
		jobs_world_answer_in(NFS, HaReason_none);
	}
	if (phase >= JOB_AWAITING_BACK)
		jobs_world_answer_in(NFS, HaReason_toolFailed);
	if (phase == JOB_AWAITING_BACK)
		lose(NFS);
	if (phase == JOB_VERIFYING_BACK) {
		hub.group[0].instance.vrrp_state = HaVrrpState_backup;
		jobs_world_say();
		for (unsigned int i = 0; i < 4; i++)
			jobs_world_answer_in(NFS, HaReason_none);
	}
	assert_int_equal(job_in(NFS)->phase, phase);
}

static void commit(void)
{
	struct verdict verdict;

	cell_set.phase = SET_COMMIT;
	jobs_set(&hub.jobs, &cell_set, &verdict, &hub.when);
}
static void lose_sender(void)
{
	jobs_sender_lost(&hub.jobs, &hub.when);
}
static void succeed(void)
{
	jobs_world_answer_in(NFS, HaReason_none);
}
static void fail_step(void)
{
	jobs_world_answer_in(NFS, HaReason_toolFailed);
}
static void lose_executor(void)
{
	lose(NFS);
}
static void executor_comes(void)
{
	come(NFS);
}
static void see_nothing_new(void)
{
	jobs_world_say();
}
static void see_it(void)
{
	demote(&hub.group[0]);
	hub.group[0].instance.vrrp_state = HaVrrpState_master;
	if (job_in(NFS)->phase == JOB_VERIFYING_BACK)
		promote(&hub.group[0]);
	jobs_world_say();
}
/* The commit would be refused where there is nothing to cancel. */
static void cancel(void)
{
	struct set set = make_set("nfs", haActionGroupRequest_cancel);
	struct verdict verdict;

	set.phase = SET_RESERVE;
	jobs_set(&hub.jobs, &set, &verdict, &hub.when);
	set.phase = SET_COMMIT;
	jobs_set(&hub.jobs, &set, &verdict, &hub.when);
}
static void wait_long(void)
{
	jobs_world_pass(LONG);
}

TEST(every_phase_answers_every_event)
{
	static const struct {
		void (*event)(void);
		enum job_phase after[JOB_PHASES]; /* by the phase before */
	} cells[] = {
		{ commit,
		  { JOB_IDLE, JOB_EXECUTING, JOB_AWAITING, JOB_EXECUTING, JOB_VERIFYING,
		    JOB_AWAITING_BACK, JOB_ROLLING_BACK, JOB_VERIFYING_BACK } },
		{ lose_sender,
		  { JOB_IDLE, JOB_IDLE, JOB_AWAITING, JOB_EXECUTING, JOB_VERIFYING,
		    JOB_AWAITING_BACK, JOB_ROLLING_BACK, JOB_VERIFYING_BACK } },
		{ succeed,
		  { JOB_IDLE, JOB_RESERVED, JOB_AWAITING, JOB_EXECUTING, JOB_VERIFYING,
		    JOB_AWAITING_BACK, JOB_ROLLING_BACK, JOB_VERIFYING_BACK } },
		{ fail_step,
		  { JOB_IDLE, JOB_RESERVED, JOB_AWAITING, JOB_ROLLING_BACK, JOB_VERIFYING,
		    JOB_AWAITING_BACK, JOB_IDLE, JOB_VERIFYING_BACK } },
		{ lose_executor,
		  { JOB_IDLE, JOB_RESERVED, JOB_AWAITING, JOB_AWAITING, JOB_VERIFYING,
		    JOB_AWAITING_BACK, JOB_AWAITING_BACK, JOB_VERIFYING_BACK } },
		{ executor_comes,
		  { JOB_IDLE, JOB_RESERVED, JOB_EXECUTING, JOB_EXECUTING, JOB_VERIFYING,
		    JOB_ROLLING_BACK, JOB_ROLLING_BACK, JOB_VERIFYING_BACK } },
		{ see_nothing_new,
		  { JOB_IDLE, JOB_RESERVED, JOB_AWAITING, JOB_EXECUTING, JOB_VERIFYING,
		    JOB_AWAITING_BACK, JOB_ROLLING_BACK, JOB_VERIFYING_BACK } },
		{ see_it,
		  { JOB_IDLE, JOB_RESERVED, JOB_AWAITING, JOB_EXECUTING, JOB_EXECUTING,
		    JOB_AWAITING_BACK, JOB_ROLLING_BACK, JOB_IDLE } },
		{ cancel,
		  { JOB_IDLE, JOB_RESERVED, JOB_AWAITING_BACK, JOB_EXECUTING, JOB_ROLLING_BACK,
		    JOB_AWAITING_BACK, JOB_ROLLING_BACK, JOB_VERIFYING_BACK } },
		{ wait_long,
		  { JOB_IDLE, JOB_IDLE, JOB_AWAITING_BACK, JOB_ROLLING_BACK, JOB_ROLLING_BACK,
		    JOB_IDLE, JOB_IDLE, JOB_IDLE } },
	};

	for (size_t i = 0; i < COUNT(cells); i++)
		for (int phase = 0; phase < JOB_PHASES; phase++) {
			anew();
			bring_to((enum job_phase)phase);
			cells[i].event();
			if (job_in(NFS)->phase != cells[i].after[phase])
				fail_msg("event %zu in phase %d leads to %d", i, phase,
					 (int)job_in(NFS)->phase);
		}
}

#define GROUP_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GROUP_TEST(a_switchover_moves_the_group),
		GROUP_TEST(the_address_goes_only_when_the_disk_is_seen_to_be_given_up),
		GROUP_TEST(a_step_that_is_so_already_is_skipped),
		GROUP_TEST(what_fails_at_any_step_is_taken_back),
		GROUP_TEST(what_the_other_node_has_taken_over_is_not_taken_back),
		GROUP_TEST(a_group_that_nobody_takes_over_is_taken_back),
		GROUP_TEST(a_node_that_takes_the_address_and_not_the_disk_has_not_taken_over),
		GROUP_TEST(a_mirror_that_is_cut_meanwhile_has_everything_taken_back),
		GROUP_TEST(what_cannot_be_taken_back_says_so),
		GROUP_TEST(a_switchover_is_cancelled_before_the_point_of_no_return),
		GROUP_TEST(a_verification_is_cancelled_at_once),
		GROUP_TEST(nothing_is_cancelled_that_is_over_or_cannot_be),
		GROUP_TEST(a_step_whose_executor_ends_is_done_again),
		GROUP_TEST(an_executor_that_does_not_come_back_ends_the_job),
		GROUP_TEST(a_step_that_ends_its_executor_is_not_tried_for_ever),
		GROUP_TEST(an_executor_that_hangs_is_ended_and_what_it_did_taken_back),
		GROUP_TEST(a_hub_that_ends_at_any_step_leaves_word),
		GROUP_TEST(a_job_that_is_over_is_no_word_to_leave),
		GROUP_TEST(a_group_hands_over_and_takes_over_by_itself),
		GROUP_TEST(a_peer_is_off_as_soon_as_the_fence_program_says_so),
		GROUP_TEST(what_is_taken_by_halves_is_given_up),
		GROUP_TEST(a_group_that_cannot_stop_is_left_as_it_is),
		GROUP_TEST(a_group_gives_its_address_away_and_takes_part_again),
		GROUP_TEST(writing_is_stopped_while_a_step_hangs),
		GROUP_TEST(groups_and_plain_requests_do_not_wait_for_each_other),
		GROUP_TEST(the_answer_of_another_executor_is_none),
		GROUP_TEST(two_reservations_with_one_lock_are_one_too_many),
		GROUP_TEST(a_number_is_given_once),
		GROUP_TEST(the_operator_must_know_which_node_is_active),
		GROUP_TEST(a_switchover_that_was_obeyed_is_not_obeyed_again),
		GROUP_TEST(every_blocker_has_its_reason),
		GROUP_TEST(a_group_that_is_not_ready_is_not_moved),
		GROUP_TEST(the_world_is_judged_again_at_the_commit),
		GROUP_TEST(the_standby_has_the_active_node_hand_over),
		GROUP_TEST(what_the_active_node_makes_of_it_is_told),
		GROUP_TEST(a_peer_of_which_nothing_is_heard_is_not_waited_for),
		GROUP_TEST(a_forced_switchover_is_asked_of_the_active_node),
		GROUP_TEST(a_check_finds_out_and_does_nothing),
		GROUP_TEST(somebody_who_uses_a_mount_is_found_before_anything_is_stopped),
		GROUP_TEST(a_forced_switchover_does_not_look),
		GROUP_TEST(a_node_may_be_told_to_do_what_it_would_do_by_itself),
		GROUP_TEST(what_a_node_would_not_do_by_itself_is_refused),
		GROUP_TEST(what_is_so_already_needs_no_step),
		GROUP_TEST(a_check_is_possible_while_a_job_runs),
		GROUP_TEST(maintenance_lasts_as_long_as_was_said),
		GROUP_TEST(maintenance_lasts_as_long_as_the_configuration_says),
		GROUP_TEST(maintenance_outlives_the_agent),
		GROUP_TEST(maintenance_is_ended_by_a_request),
		GROUP_TEST(maintenance_ends_behind_a_job),
		GROUP_TEST(minutes_go_with_maintenance_alone),
		GROUP_TEST(minutes_have_the_range_of_the_mib),
		GROUP_TEST(a_group_that_is_not_switchable_is_not_asked),
		GROUP_TEST(a_takeover_asks_nobody),
		GROUP_TEST(a_takeover_needs_the_address_and_the_data),
		GROUP_TEST(parts_of_a_group_are_switched_by_force_only),
		GROUP_TEST(every_phase_answers_every_event),
	};

	return cmocka_run_group_tests_name("jobs of groups", tests, NULL, NULL);
}
