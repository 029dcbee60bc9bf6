/* The name servers that are checked: those of the configuration, and those of resolv.conf.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_SERVERS_H
#define HA_DNS_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_engine;
struct dns_servers;
struct lookup_server;
struct resolv_conf;
struct settings_dns;

/* Begin to check the servers of the settings, which must outlive this, as must the engine. Checks
 * are spread over their interval. Texts that cannot be used are fatal: dns_servers_refuse() comes
 * first. */
struct dns_servers *dns_servers_open(const struct settings_dns *settings,
				     struct dns_engine *engine);
void dns_servers_close(struct dns_servers *servers);

/* NULL when the settings' texts can be used; else which cannot, and why, with its line. */
const char *dns_servers_refuse(const struct settings_dns *settings, int *line);

/* Check the servers of resolv.conf from now on. One that is configured, too, is checked once; one
 * that was there at first and is gone stays as a row that is missing. */
void dns_servers_follow(struct dns_servers *servers, const struct resolv_conf *conf);

/* After every turn of the engine: report the rows that have changed. A state is told at once;
 * figures are told for at most a thousand servers a second, each in its turn. Registers when it
 * must be called again. */
void dns_servers_turn(struct dns_servers *servers);

/* Whether every server has been checked. */
bool dns_servers_known(const struct dns_servers *servers);

/* How long that takes at most, in milliseconds from the start. */
int64_t dns_servers_patience(const struct dns_servers *servers);

/* State of the configured server at a position: enum haDnsServerState. */
int32_t dns_servers_state(const struct dns_servers *servers, size_t position);

/* How the server at a position (from 0) of resolv.conf meets a question now. */
void dns_servers_health(const struct dns_servers *servers, uint32_t position,
			struct lookup_server *health);

/* Report every row, between report_begin() and report_end(). */
void dns_servers_report(struct dns_servers *servers);

/* What this node itself could not do at the last check that failed for such a reason; empty when
 * there is none such. */
const char *dns_servers_error(const struct dns_servers *servers);

#endif
