/* All tables that there are: the hub's and those of every source.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_TABLES_H
#define HA_TABLES_H

struct table;

/* Ended by NULL; made once. The log of events is the last. */
const struct table *const *tables_all(void);

#endif
