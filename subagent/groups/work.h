/* What the jobs say of a group, as the groups ask for it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WORK_H
#define HA_WORK_H

struct groups;
struct jobs;

/* Have the groups ask these jobs, and give them what is to be done. */
void work_connect(struct groups *groups, struct jobs *jobs);

#endif
