/* keepalived as it tells of itself: what its voices say, put together.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/keepalived.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/bus.h"
#include "subagent/sources/vrrp/keepalived/bus_path.h"
#include "subagent/sources/vrrp/keepalived/claims.h"
#include "subagent/sources/vrrp/keepalived/dump.h"
#include "subagent/sources/vrrp/keepalived/fifo.h"
#include "subagent/sources/vrrp/keepalived/process.h"
#include "subagent/sources/vrrp/keepalived/program.h"
#include "subagent/sources/vrrp/keepalived/told.h"
#include "subagent/sources/vrrp/keepalived/told_data.h"
#include "subagent/sources/vrrp/keepalived/told_json.h"

#define KEEPALIVED_USER 0 /* keepalived runs as root, and so do its dumps belong to root */

/* Milliseconds. */
#define DUMP_SPACING 50      /* from one dump to the next, however much happens */
#define DUMP_PATIENCE 3000   /* from the signal to the whole file */
#define REST_MAX 1000        /* after a dump that took long: somebody may have stopped keepalived */
#define HURRY_COST 1000      /* of credit, for a dump that is asked for because of others .. */
#define HURRY_CREDIT 10000   /* .. of which there is that much at most: each is logged */
#define RETRY_FIRST 50       /* until keepalived is ready for the first signal */
#define RETRY_MAX 10000      /* from one attempt to the next that fails */
#define FROZEN_PAUSE 500     /* from one look to the next whether a stopped one goes on */
#define UNREADY_MAX 5000     /* that a keepalived may take to be ready for signals */
#define DATA_INTERVAL 300000 /* from one data dump to the next, while no voice tells of reloads */
#define LACK_FIRST 100       /* .. and the first time, where one has left out an instance */
#define LOST_TIME 600000     /* that lines are said to be missing after one has been */
#define TROUBLE_TIME 500     /* that something is wrong before it is told */
#define START_TIME_MAX 10000 /* until what has started is believed to have told everything */

/* A dump, and when it is asked for. */
struct errand {
	struct dump dump;
	int number;    /* of the signal; 0: it cannot be asked for */
	int64_t due;   /* clock_now(); 0: not at all */
	int64_t rest;  /* clock_now() until which the last one is new enough, whatever happens */
	int64_t pause; /* milliseconds to the next attempt, after one that has failed */
	int64_t begun; /* clock_now() at which the first attempt was made that has not succeeded; 0
			*/
	bool taken;    /* since the last start or reload */
};

struct keepalived {
	const struct settings_vrrp *settings;
	struct process process;
	struct program program;
	bool program_open;
	struct fifo fifo;
	struct bus *bus;
	struct errand json, data;
	int64_t lack; /* milliseconds to the next data dump while an instance has been in none */
	struct claims *claims;
	struct told_global global;
	struct telling telling;  /* of this turn */
	bool starting;           /* not all has been told since the last start or reload */
	int64_t started;         /* clock_now() of it */
	int64_t heard;           /* clock_microseconds() of the last news */
	int64_t hurried;         /* clock_now() up to which the credit for hurry is spent */
	int64_t refreshed;       /* clock_now() at which D-Bus was last asked for everything */
	bool ended;              /* it, or its VRRP process, has ended in this turn */
	bool bus_is_old;         /* .. and what D-Bus tells may still be of that one */
	bool frozen;             /* somebody has stopped it with a signal */
	int64_t lines_lost;      /* clock_now() at which a dump said what the FIFO had not; 0 */
	uint32_t starts, opened; /* process.starts and fifo.opened as they were taken in */
	char trouble[160];       /* what is wrong now; it becomes status.error when it lasts */
	int64_t troubled;        /* clock_now() since when */
	struct keepalived_status status;
	uint32_t version, claimed; /* claims_version() in `version' */
};

/* ---- errands ---- */

static void run_soon(struct errand *errand, int64_t now)
{
	int64_t when = errand->rest > now ? errand->rest : now;

	if (!errand->due || errand->due > when)
		errand->due = when;
}

/* A dump keeps keepalived from its work, and us: it may take a tenth of the time, and no more, as
 * far as what it took was work. */
static int64_t rest_after(const struct keepalived *keepalived, const struct errand *errand)
{
	int64_t rest = (clock_microseconds() - errand->dump.asked) / 1000 * 9;
	int64_t interval = keepalived->settings->interval;
	int64_t most = interval < REST_MAX ? interval : REST_MAX;

	if (rest > most)
		rest = most;
	return clock_now() + (rest > DUMP_SPACING ? rest : DUMP_SPACING);
}

static void begin_errand(struct errand *errand, int64_t now)
{
	errand->taken = false;
	errand->pause = RETRY_FIRST;
	errand->begun = errand->rest = 0;
	run_soon(errand, now);
}

static void cancel_errand(struct errand *errand)
{
	errand->due = 0;
	errand->taken = false;
	dump_forget(&errand->dump);
}

static void try_again(struct errand *errand, int64_t now)
{
	if (!errand->begun)
		errand->begun = now;
	errand->due = now + errand->pause;
	errand->pause = errand->pause * 2 < RETRY_MAX ? errand->pause * 2 : RETRY_MAX;
}

/* A process that has just been made may lose a signal that it seems to be ready for. */
static int64_t patience_of(const struct errand *errand)
{
	int64_t first = errand->pause * 6;

	return errand->taken || first > DUMP_PATIENCE ? DUMP_PATIENCE : first;
}

static void ask(struct keepalived *keepalived, struct errand *errand)
{
	int64_t now = keepalived->telling.now;

	errand->due = 0;
	if (!dump_ask(&errand->dump, &keepalived->process, errand->number, patience_of(errand)))
		try_again(errand, now);
	else
		loop_wake(now); /* to wait for it */
	if (errand->begun && now - errand->begun > UNREADY_MAX && !*errand->dump.error)
		TEXT_PRINT(errand->dump.error, "keepalived does not take the signal for %s",
			   errand->dump.path);
}

/* Ask when it is time. The signals that one would get while it is stopped would pile up. */
static void run_errand(struct keepalived *keepalived, struct errand *errand)
{
	int64_t now = keepalived->telling.now;

	if (errand->due && now >= errand->due && errand->number && !errand->dump.deadline) {
		if (keepalived->frozen && process_is_stopped(&keepalived->process))
			errand->due = now + FROZEN_PAUSE;
		else
			ask(keepalived, errand);
	}
	loop_wake(errand->due);
}

/* ---- starts and stops ---- */

/* `starting': what is told until all is known is told because of that. */
static void begin(struct keepalived *keepalived, bool starting)
{
	int64_t now = keepalived->telling.now;

	keepalived->starting = starting;
	keepalived->started = now;
	keepalived->bus_is_old = false;
	keepalived->lack = LACK_FIRST;
	begin_errand(&keepalived->json, now);
	begin_errand(&keepalived->data, now);
}

static void end(struct keepalived *keepalived)
{
	keepalived->ended = keepalived->bus_is_old = true;
	keepalived->starting = false;
	keepalived->frozen = false;
	keepalived->lines_lost = 0;
	cancel_errand(&keepalived->json);
	cancel_errand(&keepalived->data);
	claims_stop(keepalived->claims, &keepalived->telling);
}

static void close_program(struct keepalived *keepalived)
{
	if (keepalived->program_open)
		program_close(&keepalived->program);
	keepalived->program_open = false;
}

static void open_program(struct keepalived *keepalived)
{
	close_program(keepalived);
	program_open(&keepalived->program, keepalived->process.pid);
	keepalived->program_open = true;
}

static bool speaks(const struct keepalived *keepalived)
{
	return keepalived->process.pid && !keepalived->process.vrrp_gone;
}

static void follow_process(struct keepalived *keepalived)
{
	struct process *process = &keepalived->process;
	uint32_t version = process->version;
	pid_t pid = process->pid;

	process_turn(process);
	if (version == process->version)
		return;
	if (process->pid && process->pid != pid)
		open_program(keepalived);
	if (!process->pid)
		close_program(keepalived);
	if (!speaks(keepalived))
		end(keepalived);
	else if (process->starts != keepalived->starts)
		begin(keepalived, keepalived->telling.wall - process->since < START_TIME_MAX ||
					  process->pid == pid);
	keepalived->starts = process->starts;
}

/* Its number is the usual one until the program has said another one. */
static void follow_program(struct keepalived *keepalived)
{
	if (!keepalived->program_open)
		return;
	program_turn(&keepalived->program);
	keepalived->json.number = keepalived->program.json_signal;
}

/* ---- what is told at once ---- */

/* An instance that the last dump has not listed may be one that a reload has just removed, and
 * whose last words come late: the next dump says. */
static void take_news(struct keepalived *keepalived, const struct news *news)
{
	struct telling *telling = &keepalived->telling;
	bool unlisted = keepalived->json.taken && !claims_has(keepalived->claims, news->name);

	telling->started = keepalived->starting;
	telling->bus = bus_speaks(keepalived->bus);
	telling->fifo = keepalived->fifo.fd >= 0;
	telling->exact = clock_microseconds();
	if (!unlisted && !claims_hear(keepalived->claims, news, telling))
		return;
	keepalived->heard = telling->exact;
	if (speaks(keepalived))
		run_soon(&keepalived->json, telling->now);
}

/* What lay in the pipe when it ended is what it had said before. */
static void hear_line(void *argument, const struct fifo_line *line)
{
	struct keepalived *keepalived = argument;
	struct news news = {
		.name = line->name,
		.state = line->state,
		.origin = haVrrpInstanceStateOrigin_fifo,
		.priority = line->priority,
	};

	if (!keepalived->ended)
		take_news(keepalived, &news);
}

static void follow_fifo(struct keepalived *keepalived)
{
	struct fifo *fifo = &keepalived->fifo;

	fifo_turn(fifo, hear_line, keepalived);
	if (fifo->opened == keepalived->opened)
		return;
	keepalived->opened = fifo->opened;
	keepalived->lines_lost = 0;
	if (speaks(keepalived))
		run_soon(&keepalived->json, keepalived->telling.now);
}

static void hear_bus(void *argument, const struct news *news)
{
	struct keepalived *keepalived = argument;

	if (!keepalived->bus_is_old)
		take_news(keepalived, news);
}

static void note_bus(void *argument, enum bus_event event)
{
	struct keepalived *keepalived = argument;

	switch (event) {
	case BUS_SPEAKS:
		keepalived->bus_is_old = false;
		break;
	case BUS_SILENT:
		break;
	case BUS_RELOADED:
		begin(keepalived, true);
		break;
	case BUS_SETTLED:
		keepalived->starting = false;
		if (!keepalived->json.taken)
			claims_drop(keepalived->claims, keepalived->refreshed);
		break;
	}
	if (event != BUS_SETTLED)
		keepalived->refreshed = keepalived->telling.now;
}

/* What no dump confirms is asked again. */
static void refresh_bus(struct keepalived *keepalived)
{
	int64_t due = keepalived->refreshed + keepalived->settings->interval;

	if (keepalived->json.taken || !bus_is_settled(keepalived->bus))
		return;
	if (keepalived->telling.now >= due) {
		keepalived->refreshed = keepalived->telling.now;
		bus_refresh(keepalived->bus);
	} else {
		loop_wake(due);
	}
}

/* The one that it may be; an interface of the name eth0.1 stands there as eth0_1 does. */
static const char *name_path(void *argument, const struct bus_path *path)
{
	const struct keepalived *keepalived = argument;
	const char *name = NULL;
	size_t count;
	const struct claim *const *claims = claims_list(keepalived->claims, &count);

	for (size_t i = 0; keepalived->json.taken && i < count; i++) {
		if (claims[i]->vrid != path->vrid || claims[i]->family != path->family ||
		    !bus_path_is_interface(path->interface, claims[i]->interface))
			continue;
		if (name)
			return NULL;
		name = claims[i]->name;
	}
	return name;
}

static const struct bus_listener listener = {
	.hear = hear_bus,
	.note = note_bus,
	.name = name_path,
};

/* ---- dumps ---- */

static bool take_json(void *argument, const char *octets, size_t length, char *error, size_t size)
{
	struct keepalived *keepalived = argument;
	struct telling *telling = &keepalived->telling;
	struct told told;
	bool taken = told_json(&told, octets, length);

	text_put(error, size, told.error);
	if (taken) {
		telling->started = keepalived->starting;
		telling->bus = bus_speaks(keepalived->bus);
		telling->fifo = keepalived->fifo.fd >= 0;
		if (claims_take(keepalived->claims, &told, keepalived->json.dump.asked, telling))
			keepalived->lines_lost = telling->now;
	}
	told_free(&told);
	return taken;
}

static bool take_data(void *argument, const char *octets, size_t length, char *error, size_t size)
{
	struct keepalived *keepalived = argument;
	struct told told;
	bool taken = told_data(&told, &keepalived->global, octets, length);

	text_put(error, size, told.error);
	if (taken)
		claims_take_data(keepalived->claims, &told);
	told_free(&told);
	return taken;
}

static enum dump_outcome follow_errand(struct keepalived *keepalived, struct errand *errand,
				       dump_take *take)
{
	enum dump_outcome outcome = dump_turn(&errand->dump, take, keepalived);

	if (outcome == DUMP_TAKEN) {
		errand->taken = true;
		errand->begun = 0;
		errand->pause = RETRY_FIRST;
		errand->rest = rest_after(keepalived, errand);
		keepalived->frozen = false;
	} else if (outcome == DUMP_FAILED) {
		keepalived->frozen = process_is_stopped(&keepalived->process);
		try_again(errand, keepalived->telling.now);
	}
	return outcome;
}

/* What a data dump says of instances that the other dump has not listed yet is lost, and one that
 * is written while keepalived starts may lack some. For a name that never comes the pauses grow. */
static void complete_data(struct keepalived *keepalived)
{
	struct errand *data = &keepalived->data;
	int64_t due = keepalived->telling.now + keepalived->lack;

	if (!claims_lack_data(keepalived->claims)) {
		keepalived->lack = LACK_FIRST;
	} else if (data->taken && !data->dump.deadline && data->due > due) {
		data->due = due;
		if (keepalived->lack < DATA_INTERVAL)
			keepalived->lack *= 2;
	}
}

/* What the data dump says is taken of instances that are known: the other dump comes first, unless
 * it does not come. */
static void follow_dumps(struct keepalived *keepalived)
{
	int64_t now = keepalived->telling.now;
	struct errand *json = &keepalived->json, *data = &keepalived->data;

	if (follow_errand(keepalived, json, take_json) == DUMP_TAKEN) {
		keepalived->starting = false;
		json->due = 0;
		run_soon(json, keepalived->heard > json->dump.asked ?
				       now :
				       now + keepalived->settings->interval);
	}
	if (follow_errand(keepalived, data, take_data) == DUMP_TAKEN) {
		bus_set_name(keepalived->bus, keepalived->global.bus_name);
		run_soon(data, now + DATA_INTERVAL);
	}
	if (!speaks(keepalived))
		return;
	if (claims_version(keepalived->claims) != keepalived->claimed)
		complete_data(keepalived);
	run_errand(keepalived, json);
	if (json->taken || !json->number || json->begun)
		run_errand(keepalived, data);
}

void keepalived_hurry(struct keepalived *keepalived)
{
	int64_t now = clock_now();

	if (keepalived->hurried < now - HURRY_CREDIT)
		keepalived->hurried = now - HURRY_CREDIT;
	if (!speaks(keepalived) || bus_speaks(keepalived->bus) || keepalived->hurried >= now)
		return;
	keepalived->hurried += HURRY_COST;
	run_soon(&keepalived->json, now);
}

/* ---- how it is doing ---- */

static int32_t judge_state(const struct keepalived *keepalived)
{
	if (keepalived->process.pid)
		return haVrrpKeepalivedState_running;
	if (*keepalived->process.error)
		return haVrrpKeepalivedState_unknown;
	return program_is_installed() ? haVrrpKeepalivedState_stopped :
					haVrrpKeepalivedState_notInstalled;
}

static bool has_fifo(const struct keepalived *keepalived)
{
	for (size_t i = 0; i < keepalived->global.fifos_count; i++)
		if (!strcmp(keepalived->global.fifos[i], keepalived->fifo.path))
			return true;
	return !keepalived->data.taken;
}

/* The FIFO is there only while keepalived is. */
static void judge_fifo(const struct keepalived *keepalived, char *error, size_t size)
{
	const struct fifo *fifo = &keepalived->fifo;

	if (!fifo->path)
		return;
	if (*fifo->error)
		text_put(error, size, fifo->error);
	else if (!has_fifo(keepalived))
		text_print(error, size, "keepalived does not write to %s", fifo->path);
	else if (keepalived->lines_lost &&
		 keepalived->telling.now - keepalived->lines_lost < LOST_TIME)
		text_print(error, size, "lines of %s are missing: another reader takes them",
			   fifo->path);
}

/* The worst thing first. */
static void judge_error(const struct keepalived *keepalived, char *error, size_t size)
{
	const struct keepalived *k = keepalived;

	text_put(error, size, k->process.error);
	if (*error || !k->process.pid)
		return;
	if (k->process.vrrp_gone)
		text_put(error, size, "keepalived has lost its VRRP process");
	else if (k->frozen)
		text_put(error, size, "keepalived is stopped by a signal");
	else if (*k->json.dump.error)
		text_put(error, size, k->json.dump.error);
	else if (!k->json.number)
		text_put(error, size, "this keepalived cannot write JSON");
	else if (*k->data.dump.error)
		text_put(error, size, k->data.dump.error);
	else
		judge_fifo(k, error, size);
	if (!*error && !bus_speaks(k->bus) && !k->fifo.path)
		text_put(error, size, bus_error(k->bus));
}

/* While keepalived starts, stops or reads its configuration, one thing is there before the other:
 * only what lasts is told. */
static void settle_error(struct keepalived *keepalived, char *error, size_t size)
{
	int64_t now = keepalived->telling.now;

	if (strcmp(error, keepalived->trouble) != 0) {
		TEXT_PUT(keepalived->trouble, error);
		keepalived->troubled = now;
	}
	if (*error && now - keepalived->troubled < TROUBLE_TIME) {
		loop_wake(keepalived->troubled + TROUBLE_TIME);
		text_put(error, size, keepalived->status.error);
	}
}

static bool is_same(const struct keepalived_status *one, const struct keepalived_status *other)
{
	return one->state == other->state && one->since == other->since && one->pid == other->pid &&
	       !strcmp(one->version, other->version) && !strcmp(one->error, other->error);
}

static void judge(struct keepalived *keepalived)
{
	struct keepalived_status status;

	memset(&status, 0, sizeof(status));
	status.state = judge_state(keepalived);
	status.since = keepalived->process.since;
	status.pid = keepalived->process.pid;
	TEXT_PUT(status.version, keepalived->program_open ? keepalived->program.version : "");
	judge_error(keepalived, status.error, sizeof(status.error));
	settle_error(keepalived, status.error, sizeof(status.error));
	if (!is_same(&status, &keepalived->status))
		keepalived->version++;
	keepalived->status = status;
}

/* ---- the whole ---- */

struct keepalived *keepalived_open(const struct settings_vrrp *settings)
{
	struct keepalived *keepalived = memory_new(1, sizeof(*keepalived));

	keepalived->settings = settings;
	process_open(&keepalived->process, settings->pid_file);
	fifo_open(&keepalived->fifo, settings->fifo);
	dump_open(&keepalived->json.dump, settings->json, KEEPALIVED_USER);
	dump_open(&keepalived->data.dump, settings->data, KEEPALIVED_USER);
	keepalived->data.number = SIGUSR1;
	keepalived->claims = claims_new();
	keepalived->bus = bus_open(&listener, keepalived);
	return keepalived;
}

void keepalived_close(struct keepalived *keepalived)
{
	bus_close(keepalived->bus);
	claims_free(keepalived->claims);
	dump_close(&keepalived->data.dump);
	dump_close(&keepalived->json.dump);
	fifo_close(&keepalived->fifo);
	close_program(keepalived);
	process_close(&keepalived->process);
	free(keepalived);
}

/* Where no voice says that it has told everything. */
static void end_start(struct keepalived *keepalived)
{
	if (keepalived->starting && keepalived->telling.now - keepalived->started > START_TIME_MAX)
		keepalived->starting = false;
}

/* What has changed ends the coming turn at once, for those who look behind it. */
void keepalived_watch(struct keepalived *keepalived)
{
	struct telling *telling = &keepalived->telling;
	uint32_t version = keepalived->version;

	telling->now = clock_now();
	telling->wall = clock_wall();
	telling->exact = clock_microseconds();
	keepalived->ended = false;
	follow_process(keepalived);
	follow_program(keepalived);
	bus_turn(keepalived->bus);
	follow_fifo(keepalived);
	follow_dumps(keepalived);
	refresh_bus(keepalived);
	end_start(keepalived);
	if (!speaks(keepalived))
		claims_confirm_stop(keepalived->claims, telling->now);
	judge(keepalived);
	keepalived->version += claims_version(keepalived->claims) - keepalived->claimed;
	keepalived->claimed = claims_version(keepalived->claims);
	if (keepalived->version != version)
		loop_wake(telling->now);
}

uint32_t keepalived_version(const struct keepalived *keepalived)
{
	return keepalived->version;
}

const struct keepalived_status *keepalived_status(const struct keepalived *keepalived)
{
	return &keepalived->status;
}

const struct claim *const *keepalived_claims(const struct keepalived *keepalived, size_t *count)
{
	return claims_list(keepalived->claims, count);
}
