/* Reports what has changed in the rows of one resource, and nothing else.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_TELL_H
#define HA_DRBD_TELL_H

struct drbd_node;
struct drbd_resource;
struct table;

/* Where rows go: report.h, or a test. */
struct drbd_report {
	void (*row)(const struct table *table, const void *row);
	void (*gone)(const struct table *table, const void *row);
	void (*begin)(const struct table *table);
	void (*end)(const struct table *table);
};

/* Report one object if its row is not what was reported last. */
void drbd_tell_node(struct drbd_node *node, const struct drbd_report *report);

/* Report what is no row any more, or has another index now. Before the changes, of all resources:
 * two of them may have changed names. */
void drbd_tell_gone(struct drbd_resource *resource, const struct drbd_report *report);

/* Report all rows that have changed. */
void drbd_tell_changes(struct drbd_resource *resource, const struct drbd_report *report);

/* Nothing of it was ever reported. */
void drbd_tell_forget(struct drbd_resource *resource);

#endif
