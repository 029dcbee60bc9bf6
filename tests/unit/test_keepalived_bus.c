/* Tests what is heard of keepalived on D-Bus, on a bus of its own with a keepalived that is a
 * process of the test. Skips where there is no dbus-daemon. SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/bus.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/bus_path.h"
#include "subagent/sources/vrrp/keepalived/claims.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define PATIENCE 10000 /* milliseconds until what does not come has failed */
#define NEWS_MAX 64
#define INSTANCE "org.keepalived.Vrrp1.Instance"
#define PATH_1 "/org/keepalived/Vrrp1/Instance/bond0/51/IPv4"
#define PATH_2 "/org/keepalived/Vrrp1/Instance/eth0_7/52/IPv6"

static const char *const daemons[] = { "/usr/bin/dbus-daemon", "/bin/dbus-daemon" };
static struct bus *bus;
static pid_t broker, keepalived;
static int orders[2]; /* a letter for each thing that keepalived is to do */

/* ---- what is told ---- */

static struct {
	int32_t state;
	uint8_t vrid;
	char name[65];
} news[NEWS_MAX];
static size_t count;
static unsigned int events[BUS_SILENT + 1];
static const char *known; /* the name of any instance, without asking */

static void hear(void *argument, const struct news *told)
{
	assert_null(argument);
	assert_true(count < NEWS_MAX);
	assert_int_equal(told->origin, haVrrpInstanceStateOrigin_dbus);
	TEXT_PUT(news[count].name, told->name);
	news[count].state = told->state;
	news[count].vrid = told->vrid;
	count++;
}

static void note(void *argument, enum bus_event event)
{
	assert_null(argument);
	events[event]++;
}

static const char *name(void *argument, const struct bus_path *path)
{
	assert_null(argument);
	assert_true(path->vrid);
	return known;
}

static const struct bus_listener listener = { .hear = hear, .note = note, .name = name };

/* ---- a keepalived ---- */

static uint32_t states[] = { 2, 1 };

static int get_name(sd_bus *link, const char *path, const char *interface, const char *property,
		    sd_bus_message *reply, void *data, sd_bus_error *error)
{
	(void)link;
	(void)interface;
	(void)property;
	(void)data;
	(void)error;
	return sd_bus_message_append(reply, "(s)", strcmp(path, PATH_1) ? "VI_2" : "VI_1");
}

static int get_state(sd_bus *link, const char *path, const char *interface, const char *property,
		     sd_bus_message *reply, void *data, sd_bus_error *error)
{
	(void)link;
	(void)interface;
	(void)property;
	(void)data;
	(void)error;
	return sd_bus_message_append(reply, "(us)", states[strcmp(path, PATH_1) != 0], "Some");
}

static const sd_bus_vtable properties[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Name", "(s)", get_name, 0, 0),
	SD_BUS_PROPERTY("State", "(us)", get_state, 0, 0),
	SD_BUS_VTABLE_END,
};

static void obey(sd_bus *link, char order)
{
	if (order >= '0' && order <= '9') {
		states[0] = (uint32_t)(order - '0');
		sd_bus_emit_signal(link, PATH_1, INSTANCE, "VrrpStatusChange", "u", states[0]);
	}
	if (order == 'r')
		sd_bus_emit_signal(link, "/org/keepalived/Vrrp1/Vrrp", "org.keepalived.Vrrp1.Vrrp",
				   "VrrpReloaded", "");
	if (order == 'x')
		_exit(0);
}

/* Ends with the test. Without a name it is somebody else who says the same. */
static void play_keepalived(bool named)
{
	sd_bus *link;
	char order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (sd_bus_open_system(&link) < 0 ||
	    sd_bus_add_object_vtable(link, NULL, PATH_1, INSTANCE, properties, NULL) < 0 ||
	    sd_bus_add_object_vtable(link, NULL, PATH_2, INSTANCE, properties, NULL) < 0 ||
	    (named && sd_bus_request_name(link, "org.keepalived.Vrrp1", 0) < 0))
		_exit(1);
	for (;;) {
		while (sd_bus_process(link, NULL) > 0)
			;
		if (read(orders[0], &order, 1) == 1)
			obey(link, order);
		sd_bus_flush(link);
		sd_bus_wait(link, 5000);
	}
}

static void start_keepalived(bool named)
{
	keepalived = fork();
	assert_true(keepalived >= 0);
	if (keepalived == 0)
		play_keepalived(named);
}

static void order(char what)
{
	assert_int_equal(write(orders[1], &what, 1), 1);
}

/* ---- the bus ---- */

static const char *find_daemon(void)
{
	for (size_t i = 0; i < COUNT(daemons); i++)
		if (access(daemons[i], X_OK) == 0)
			return daemons[i];
	return NULL;
}

/* On which everybody may do everything. */
static void write_configuration(void)
{
	char text[1024];

	TEXT_PRINT(
		text,
		"<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN' "
		"'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>"
		"<busconfig><type>test</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>"
		"<policy context='default'><allow send_destination='*'/>"
		"<allow receive_sender='*'/><allow own='*'/>"
		"</policy></busconfig>",
		folder);
	folder_put("conf", text);
}

static void start_broker(void)
{
	char address[128], option[160];

	write_configuration();
	TEXT_PRINT(address, "unix:path=%s/bus", folder);
	TEXT_PRINT(option, "--config-file=%s/conf", folder);
	assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1), 0);
	broker = fork();
	assert_true(broker >= 0);
	if (broker == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(STDERR_FILENO);
		execl(find_daemon(), "dbus-daemon", option, "--nofork", "--nopidfile", "--nosyslog",
		      (char *)NULL);
		_exit(127);
	}
}

static void end(pid_t *pid)
{
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}

static void wait_for_socket(void)
{
	int64_t deadline = clock_now() + PATIENCE;

	while (!folder_has("bus") && clock_now() < deadline)
		usleep(10000);
	assert_true(folder_has("bus"));
}

static int make(void **state)
{
	folder_make(state);
	count = 0;
	known = NULL;
	memset(events, 0, sizeof(events));
	states[0] = 2;
	if (!find_daemon())
		return 0;
	assert_int_equal(pipe2(orders, O_NONBLOCK), 0);
	bus = bus_open(&listener, NULL);
	return 0;
}

static int remove_all(void **state)
{
	if (bus)
		bus_close(bus);
	bus = NULL;
	end(&keepalived);
	end(&broker);
	close(orders[0]);
	close(orders[1]);
	return folder_remove(state);
}

static void turn(void)
{
	bus_turn(bus);
	loop_wake(clock_now() + 20);
	loop_turn();
}

#define TURN_UNTIL(condition)                                                                      \
	do {                                                                                       \
		int64_t deadline = clock_now() + PATIENCE;                                         \
		while (!(condition) && clock_now() < deadline)                                     \
			turn();                                                                    \
		assert_true(condition);                                                            \
	} while (0)

static void turn_for_a_while(void)
{
	for (int i = 0; i < 15; i++)
		turn();
}

static void begin(void)
{
	if (!find_daemon())
		skip();
	start_broker();
	wait_for_socket();
}

static void expect(size_t number, const char *instance, int32_t state)
{
	assert_true(number < count);
	assert_string_equal(news[number].name, instance);
	assert_int_equal(news[number].state, state);
}

/* ---- tests ---- */

TEST(all_instances_are_told_and_then_what_changes)
{
	begin();
	start_keepalived(true);
	TURN_UNTIL(bus_is_settled(bus));
	assert_true(bus_speaks(bus));
	assert_string_equal(bus_error(bus), "");
	assert_int_equal(count, 2);
	expect(0, "VI_1", HaVrrpState_master);
	expect(1, "VI_2", HaVrrpState_backup);
	assert_int_equal(news[0].vrid, 51);
	order('3');
	TURN_UNTIL(count == 3);
	expect(2, "VI_1", HaVrrpState_fault);
}

TEST(its_end_is_heard_and_its_return)
{
	begin();
	start_keepalived(true);
	TURN_UNTIL(bus_is_settled(bus));
	end(&keepalived);
	TURN_UNTIL(events[BUS_SILENT] == 1);
	assert_false(bus_speaks(bus));
	assert_non_null(strstr(bus_error(bus), "is not on D-Bus"));
	start_keepalived(true);
	TURN_UNTIL(events[BUS_SETTLED] == 2);
	assert_int_equal(count, 4);
}

TEST(after_a_reload_all_are_told_again)
{
	begin();
	start_keepalived(true);
	TURN_UNTIL(bus_is_settled(bus));
	order('r');
	TURN_UNTIL(events[BUS_RELOADED] == 1 && events[BUS_SETTLED] == 2);
	assert_int_equal(count, 4);
}

TEST(what_others_say_in_its_name_is_not_heard)
{
	pid_t real;

	begin();
	start_keepalived(true);
	TURN_UNTIL(bus_is_settled(bus));
	real = keepalived;
	kill(real, SIGSTOP);
	start_keepalived(false);
	order('3');
	order('r');
	turn_for_a_while();
	assert_int_equal(count, 2);
	assert_int_equal(events[BUS_RELOADED], 0);
	end(&keepalived);
	keepalived = real;
}

/* Then the dump has told the names, and nobody needs to be asked. */
TEST(a_name_that_is_known_is_not_asked_for)
{
	begin();
	start_keepalived(true);
	TURN_UNTIL(events[BUS_SPEAKS] == 1);
	known = "VI_1";
	order('3');
	TURN_UNTIL(count > 0);
	TURN_UNTIL(bus_is_settled(bus));
	assert_string_equal(news[0].name, "VI_1");
}

TEST(one_that_hangs_is_said_and_asked_again)
{
	begin();
	start_keepalived(true);
	TURN_UNTIL(events[BUS_SPEAKS] == 1);
	kill(keepalived, SIGSTOP);
	TURN_UNTIL(*bus_error(bus) || bus_is_settled(bus));
	kill(keepalived, SIGCONT);
	TURN_UNTIL(bus_is_settled(bus));
	assert_string_equal(bus_error(bus), "");
}

TEST(the_bus_may_come_late_and_restart)
{
	if (!find_daemon())
		skip();
	assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", 1), 0);
	turn_for_a_while();
	assert_non_null(strstr(bus_error(bus), "cannot be reached"));
	begin();
	start_keepalived(true);
	TURN_UNTIL(bus_is_settled(bus));
	end(&broker);
	TURN_UNTIL(events[BUS_SILENT] == 1);
	end(&keepalived);
	assert_int_equal(unlink(folder_path("bus")), 0);
	begin();
	start_keepalived(true);
	TURN_UNTIL(events[BUS_SETTLED] == 2);
}

TEST(it_may_bear_another_name)
{
	begin();
	start_keepalived(true);
	TURN_UNTIL(bus_is_settled(bus));
	bus_set_name(bus, "org.example.Other");
	TURN_UNTIL(events[BUS_SILENT] == 1);
	turn_for_a_while();
	assert_non_null(strstr(bus_error(bus), "org.example.Other"));
	bus_set_name(bus, "no name at all");
	TURN_UNTIL(events[BUS_SETTLED] == 2);
}

#define BUS_TEST(test) cmocka_unit_test_setup_teardown(test, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BUS_TEST(all_instances_are_told_and_then_what_changes),
		BUS_TEST(its_end_is_heard_and_its_return),
		BUS_TEST(after_a_reload_all_are_told_again),
		BUS_TEST(what_others_say_in_its_name_is_not_heard),
		BUS_TEST(a_name_that_is_known_is_not_asked_for),
		BUS_TEST(one_that_hangs_is_said_and_asked_again),
		BUS_TEST(the_bus_may_come_late_and_restart),
		BUS_TEST(it_may_bear_another_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
