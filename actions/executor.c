/* ha-executor, the root half: takes the steps that the hub asks for by number.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 *	ha-executor FILE [watchdog] 3<OCTETS 4<>SOCKET
 *
 * The keeper of ha-agentxd starts it with the octets of the configuration at descriptor 3 and a
 * socket to the hub at 4; FILE names the configuration in messages. It takes one step after the
 * other, each by its deadline, and ends with the hub: status 0 when the hub is gone or at SIGTERM,
 * once a step that has begun is done; status 1 when the hub sends what is no order. As `watchdog'
 *it takes no steps, and feeds the kernel's watchdogs instead.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actions/aside.h"
#include "actions/bond_port.h"
#include "actions/drbd_io.h"
#include "actions/drbd_role.h"
#include "actions/export.h"
#include "actions/fence.h"
#include "actions/held.h"
#include "actions/ipvs_weight.h"
#include "actions/mark.h"
#include "actions/member.h"
#include "actions/nfsd_gates.h"
#include "actions/outcome.h"
#include "actions/step.h"
#include "actions/vrrp_hold.h"
#include "actions/watchdog.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"

#define QUIET 2000 /* milliseconds without an order, before what has time is done */

enum { SETTINGS_FD = 3, HUB_FD, FIRST_FD_TO_CLOSE };

enum hub_state { HUB_THERE, HUB_GONE, HUB_BROKEN };

struct executor {
	const struct settings *settings;
	enum hub_state hub;
};

/* What is kept of root. Bit N stands for capability N (capabilities(7)). */
struct powers {
	uint64_t own;   /* of this process */
	bool unbounded; /* the programs that are run have all there are */
};

#define POWER(capability) (UINT64_C(1) << (capability))

/* For the network, for drbdadm and drbdsetup, and for the search for openers. CAP_SYS_MODULE is not
 * among them: drbdsetup would load a module that is not there, and that is not for us to do.
 *
 * The programs of commands and fences are the operator's, and nobody can know what they need to
 * start a server that binds a port, changes its user, raises its limits, or needs a module: they
 * have what a shell of root would give them. Some run as another user, and must be killed. NFS has
 * programs of its own; its clients are called by raw packets, its addresses closed by routing. */
static struct powers powers_of(const struct settings_groups *groups)
{
	struct powers powers = {
		.own = POWER(CAP_NET_ADMIN) | POWER(CAP_SYS_PTRACE) | POWER(CAP_DAC_READ_SEARCH),
	};

	for (size_t i = 0; i < groups->count; i++) {
		const struct settings_group *group = &groups->groups[i];
		bool nfs = settings_group_has(group, haGroupMemberKind_nfs);

		if (settings_group_has(group, haGroupMemberKind_mount) || nfs)
			powers.own |= POWER(CAP_SYS_ADMIN);
		if (nfs)
			powers.own |= POWER(CAP_NET_RAW);
		if (!nfs && !group->fence && !settings_group_has(group, haGroupMemberKind_command))
			continue;
		powers.own |= POWER(CAP_KILL) | POWER(CAP_SETUID) | POWER(CAP_SETGID);
		powers.unbounded = true;
	}
	return powers;
}

/* Drop all other capabilities, out of the bounding set for the programs that are run from here, and
 * out of this process. */
static void drop_capabilities(const struct powers *powers)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	int bound;

	for (int number = 0;
	     !powers->unbounded && (bound = prctl(PR_CAPBSET_READ, number, 0, 0, 0)) >= 0; number++)
		if (bound && !(powers->own >> number & 1) &&
		    prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0)
			log_fatal("capability %d cannot be dropped: %s", number, strerror(errno));
	if (syscall(SYS_capget, &header, sets) < 0)
		log_fatal("capget: %s", strerror(errno));
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		sets[i].permitted &= (uint32_t)(powers->own >> 32 * i);
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, sets) < 0)
		log_fatal("capset: %s", strerror(errno));
}

/* Without root there is nothing to drop. A program could not have more than this process when it
 * can gain no privileges. */
static void restrict_powers(const struct powers *powers)
{
	if (!powers->unbounded && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		log_fatal("no_new_privs: %s", strerror(errno));
	if (geteuid() == 0)
		drop_capabilities(powers);
}

/* Say so when a mount that is made here would be seen by nobody else. */
static void check_namespace(const struct settings *settings)
{
	struct stat ours, systems;
	bool mounts = false;

	for (size_t i = 0; i < settings->groups->count; i++)
		mounts |= settings_group_has(&settings->groups->groups[i], haGroupMemberKind_mount);
	if (mounts && stat("/proc/self/ns/mnt", &ours) == 0 &&
	    stat("/proc/1/ns/mnt", &systems) == 0 && ours.st_ino != systems.st_ino)
		log_warning("this process has a mount namespace of its own: whether its mounts "
			    "are seen by others depends on how it was made; ha-agentxd.service "
			    "must have no PrivateMounts=, ProtectSystem= or the like");
}

/* Nothing is inherited that has no purpose, and nothing is passed on: tool_start() gives programs
 * an environment of its own. */
static void confine(void)
{
	if (fcntl(SETTINGS_FD, F_SETFD, FD_CLOEXEC) < 0 || fcntl(HUB_FD, F_SETFD, FD_CLOEXEC) < 0)
		log_fatal("is started by ha-agentxd, not by hand");
	if (close_range(FIRST_FD_TO_CLOSE, ~0U, 0) < 0)
		log_fatal("close_range: %s", strerror(errno));
	if (clearenv() != 0 || chdir("/") < 0)
		log_fatal("chdir: %s", strerror(errno));
	umask(077);
	signal(SIGPIPE, SIG_IGN);
}

typedef void step_doer(const struct settings *settings, const struct step *step, int64_t deadline,
		       struct step_result *result);

static step_doer *const doers[STEP_VERBS] = {
	[STEP_DRBD_PRIMARY] = drbd_role_switch,
	[STEP_DRBD_PRIMARY_ALONE] = drbd_role_switch,
	[STEP_DRBD_SECONDARY] = drbd_role_switch,
	[STEP_BOND_ACTIVE_PORT] = bond_port_activate,
	[STEP_IPVS_WEIGHT] = ipvs_weight_set,
	[STEP_VRRP_HOLD] = vrrp_hold_write,
	[STEP_VRRP_RELEASE] = vrrp_hold_write,
	[STEP_MEMBER_START] = member_switch,
	[STEP_MEMBER_STOP] = member_switch,
	[STEP_DRBD_SUSPEND] = drbd_io_switch,
	[STEP_DRBD_RESUME] = drbd_io_switch,
	[STEP_GROUP_FENCE] = fence_run,
	[STEP_GROUP_LOOK] = held_look,
};

/* The step of an order; a refusal is put into the result. */
static bool accept_order(const struct settings *settings, const struct step_order *order,
			 struct step *step, struct step_result *result)
{
	outcome_begin(result);
	if (order->digest != settings->digest)
		outcome_set(result, HaReason_notAllowed,
			    "the hub has read another configuration than the executor");
	else if (!step_decode(settings, order->step, order->value, step))
		outcome_set(result, HaReason_notAllowed,
			    "the configuration does not allow step %u with %u", order->step,
			    order->value);
	else
		return true;
	return false;
}

static void take_order(const struct settings *settings, const struct step_order *order)
{
	struct step_result result = { .job = order->job, .step = order->step };
	int64_t deadline = clock_now() + order->deadline;
	struct step step;

	if (accept_order(settings, order, &step, &result)) {
		char what[192];

		step_print(settings, &step, what, sizeof(what));
		log_info("job %u: %s", order->job, what);
		doers[step.verb](settings, &step, deadline, &result);
	}
	if (result.reason == HaReason_none || result.reason == HaReason_nothingToDo)
		log_info("job %u: %s", order->job, result.message);
	else
		log_warning("job %u: %s%s%s", order->job, result.message,
			    *result.kernel ? ": " : "", result.kernel);
	if (frame_send(HUB_FD, FRAME_RESULT, 0, &result, sizeof(result)) != FRAME_OK)
		log_warning("job %u: the hub does not take the result", order->job);
}

static void hear_hub(void *argument, short events)
{
	struct executor *executor = argument;
	struct frame frame;

	(void)events;
	switch (frame_receive(HUB_FD, &frame, NULL)) {
	case FRAME_OK:
		if (frame.head.type == FRAME_STEP)
			take_order(executor->settings, &frame.body.order);
		else
			executor->hub = HUB_BROKEN;
		break;
	case FRAME_AGAIN:
		break;
	case FRAME_CLOSED:
		executor->hub = HUB_GONE;
		break;
	case FRAME_BROKEN:
		executor->hub = HUB_BROKEN;
		break;
	}
}

static int take_orders(const struct settings *settings)
{
	struct executor executor = { .settings = settings, .hub = HUB_THERE };
	struct powers powers = powers_of(settings->groups);
	bool curious = true;

	restrict_powers(&powers);
	check_namespace(settings);
	/* What exportfs(8) and the programs of members write is for others to read. */
	if (settings->groups->count)
		umask(022);
	if (powers.unbounded)
		mark_make_folder(settings);
	nfsd_gates_close(settings);
	if (settings->groups->count)
		aside_prepare();
	while (executor.hub == HUB_THERE && !loop_ended()) {
		loop_watch(HUB_FD, POLLIN, hear_hub, &executor);
		loop_wake(curious ? clock_now() + QUIET : 0);
		curious = loop_turn() ? export_learn(settings) : true;
	}
	if (executor.hub == HUB_BROKEN)
		log_error("the hub sends what is no order");
	return executor.hub == HUB_BROKEN ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The devices are root's, and that is enough to open them. */
static int feed_watchdogs(const struct settings *settings)
{
	const struct powers none = { .own = 0 };

	restrict_powers(&none);
	return watchdog_run(settings, HUB_FD);
}

int main(int count, char **arguments)
{
	bool watchdog = count == 3 && !strcmp(arguments[2], "watchdog");
	struct settings *settings;
	int status;

	log_open(watchdog ? "watchdog" : "ha-executor");
	if (count != 2 && !watchdog)
		log_fatal("is started by ha-agentxd, not by hand");
	confine();
	settings = settings_load(SETTINGS_FD, arguments[1]);
	settings_forget_dns(settings);
	settings_forget_secrets(settings);
	loop_catch_signals();
	status = watchdog ? feed_watchdogs(settings) : take_orders(settings);
	settings_free(settings);
	return status;
}
