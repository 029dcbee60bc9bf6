/* Reads a password from a file, which nobody else may read.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_SECRET_H
#define HA_PEER_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/settings_peer.h"

#define SECRET_ERROR_MAX 160

/* The password of `secret', from its file or as it stands in the configuration, into `password',
 * which the caller wipes. False: why not is written to `error', without a word of what is in the
 * file. */
bool peer_secret_read(const struct settings_secret *secret,
		      char password[SETTINGS_PASSWORD_MAX + 1], char error[SECRET_ERROR_MAX]);

/* Whether everybody may read the file at `path'; not when it is not there. */
bool peer_secret_is_open(const char *path);

#endif
