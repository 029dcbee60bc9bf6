/* The bonding source: bonds and their ports, from rtnetlink.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/bond/kernel.h"
#include "subagent/sources/bond/model.h"
#include "subagent/sources/bond/rows.h"

struct bonding {
	const struct settings *settings;
	struct bond_model *model;
	struct bond_kernel kernel;
	bool reported; /* all rows, once */
};

static const struct bond_report to_hub = { report_row, report_gone, report_begin, report_end };

/* "" when the bond has just gone. */
static void read_lacp(const char *name, char *text, size_t size)
{
	char path[64];
	size_t used = 0;
	ssize_t got = 0;
	int fd;

	TEXT_PRINT(path, "/proc/net/bonding/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && used < size - 1 && (got = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	if (fd >= 0)
		close(fd);
}

/* Nothing goes out before the first dump is complete: what the hub knows of a source that has been
 * started again stands until then. */
static void report_changes(struct bonding *bonding)
{
	int64_t now = clock_now(), due = bond_model_due(bonding->model);

	if (!bonding->reported && !bonding->kernel.complete)
		return;
	if (!bonding->kernel.changed && !(due && now >= due))
		return;
	bond_model_clock(bonding->model, now, clock_wall());
	bond_model_lacp(bonding->model, read_lacp);
	bond_model_report(bonding->model, &to_hub, !bonding->reported);
	bonding->reported = true;
	bonding->kernel.changed = false;
}

/* A machine without bonds, of which none is expected, has no trouble. */
static void tell_pulse(const struct bonding *bonding)
{
	const struct bond_kernel *kernel = &bonding->kernel;
	struct pulse pulse = { .state = haSourceState_running, .reason = haSourceReason_none };

	if (kernel->error) {
		pulse.state = haSourceState_unavailable;
		pulse.reason = kernel->error == EPERM || kernel->error == EACCES ?
				       haSourceReason_permissionDenied :
				       haSourceReason_other;
		TEXT_PRINT(pulse.error, "rtnetlink: %s", strerror(kernel->error));
	} else if (!bonding->reported) {
		pulse.state = haSourceState_starting;
	} else if (!bond_model_is_used(bonding->model) &&
		   bonding->settings->bond_watch == WATCH_AUTO) {
		pulse.state = haSourceState_off;
	}
	pulse.collect_time = kernel->collect_time;
	pulse.rejected_lines = kernel->rejected;
	report_pulse(&pulse);
}

static void run(const struct settings *settings)
{
	static struct bonding bonding;

	memset(&bonding, 0, sizeof(bonding));
	bonding.settings = settings;
	bonding.model = bond_model_new(settings->bond);
	bond_kernel_open(&bonding.kernel, bonding.model);
	while (!loop_ended() && !report_lost()) {
		bond_kernel_turn(&bonding.kernel);
		report_changes(&bonding);
		tell_pulse(&bonding);
		loop_wake(bond_model_due(bonding.model));
		bond_kernel_watch(&bonding.kernel);
		loop_turn();
	}
	bond_kernel_close(&bonding.kernel);
	bond_model_free(bonding.model);
}

static bool is_wanted(const struct settings *settings)
{
	return settings->bond_watch != WATCH_NO;
}

/* Everybody may read links and listen to them; who a port's LACP partner is the kernel tells those
 * alone who may set it. */
const struct source bond_source = {
	.name = "bond",
	.tables = bond_tables,
	.capabilities = UINT64_C(1) << CAP_NET_ADMIN,
	.wanted = is_wanted,
	.run = run,
};
