/* The log of events, haEventTable: what changed, when, how bad it is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_EVENTS_H
#define HA_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"
#include "subagent/storm.h"

struct board;

/* One moment on both clocks. */
struct instant {
	int64_t now;  /* clock_now() */
	int64_t wall; /* clock_wall() */
};

struct event_row {
	struct row head;
	uint32_t sequence;
	int32_t kind; /* enum HaEventType */
	struct moment time;
	int64_t uptime;
	int32_t severity; /* enum HaSeverity */
	char subject[128];
	char object[48];
	int32_t old_state;
	int32_t new_state;
	char old_label[65];
	char new_label[65];
	char text[200];
	int32_t held; /* enum TruthValue: it has no notification of its own */
	uint32_t count;
	uint32_t untold;
	/* For the notification, in no column: */
	uint32_t sent_before;  /* sequence of the event before it that has one */
	uint16_t notification; /* enum mib_id */
	uint16_t changed;      /* enum mib_id of the object that changed */
	uint16_t index_length;
	uint32_t index[INDEX_MAX]; /* of the row it changed in */
};

extern const struct table event_table;

struct events {
	struct board *board;
	struct storm storm;
	uint32_t newest;      /* sequence; the caller keeps it over restarts */
	uint32_t newest_sent; /* of those that are not held back */
	uint32_t limit;       /* rows of the log */
	uint32_t notified;    /* newest whose notification is out, as the line says */
};

/* What happened, for events_add(). */
struct happening {
	const struct table *table;
	const struct column *column;
	const void *row;    /* as it is now */
	const void *before; /* as it was; only for a text is it needed */
	uint16_t notification;
	int32_t severity;
	int64_t old_value;
	int64_t new_value;
	const char *old_label; /* NULL: of old_value, as the column has it */
	uint32_t told_anew;    /* it stands for so many events that were held back; 0: for itself */
};

/* Why it is so, in brackets behind a blank, when the row has a column that says it; else empty. */
void happening_reason(const struct happening *happening, char *text, size_t size);

/* Append an event; the oldest makes room. In a storm it is held back: see storm.h. */
void events_add(struct events *events, const struct happening *happening,
		const struct instant *when);

/* Append an event that says which ones left the log unsent: haEventsSuppressed. */
void events_tell_lost(struct events *events, uint32_t first, uint32_t last,
		      const struct instant *when);

/* Append an event that sums up what was held back of a kind, of which `untold` subjects are not
 * told anew by the events that follow: haEventsCoalesced. */
void events_sum_up(struct events *events, const struct storm_kind *kind, uint32_t untold,
		   const struct instant *when);

/* Sequence of the oldest event there is, 0 when there is none. */
uint32_t events_oldest(const struct events *events);

#endif
