/* The keeper: root's only part of the daemon itself. It starts children by number and ends them,
 * and sees that the hub, which supervises all others, does not hang.
 *
 * It reads the configuration once and gives every child the same octets, in a sealed memory file;
 * each child is a fresh execution of this program (the executor: of its own), with its own user,
 * its own capabilities and a socket to the hub, and nothing else.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_KEEPER_H
#define HA_KEEPER_H

struct settings;

/* Descriptors that a child finds open. */
enum { KEEPER_CONFIGURATION_FD = 3, KEEPER_SOCKET_FD = 4 };

/* First argument of a child that runs this program; the second is its name in the roster, the
 * third the path of the configuration, for messages. Shown by ps. */
#define KEEPER_CHILD "ha-agentxd:"

/* The configuration as a sealed memory file, positioned at its start. A file that cannot be read,
 * or that others than its owner may write to, is fatal, but a missing default file is an empty one.
 */
int keeper_seal(const char *path, int must_exist);

/* Run the hub and whatever it asks for until loop_ended(). */
void keeper_run(const struct settings *settings, int configuration);

#endif
