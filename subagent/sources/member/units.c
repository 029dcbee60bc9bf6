/* Units of systemd, as it tells them on the system bus.
 *
 * One question asks for all of them (ListUnitsByNames of org.freedesktop.systemd1(5)); it is asked
 * again whenever a signal says that one has changed, and now and then.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/member/units.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"

/* Milliseconds. */
#define PAUSE_FIRST 100 /* to the next attempt to reach the bus */
#define PAUSE_MAX 5000
#define ANSWER_TIME 3000
#define INTERVAL 5000 /* from an answer to the next question, without a signal */

#define MESSAGES_MAX 256 /* that are taken in one turn */

struct units {
	sd_bus *link;     /* NULL: the bus is not reached */
	int64_t next_try; /* clock_now() */
	int64_t pause;    /* milliseconds */
	const char **names;
	struct unit *units;
	size_t count;
	bool known;       /* the last question was answered */
	bool pending;     /* one is under way */
	bool changed;     /* a signal has come since it was asked */
	int64_t next_ask; /* clock_now() */
	bool news;        /* an answer has come in this turn, or will not come */
	char error[160];
};

struct units *units_new(void)
{
	struct units *units = memory_new(1, sizeof(*units));

	units->pause = PAUSE_FIRST;
	return units;
}

void units_free(struct units *units)
{
	sd_bus_close(units->link);
	sd_bus_unref(units->link);
	free(units->names);
	free(units->units);
	free(units);
}

size_t units_add(struct units *units, const char *name)
{
	size_t number = units->count++;

	units->names = memory_resize(units->names, units->count, sizeof(*units->names));
	units->units = memory_resize(units->units, units->count, sizeof(*units->units));
	units->names[number] = name;
	units->units[number] = (struct unit){ .known = false };
	return number;
}

const struct unit *units_look(const struct units *units, size_t number)
{
	return &units->units[number];
}

bool units_known(const struct units *units)
{
	return units->known;
}

const char *units_error(const struct units *units)
{
	return units->error;
}

/* ---- answers ---- */

static void forget(struct units *units, const char *why)
{
	units->news = true;
	units->known = false;
	for (size_t i = 0; i < units->count; i++)
		units->units[i].known = false;
	TEXT_PUT(units->error, why);
}

/* Each name may stand in several groups of the configuration, though it should not. */
static void take_unit(struct units *units, const char *name, const struct unit *state)
{
	for (size_t i = 0; i < units->count; i++)
		if (!strcmp(units->names[i], name))
			units->units[i] = *state;
}

/* "a(ssssssouso)": name, description, load, active and sub state, and what does not matter. */
static bool read_units(struct units *units, sd_bus_message *answer)
{
	const char *name, *load, *active, *sub;
	int found;

	if (sd_bus_message_enter_container(answer, 'a', "(ssssssouso)") < 0)
		return false;
	while ((found = sd_bus_message_read(answer, "(ssssssouso)", &name, NULL, &load, &active,
					    &sub, NULL, NULL, NULL, NULL, NULL)) > 0) {
		struct unit state = { .known = true };

		TEXT_PUT(state.load, load);
		TEXT_PUT(state.active, active);
		TEXT_PUT(state.sub, sub);
		take_unit(units, name, &state);
	}
	return found == 0;
}

static int take_answer(sd_bus_message *answer, void *argument, sd_bus_error *unused)
{
	struct units *units = argument;
	const sd_bus_error *error = sd_bus_message_get_error(answer);

	(void)unused;
	units->pending = false;
	units->next_ask = clock_now() + INTERVAL;
	if (error && (sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
		      sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER))) {
		forget(units, "systemd is not on the system bus");
	} else if (error && sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED)) {
		forget(units, "systemd may not be asked");
	} else if (error || !read_units(units, answer)) {
		forget(units, "systemd does not answer");
	} else {
		units->known = units->news = true;
		units->pause = PAUSE_FIRST;
		TEXT_PUT(units->error, "");
	}
	return 1;
}

static int append_names(const struct units *units, sd_bus_message *question)
{
	int error = sd_bus_message_open_container(question, 'a', "s");

	for (size_t i = 0; error >= 0 && i < units->count; i++)
		error = sd_bus_message_append(question, "s", units->names[i]);
	return error < 0 ? error : sd_bus_message_close_container(question);
}

static int ask(struct units *units)
{
	sd_bus_message *question = NULL;
	int error = sd_bus_message_new_method_call(units->link, &question, SYSTEMD, MANAGER_PATH,
						   MANAGER, "ListUnitsByNames");

	/* Who is not systemd on a system without it is not to be started for this. */
	if (error >= 0)
		error = sd_bus_message_set_auto_start(question, 0);
	if (error >= 0)
		error = append_names(units, question);
	if (error >= 0)
		error = sd_bus_call_async(units->link, NULL, question, take_answer, units,
					  (uint64_t)ANSWER_TIME * 1000);
	sd_bus_message_unref(question);
	units->pending = error >= 0;
	units->changed = false;
	return error;
}

/* ---- signals ---- */

static int hear_change(sd_bus_message *signal, void *argument, sd_bus_error *unused)
{
	struct units *units = argument;

	(void)signal;
	(void)unused;
	units->changed = true;
	return 0;
}

static int subscribe_again(struct units *units)
{
	return sd_bus_call_method_async(units->link, NULL, SYSTEMD, MANAGER_PATH, MANAGER,
					"Subscribe", NULL, NULL, "");
}

/* A systemd that has replaced itself may not remember whom to send signals. */
static int hear_owner(sd_bus_message *signal, void *argument, sd_bus_error *unused)
{
	struct units *units = argument;

	(void)signal;
	(void)unused;
	units->changed = true;
	return subscribe_again(units) < 0 ? -1 : 0;
}

static int watch_unit(struct units *units, const char *name)
{
	char *path = NULL;
	int error = sd_bus_path_encode("/org/freedesktop/systemd1/unit", name, &path);

	if (error >= 0)
		error = sd_bus_match_signal_async(units->link, NULL, SYSTEMD, path,
						  "org.freedesktop.DBus.Properties",
						  "PropertiesChanged", hear_change, NULL, units);
	free(path);
	return error;
}

/* Nothing here waits: what fails later ends the link. */
static int subscribe(struct units *units)
{
	int error = sd_bus_add_match_async(
		units->link, NULL,
		"type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
		"interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" SYSTEMD "'",
		hear_owner, NULL, units);

	for (size_t i = 0; error >= 0 && i < units->count; i++)
		error = watch_unit(units, units->names[i]);
	return error < 0 ? error : subscribe_again(units);
}

/* ---- the link to the bus ---- */

static void hang_up(struct units *units)
{
	sd_bus_close(units->link);
	units->link = sd_bus_unref(units->link);
	units->pending = false;
	forget(units, "the system bus cannot be reached");
	units->next_try = clock_now() + units->pause;
	units->pause = units->pause * 2 < PAUSE_MAX ? units->pause * 2 : PAUSE_MAX;
}

static void reach_out(struct units *units)
{
	units->next_ask = 0;
	if (sd_bus_open_system(&units->link) < 0) {
		units->link = NULL;
		hang_up(units);
	} else if (subscribe(units) < 0) {
		hang_up(units);
	}
}

/* ---- turns ---- */

static void process(struct units *units)
{
	int outcome = 1;

	for (int i = 0; i < MESSAGES_MAX && outcome > 0; i++)
		outcome = sd_bus_process(units->link, NULL);
	if (outcome < 0)
		hang_up(units);
}

static void ask_if_due(struct units *units)
{
	if (!units->pending && (units->changed || clock_now() >= units->next_ask) && ask(units) < 0)
		hang_up(units);
}

/* sd-bus counts microseconds of another clock than ours. */
static int64_t time_of(uint64_t monotonic)
{
	struct timespec now;
	int64_t left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (int64_t)(monotonic / 1000) - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	return clock_now() + (left > 0 ? left + 1 : 0);
}

static void watch(struct units *units)
{
	uint64_t timeout = UINT64_MAX;
	int events = sd_bus_get_events(units->link);

	loop_watch(sd_bus_get_fd(units->link), (short)(events < 0 ? POLLIN : events), NULL, NULL);
	if (sd_bus_get_timeout(units->link, &timeout) >= 0 && timeout != UINT64_MAX)
		loop_wake(time_of(timeout));
	if (!units->pending)
		loop_wake(units->next_ask);
}

bool units_turn(struct units *units)
{
	units->news = false;
	if (!units->count)
		return false;
	if (!units->link && clock_now() >= units->next_try)
		reach_out(units);
	if (units->link)
		process(units);
	if (units->link)
		ask_if_due(units);
	if (units->link)
		watch(units);
	else
		loop_wake(units->next_try);
	return units->news;
}
