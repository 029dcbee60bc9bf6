/* Gates: verdicts on several servers, each kept in a file that keepalived tracks.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_GATES_H
#define HA_DNS_GATES_H

#include <stddef.h>
#include <stdint.h>

struct dns_gates;
struct settings_dns;
struct settings_gate;

/* State of the configured server at a position, as far as this gate is concerned (a gate may name
 * zones that the server must serve well): enum haDnsServerState. */
typedef int32_t dns_gates_ask(void *argument, const struct settings_gate *gate, size_t server);

/* A gate starts with what its file says, when that is one of its two values: a restart of the
 * daemon moves no address. Else it starts open, as keepalived takes a file that is not there. */
struct dns_gates *dns_gates_open(const struct settings_dns *settings, dns_gates_ask *ask,
				 void *argument);
void dns_gates_close(struct dns_gates *gates);

/* Judge all gates, write the files whose verdict has changed or which are not as they should be,
 * and report the rows that differ from those reported last. While servers that could decide it are
 * unknown, a gate stays as it is. */
void dns_gates_judge(struct dns_gates *gates);

/* Register for the coming turn: the folders of the files, and when to try again what failed. */
void dns_gates_watch(struct dns_gates *gates);

/* Report every row, between report_begin() and report_end(). */
void dns_gates_report(struct dns_gates *gates);

#endif
