/* Object paths of keepalived on D-Bus, and what introspection says lies below one.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/bus_path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/memory.h"

/* A vrrp_instance without addresses and interface has no family: "None". */
static bool read_family(const char *word, uint16_t *family)
{
	if (!strcmp(word, "IPv4"))
		*family = AF_INET;
	else if (!strcmp(word, "IPv6"))
		*family = AF_INET6;
	else if (!strcmp(word, "None"))
		*family = 0;
	else
		return false;
	return true;
}

/* Where the part of a path that ends at `end' begins. */
static const char *part_before(const char *path, const char *end)
{
	while (end > path && end[-1] != '/')
		end--;
	return end;
}

bool bus_path_read(const char *path, struct bus_path *found)
{
	const char *last = strrchr(path, '/'), *number, *interface;
	unsigned long value;
	char *end;

	memset(found, 0, sizeof(*found));
	if (!last || last == path || !strstr(path, "/Instance/") ||
	    !read_family(last + 1, &found->family))
		return false;
	number = part_before(path, last);
	value = strtoul(number, &end, 10);
	if (end != last || end == number || value > UINT8_MAX || number < path + 2)
		return false;
	interface = part_before(path, number - 1);
	text_put_part(found->interface, sizeof(found->interface), interface,
		      (size_t)(number - 1 - interface));
	found->vrid = (uint8_t)value;
	return true;
}

static bool is_alphanumeric(char character)
{
	return (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') ||
	       (character >= 'a' && character <= 'z');
}

bool bus_path_is_interface(const char *found, const char *interface)
{
	for (; *found && *interface; found++, interface++)
		if (*found != (is_alphanumeric(*interface) ? *interface : '_'))
			return false;
	return *found == *interface;
}

/* A name of one part, as D-Bus has them. */
static bool is_name(const char *text, size_t length)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_";

	return length > 0 && strspn(text, allowed) >= length;
}

/* The element of the object itself has no name, or its whole path, which is no name. */
void bus_path_children(const char *path, const char *xml,
		       void (*take)(void *argument, const char *child), void *argument)
{
	static const char before[] = "<node name=";
	char child[BUS_PATH_MAX], name[BUS_PATH_MAX];

	while ((xml = strstr(xml, before))) {
		size_t length;

		xml += sizeof(before) - 1;
		if (*xml != '"' && *xml != '\'')
			continue;
		length = strcspn(xml + 1, "\"'<>");
		if (!is_name(xml + 1, length) || strlen(path) + 1 + length + 1 > sizeof(child))
			continue;
		text_put_part(name, sizeof(name), xml + 1, length);
		TEXT_PRINT(child, "%s/%s", path, name);
		take(argument, child);
	}
}
