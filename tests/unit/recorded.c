/* What was recorded of other programs, from tests/data.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/recorded.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/memory.h"
#include "tests/unit/check.h"

static struct recorded read_file(const char *folder, const char *name)
{
	const char *top = getenv("srcdir");
	struct recorded message = { .octets = memory_new(1, UINT16_MAX) };
	char path[512];
	FILE *file;

	text_print(path, sizeof(path), "%s/tests/data/%s%s", top ? top : ".", folder, name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s: cannot be opened", path);
	message.length = fread(message.octets, 1, UINT16_MAX, file);
	assert_int_equal(fclose(file), 0);
	assert_true(message.length > 0 && message.length < UINT16_MAX);
	return message;
}

struct recorded recorded_read(const char *name)
{
	struct recorded message = read_file("dns/", name);

	message.octets = memory_resize(message.octets, message.length, 1);
	return message;
}

char *recorded_text(const char *name)
{
	struct recorded text = read_file("", name);

	text.octets = memory_resize(text.octets, text.length + 1, 1);
	text.octets[text.length] = '\0';
	return (char *)text.octets;
}

void recorded_free(struct recorded *message)
{
	free(message->octets);
	message->octets = NULL;
}
