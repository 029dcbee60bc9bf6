/* What a member is, from what its own system says.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MEMBER_JUDGE_H
#define HA_MEMBER_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

struct group_member_row;
struct settings_member;
struct status;
struct unit;

/* Each fills head.state, member_state and error of a row. A text that is NULL cannot be read. */

/* A mount, by the text of a mountinfo. */
void judge_mount(struct group_member_row *row, const struct settings_member *member,
		 const char *mounts);

/* An export, by the text of etab; a table that is not there has no export. */
void judge_export(struct group_member_row *row, const struct settings_member *member,
		  const char *etab);

/* A unit of systemd; `trouble' says why it is not known. */
void judge_unit(struct group_member_row *row, const struct unit *unit, const char *trouble);

/* A command, by what its mark says: an enum haGroupMemberState. */
void judge_mark(struct group_member_row *row, int32_t marked);

/* The kernel's NFS server, when it is known whether it runs. */
void judge_nfs(struct group_member_row *row, bool runs, int32_t marked);

/* A command that has a status program. One that has ended by itself, or whose last start or stop
 * has failed, has failed: it may have left something. */
void judge_status(struct group_member_row *row, const struct status *status, int32_t marked);

#endif
