/* Asks the kernel's DRBD 8.4 over generic netlink, in the words of drbdsetup, but without a
 * program: while clients wait, each costs more than the change that it asks for.
 *
 * The numbers are those of include/linux/drbd_genl.h and drbd.h of Linux, where DRBD 8.4 has not
 * changed any since 4.5. DRBD 9 has others, and calls itself version 2 of the family.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_GENL_H
#define HA_DRBD_GENL_H

#include <stdbool.h>
#include <stdint.h>

struct tool_result;

enum drbd_order { DRBD_ORDER_LOOK, DRBD_ORDER_PRIMARY, DRBD_ORDER_SECONDARY };

/* Carry out an order for all volumes of a resource, until `deadline' (clock_now()). False, and
 * nothing was asked, when the kernel has no DRBD 8.4. Otherwise `result' is what drbdsetup would
 * have left: the lines of `events2 --now', read after the order, and for a role that was refused
 * the lines on standard error with the kernel's number and words, and a status that is not 0. */
bool drbd_genl_ask(enum drbd_order order, const char *resource, int64_t deadline,
		   struct tool_result *result);

#endif
