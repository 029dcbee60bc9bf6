/* What keepalived tells on the system bus.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/bus.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/sorted.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/bus_path.h"
#include "subagent/sources/vrrp/keepalived/claims.h"
#include "subagent/sources/vrrp/keepalived/words.h"

#define USUAL_NAME "org.keepalived.Vrrp1"
#define VRRP_INTERFACE "org.keepalived.Vrrp1.Vrrp"
#define INSTANCE_INTERFACE "org.keepalived.Vrrp1.Instance"

/* Milliseconds. */
#define PAUSE_FIRST 100 /* to the next attempt to reach the bus */
#define PAUSE_MAX 5000
#define ANSWER_TIME 3000  /* that an answer may take */
#define SURVEY_PAUSE 2000 /* to the next survey, after one that was not answered */

/* keepalived answers between its adverts, and with a thousand instances it takes 15 ms for each: it
 * is asked one question at a time, and left alone for some times as long as it took. */
#define REST 3
#define REST_MAX 1000000 /* microseconds */
#define OBJECTS_MAX 16384
#define MESSAGES_MAX 256 /* that are taken in one turn */

/* A path below that of keepalived: an instance, or one on the way to instances. */
struct object {
	struct bus *bus;
	char *path;
	char name[65]; /* of the instance; "": it is not known yet */
	bool instance, wanted, asked, pending;
	uint32_t survey;       /* the last one that came across it */
	uint32_t asked_survey; /* the one that asked it last */
	uint32_t heard;        /* signals that it has sent */
	uint32_t asked_heard;  /* those of them that had come when it was asked last */
};

struct bus {
	const struct bus_listener *listener;
	void *argument;
	char name[256];
	sd_bus *link;            /* NULL: the bus is not reached */
	int64_t next_try;        /* clock_now() */
	int64_t pause;           /* milliseconds */
	char owner[64];          /* the unique name of keepalived there; "": it is not there */
	struct object **objects; /* in the order of their paths */
	size_t count, room;
	unsigned int pending; /* questions that are not answered yet */
	uint32_t survey;      /* number of the one under way, or the last */
	bool surveying, settled;
	bool failed;         /* some question of this survey was not answered */
	int64_t next_survey; /* clock_now(); 0: none is needed */
	int64_t asked;       /* clock_microseconds() of the last question */
	int64_t rested;      /* clock_microseconds() from which the next one may be asked */
	char error[160];
};

/* ---- objects ---- */

static int compare_paths(const void *element, const void *path)
{
	return strcmp((*(const struct object *const *)element)->path, path);
}

static struct object *find_or_add(struct bus *bus, const char *path)
{
	size_t place = sorted_position(bus->objects, bus->count, sizeof(*bus->objects), path,
				       compare_paths);
	struct bus_path found;
	struct object *object;

	if (place < bus->count && !strcmp(bus->objects[place]->path, path))
		return bus->objects[place];
	if (bus->count == OBJECTS_MAX)
		return NULL;
	object = memory_new(1, sizeof(*object));
	object->bus = bus;
	object->path = memory_text(path);
	object->instance = bus_path_read(path, &found);
	bus->objects =
		sorted_insert(bus->objects, place, &bus->count, &bus->room, sizeof(*bus->objects));
	bus->objects[place] = object;
	return object;
}

static void free_object(struct object *object)
{
	free(object->path);
	free(object);
}

/* Only when nothing is under way, for an answer finds its object by its address. */
static void forget_objects(struct bus *bus)
{
	for (size_t i = 0; i < bus->count; i++)
		free_object(bus->objects[i]);
	bus->count = 0;
}

/* What this survey has not come across is no more. */
static void sweep_objects(struct bus *bus)
{
	size_t kept = 0;

	for (size_t i = 0; i < bus->count; i++) {
		struct object *object = bus->objects[i];

		if (object->survey == bus->survey || object->pending)
			bus->objects[kept++] = object;
		else
			free_object(object);
	}
	bus->count = kept;
}

/* ---- telling ---- */

static void tell(const struct object *object, int64_t state)
{
	struct bus *bus = object->bus;
	struct bus_path path;
	struct news news = {
		.name = object->name,
		.state = words_state(state),
		.origin = haVrrpInstanceStateOrigin_dbus,
		.priority = -1,
	};

	bus_path_read(object->path, &path);
	news.vrid = path.vrid;
	news.family = path.family;
	bus->listener->hear(bus->argument, &news);
}

/* ---- questions: the objects, one after the other ---- */

static void want(struct bus *bus, const char *path)
{
	struct object *object = find_or_add(bus, path);

	if (!object)
		return;
	object->survey = bus->survey;
	object->wanted = true;
}

static void want_child(void *argument, const char *path)
{
	want(argument, path);
}

static void take_answer(struct object *object)
{
	int64_t now = clock_microseconds();
	struct bus *bus = object->bus;
	int64_t rest = (now - bus->asked) * REST;

	object->pending = false;
	bus->pending--;
	bus->rested = now + (rest < REST_MAX ? rest : REST_MAX);
}

/* That an object has gone meanwhile is none, nor that a keepalived has that was asked before. */
static void note_failure(const struct object *object, sd_bus_message *answer)
{
	const sd_bus_error *error = sd_bus_message_get_error(answer);
	struct bus *bus = object->bus;

	if (object->asked_survey != bus->survey ||
	    sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
	    sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD) ||
	    sd_bus_error_has_name(error, SD_BUS_ERROR_INVALID_ARGS))
		return;
	bus->failed = true;
	if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
		TEXT_PRINT(bus->error, "%s may not be asked on D-Bus", bus->name);
	else
		TEXT_PRINT(bus->error, "%s does not answer on D-Bus", bus->name);
}

/* keepalived declares a string and gives a structure with one. */
static bool read_name(sd_bus_message *answer, const char **name)
{
	const char *contents;
	char type;

	if (sd_bus_message_peek_type(answer, &type, &contents) <= 0 || type != 'v')
		return false;
	if (!strcmp(contents, "(s)"))
		return sd_bus_message_read(answer, "v", "(s)", name) > 0;
	return !strcmp(contents, "s") && sd_bus_message_read(answer, "v", "s", name) > 0;
}

/* "(us)": the number of the state, and its word. */
static bool read_state(sd_bus_message *answer, int64_t *state)
{
	const char *word;
	uint32_t number;

	if (sd_bus_message_enter_container(answer, 'v', "(us)") <= 0 ||
	    sd_bus_message_read(answer, "(us)", &number, &word) <= 0 ||
	    sd_bus_message_exit_container(answer) < 0)
		return false;
	*state = number;
	return true;
}

/* "a{sv}": Name, a string, and State. */
static bool read_properties(sd_bus_message *answer, const char **name, int64_t *state)
{
	const char *key;

	*name = NULL;
	*state = -1;
	if (sd_bus_message_enter_container(answer, 'a', "{sv}") <= 0)
		return false;
	while (sd_bus_message_enter_container(answer, 'e', "sv") > 0) {
		if (sd_bus_message_read(answer, "s", &key) <= 0)
			return false;
		if (!strcmp(key, "Name")  ? !read_name(answer, name) :
		    !strcmp(key, "State") ? !read_state(answer, state) :
					    sd_bus_message_skip(answer, "v") < 0)
			return false;
		if (sd_bus_message_exit_container(answer) < 0)
			return false;
	}
	return *name && **name && *state >= 0;
}

/* A signal that has come since it was asked is newer: keepalived collects the answer in one thread,
 * and sends it in another one. */
static int take_properties(sd_bus_message *answer, void *argument, sd_bus_error *unused)
{
	struct object *object = argument;
	const char *name;
	int64_t state;

	(void)unused;
	take_answer(object);
	if (sd_bus_message_is_method_error(answer, NULL)) {
		note_failure(object, answer);
	} else if (read_properties(answer, &name, &state)) {
		words_put(object->name, sizeof(object->name), name, strlen(name));
		if (object->heard == object->asked_heard)
			tell(object, state);
		else
			object->wanted = true;
	}
	return 1;
}

static int take_children(sd_bus_message *answer, void *argument, sd_bus_error *unused)
{
	struct object *object = argument;
	struct bus *bus = object->bus;
	const char *xml;

	(void)unused;
	take_answer(object);
	if (sd_bus_message_is_method_error(answer, NULL))
		note_failure(object, answer);
	else if (sd_bus_message_read(answer, "s", &xml) > 0)
		bus_path_children(object->path, xml, want_child, bus);
	return 1;
}

static void ask(struct bus *bus, struct object *object)
{
	sd_bus_message *question = NULL;
	int error = sd_bus_message_new_method_call(bus->link, &question, bus->owner, object->path,
						   object->instance ?
							   "org.freedesktop.DBus.Properties" :
							   "org.freedesktop.DBus.Introspectable",
						   object->instance ? "GetAll" : "Introspect");

	if (error >= 0 && object->instance)
		error = sd_bus_message_append(question, "s", INSTANCE_INTERFACE);
	if (error >= 0)
		error = sd_bus_call_async(bus->link, NULL, question,
					  object->instance ? take_properties : take_children,
					  object, (uint64_t)ANSWER_TIME * 1000);
	sd_bus_message_unref(question);
	object->wanted = false;
	bus->asked = clock_microseconds();
	object->asked_heard = object->heard;
	object->asked_survey = bus->survey;
	object->pending = error >= 0;
	bus->pending += object->pending;
	if (!object->pending)
		bus->failed = true;
}

static void end_survey(struct bus *bus)
{
	bus->surveying = false;
	sweep_objects(bus);
	if (bus->failed) {
		bus->next_survey = clock_now() + SURVEY_PAUSE;
		return;
	}
	bus->settled = true;
	TEXT_PUT(bus->error, "");
	bus->listener->note(bus->argument, BUS_SETTLED);
}

static struct object *find_wanted(const struct bus *bus)
{
	for (size_t i = 0; i < bus->count; i++)
		if (bus->objects[i]->wanted && !bus->objects[i]->pending)
			return bus->objects[i];
	return NULL;
}

static void ask_more(struct bus *bus)
{
	int64_t now = clock_microseconds();
	struct object *object;

	while (!bus->pending && *bus->owner && (object = find_wanted(bus))) {
		if (now < bus->rested) {
			loop_wake(clock_now() + (bus->rested - now) / 1000 + 1);
			return;
		}
		ask(bus, object);
	}
	if (bus->surveying && !bus->pending)
		end_survey(bus);
}

/* Ask for everything that there is, from the root on. */
static void survey(struct bus *bus)
{
	bus->survey++;
	bus->surveying = true;
	bus->failed = false;
	bus->next_survey = 0;
	want(bus, BUS_PATH_ROOT);
}

void bus_refresh(struct bus *bus)
{
	if (bus->settled && !bus->surveying)
		survey(bus);
}

/* ---- keepalived comes and goes ---- */

static void lose_owner(struct bus *bus)
{
	bool had = *bus->owner;

	bus->owner[0] = '\0';
	bus->settled = bus->surveying = false;
	bus->next_survey = 0;
	TEXT_PRINT(bus->error, "keepalived is not on D-Bus as %s", bus->name);
	for (size_t i = 0; i < bus->count; i++)
		bus->objects[i]->wanted = false;
	if (had)
		bus->listener->note(bus->argument, BUS_SILENT);
}

static void take_owner(struct bus *bus, const char *owner)
{
	if (!strcmp(bus->owner, owner))
		return;
	lose_owner(bus);
	if (!*owner)
		return;
	TEXT_PUT(bus->owner, owner);
	TEXT_PUT(bus->error, "");
	bus->listener->note(bus->argument, BUS_SPEAKS);
	survey(bus);
}

static int hear_owner(sd_bus_message *signal, void *argument, sd_bus_error *unused)
{
	struct bus *bus = argument;
	const char *name, *old, *owner;

	(void)unused;
	if (sd_bus_message_read(signal, "sss", &name, &old, &owner) > 0 && !strcmp(name, bus->name))
		take_owner(bus, owner);
	return 0;
}

static int take_first_owner(sd_bus_message *answer, void *argument, sd_bus_error *unused)
{
	struct bus *bus = argument;
	const char *owner;

	(void)unused;
	if (!sd_bus_message_is_method_error(answer, NULL) &&
	    sd_bus_message_read(answer, "s", &owner) > 0)
		take_owner(bus, owner);
	else
		lose_owner(bus);
	return 1;
}

/* ---- signals: anybody may send some, so who sent this one is looked at ---- */

static bool is_from_keepalived(const struct bus *bus, sd_bus_message *signal)
{
	const char *sender = sd_bus_message_get_sender(signal);

	return sender && *bus->owner && !strcmp(sender, bus->owner);
}

static void find_name(struct object *object)
{
	struct bus *bus = object->bus;
	struct bus_path path;
	const char *name;

	if (*object->name || !bus_path_read(object->path, &path))
		return;
	name = bus->listener->name(bus->argument, &path);
	if (name)
		TEXT_PUT(object->name, name);
}

static int hear_status(sd_bus_message *signal, void *argument, sd_bus_error *unused)
{
	struct bus *bus = argument;
	struct object *object;
	uint32_t state;

	(void)unused;
	if (!is_from_keepalived(bus, signal) || sd_bus_message_read(signal, "u", &state) <= 0)
		return 0;
	object = find_or_add(bus, sd_bus_message_get_path(signal));
	if (!object || !object->instance)
		return 0;
	object->survey = bus->survey;
	object->heard++;
	find_name(object);
	if (*object->name)
		tell(object, state);
	else if (!object->pending)
		ask(bus, object);
	else
		object->wanted = true;
	return 0;
}

static int hear_reload(sd_bus_message *signal, void *argument, sd_bus_error *unused)
{
	struct bus *bus = argument;

	(void)unused;
	if (!is_from_keepalived(bus, signal))
		return 0;
	for (size_t i = 0; i < bus->count; i++)
		bus->objects[i]->name[0] = '\0';
	bus->listener->note(bus->argument, BUS_RELOADED);
	survey(bus);
	return 0;
}

/* ---- the link to the bus ---- */

static void hang_up(struct bus *bus)
{
	lose_owner(bus);
	sd_bus_close(bus->link);
	bus->link = sd_bus_unref(bus->link);
	bus->pending = 0;
	forget_objects(bus);
	TEXT_PUT(bus->error, "the system bus cannot be reached");
	bus->next_try = clock_now() + bus->pause;
	bus->pause = bus->pause * 2 < PAUSE_MAX ? bus->pause * 2 : PAUSE_MAX;
}

/* Nothing here waits: what fails later ends the link. */
static int subscribe(struct bus *bus)
{
	char rule[512];
	int error;

	TEXT_PRINT(rule,
		   "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
		   "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s'",
		   bus->name);
	error = sd_bus_add_match_async(bus->link, NULL, rule, hear_owner, NULL, bus);
	if (error >= 0)
		error = sd_bus_match_signal_async(bus->link, NULL, NULL, NULL, INSTANCE_INTERFACE,
						  "VrrpStatusChange", hear_status, NULL, bus);
	if (error >= 0)
		error = sd_bus_match_signal_async(bus->link, NULL, NULL, NULL, VRRP_INTERFACE,
						  "VrrpReloaded", hear_reload, NULL, bus);
	if (error >= 0)
		error = sd_bus_call_method_async(bus->link, NULL, "org.freedesktop.DBus",
						 "/org/freedesktop/DBus", "org.freedesktop.DBus",
						 "GetNameOwner", take_first_owner, bus, "s",
						 bus->name);
	return error;
}

static void reach_out(struct bus *bus)
{
	bus->next_try = 0;
	if (sd_bus_open_system(&bus->link) < 0) {
		bus->link = NULL;
		hang_up(bus);
	} else if (subscribe(bus) < 0) {
		hang_up(bus);
	}
}

struct bus *bus_open(const struct bus_listener *listener, void *argument)
{
	struct bus *bus = memory_new(1, sizeof(*bus));

	bus->listener = listener;
	bus->argument = argument;
	bus->next_try = clock_now();
	bus->pause = PAUSE_FIRST;
	TEXT_PUT(bus->name, USUAL_NAME);
	return bus;
}

void bus_close(struct bus *bus)
{
	sd_bus_close(bus->link);
	sd_bus_unref(bus->link);
	forget_objects(bus);
	free(bus->objects);
	free(bus);
}

void bus_set_name(struct bus *bus, const char *name)
{
	if (!name || !*name || !sd_bus_service_name_is_valid(name))
		name = USUAL_NAME;
	if (!strcmp(bus->name, name))
		return;
	TEXT_PUT(bus->name, name);
	if (bus->link)
		hang_up(bus);
	bus->pause = PAUSE_FIRST;
	bus->next_try = clock_now();
}

/* ---- turns ---- */

static void process(struct bus *bus)
{
	int outcome = 1;

	for (int i = 0; i < MESSAGES_MAX && outcome > 0; i++)
		outcome = sd_bus_process(bus->link, NULL);
	if (outcome < 0)
		hang_up(bus);
	else if (*bus->owner)
		bus->pause = PAUSE_FIRST;
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

static void watch(struct bus *bus)
{
	uint64_t timeout = UINT64_MAX;
	int events = sd_bus_get_events(bus->link);

	loop_watch(sd_bus_get_fd(bus->link), (short)(events < 0 ? POLLIN : events), NULL, NULL);
	if (sd_bus_get_timeout(bus->link, &timeout) >= 0 && timeout != UINT64_MAX)
		loop_wake(time_of(timeout));
	loop_wake(bus->next_survey);
}

void bus_turn(struct bus *bus)
{
	if (!bus->link && clock_now() >= bus->next_try)
		reach_out(bus);
	if (bus->link)
		process(bus);
	if (bus->link && bus->next_survey && clock_now() >= bus->next_survey && *bus->owner)
		survey(bus);
	if (bus->link)
		ask_more(bus);
	if (bus->link)
		watch(bus);
	else
		loop_wake(bus->next_try);
}

bool bus_speaks(const struct bus *bus)
{
	return *bus->owner;
}

bool bus_is_settled(const struct bus *bus)
{
	return bus->settled;
}

const char *bus_error(const struct bus *bus)
{
	return bus->error;
}
