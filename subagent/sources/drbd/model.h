/* The state of DRBD on this node: lines of events2 in, rows out.
 *
 * Pure: the clock, the configuration, the kernel's version and the mounts are passed in. The stream
 * of `drbdsetup events2' tells the states; a poll, the text of `drbdsetup events2 --now', brings
 * figures and shows whether the stream still tells the truth.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_MODEL_H
#define HA_DRBD_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct drbd_config;
struct drbd_latch;
struct drbd_model;
struct drbd_report;

struct drbd_model *drbd_model_new(void);

/* Recall from `latch`, which lives longer, what split brains were open; and write down there which
 * are now, once the state is complete. */
void drbd_model_remember(struct drbd_model *model, struct drbd_latch *latch);
void drbd_model_keep(struct drbd_model *model);
void drbd_model_free(struct drbd_model *model);

/* What time it is for everything that follows: clock_now() and clock_wall(). */
void drbd_model_clock(struct drbd_model *model, int64_t now, int64_t wall);

/* The module's version, such as "8.4.11"; "" when it is not loaded: everything is down then. */
void drbd_model_kernel(struct drbd_model *model, const char *version);

/* The version of drbd-utils; "" when they are not installed. */
void drbd_model_utils(struct drbd_model *model, const char *version);

/* What is expected from now on; the model frees it. NULL: nothing. */
void drbd_model_config(struct drbd_model *model, struct drbd_config *config);

/* The text of /proc/self/mountinfo. */
void drbd_model_mounts(struct drbd_model *model, const char *text);

/* A stream begins; its dump tells all that there is. */
void drbd_model_begin(struct drbd_model *model);

/* A line of the stream. False when it was not understood. */
bool drbd_model_line(struct drbd_model *model, const char *octets, size_t length);

/* A poll begins, a line of it, its end: true when it was complete and agrees with the stream. */
void drbd_model_poll_begin(struct drbd_model *model);
bool drbd_model_poll_line(struct drbd_model *model, const char *octets, size_t length);
bool drbd_model_poll_end(struct drbd_model *model);

/* Whether the dump of the stream is complete. Before that rows are held back. */
bool drbd_model_is_complete(const struct drbd_model *model);

/* Whether the stream has lost something and must begin anew. */
bool drbd_model_is_torn(const struct drbd_model *model);

/* Whether figures change from second to second. */
bool drbd_model_is_busy(const struct drbd_model *model);

/* Whether the configuration expects anything, or the kernel has anything. */
bool drbd_model_is_used(const struct drbd_model *model);

/* State words that are not known, and lines that were not understood, since the model was made. */
uint32_t drbd_model_unknown_words(const struct drbd_model *model);
uint32_t drbd_model_rejected_lines(const struct drbd_model *model);

/* Count lines that did not reach the model: too long, torn. */
void drbd_model_reject(struct drbd_model *model, unsigned int lines);

/* Report the rows that have changed since they were reported last. */
void drbd_model_flush(struct drbd_model *model, const struct drbd_report *report);

/* When to do that again, although nothing has come (clock_now()): what passes while a resource is
 * taken down or brought up is held back. 0: then there is no need to. */
int64_t drbd_model_due(const struct drbd_model *model);

/* Report all rows, between begin and end. */
void drbd_model_report(struct drbd_model *model, const struct drbd_report *report);

#endif
