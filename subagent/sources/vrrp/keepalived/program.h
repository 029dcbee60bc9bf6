/* What the program keepalived says of itself: its version, and the signal that asks for JSON.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_PROGRAM_H
#define HA_VRRP_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/tool.h"

struct program {
	char path[256];
	unsigned int question; /* that is under way, or is to be asked next */
	struct tool tool;
	int64_t deadline; /* clock_now() at which it is given up */
	size_t used;      /* octets of the answer so far */
	char answer[1024];

	/* What has come of it: */
	bool done;        /* all questions have been answered, or cannot be */
	char version[65]; /* "2.2.7"; "" when it is not known */
	int json_signal;  /* its number; 0: it can write no JSON */
};

/* Whether keepalived is installed where programs are. */
bool program_is_installed(void);

/* Ask the program that this process runs, or, where that is not told, the installed one. */
void program_open(struct program *program, pid_t pid);
void program_close(struct program *program);

/* Go on as far as it goes without waiting, and register for the coming turn. */
void program_turn(struct program *program);

/* The version in "Keepalived v2.2.7 (01/16,2022)"; "" when there is none. */
void program_read_version(const char *text, char *version, size_t size);

#endif
