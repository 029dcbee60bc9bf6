/* How a source tells the hub what it has found.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REPORT_H
#define HA_REPORT_H

#include <stdbool.h>
#include <stdint.h>

struct answer;
struct frame;
struct pulse;
struct table;

/* Send everything that follows to the hub at the other end of the socket `fd`. */
void report_open(int fd);

/* A row is now this. The hub finds out what has changed. */
void report_row(const struct table *table, const void *row);

/* The row with this index is no more; the rest of `row` does not matter. */
void report_gone(const struct table *table, const void *row);

/* Between these two stand all rows of the table; the hub drops those that were not said. */
void report_begin(const struct table *table);
void report_end(const struct table *table);

/* While this is set no row goes out: a source that has just started does not know anything yet, and
 * the hub may well know what it was before. Report all rows after it is taken back. */
void report_hold(bool hold);

/* How the source is doing. Sent when it differs from the last one, and after two seconds; so call
 * it on every turn. Asks the loop to wake for the next. A source that is silent for long is hung.
 */
void report_pulse(const struct pulse *pulse);

/* What became of a request of the hub. */
void report_answer(const struct answer *answer);

/* Call this with every frame that the hub sends from now on; a hub that sends something to a source
 * that does not listen is none. */
void report_listen(void (*call)(void *argument, const struct frame *frame), void *argument);

/* Whether the hub is gone: the source ends then. Registers the socket for the coming turn, so that
 * it is noticed while waiting. */
bool report_lost(void);

#endif
