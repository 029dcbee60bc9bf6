/* Object paths of keepalived on D-Bus, and what introspection says lies below one.
 *
 * /org/keepalived/Vrrp1[/NAMESPACE][/INSTANCE NAME]/Instance/INTERFACE/VRID/FAMILY; in the name of
 * the interface every character that a path cannot have is an underscore.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_BUS_PATH_H
#define HA_VRRP_BUS_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_PATH_ROOT "/org/keepalived/Vrrp1"
#define BUS_PATH_MAX 256 /* with its NUL */

struct bus_path {
	char interface[16]; /* as it stands in the path */
	uint8_t vrid;
	uint16_t family; /* 0: it has none */
};

/* Whether the path is that of a vrrp_instance, and of which. */
bool bus_path_read(const char *path, struct bus_path *found);

/* Whether an interface stands in a path so. */
bool bus_path_is_interface(const char *found, const char *interface);

/* Calls `take' for each child that the XML of an introspection names. */
void bus_path_children(const char *path, const char *xml,
		       void (*take)(void *argument, const char *child), void *argument);

#endif
