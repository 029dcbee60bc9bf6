/* What hactl shows: status, alarms, events, jobs, and any table.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VIEWS_H
#define HA_VIEWS_H

struct arguments;

/* Commands: each prints what it has fetched, and returns the status to exit with. */
int views_status(const struct arguments *arguments);
int views_watch(const struct arguments *arguments);
int views_alarms(const struct arguments *arguments);
int views_events(const struct arguments *arguments);
int views_jobs(const struct arguments *arguments);
int views_show(const struct arguments *arguments);

#endif
