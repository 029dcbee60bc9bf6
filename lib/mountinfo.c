/* What is mounted where, as the kernel says it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/mountinfo.h"

#include <stdio.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/path.h"

/* The word at `*at', which is stepped over with the blank behind it. */
static void take_word(const char **at, char *word, size_t size)
{
	size_t length = strcspn(*at, " ");

	text_unescape(word, size, *at, length);
	*at += length + ((*at)[length] == ' ');
}

/* Options begin with "ro" or "rw". */
static bool is_read_only(const char *options)
{
	return !strncmp(options, "ro", 2) && strchr(", ", options[2]);
}

/* "36 35 147:0 / /srv/data rw,noatime shared:1 - ext4 /dev/drbd0 rw,errors=continue": between the
 * options of the mount and the hyphen stand any number of words. */
static bool read_line(const char *line, struct mountinfo *mount)
{
	int fields = 0;
	const char *at, *tail;

	if (sscanf(line, "%*u %*u %7u:%7u %n", &mount->major, &mount->minor, &fields) != 2 ||
	    !fields)
		return false;
	at = line + fields;
	take_word(&at, mount->root, sizeof(mount->root));
	take_word(&at, mount->point, sizeof(mount->point));
	mount->read_only = is_read_only(at);
	tail = strstr(at, " - ");
	if (!tail || !*mount->point)
		return false;
	at = tail + strlen(" - ");
	take_word(&at, mount->type, sizeof(mount->type));
	take_word(&at, mount->device, sizeof(mount->device));
	mount->read_only |= is_read_only(at);
	return true;
}

bool mountinfo_next(const char **text, struct mountinfo *mount)
{
	/* Both paths may be as long as paths can be, each octet of them escaped. A copy, for
	 * sscanf() measures all of the text each time. */
	static _Thread_local char line[2 * 4 * 4096 + 1024];

	while (**text) {
		size_t length = strcspn(*text, "\n");

		text_put_part(line, sizeof(line), *text, length);
		*text += length + ((*text)[length] == '\n');
		*mount = (struct mountinfo){ 0 };
		if (read_line(line, mount))
			return true;
	}
	return false;
}

bool mountinfo_under(const char *text, const char *path, struct mountinfo *mount)
{
	struct mountinfo next;
	bool found = false;

	while (mountinfo_next(&text, &next))
		if (path_is_within(path, next.point) &&
		    (!found || strlen(next.point) >= strlen(mount->point))) {
			*mount = next;
			found = true;
		}
	return found;
}
