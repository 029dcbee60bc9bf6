/* The DRBD source: resources, volumes, peers and their replication, on DRBD 8.4 and 9.
 *
 * States come from a running `drbdsetup events2', figures from `drbdsetup events2 --now', what
 * ought to be there from drbdadm. Every drbdsetup tries to load the module, so none is started
 * while /proc/drbd is not there; that file is looked at once a second.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/source.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/drbd/config.h"
#include "subagent/sources/drbd/derive.h"
#include "subagent/sources/drbd/folders.h"
#include "subagent/sources/drbd/kernel.h"
#include "subagent/sources/drbd/latch.h"
#include "subagent/sources/drbd/loader.h"
#include "subagent/sources/drbd/model.h"
#include "subagent/sources/drbd/poll.h"
#include "subagent/sources/drbd/rows.h"
#include "subagent/sources/drbd/stream.h"
#include "subagent/sources/drbd/tell.h"

#define LOOK_INTERVAL 2000 /* milliseconds between two looks at the kernel */
#define MOUNTS "/proc/self/mountinfo"

struct drbd {
	const struct settings *settings;
	struct drbd_model *model;
	struct drbd_latch latch;
	struct drbd_kernel kernel;
	struct drbd_stream stream;
	struct drbd_poll poll;
	struct drbd_loader loader;
	struct drbd_folders folders;
	struct pulse pulse;
	int mounts; /* descriptor of MOUNTS */
	int64_t next_look;
	bool expected; /* an attempt to load the configuration has ended */
};

static const struct drbd_report to_hub = { report_row, report_gone, report_begin, report_end };

/* Rows are held back until all that can be known at the start is known. */
static bool is_ready(const struct drbd *drbd)
{
	return drbd->expected && (!drbd->kernel.version[0] || drbd_model_is_complete(drbd->model));
}

static void flush(struct drbd *drbd)
{
	if (is_ready(drbd))
		drbd_model_flush(drbd->model, &to_hub);
}

static void tell_changes(void *argument, bool complete)
{
	struct drbd *drbd = argument;

	if (complete && is_ready(drbd))
		drbd_model_report(drbd->model, &to_hub);
	else
		flush(drbd);
}

static void change_kernel(struct drbd *drbd)
{
	log_info("DRBD module: %s", drbd->kernel.version[0] ? drbd->kernel.version : "not loaded");
	drbd_model_kernel(drbd->model, drbd->kernel.version);
	drbd_loader_request(&drbd->loader, drbd->kernel.major != DRBD_SINGLE_PEER);
	drbd_stream_want(&drbd->stream, drbd->kernel.version[0] != '\0');
	flush(drbd);
}

/* A stream that has gone deaf says nothing of a new state, which this file shows: a poll finds out.
 * What the stream has told since the last look may have been undone since: then the file has not
 * changed, and only the poll shows whether the stream has told that, too. */
static void look_at_kernel(struct drbd *drbd)
{
	struct drbd_kernel before = drbd->kernel;
	bool told = drbd->stream.told;
	int64_t now = clock_now();

	if (now < drbd->next_look)
		return;
	drbd->next_look = now + LOOK_INTERVAL;
	drbd->stream.told = false;
	drbd_model_clock(drbd->model, now, clock_wall());
	drbd_kernel_look(&drbd->kernel, drbd->settings->drbd_state);
	if (strcmp(before.version, drbd->kernel.version) != 0)
		change_kernel(drbd);
	else if (told || before.states != drbd->kernel.states)
		drbd_poll_hurry(&drbd->poll);
}

static void read_mounts(struct drbd *drbd)
{
	static char text[1 << 20];
	size_t used = 0;
	ssize_t got;

	if (drbd->mounts < 0 || lseek(drbd->mounts, 0, SEEK_SET) < 0)
		return;
	while (used < sizeof(text) - 1 &&
	       (got = read(drbd->mounts, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	drbd_model_mounts(drbd->model, text);
}

static void mounts_changed(void *argument, short events)
{
	struct drbd *drbd = argument;

	(void)events;
	drbd_model_clock(drbd->model, clock_now(), clock_wall());
	read_mounts(drbd);
	flush(drbd);
}

static void take_config(struct drbd *drbd)
{
	struct drbd_config *config = drbd_loader_take(&drbd->loader);
	bool first = !drbd->expected && drbd->loader.attempts > 0;

	if (config)
		for (size_t i = 0; i < DRBD_FOLDERS_MAX && config->folders[i][0]; i++)
			drbd_folders_add(&drbd->folders, config->folders[i]);
	if (config)
		drbd_model_config(drbd->model, config);
	if (first || config)
		drbd_model_utils(drbd->model, drbd->loader.version);
	drbd->expected = drbd->expected || first;
	if (first || config)
		tell_changes(drbd, first);
}

/* When the module is unloaded the stream ends, and that is no fault of the stream: look at once. */
static void turn_stream(struct drbd *drbd)
{
	bool was_complete = drbd->stream.complete;

	drbd_stream_turn(&drbd->stream);
	if (was_complete && !drbd->stream.complete) {
		drbd->next_look = 0;
		look_at_kernel(drbd);
	}
}

/* What was held back, if its time has come. */
static void flush_due(struct drbd *drbd)
{
	int64_t due = drbd_model_due(drbd->model);

	drbd_model_clock(drbd->model, clock_now(), clock_wall());
	if (due && due <= clock_now())
		flush(drbd);
}

/* All parts, each with what it has to do on every turn. */
static void turn_parts(struct drbd *drbd)
{
	look_at_kernel(drbd);
	drbd_model_clock(drbd->model, clock_now(), clock_wall());
	if (drbd_folders_turn(&drbd->folders))
		drbd_loader_request(&drbd->loader, drbd->kernel.major != DRBD_SINGLE_PEER);
	drbd_loader_turn(&drbd->loader);
	take_config(drbd);
	turn_stream(drbd);
	drbd_poll_turn(&drbd->poll, drbd->stream.complete);
	if (drbd->poll.disproved) {
		drbd->poll.disproved = false;
		drbd_stream_restart(&drbd->stream, "it has missed a change");
	}
	flush_due(drbd);
	loop_watch(drbd->mounts, POLLPRI, mounts_changed, drbd);
	loop_wake(drbd->next_look);
	loop_wake(drbd_model_due(drbd->model));
}

/* Without the module there is nothing to be watched; what is configured is missing then, and that
 * is a fact like others. A machine that has no use for DRBD at all is no trouble, either. */
static void judge_absent(struct drbd *drbd)
{
	bool wanted = drbd_model_is_used(drbd->model) || drbd->settings->drbd == WATCH_YES;

	drbd->pulse.state = wanted ? haSourceState_unavailable : haSourceState_off;
	drbd->pulse.reason = haSourceReason_kernelModuleMissing;
	if (wanted)
		TEXT_PUT(drbd->pulse.error, "the DRBD module is not loaded");
}

static void judge_present(struct drbd *drbd)
{
	int32_t reason = drbd->stream.health.reason;

	if (reason == haSourceReason_none)
		reason = drbd->poll.health.reason;
	drbd->pulse.reason = reason;
	if (reason != haSourceReason_none)
		drbd->pulse.state = haSourceState_unavailable;
	else if (drbd_model_is_complete(drbd->model) || drbd->pulse.state == haSourceState_running)
		drbd->pulse.state = haSourceState_running;
	else
		drbd->pulse.state = haSourceState_starting;
}

/* The error of whatever is wrong now; the last one is kept when nothing is. */
static void choose_error(struct drbd *drbd)
{
	if (drbd->stream.health.reason != haSourceReason_none)
		TEXT_PUT(drbd->pulse.error, drbd->stream.health.error);
	else if (drbd->poll.health.reason != haSourceReason_none)
		TEXT_PUT(drbd->pulse.error, drbd->poll.health.error);
	else if (drbd->loader.error[0])
		TEXT_PUT(drbd->pulse.error, drbd->loader.error);
}

static void tell_pulse(struct drbd *drbd)
{
	bool present = drbd->kernel.version[0] != '\0';
	uint32_t poll_time = drbd->poll.collect_time;

	if (!drbd->expected)
		drbd->pulse.state = haSourceState_starting;
	else if (present)
		judge_present(drbd);
	else
		judge_absent(drbd);
	if (present)
		choose_error(drbd);
	drbd->pulse.collect_time = poll_time ? poll_time : drbd->stream.collect_time;
	drbd->pulse.unknown_words = drbd_model_unknown_words(drbd->model);
	drbd->pulse.rejected_lines = drbd_model_rejected_lines(drbd->model);
	report_pulse(&drbd->pulse);
}

static void open_parts(struct drbd *drbd, const struct settings *settings)
{
	memset(drbd, 0, sizeof(*drbd));
	drbd->settings = settings;
	drbd->model = drbd_model_new();
	drbd_latch_open(&drbd->latch, settings->state);
	drbd_model_remember(drbd->model, &drbd->latch);
	drbd->pulse.state = haSourceState_starting;
	drbd->pulse.reason = haSourceReason_none;
	drbd->mounts = open(MOUNTS, O_RDONLY | O_CLOEXEC);
	drbd_loader_open(&drbd->loader, settings);
	drbd_folders_open(&drbd->folders, settings->drbd_config);
	drbd_stream_open(&drbd->stream, settings, drbd->model, tell_changes, drbd);
	drbd_poll_open(&drbd->poll, settings, drbd->model, tell_changes, drbd);
	drbd_model_clock(drbd->model, clock_now(), clock_wall());
	read_mounts(drbd);
	drbd_loader_request(&drbd->loader, true);
}

/* The processes that still run are killed, and not waited for: nobody is left to hear them. */
static void close_parts(struct drbd *drbd)
{
	drbd_run_stop(&drbd->stream.run);
	drbd_run_stop(&drbd->poll.run);
	drbd_loader_close(&drbd->loader);
	drbd_folders_close(&drbd->folders);
	if (drbd->mounts >= 0)
		close(drbd->mounts);
	drbd_model_free(drbd->model);
}

static void run(const struct settings *settings)
{
	static struct drbd drbd;

	open_parts(&drbd, settings);
	while (!loop_ended() && !report_lost()) {
		turn_parts(&drbd);
		tell_pulse(&drbd);
		drbd_model_keep(drbd.model);
		loop_turn();
	}
	close_parts(&drbd);
}

static bool is_wanted(const struct settings *settings)
{
	return settings->drbd != WATCH_NO;
}

/* Dumps and events of the kernel's generic netlink family are open to everybody, and drbdadm only
 * reads files: no capability is needed. */
const struct source drbd_source = {
	.name = "drbd",
	.tables = drbd_tables,
	.capabilities = 0,
	.wanted = is_wanted,
	.run = run,
};
