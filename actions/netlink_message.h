/* Makes questions to the kernel.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NETLINK_MESSAGE_H
#define HA_NETLINK_MESSAGE_H

#include <stdint.h>

struct nl_msg;

/* A message with its header alone; the caller appends to it and gives it to netlink_ask(). */
struct nl_msg *netlink_question(int type, int flags);

/* The same to a family of generic netlink, with the header of that behind the first one. */
struct nl_msg *netlink_command(uint16_t family, uint8_t command, uint8_t version, int flags);

/* Whoever fills a message says here that there was room: there always is, or memory is out, which
 * is fatal. */
void netlink_need(int has_room);

#endif
