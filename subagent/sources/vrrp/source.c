/* The VRRP source: keepalived's instances, their addresses, and who advertises on the wire.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/source.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/vrrp/addresses.h"
#include "subagent/sources/vrrp/hold.h"
#include "subagent/sources/vrrp/keepalived/keepalived.h"
#include "subagent/sources/vrrp/model.h"
#include "subagent/sources/vrrp/rows.h"
#include "subagent/sources/vrrp/view.h"
#include "subagent/sources/vrrp/wire/wire.h"

#define PATIENCE 2000        /* milliseconds that the first reading may take before rows go out */
#define FIGURES 1000         /* milliseconds from one look at ages and counters to the next */
#define FIGURES_MAX 5000     /* the same with many routers, or none */
#define FIGURES_A_SECOND 200 /* routers that are looked at: more of them, less often */

/* Looks may take so many microseconds at once, and beyond these one in so many of the time that
 * passes: a thousand instances that change one by one cost no more than a share of a core. */
#define CREDIT 20000
#define SHARE 4

/* What was seen at the last look. */
struct versions {
	uint32_t keepalived, wire, addresses;
};

struct vrrp {
	const struct settings *settings;
	struct keepalived *keepalived;
	struct wire *wire;
	struct addresses *addresses;
	struct holds *holds;
	struct vrrp_model *model;
	struct versions seen;
	bool deaf;             /* the wire cannot be listened to */
	bool looked, told;     /* once; all rows have gone out */
	bool held;             /* a hold file has changed since the last look */
	int64_t began;         /* clock_now() */
	int64_t next_figures;  /* clock_now() */
	int64_t debt;          /* microseconds of looks that have not been paid for by time .. */
	int64_t paid_at;       /* .. up to this, clock_now() */
	uint32_t collect_time; /* of the last look, microseconds */
};

/* ---- looking ---- */

/* Microseconds that this process has used a core. */
static int64_t time_used(void)
{
	struct timespec used = { .tv_sec = 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * INT64_C(1000000) + used.tv_nsec / 1000;
}

static bool has_moved(const struct vrrp *vrrp, int64_t now)
{
	int64_t due = vrrp_model_due(vrrp->model);

	return !vrrp->looked || vrrp->seen.keepalived != keepalived_version(vrrp->keepalived) ||
	       vrrp->seen.wire != wire_version(vrrp->wire) ||
	       vrrp->seen.addresses != addresses_version(vrrp->addresses) || (due && now >= due) ||
	       now >= vrrp->next_figures;
}

static void hear(struct vrrp *vrrp)
{
	const uint32_t *interfaces;
	size_t count;
	bool deaf;

	interfaces = vrrp_model_interfaces(vrrp->model, &count);
	deaf = !wire_listen(vrrp->wire, interfaces, count);
	if (deaf != vrrp->deaf)
		vrrp->next_figures = 0;
	vrrp->deaf = deaf;
}

/* Milliseconds to the next look at ages and counters. */
static int64_t pause_of(size_t routers)
{
	int64_t pause = (int64_t)routers * 1000 / FIGURES_A_SECOND;

	if (routers == 0 || pause > FIGURES_MAX)
		return FIGURES_MAX;
	return pause < FIGURES ? FIGURES : pause;
}

static void look(struct vrrp *vrrp, int64_t now)
{
	struct versions seen = {
		.keepalived = keepalived_version(vrrp->keepalived),
		.wire = wire_version(vrrp->wire),
		.addresses = addresses_version(vrrp->addresses),
	};
	struct vrrp_view view = {
		.now = now,
		.wall = clock_wall(),
		.status = keepalived_status(vrrp->keepalived),
		.claims_moved = !vrrp->looked || seen.keepalived != vrrp->seen.keepalived,
		.deaf = vrrp->deaf,
		.addresses = vrrp->addresses,
		.holds = vrrp->holds,
	};
	int64_t start = time_used();

	/* keepalived moves addresses and adverts when it changes a state, and may say so later. */
	if (seen.wire != vrrp->seen.wire || seen.addresses != vrrp->seen.addresses)
		keepalived_hurry(vrrp->keepalived);
	view.claims = keepalived_claims(vrrp->keepalived, &view.claims_count);
	view.routers = wire_routers(vrrp->wire, &view.routers_count);
	vrrp_model_look(vrrp->model, &view);
	vrrp->next_figures = now + pause_of(view.routers_count);
	hear(vrrp);
	vrrp->seen = seen;
	vrrp->looked = true;
	vrrp->held = false;
	vrrp->collect_time = (uint32_t)(time_used() - start);
	vrrp->debt += vrrp->collect_time;
}

/* When to look, clock_now(). */
static int64_t turn_of(struct vrrp *vrrp, int64_t now)
{
	vrrp->debt -= (now - vrrp->paid_at) * 1000 / SHARE;
	vrrp->paid_at = now;
	if (vrrp->debt < 0)
		vrrp->debt = 0;
	return vrrp->debt <= CREDIT ? now : now + (vrrp->debt - CREDIT) * SHARE / 1000 + 1;
}

/* ---- telling ---- */

static bool is_read(const struct vrrp *vrrp)
{
	const struct keepalived_status *status = keepalived_status(vrrp->keepalived);
	size_t claims;

	keepalived_claims(vrrp->keepalived, &claims);
	return addresses_complete(vrrp->addresses) && status->state &&
	       status->state != haVrrpKeepalivedState_unknown &&
	       (status->state != haVrrpKeepalivedState_running || claims > 0);
}

/* Rows go out when everything has been read once: a source that has been started again does not
 * take back what the hub knows. */
static void release_rows(struct vrrp *vrrp, int64_t now)
{
	if (vrrp->told || !vrrp->looked || (!is_read(vrrp) && now - vrrp->began < PATIENCE))
		return;
	vrrp->told = true;
	report_hold(false);
	vrrp_model_report(vrrp->model);
}

/* Look when there is something new, or wait until that may be. */
static void look_in_turn(struct vrrp *vrrp, int64_t now)
{
	int64_t turn = turn_of(vrrp, now);
	bool moved;

	vrrp->held |= holds_take(vrrp->holds);
	moved = vrrp->held || has_moved(vrrp, now);
	if (moved && now < turn) {
		loop_wake(turn);
		return;
	}
	if (moved)
		look(vrrp, now);
	loop_wake(vrrp_model_due(vrrp->model));
	loop_wake(vrrp->next_figures);
}

static void take_turn(struct vrrp *vrrp)
{
	int64_t now = clock_now();

	look_in_turn(vrrp, now);
	release_rows(vrrp, now);
	if (!vrrp->told)
		loop_wake(vrrp->began + PATIENCE);
	loop_wake(vrrp_model_turn(vrrp->model, now));
}

/* A machine without keepalived, on which nobody expects it, has no trouble. */
static bool is_off(const struct vrrp *vrrp)
{
	return keepalived_status(vrrp->keepalived)->state == haVrrpKeepalivedState_notInstalled &&
	       vrrp->settings->vrrp_watch == WATCH_AUTO && vrrp_model_count(vrrp->model) == 0;
}

static void tell_pulse(const struct vrrp *vrrp)
{
	struct pulse pulse = { .state = haSourceState_running, .reason = haSourceReason_none };
	const char *error = keepalived_status(vrrp->keepalived)->error;
	int failed = addresses_error(vrrp->addresses);

	if (failed) {
		pulse.state = haSourceState_unavailable;
		pulse.reason = haSourceReason_other;
		TEXT_PRINT(pulse.error, "rtnetlink: %s", strerror(failed));
	} else if (!vrrp->told) {
		pulse.state = haSourceState_starting;
	} else if (is_off(vrrp)) {
		pulse.state = haSourceState_off;
	} else {
		TEXT_PUT(pulse.error, vrrp->deaf ? wire_error(vrrp->wire) : error);
	}
	pulse.collect_time = vrrp->collect_time;
	pulse.rejected_lines = addresses_rejected(vrrp->addresses);
	report_pulse(&pulse);
}

/* ---- the source ---- */

static void open_all(struct vrrp *vrrp, const struct settings *settings)
{
	vrrp->settings = settings;
	vrrp->began = clock_now();
	vrrp->addresses = addresses_open();
	vrrp->wire = wire_open();
	vrrp->keepalived = keepalived_open(settings->vrrp);
	vrrp->holds = holds_open(settings->vrrp);
	vrrp->model = vrrp_model_new(settings->vrrp);
}

static void close_all(struct vrrp *vrrp)
{
	vrrp_model_free(vrrp->model);
	holds_close(vrrp->holds);
	keepalived_close(vrrp->keepalived);
	wire_close(vrrp->wire);
	addresses_close(vrrp->addresses);
}

static void run(const struct settings *settings)
{
	struct vrrp vrrp = { .looked = false };

	report_hold(true);
	open_all(&vrrp, settings);
	while (!loop_ended() && !report_lost()) {
		take_turn(&vrrp);
		tell_pulse(&vrrp);
		keepalived_watch(vrrp.keepalived);
		wire_watch(vrrp.wire);
		addresses_watch(vrrp.addresses);
		holds_watch(vrrp.holds);
		loop_turn();
	}
	close_all(&vrrp);
}

static bool is_wanted(const struct settings *settings)
{
	return settings->vrrp_watch != WATCH_NO;
}

/* Packet sockets want the first; a signal that asks keepalived for its dumps the second; and these
 * dumps and its FIFO are root's alone: the third. */
const struct source vrrp_source = {
	.name = "vrrp",
	.tables = vrrp_tables,
	.capabilities = UINT64_C(1) << CAP_NET_RAW | UINT64_C(1) << CAP_KILL |
			UINT64_C(1) << CAP_DAC_READ_SEARCH,
	.wanted = is_wanted,
	.run = run,
};
