/* Questions by UDP: sockets that many tries share for a moment, and then never again.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_UDP_H
#define HA_DNS_UDP_H

#include <stdbool.h>
#include <stddef.h>

struct dns_engine;
struct dns_exchange;
struct dns_udp;

struct dns_udp *dns_udp_open(struct dns_engine *engine);

/* No try may be in flight. */
void dns_udp_close(struct dns_udp *udp);

/* Have it sent by dns_udp_send(). */
void dns_udp_queue(struct dns_udp *udp, struct dns_exchange *exchange);

/* Send what is queued. What the network does not take now stays queued. */
void dns_udp_send(struct dns_udp *udp);

size_t dns_udp_queued(const struct dns_udp *udp);

/* errno of what the last dns_udp_send() could not send, and will try again; 0 when there is none.
 */
int dns_udp_refusal(const struct dns_udp *udp);

/* Give up a socket that waits for nothing but late answers, and with it a descriptor; false when
 * there is none. Not while answers are taken. */
bool dns_udp_spare(struct dns_udp *udp);

/* The try is over. Whether answers to it will be counted as late. */
void dns_udp_release(struct dns_exchange *exchange, bool late);

#endif
