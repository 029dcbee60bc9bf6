/* Questions by TCP: a connection for each try (RFC 7766).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_TCP_H
#define HA_DNS_TCP_H

struct dns_exchange;

/* Begin. It may fail at once, with all that dns_exchange_fail() does. */
void dns_tcp_ask(struct dns_exchange *exchange);

/* Idempotent. */
void dns_tcp_close(struct dns_exchange *exchange);

#endif
