/* This node's own resolver: the file, its servers, and what a lookup costs now.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_RESOLVER_H
#define HA_DNS_RESOLVER_H

#include <stdbool.h>
#include <stdint.h>

struct dns_resolver;
struct lookup_server;
struct resolv_conf;
struct settings_dns;

/* How the server at a position of those that are used (0 to 2, see dns_resolver_conf()) meets a
 * question now. `health` comes as LOOKUP_UNKNOWN with no latency, and may stay so. */
typedef void dns_resolver_ask(void *argument, uint32_t position, struct lookup_server *health);

/* Read the file, and begin to watch it. The settings outlive it. Reports nothing yet. */
struct dns_resolver *dns_resolver_open(const struct settings_dns *settings, dns_resolver_ask *ask,
				       void *argument);
void dns_resolver_close(struct dns_resolver *resolver);

/* On every turn, first of all: read the file again when it has changed and been quiet for a moment.
 * True when its list of servers is another one than before; the positions that are asked for are of
 * the new list from then on. */
bool dns_resolver_turn(struct dns_resolver *resolver);

/* As it was last read: good until the next dns_resolver_turn(). */
const struct resolv_conf *dns_resolver_conf(const struct dns_resolver *resolver);

/* On every turn, when health may have changed: ask for it, and report the row when it differs from
 * the one reported last: at once when a state is another, figures only every two seconds. */
void dns_resolver_judge(struct dns_resolver *resolver);

/* Register for the coming turn: changes of the file, and when figures may be told again. */
void dns_resolver_watch(struct dns_resolver *resolver);

/* Report the row, between report_begin() and report_end(). */
void dns_resolver_report(struct dns_resolver *resolver);

#endif
