/* Recorded messages of name servers, from tests/data/dns.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/recorded.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/memory.h"
#include "tests/unit/check.h"

struct recorded recorded_read(const char *name)
{
	const char *top = getenv("srcdir");
	struct recorded message = { .octets = memory_new(1, UINT16_MAX) };
	char path[512];
	FILE *file;

	text_print(path, sizeof(path), "%s/tests/data/dns/%s", top ? top : ".", name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s: cannot be opened", path);
	message.length = fread(message.octets, 1, UINT16_MAX, file);
	assert_int_equal(fclose(file), 0);
	assert_true(message.length > 0);
	message.octets = memory_resize(message.octets, message.length, 1);
	return message;
}

void recorded_free(struct recorded *message)
{
	free(message->octets);
	message->octets = NULL;
}
