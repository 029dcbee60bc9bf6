/* A gate before a server: what leaves from its port of an address is thrown away while it is
 * closed.
 *
 * The address of a group comes before its server and goes after it. A client whose connection is
 * refused, or ended, in between waits for seconds before it tries again, or tells the application;
 * one that hears nothing asks again sooner, and goes on as if nothing had been.
 *
 * It is a rule of the kernel's routing, `from ADDRESS ipproto tcp sport PORT blackhole', so that it
 * takes no packet filter, and outlives whoever closes it: `ip rule' shows it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PORT_GATE_H
#define HA_PORT_GATE_H

#include <stdint.h>

struct address;

/* For one address with its port, by `deadline' (clock_now()). Return 0, also when it was so, or the
 * errno of the kernel. */
int port_gate_close(const struct address *server, int64_t deadline);
int port_gate_open(const struct address *server, int64_t deadline);

#endif
