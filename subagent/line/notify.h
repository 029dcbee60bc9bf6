/* Sends notifications for the events on the board.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NOTIFY_H
#define HA_NOTIFY_H

struct line;

/* Send what is due, and note in line->first_lost what cannot be sent any more: events above
 * line->sent, in their order, while the session is open and not more are unanswered than the socket
 * can hold. Sets line->sent to the newest that the master agent has acknowledged; what it had not
 * when its session ended is sent again in the next. */
void notify(struct line *line);

#endif
