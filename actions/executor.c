/* ha-executor, the root half: takes the steps that the hub asks for by number.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 *	ha-executor FILE 3<OCTETS 4<>SOCKET
 *
 * The keeper of ha-agentxd starts it with the octets of the configuration at descriptor 3 and a
 * socket to the hub at 4; FILE names the configuration in messages. It takes one step after the
 * other, each by its deadline, and ends with the hub: status 0 when the hub is gone or at SIGTERM,
 * once a step that has begun is done; status 1 when the hub sends what is no order.
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

#include "actions/bond_port.h"
#include "actions/drbd_role.h"
#include "actions/ipvs_weight.h"
#include "actions/outcome.h"
#include "actions/step.h"
#include "actions/vrrp_hold.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"

enum { SETTINGS_FD = 3, HUB_FD, FIRST_FD_TO_CLOSE };

enum hub_state { HUB_THERE, HUB_GONE, HUB_BROKEN };

struct executor {
	const struct settings *settings;
	enum hub_state hub;
};

/* For the network, for drbdadm and drbdsetup, and for the search for openers. CAP_SYS_MODULE is not
 * among them: drbdsetup would load a module that is not there, and that is not for us to do. */
static const int needed_capabilities[] = { CAP_NET_ADMIN, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH };

static bool is_needed(int capability)
{
	for (size_t i = 0; i < sizeof(needed_capabilities) / sizeof(*needed_capabilities); i++)
		if (needed_capabilities[i] == capability)
			return true;
	return false;
}

/* Drop all other capabilities, out of the bounding set for the programs that are run from here, and
 * out of this process. Without root there are none. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	int bound;

	for (int number = 0; (bound = prctl(PR_CAPBSET_READ, number, 0, 0, 0)) >= 0; number++)
		if (bound && !is_needed(number) && prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0)
			log_fatal("capability %d cannot be dropped: %s", number, strerror(errno));
	if (syscall(SYS_capget, &header, sets) < 0)
		log_fatal("capget: %s", strerror(errno));
	for (int number = 0; number < 32 * _LINUX_CAPABILITY_U32S_3; number++)
		if (!is_needed(number))
			sets[number / 32].permitted &= ~(1U << number % 32);
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, sets) < 0)
		log_fatal("capset: %s", strerror(errno));
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
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		log_fatal("no_new_privs: %s", strerror(errno));
	if (geteuid() == 0)
		drop_capabilities();
}

typedef void step_doer(const struct settings *settings, const struct step *step, int64_t deadline,
		       struct step_result *result);

static step_doer *const doers[STEP_VERBS] = {
	[STEP_DRBD_PRIMARY] = drbd_role_switch,   [STEP_DRBD_PRIMARY_ALONE] = drbd_role_switch,
	[STEP_DRBD_SECONDARY] = drbd_role_switch, [STEP_BOND_ACTIVE_PORT] = bond_port_activate,
	[STEP_IPVS_WEIGHT] = ipvs_weight_set,     [STEP_VRRP_HOLD] = vrrp_hold_write,
	[STEP_VRRP_RELEASE] = vrrp_hold_write,
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
	if (result.reason == HaReason_none)
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

int main(int count, char **arguments)
{
	static struct executor executor = { .hub = HUB_THERE };
	struct settings *settings;

	log_open("ha-executor");
	if (count != 2)
		log_fatal("is started by ha-agentxd, not by hand");
	confine();
	settings = settings_load(SETTINGS_FD, arguments[1]);
	settings_forget_dns(settings);
	settings_forget_secrets(settings);
	executor.settings = settings;
	loop_catch_signals();
	while (executor.hub == HUB_THERE && !loop_ended()) {
		loop_watch(HUB_FD, POLLIN, hear_hub, &executor);
		loop_turn();
	}
	if (executor.hub == HUB_BROKEN)
		log_error("the hub sends what is no order");
	return executor.hub == HUB_BROKEN ? EXIT_FAILURE : EXIT_SUCCESS;
}
