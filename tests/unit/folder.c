/* A folder of its own for each unit test, and what tests put there.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/folder.h"

#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/memory.h"

char folder[64];

int folder_make(void **state)
{
	(void)state;
	TEXT_PUT(folder, "/tmp/ha-agentx-test-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *facts, int type, struct FTW *place)
{
	(void)facts;
	(void)type;
	(void)place;
	return remove(path);
}

int folder_remove(void **state)
{
	(void)state;
	return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *folder_path(const char *name)
{
	static char path[256];

	TEXT_PRINT(path, "%s%s%s", folder, *name == '/' ? "" : "/", name);
	return path;
}

void folder_make_above(const char *name)
{
	char path[256];

	TEXT_PUT(path, folder_path(name));
	for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/'));
	     *slash++ = '/') {
		*slash = '\0';
		mkdir(path, 0755);
	}
}

void folder_put(const char *name, const char *content)
{
	FILE *file;

	folder_make_above(name);
	file = fopen(folder_path(name), "we");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void folder_take(const char *name, char *content, size_t size)
{
	FILE *file = fopen(folder_path(name), "re");
	size_t length = 0;

	if (file) {
		length = fread(content, 1, size - 1, file);
		fclose(file);
	}
	content[length] = '\0';
}

bool folder_has(const char *name)
{
	return access(folder_path(name), F_OK) == 0;
}

void folder_put_fake(const char *name)
{
	const char *source = getenv("srcdir");
	char relative[PATH_MAX], *absolute;

	TEXT_PRINT(relative, "%s/tests/unit/tools/fake-drbd", source ? source : ".");
	absolute = realpath(relative, NULL);
	assert_non_null(absolute);
	assert_int_equal(symlink(absolute, folder_path(name)), 0);
	free(absolute);
}
