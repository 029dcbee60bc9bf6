/* What hactl asks for: one request each, followed to the end of its job.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ASK_H
#define HA_ASK_H

struct arguments;

/* Commands: each returns the status to exit with, and is fatal when it was refused or has failed.
 */
int ask_primary(const struct arguments *arguments);
int ask_secondary(const struct arguments *arguments);
int ask_active_port(const struct arguments *arguments);
int ask_drain(const struct arguments *arguments);
int ask_restore(const struct arguments *arguments);
int ask_hold(const struct arguments *arguments);
int ask_release(const struct arguments *arguments);
int ask_switchover(const struct arguments *arguments);
int ask_takeover(const struct arguments *arguments);
int ask_check(const struct arguments *arguments);
int ask_maintenance(const struct arguments *arguments);
int ask_promote(const struct arguments *arguments);
int ask_demote(const struct arguments *arguments);
int ask_resume(const struct arguments *arguments);
int ask_cancel(const struct arguments *arguments);

#endif
