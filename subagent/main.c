/* ha-agentxd: what exists, in order.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "config.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/settings.h"
#include "lib/settings_advice.h"
#include "subagent/hub.h"
#include "subagent/keeper.h"
#include "subagent/line/line.h"
#include "subagent/report.h"
#include "subagent/roster.h"
#include "subagent/source.h"

static void run_source(const struct source *source, const struct settings *settings, int hub)
{
	report_open(hub);
	source->run(settings);
}

/* The configuration as this child may know it: what is another's alone would cost memory, and the
 * passwords are the peer source's. */
static struct settings *load_for(const char *name, const char *path)
{
	struct settings *settings = settings_load(KEEPER_CONFIGURATION_FD, path);

	close(KEEPER_CONFIGURATION_FD);
	if (strcmp(name, "dns"))
		settings_forget_dns(settings);
	if (strcmp(name, "peer"))
		settings_forget_secrets(settings);
	return settings;
}

/* A child of the keeper: its name says what it is. */
static int child_main(const char *name, const char *path)
{
	int number = roster_find(name);
	struct settings *settings;

	log_open(name);
	prctl(PR_SET_NAME, name);
	if (number < 0)
		log_fatal("there is no such part");
	settings = load_for(name, path);
	loop_catch_signals();
	if (number == ROLE_HUB)
		hub_run(settings, KEEPER_SOCKET_FD);
	else if (number == ROLE_LINE)
		line_run(settings, KEEPER_SOCKET_FD);
	else
		run_source(roster_role((unsigned int)number).source, settings, KEEPER_SOCKET_FD);
	settings_free(settings);
	return EXIT_SUCCESS;
}

/* What only a source's own library can judge is asked here, so that nothing starts with it. */
static void ask_sources(const struct settings *settings)
{
	int line = 0;

	for (size_t i = 0; sources[i]; i++) {
		const char *error = sources[i]->refuse ? sources[i]->refuse(settings, &line) : NULL;

		if (error)
			log_fatal("%s:%d: %s", settings->path, line, error);
	}
}

static void warn(const struct settings *settings, int line, const char *sentence)
{
	log_warning("%s:%d: %s", settings->path, line, sentence);
}

static void print_usage(void)
{
	puts("Usage: ha-agentxd [-c FILE] [-t] [-v]\n"
	     "  -c FILE  configuration (" HA_CONFIGURATION ")\n"
	     "  -t       check the configuration and end\n"
	     "  -v       log more\n"
	     "  -V       print the version and end");
}

struct options {
	const char *path;
	bool given; /* the path was named, so its file must exist */
	bool test;
};

static void take_options(int count, char **arguments, struct options *options)
{
	int option;

	while ((option = getopt(count, arguments, "c:thvV")) != -1) {
		if (option == 'c') {
			options->path = optarg;
			options->given = true;
		} else if (option == 't') {
			options->test = true;
		} else if (option == 'v') {
			setenv("HA_AGENTX_VERBOSE", "1", 1);
		} else {
			if (option == 'V')
				puts("ha-agentxd " PACKAGE_VERSION);
			else
				print_usage();
			exit(option == '?' ? EXIT_FAILURE : EXIT_SUCCESS);
		}
	}
}

int main(int count, char **arguments)
{
	struct options options = { .path = HA_CONFIGURATION };
	struct settings *settings;
	int configuration;

	signal(SIGPIPE, SIG_IGN);
	if (getenv("HA_AGENTX_VERBOSE"))
		log_verbose();
	if (count == 3 && !strcmp(arguments[0], KEEPER_CHILD))
		return child_main(arguments[1], arguments[2]);
	log_open("ha-agentxd");
	take_options(count, arguments, &options);
	configuration = keeper_seal(options.path, options.given);
	settings = settings_load(configuration, options.path);
	ask_sources(settings);
	settings_advise(settings, warn);
	if (options.test) {
		printf("%s: good\n", options.path);
		settings_free(settings);
		return EXIT_SUCCESS;
	}
	settings_forget_dns(settings);
	settings_forget_secrets(settings);
	loop_catch_signals();
	log_info("version %s on node %s", PACKAGE_VERSION, settings->node);
	keeper_run(settings, configuration);
	settings_free(settings);
	log_info("ended");
	return EXIT_SUCCESS;
}
