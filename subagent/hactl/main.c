/* hactl: what a person types.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "lib/log.h"
#include "subagent/hactl/arguments.h"
#include "subagent/hactl/ask.h"
#include "subagent/hactl/dns_check.h"
#include "subagent/hactl/explain.h"
#include "subagent/hactl/fence.h"
#include "subagent/hactl/views.h"

static int run_dns_check(const struct arguments *arguments)
{
	return dns_check_run(arguments->count, arguments->words, arguments->json);
}

static const struct command {
	const char *name;
	int (*run)(const struct arguments *arguments);
	const char *help;
	bool own_options; /* reads the options behind its name itself */
} commands[] = {
	{ "status", views_status, "everything on one screen", false },
	{ "watch", views_watch, "the same, again and again", false },
	{ "explain", explain_group,
	  "GROUP: what it is here, and what is in the way of a switchover", false },
	{ "alarms", views_alarms, "what is wrong now", false },
	{ "events", views_events, "what has happened", false },
	{ "jobs", views_jobs, "the last requests and what became of them", false },
	{ "show", views_show, "[TABLE...]: tables of the MIB, all columns", false },
	{ "primary", ask_primary, "RESOURCE: make this node Primary", false },
	{ "secondary", ask_secondary, "RESOURCE: make this node Secondary", false },
	{ "hold", ask_hold, "INSTANCE: give its addresses away, for --seconds or until released",
	  false },
	{ "release", ask_release, "INSTANCE: let it take part again", false },
	{ "active-port", ask_active_port, "BOND PORT: have the bond use this port", false },
	{ "drain", ask_drain, "SERVICE SERVER: no new connections, for --seconds or until restored",
	  false },
	{ "restore", ask_restore, "SERVICE SERVER: give it the weight it had", false },
	{ "check", ask_check, "GROUP: whether it could be moved now, and do nothing", false },
	{ "switchover", ask_switchover, "GROUP: move it to the other node", false },
	{ "takeover", ask_takeover, "GROUP: serve it here, as the other node is dead: --force",
	  false },
	{ "promote", ask_promote, "GROUP: serve it here now, as this node is VRRP master", false },
	{ "demote", ask_demote, "GROUP: stop it here now, as this node is not VRRP master", false },
	{ "maintenance", ask_maintenance, "GROUP: do nothing by itself, for --minutes", false },
	{ "resume", ask_resume, "GROUP: end its maintenance", false },
	{ "cancel", ask_cancel, "GROUP: end its job, and put everything back", false },
	{ "fence-peer", fence_peer,
	  "[RESOURCE]: DRBD's handler: may its I/O go on without the peer", false },
	{ "unfence-peer", fence_unfence_peer, "[RESOURCE]: DRBD's handler after a resync", false },
	{ "dns-check", run_dns_check, "ADDRESS NAME [...]: ask a name server, see dns-check --help",
	  true },
};

static void print_usage(FILE *stream)
{
	fputs("Usage: hactl [-s SOCKET] [--json] [--force] [--seconds N | --minutes N] COMMAND "
	      "[...]\n",
	      stream);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(stream, "  %-11s %s\n", commands[i].name, commands[i].help);
}

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },          { "force", no_argument, NULL, 'f' },
	{ "socket", required_argument, NULL, 's' },  { "seconds", required_argument, NULL, 'n' },
	{ "minutes", required_argument, NULL, 'm' }, { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },       { NULL, 0, NULL, 0 },
};

static void take_options(int count, char **words, const char *letters, struct arguments *arguments)
{
	int option;

	while ((option = getopt_long(count, words, letters, long_options, NULL)) != -1) {
		if (option == 'j') {
			arguments->json = true;
		} else if (option == 'f') {
			arguments->force = true;
		} else if (option == 's') {
			arguments->socket = optarg;
		} else if (option == 'n') {
			arguments->seconds = optarg;
		} else if (option == 'm') {
			arguments->minutes = optarg;
		} else if (option == 'V') {
			puts("hactl " PACKAGE_VERSION);
			exit(EXIT_SUCCESS);
		} else {
			print_usage(option == 'h' ? stdout : stderr);
			exit(option == 'h' ? EXIT_SUCCESS : EXIT_FAILURE);
		}
	}
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	print_usage(stderr);
	exit(EXIT_FAILURE);
}

int main(int count, char **words)
{
	struct arguments arguments = { .socket = "/run/ha-agentx/hub" };
	const struct command *command;

	log_open("hactl");
	take_options(count, words, "+jfs:n:m:hV", &arguments); /* + is: up to the command */
	command = find_command(words[optind] ? words[optind] : "status");
	arguments.count = count - optind;
	arguments.words = words + optind;
	if (arguments.count > 0 && !command->own_options) {
		arguments.words[0] = words[0]; /* names the program in complaints */
		optind = 0;                    /* begin anew */
		take_options(arguments.count, arguments.words, "jfs:n:m:hV", &arguments);
		arguments.words += optind;
		arguments.count -= optind;
	}
	return command->run(&arguments);
}
