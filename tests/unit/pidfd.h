/* What a test needs that holds processes.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_TEST_PIDFD_H
#define HA_TEST_PIDFD_H

/* The test goes on only where there are descriptors of processes: valgrind knows none, and every
 * test is run without it as well. */
void need_pidfd(void);

#endif
