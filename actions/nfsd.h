/* Starts and stops the kernel's NFS server, with all that has to move with it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFSD_H
#define HA_NFSD_H

#include <stdbool.h>
#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step (its member is an nfs) by `deadline' (clock_now()), and fill all of `result' but
 * job and step.
 *
 * To start it: nfsdcld(8) with its data base in the member's storage, rpc.nfsd(8), which knows
 * nfs.conf(5), under the member's scope; then its addresses are opened (actions/port_gate.h), and
 * the clients that the other node had are made to connect again (actions/tickle). To stop it: the
 * list of clients is brought up to date, the addresses are closed, and then the threads and nfsdcld
 * are ended. It is started when the kernel has threads of it, and stopped when neither those nor an
 * nfsdcld are left.
 *
 * A mark (actions/mark.h) says what is being done. */
void nfsd_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		 struct step_result *result);

#define NFSD_COUNT_UNKNOWN (-1)

/* How many threads the server has; NFSD_COUNT_UNKNOWN: the kernel waits until some have ended, and
 * whoever asks waits as long: who asks here does for a second at the most. It is unknown, too, when
 * there can be no process that asks. */
int nfsd_count_threads(void);

struct address;

/* Whether somebody listens at the address and its port, be it at all addresses: the server does
 * before it has threads. */
bool nfsd_is_listening(const struct address *address);

#endif
