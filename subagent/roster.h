/* The processes there are, by number: what the keeper starts and the hub asks for.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ROSTER_H
#define HA_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/settings_group.h"

struct settings;
struct source;

/* Numbers of the children of the keeper. Each group has an executor of its own, by its position in
 * the settings, and what must not wait for any of them has one. The sources follow from
 * ROLE_SOURCES on, in the order of their array. */
enum {
	ROLE_HUB,
	ROLE_EXECUTOR,
	ROLE_LINE,
	ROLE_GROUP,
	ROLE_ASIDE = ROLE_GROUP + SETTINGS_GROUPS_MAX,
	ROLE_WATCHDOG,
	ROLE_SOURCES
};

#define ROLES_MAX 40

/* Octets of the name of a process, with its end. */
#define ROLE_NAME_SIZE 65

struct role {
	const char *name;            /* NULL: it is made of the name of the group */
	uint64_t capabilities;       /* that it keeps as an ordinary user, bit N for number N */
	const struct source *source; /* NULL for those before ROLE_SOURCES */
};

/* How many numbers there are, and each role. */
unsigned int roster_count(void);
struct role roster_role(unsigned int number);

/* Its name in the log and in haSourceTable. */
void roster_name(const struct settings *settings, unsigned int number, char *name, size_t size);

/* Whether there is such a process with these settings: groups, and what is for groups, need not be
 * there. */
bool roster_has(const struct settings *settings, unsigned int number);

/* Whether it is of the root half: another program, which ends its step before itself. */
bool roster_is_root(unsigned int number);

/* The job slot that an executor serves, and the executor of a slot; see jobs.h. */
bool roster_is_executor(unsigned int number);
size_t roster_slot(unsigned int number);
unsigned int roster_executor(size_t slot);

/* The number of a name; -1 when there is none. */
int roster_find(const char *name);

#endif
