/* Other people's processes: which one a pid file names, what /proc says of it, whether it has
 * ended. A number alone may be anybody's by now; a descriptor (pidfd_open(2)) stays with one
 * process.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PID_H
#define HA_PID_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The pid in a file; 0: none stands there. A file that is still empty, or nonsense, is none. */
pid_t pid_in_file(const char *path);

/* What stands in /proc/PID/`name', cut to `size', ended by 0; false when it cannot be read. */
bool pid_read(pid_t pid, const char *name, char *text, size_t size);

/* A word of /proc/PID/status, which stands behind `name'; "" when it is not there. */
void pid_status(pid_t pid, const char *name, char *word, size_t size);

/* A descriptor of the process, which runs and is `program' by its name or by what it was started
 * as; -1: there is none such. The caller closes it. */
int pid_hold(pid_t pid, const char *program);

/* The same of the first such process with a number above `*pid', which becomes its number. Of which
 * `may_be' says no, nothing is read: what it looks at should cost less. NULL: each may be it. */
int pid_hold_next(pid_t *pid, const char *program, bool (*may_be)(pid_t pid));

bool pid_has_ended(int fd);

/* Wait for its end for so many milliseconds; whether it has come. */
bool pid_ends_within(int fd, int patience);

/* Send a signal to the process, of which `fd' is the descriptor. 0, or an errno; ESRCH: it has
 * ended; EAGAIN: it neither blocks nor catches this signal now, so that it would be lost, or would
 * end the process: keepalived reads those it serves from a signalfd(2), but not while it starts. */
int pid_signal(int fd, pid_t pid, int number);

#endif
