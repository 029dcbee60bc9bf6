/* The IPVS source: virtual services and real servers of the kernel's load balancer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/source.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/ip_vs.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_ipvs.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/ipvs/checker.h"
#include "subagent/sources/ipvs/checks.h"
#include "subagent/sources/ipvs/model.h"
#include "subagent/sources/ipvs/poll.h"
#include "subagent/sources/ipvs/recall.h"
#include "subagent/sources/ipvs/rows.h"

/* Milliseconds from one writing of what is to be remembered to the next: what changes between the
 * last one and a death is found out again, but for its time. */
#define RECALL_INTERVAL 5000

/* Milliseconds that the first rows wait for what keepalived's checks say, for the same reason. */
#define CHECKS_PATIENCE 2000

#define KEEPALIVED_USER 0 /* whose its dumps are */

struct ipvs {
	const struct settings *settings;
	struct ipvs_model *model;
	struct ipvs_poll poll;
	struct checker checker;
	uint32_t
		moves; /* ipvs_model_moves() when its picture was last compared with the kernel's */
	int64_t began; /* clock_now() */
	struct ipvs_row row; /* as it was told last */
	bool told;           /* the first rows have gone out */
	uint32_t written;    /* ipvs_model_moves() when it was last written down */
	int64_t written_at;  /* clock_now() */
	struct pulse pulse;
};

/* ---- rows ---- */

static int32_t sync_of(const struct ipvs_poll *poll)
{
	switch (poll->daemons) {
	case 0:
		return haIpvsSync_off;
	case IP_VS_STATE_MASTER:
		return haIpvsSync_master;
	case IP_VS_STATE_BACKUP:
		return haIpvsSync_backup;
	case IP_VS_STATE_MASTER | IP_VS_STATE_BACKUP:
		return haIpvsSync_both;
	default:
		return haIpvsSync_other;
	}
}

static void tell_row(struct ipvs *ipvs)
{
	struct ipvs_row row = { .head.state = HaRowState_fresh, .sync = sync_of(&ipvs->poll) };
	uint32_t version = ipvs->poll.version;

	if (version)
		TEXT_PRINT(row.version, "%u.%u.%u", version >> 16, version >> 8 & 0xFF,
			   version & 0xFF);
	if (row.sync == ipvs->row.sync && !strcmp(row.version, ipvs->row.version))
		return;
	ipvs->row = row;
	report_row(&ipvs_table, &row);
}

/* Rows go out when everything has been asked once: a source that has been started again does not
 * take back what the hub knows. */
static void release_rows(struct ipvs *ipvs)
{
	bool wait =
		!checker_is_settled(&ipvs->checker) && clock_now() - ipvs->began < CHECKS_PATIENCE;

	if (ipvs->told || !ipvs->poll.complete || wait)
		return;
	ipvs->told = true;
	report_hold(false);
	report_begin(&ipvs_service_table);
	ipvs_model_report_services(ipvs->model);
	report_end(&ipvs_service_table);
	report_begin(&ipvs_real_table);
	ipvs_model_report_reals(ipvs->model);
	report_end(&ipvs_real_table);
}

/* ---- keepalived ---- */

/* keepalived changes the kernel before it serves a signal: a dump that is asked for when the kernel
 * has changed says why. */
static void ask_keepalived(struct ipvs *ipvs)
{
	struct checks *checks = NULL;

	if (ipvs_model_moves(ipvs->model) != ipvs->moves)
		checker_hurry(&ipvs->checker);
	switch (checker_turn(&ipvs->checker, &checks)) {
	case CHECKER_NONE:
		break;
	case CHECKER_SAYS:
		ipvs_model_take_checks(ipvs->model, checks);
		checks_free(checks);
		break;
	case CHECKER_SILENT:
		ipvs_model_take_checks(ipvs->model, NULL);
		break;
	}
	ipvs->moves = ipvs_model_moves(ipvs->model);
}

/* ---- how it is doing ---- */

/* Without IPVS nothing is balanced; a machine that has no use for it is no trouble. */
static void judge_absent(struct ipvs *ipvs)
{
	bool wanted = ipvs_model_count(ipvs->model) > 0 || ipvs->settings->ipvs_watch == WATCH_YES;

	ipvs->pulse.state = wanted ? haSourceState_unavailable : haSourceState_off;
	ipvs->pulse.reason = haSourceReason_kernelModuleMissing;
	if (wanted)
		TEXT_PUT(ipvs->pulse.error, "the module ip_vs is not loaded");
}

static void judge_error(struct ipvs *ipvs)
{
	int error = ipvs->poll.error;

	ipvs->pulse.state = haSourceState_unavailable;
	ipvs->pulse.reason =
		error == EPERM ? haSourceReason_permissionDenied : haSourceReason_other;
	TEXT_PRINT(ipvs->pulse.error, "cannot ask the kernel about IPVS: %s", strerror(error));
}

static void tell_pulse(struct ipvs *ipvs)
{
	if (ipvs->poll.error) {
		judge_error(ipvs);
	} else if (!ipvs->poll.complete) {
		ipvs->pulse.state = haSourceState_starting;
		ipvs->pulse.reason = haSourceReason_none;
	} else if (!ipvs->poll.family) {
		judge_absent(ipvs);
	} else {
		ipvs->pulse.state = haSourceState_running;
		ipvs->pulse.reason = haSourceReason_none;
	}
	ipvs->pulse.collect_time = ipvs->poll.collect_time;
	ipvs->pulse.rejected_lines = ipvs->poll.rejected;
	report_pulse(&ipvs->pulse);
}

/* ---- over restarts ---- */

static void write_down(struct ipvs *ipvs)
{
	if (!ipvs->told || ipvs_model_moves(ipvs->model) == ipvs->written)
		return;
	ipvs->written = ipvs_model_moves(ipvs->model);
	ipvs->written_at = clock_now();
	ipvs_recall_write(ipvs->settings->state, ipvs->model);
}

/* Collections come often enough for this. */
static void write_down_in_time(struct ipvs *ipvs)
{
	if (clock_now() - ipvs->written_at >= RECALL_INTERVAL)
		write_down(ipvs);
}

/* ---- the source ---- */

static void run(const struct settings *settings)
{
	struct ipvs ipvs = { .settings = settings, .began = clock_now() };

	report_hold(true);
	ipvs.model = ipvs_model_new(settings->ipvs);
	ipvs_recall_read(settings->state, ipvs.model);
	ipvs_poll_open(&ipvs.poll, ipvs.model, settings->ipvs->interval);
	checker_open(&ipvs.checker, settings->ipvs->pid_file, settings->ipvs->data,
		     KEEPALIVED_USER);
	while (!loop_ended() && !report_lost()) {
		ipvs_poll_turn(&ipvs.poll);
		ask_keepalived(&ipvs);
		release_rows(&ipvs);
		if (ipvs.told)
			tell_row(&ipvs);
		loop_wake(ipvs_model_turn(ipvs.model, clock_now()));
		tell_pulse(&ipvs);
		write_down_in_time(&ipvs);
		loop_turn();
	}
	write_down(&ipvs);
	checker_close(&ipvs.checker);
	ipvs_poll_close(&ipvs.poll);
	ipvs_model_free(ipvs.model);
}

static bool is_wanted(const struct settings *settings)
{
	return settings->ipvs_watch != WATCH_NO;
}

/* The kernel tells only the administrator of the network about IPVS (GENL_ADMIN_PERM); a signal
 * asks keepalived for its dump, which is root's alone. */
const struct source ipvs_source = {
	.name = "ipvs",
	.tables = ipvs_tables,
	.capabilities = UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_KILL |
			UINT64_C(1) << CAP_DAC_READ_SEARCH,
	.wanted = is_wanted,
	.run = run,
};
