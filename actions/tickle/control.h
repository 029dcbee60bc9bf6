/* The socket at which the one that keeps the list of a server's clients is asked.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_TICKLE_CONTROL_H
#define HA_TICKLE_CONTROL_H

#include <stdbool.h>

struct address;

/* Listen at the socket of a server (address and port); who asks for the status need not be root.
 * Returns the socket; what fails ends the program. */
int control_listen(const struct address *server);

/* Nobody is to ask there any more. */
void control_remove(const struct address *server);

/* Whether somebody keeps the list of the server's clients. */
bool control_is_kept(const struct address *server);

/* Have it end, when it does; the list is up to date then. False when it has not ended within two
 * seconds. */
bool control_end(const struct address *server);

#endif
