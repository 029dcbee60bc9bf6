/* What the peer's agent said last, row by row, and how long that counts.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/book.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/sorted.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"

/* ---- items ---- */

static void tell(struct paced *paced)
{
	const struct peer_item *item =
		(const struct peer_item *)((const char *)paced - offsetof(struct peer_item, paced));

	report_row(item->kind->table, item->row);
}

static int compare_names(const void *element, const void *name)
{
	return strcmp((*(const struct peer_item *const *)element)->name, name);
}

static size_t position_of(const struct peer_book *book, const char *name)
{
	return sorted_position(book->items, book->count, sizeof(*book->items), name, compare_names);
}

/* The item of this name, or NULL. */
static struct peer_item *find_item(const struct peer_book *book, const char *name)
{
	size_t position = position_of(book, name);

	if (position < book->count && !strcmp(book->items[position]->name, name))
		return book->items[position];
	return NULL;
}

static struct peer_item *add_item(struct peer_book *book, const char *name)
{
	const struct peer_kind *kind = book->kind;
	struct peer_item *item = memory_new(1, sizeof(*item) + kind->table->size);
	size_t position = position_of(book, name);

	item->paced.tell = tell;
	item->kind = kind;
	item->content = haVrrpPeerCause_unknown;
	item->trouble = haVrrpPeerCause_unknown;
	TEXT_PUT(item->name, name);
	kind->begin(item->row, name);
	book->items = sorted_insert(book->items, position, &book->count, &book->room,
				    sizeof(*book->items));
	book->items[position] = item;
	return item;
}

static void forget_item(struct peer_book *book, size_t position)
{
	struct peer_item *item = book->items[position];

	pace_drop(&book->pace, &item->paced);
	report_gone(book->kind->table, item->row);
	free(item);
	sorted_remove(book->items, position, &book->count, sizeof(*book->items));
}

void peer_book_open(struct peer_book *book, const struct peer_kind *kind, int64_t limit,
		    int64_t now)
{
	memset(book, 0, sizeof(*book));
	book->kind = kind;
	book->limit = limit;
	book->begun = now;
	pace_open(&book->pace);
}

void peer_book_close(struct peer_book *book)
{
	for (size_t i = 0; i < book->count; i++)
		free(book->items[i]);
	free(book->items);
}

/* ---- judgement ---- */

static int64_t reference_of(const struct peer_book *book, const struct peer_item *item)
{
	return item->confirmed ? item->confirmed : book->begun;
}

static int32_t answer_to(int32_t cause)
{
	if (cause == haVrrpPeerCause_unknown)
		return HaAnswer_unknown;
	return cause == haVrrpPeerCause_none ? HaAnswer_yes : HaAnswer_no;
}

static struct peer_standing judge(const struct peer_book *book, const struct peer_item *item,
				  int64_t now)
{
	bool late = now - reference_of(book, item) > book->limit;
	struct peer_standing standing = { .cause = item->content, .confirmed = item->confirmed };

	/* Without a trouble nobody has said anything: this process itself was stopped. */
	if (late)
		standing.cause = item->trouble == haVrrpPeerCause_none ? haVrrpPeerCause_unknown :
									 item->trouble;
	if (late || !item->confirmed)
		standing.state = HaRowState_stale;
	else if (item->content == item->kind->missing)
		standing.state = HaRowState_missing;
	else
		standing.state = HaRowState_fresh;
	standing.good = answer_to(standing.cause);
	return standing;
}

/* A row as it was before something was done to it. */
union kept_row {
	struct row head;
	unsigned char octets[ROW_SIZE_MAX];
};

static void keep(union kept_row *before, const struct peer_item *item)
{
	memcpy(before->octets, item->row, item->kind->table->size);
}

/* A change since the row was `before' is told at once; that it was confirmed again, in its turn. */
static void settle(struct peer_book *book, struct peer_item *item, const union kept_row *before,
		   int64_t now)
{
	struct peer_standing standing = judge(book, item, now);

	item->kind->show(item->row, &standing, book->node);
	if (memcmp(before->octets, item->row, item->kind->moving) != 0)
		pace_pass(&book->pace, &item->paced);
	else if (memcmp(before->octets, item->row, item->kind->table->size) != 0)
		pace_add(&book->pace, &item->paced);
}

/* It was not confirmed, for this reason. */
static void trouble(struct peer_book *book, struct peer_item *item, int32_t cause, int64_t now)
{
	union kept_row before;

	keep(&before, item);
	item->trouble = cause;
	settle(book, item, &before, now);
}

static void confirm(struct peer_item *item, int32_t content, int64_t now)
{
	item->confirmed = now;
	item->content = content;
	item->trouble = haVrrpPeerCause_none;
}

void peer_book_expect(struct peer_book *book, const char *name)
{
	struct peer_item *item = find_item(book, name);
	struct peer_standing standing;

	if (!item)
		item = add_item(book, name);
	item->expected = true;
	standing = judge(book, item, book->begun);
	item->kind->show(item->row, &standing, book->node);
}

/* ---- what the peer says ---- */

static void take_row(struct peer_book *book, const char *name, const void *said,
		     const struct peer_said *all, int64_t now)
{
	struct peer_item *item = find_item(book, name);
	union kept_row before;

	if (!item && book->kind->only_expected)
		return;
	if (!item)
		item = add_item(book, name);
	item->said = true;
	if (!book->kind->known(said)) {
		trouble(book, item, haVrrpPeerCause_rowNotFresh, now);
		return;
	}
	keep(&before, item);
	confirm(item, book->kind->take(item->row, said, all), now);
	settle(book, item, &before, now);
}

/* The peer knows its rows, and this is none of them. */
static void lose(struct peer_book *book, struct peer_item *item, int32_t cause, int64_t now)
{
	union kept_row before;

	keep(&before, item);
	confirm(item, cause, now);
	item->kind->lose(item->row);
	settle(book, item, &before, now);
}

static void take_absent(struct peer_book *book, const struct peer_said *all, int64_t now)
{
	int32_t cause = book->kind->absent(all);

	for (size_t i = book->count; i-- > 0;) {
		struct peer_item *item = book->items[i];

		if (item->said)
			continue;
		if (cause == haVrrpPeerCause_rowNotFresh)
			trouble(book, item, cause, now);
		else if (item->expected)
			lose(book, item, cause, now);
		else
			forget_item(book, i);
	}
}

void peer_book_take(struct peer_book *book, const struct rows *rows, const struct peer_said *all,
		    int64_t now)
{
	TEXT_PUT(book->node, all->node);
	for (size_t i = 0; i < book->count; i++)
		book->items[i]->said = false;
	for (size_t i = 0; i < rows->count; i++) {
		const void *said = rows->entries[i]->row;

		take_row(book, table_text(&rows->table->columns[0], said), said, all, now);
	}
	take_absent(book, all, now);
}

void peer_book_fail(struct peer_book *book, int32_t cause, int64_t now)
{
	for (size_t i = 0; i < book->count; i++)
		trouble(book, book->items[i], cause, now);
}

/* ---- time ---- */

static int64_t earlier(int64_t one, int64_t other)
{
	return one && (!other || one < other) ? one : other;
}

int64_t peer_book_turn(struct peer_book *book, int64_t now)
{
	int64_t next = 0;

	for (size_t i = 0; i < book->count; i++) {
		struct peer_item *item = book->items[i];
		int64_t late = reference_of(book, item) + book->limit + 1;

		if (now >= late)
			trouble(book, item, item->trouble, now);
		else
			next = earlier(late, next);
	}
	return earlier(pace_turn(&book->pace, now), next);
}

void peer_book_report(struct peer_book *book)
{
	for (size_t i = 0; i < book->count; i++)
		pace_pass(&book->pace, &book->items[i]->paced);
}
