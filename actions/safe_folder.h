/* Opens folders in which nobody but root can put one thing in the place of another.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SAFE_FOLDER_H
#define HA_SAFE_FOLDER_H

/* The descriptor of a folder, or -1 with errno; EPERM when others than root may write to it, or to
 * one on the way to it. Links of the system are fine, such as /var/run: where they lead to must be
 * safe. */
int safe_folder_open(const char *path);

#endif
