/* The tables that the source of the groups' members fills.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MEMBER_TABLES_H
#define HA_MEMBER_TABLES_H

struct table;

/* All of them, ended by NULL. */
extern const struct table *const member_tables[];

#endif
