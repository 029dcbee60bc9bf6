/* The session with the master agent (AgentX, RFC 2741), through net-snmp.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MASTER_H
#define HA_MASTER_H

#include <stdbool.h>

struct line;
struct settings;
struct variable_list;

/* Prepare the library, register the whole MIB as one subtree, and try to connect. No master agent
 * is no error: it is tried again each second. `line` is served from then on. */
void master_open(struct line *line, const struct settings *settings);

/* Close the session in good order. */
void master_close(void);

/* Register the library's descriptors and timers for the coming turn. */
void master_watch(void);

/* After a turn: answer what has come, and let the library do what has become due. `woken` is what
 * loop_turn() returned. */
void master_tend(bool woken);

/* Send a notification with these variables, of which snmpTrapOID.0 is the first. */
void master_notify(struct variable_list *list);

/* Whether the session is open now. */
bool master_connected(void);

/* Notifications that were sent in this session, and how many the master agent has acknowledged. */
void master_notifications(unsigned int *sent, unsigned int *acknowledged);

#endif
