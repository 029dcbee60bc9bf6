/* The processes there are, by number: what the keeper starts and the hub asks for.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ROSTER_H
#define HA_ROSTER_H

#include <stdint.h>

struct settings;
struct source;

/* Numbers of the children of the keeper. The sources follow from ROLE_SOURCES on, in the order of
 * their array. */
enum { ROLE_HUB, ROLE_EXECUTOR, ROLE_LINE, ROLE_SOURCES };

#define ROLES_MAX 32

struct role {
	const char *name;            /* in ps, in the log, in haSourceTable */
	uint64_t capabilities;       /* that it keeps as an ordinary user, bit N for number N */
	const struct source *source; /* NULL for the first three */
};

/* How many there are, and each by its number. */
unsigned int roster_count(void);
struct role roster_role(unsigned int number);

/* The number of a name; -1 when there is none. */
int roster_find(const char *name);

#endif
