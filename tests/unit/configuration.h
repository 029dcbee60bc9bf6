/* Configurations for the tests: files in the folder of the test, and what is said of wrong ones.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_CONFIGURATION_H
#define HA_CONFIGURATION_H

#include <stddef.h>

struct settings;

/* A descriptor of a file `conf' with these octets. */
int configuration_open(const void *octets, size_t length);

/* What is read from such a file; free it with settings_free(). */
struct settings *configuration_load_octets(const void *octets, size_t length);
struct settings *configuration_load(const char *text);

/* What settings_load() writes of the file behind the descriptor, which is closed, before it ends a
 * process with status 1; "" when it accepts it. */
void configuration_elsewhere(int fd, char *message, size_t size);

/* Check that the file behind the descriptor, which is closed, is refused with `error', which
 * begins with the line; or accepted, when `error' is empty. */
void configuration_expect(int fd, const char *error);
void configuration_refused(const char *text, const char *error);

#endif
