/* A folder of its own for each unit test, and what tests put there.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_FOLDER_H
#define HA_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* Path of the folder of the running test. */
extern char folder[64];

/* Set-up and tear-down functions of cmocka. */
int folder_make(void **state);
int folder_remove(void **state);

/* Path of `name`, which is relative to the folder, with or without a slash in front; overwritten by
 * the next call of any function here. */
const char *folder_path(const char *name);

/* Write a file and make the folders above it. A failure here fails the test. */
void folder_put(const char *name, const char *content);

/* Make the folders above a file. */
void folder_make_above(const char *name);

/* Content of a file, cut to fit; empty when there is none. */
void folder_take(const char *name, char *content, size_t size);

bool folder_has(const char *name);

/* Put tests/unit/tools/fake-drbd there under the name of the program that it plays. The source tree
 * is taken from the environment variable srcdir, as automake sets it, or else is ".". */
void folder_put_fake(const char *name);

#endif
