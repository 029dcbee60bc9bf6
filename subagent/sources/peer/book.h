/* What the peer's agent said last, row by row, and how long that counts.
 *
 * One lost packet, or an agent that is started again, is no reason to take back what was said: it
 * counts for a while (`limit'). A book is of one kind of rows. Its clock is passed in.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_BOOK_H
#define HA_PEER_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/rows.h"
#include "subagent/pace.h"

/* What the peer has answered, all of it. */
struct peer_said {
	const char *node;
	int32_t keepalived;           /* enum haVrrpKeepalivedState; unknown when it did not say */
	const struct rows *instances; /* struct peer_instance_row */
	const struct rows *groups;    /* struct peer_asked_group_row; NULL: they were not asked for
				       */
	const struct peer_nfs_row *nfs; /* NULL: it did not say */
};

/* What the book makes of a row. Causes are of haVrrpPeerCause; those up to rowNotFresh have the
 * same numbers in haGroupPeerNodeCause. */
struct peer_standing {
	int32_t state;     /* enum HaRowState */
	int32_t good;      /* enum HaAnswer: there is no cause against it */
	int32_t cause;     /* none, or why it is not good; unknown: not known yet */
	int64_t confirmed; /* clock_now() at which the peer last knew itself what it said; 0: never
			    */
};

/* A kind of rows. `row' is one of `table', `said' one of the peer's. */
struct peer_kind {
	const struct table *table; /* that is published; its first column is the name */
	size_t moving;             /* from here on, its rows move all the time */
	bool only_expected;        /* other rows of the peer are passed over */
	int32_t missing;           /* the cause that the peer does not have it */

	void (*begin)(void *row, const char *name);
	/* Whether the peer's agent vouches for what it said. */
	bool (*known)(const void *said);
	/* Take the values of what it vouches for; the cause against the row is returned, or none.
	 */
	int32_t (*take)(void *row, const void *said, const struct peer_said *all);
	/* The cause when it does not say a row; rowNotFresh: it does not know its rows itself. */
	int32_t (*absent)(const struct peer_said *all);
	/* That is so: take the values back that make no sense any more. */
	void (*lose)(void *row);
	void (*show)(void *row, const struct peer_standing *standing, const char *node);
};

/* A row of the book. */
struct peer_item {
	struct paced paced;
	const struct peer_kind *kind;
	bool expected; /* by the configuration: it stays for ever */
	bool said;     /* in the last answer */
	int64_t confirmed;
	int32_t content; /* the cause against what was confirmed, or none */
	int32_t trouble; /* the cause why it was not confirmed since; none: it was */
	char name[65];
	max_align_t row[]; /* as it is, or will be told */
};

/* Not to be copied, as the pace points into it. */
struct peer_book {
	const struct peer_kind *kind;
	int64_t limit; /* milliseconds */
	int64_t begun; /* clock_now() */
	struct pace pace;
	char node[256]; /* of the peer; empty: not known yet */
	struct peer_item **items;
	size_t count, room; /* in the order of their names */
};

void peer_book_open(struct peer_book *book, const struct peer_kind *kind, int64_t limit,
		    int64_t now);
void peer_book_close(struct peer_book *book);

/* The peer is to have a row of this name. */
void peer_book_expect(struct peer_book *book, const char *name);

/* The peer has answered, with these rows; or has not, for this reason. */
void peer_book_take(struct peer_book *book, const struct rows *rows, const struct peer_said *all,
		    int64_t now);
void peer_book_fail(struct peer_book *book, int32_t cause, int64_t now);

/* Report rows that have become too old, and those whose turn it is; when to call again
 * (clock_now()), 0: nothing waits. */
int64_t peer_book_turn(struct peer_book *book, int64_t now);

/* Report every row as it is. */
void peer_book_report(struct peer_book *book);

#endif
