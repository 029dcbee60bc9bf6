/* What keepalived tells on the system bus: the state of each instance, at once and certain, and
 * that it is there.
 *
 * The bus may be absent or restart; keepalived may come, go, or hang: nobody waits for either.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_BUS_H
#define HA_VRRP_BUS_H

#include <stdbool.h>

struct bus_path;
struct news;

enum bus_event {
	BUS_SPEAKS,   /* keepalived is there; its instances are being asked for */
	BUS_SETTLED,  /* all its instances have been told, again perhaps */
	BUS_RELOADED, /* it has read its configuration; its instances are being asked for */
	BUS_SILENT    /* it is gone, or the bus is */
};

struct bus_listener {
	void (*hear)(void *argument, const struct news *news);
	void (*note)(void *argument, enum bus_event event);
	/* Which instance that is, where it is known without asking; NULL: it is not. */
	const char *(*name)(void *argument, const struct bus_path *path);
};

struct bus;

/* The listener outlives it. */
struct bus *bus_open(const struct bus_listener *listener, void *argument);
void bus_close(struct bus *bus);

/* The name under which keepalived is to be found there, where it is not the usual one; "" or NULL:
 * it is. */
void bus_set_name(struct bus *bus, const char *name);

/* Ask for all instances again. */
void bus_refresh(struct bus *bus);

/* Take in what has come, and register for the coming turn. */
void bus_turn(struct bus *bus);

/* Whether keepalived is there, and whether all instances have been told, too. */
bool bus_speaks(const struct bus *bus);
bool bus_is_settled(const struct bus *bus);

/* Why keepalived is not heard there; "" while it is. */
const char *bus_error(const struct bus *bus);

#endif
