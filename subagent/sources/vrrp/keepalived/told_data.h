/* The data dump of keepalived, for people to read: what the JSON dump does not say.
 *
 * That is the files that an instance tracks, with weights, its sync group, and where keepalived
 * tells its news.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_TOLD_DATA_H
#define HA_VRRP_TOLD_DATA_H

#include <stdbool.h>
#include <stddef.h>

struct told;

#define TOLD_FIFOS_MAX 2

struct told_global {
	bool bus;           /* enable_dbus */
	char bus_name[128]; /* dbus_service_name; "" */
	size_t fifos_count;
	char fifos[TOLD_FIFOS_MAX][256]; /* notify_fifo, vrrp_notify_fifo */
};

/* False: it is not whole; told->error says what is missing. True: the caller frees it. */
bool told_data(struct told *told, struct told_global *global, const char *text, size_t length);

#endif
