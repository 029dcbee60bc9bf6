/* What is asked for, and what a kind of request is.
 *
 * A kind is one description: all that jobs.c and the tables of requests must know of it. Its tables
 * have the index of the table of facts that they follow, and a row for each of its rows. Pure: rows
 * and settings in, findings and plans out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REQUEST_H
#define HA_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"
#include "subagent/promises.h"

struct board;
struct finding;
struct plan;
struct plan_step;
struct settings;
struct set_change;

struct request {
	const struct request_kind *kind;
	const struct settings *settings; /* that positions are of */
	int32_t verb; /* enum HaJobVerb; HaJobVerb_none: its value asks for nothing */
	bool forced;
	bool allowed;         /* the settings name its subject, and make it switchable */
	size_t subject, part; /* positions in the settings: of the resource, of the port in the bond
			       */
	char text[64];        /* the value of a request that is a text */
	char expected[256];   /* the active node that came with it; empty: none did */
	bool timed;           /* it came with seconds */
	uint32_t seconds;     /* after which it is to be taken back by itself; 0: never */
	bool own;             /* nobody asks for it: a group does it by itself */
	bool alone, fence;    /* groupPromote: as plan_group_promote() has it */
	bool passed;          /* it is passed on to the other node */
	int64_t asked;        /* clock_wall() */
	int32_t before; /* the state of its subject when it was obeyed, for kinds to compare */
	bool promised;  /* there is a promise about its subject: */
	struct promise promise;
	char name[PROMISE_NAME_SIZE]; /* what a person calls the subject */
	uint16_t index_length;        /* 0: its index is none of the table */
	uint32_t index[INDEX_MAX];
};

/* What the value of a request column asks for. */
struct request_verb {
	int32_t value; /* of the column; 0: any text but an empty one */
	int32_t verb;  /* enum HaJobVerb; 0 ends the list */
};

struct request_kind {
	const struct table *table;       /* of requests */
	const struct table *force_table; /* NULL: nothing can be forced */
	uint16_t facts;                  /* enum mib_id of the entry of the facts' table */
	/* Columns of these, each an enum mib_id; 0: there is none. */
	uint16_t request, force_request, seconds, expected, force_expected, allowed, last_job;
	uint32_t seconds_unit; /* so many seconds the column `seconds' counts as one; 0: 1 */
	/* What the values of `request' and `force_request' ask for, and the verbs that only this
	 * node itself has, whose values do not count; NULL: none. */
	const struct request_verb *verbs, *force_verbs, *own_verbs;

	/* Fill allowed, subject and part from the settings. `key' is a row of `table' that has the
	 * index columns. A text that names no part leaves `part' at SIZE_MAX. */
	void (*find)(const struct settings *settings, const void *key, struct request *request);
	/* The slot of its job, see jobs.h; NULL: that of plain requests. */
	size_t (*slot)(const struct request *request);
	/* Fill what the facts decide of how it is done; NULL: nothing. */
	void (*prepare)(const struct board *board, struct request *request);
	/* Whether the other node is to do it; NULL: never. */
	bool (*passes)(const struct board *board, const struct request *request);
	/* Milliseconds that a step waits for an executor that is being started again, to be done
	 * from its beginning then. 0: it does not wait; whether a step has worked whose executor
	 * ended in the middle of it the facts show. */
	int64_t executor_patience;
	/* Whether it is safe now; HaReason_nothingToDo says that it is so already. */
	void (*guard)(const struct board *board, const struct request *request,
		      struct finding *finding);
	/* What is to be done. */
	void (*plan)(const struct request *request, struct plan *plan);
	/* What has it end before its first step, although its guard let it pass; NULL: nothing. */
	void (*find_out)(const struct board *board, const struct request *request,
			 struct finding *finding);
	/* Make of it the request that takes it back, and plan that; NULL: its plans never say so.
	 */
	void (*undo)(const struct board *board, struct request *request, struct plan *plan);
	/* Its subject's state, for `before'; the whole may be NULL. */
	int32_t (*state)(const struct board *board, const struct request *request);
	/* Whether the facts show what a step of it was to reach. */
	bool (*reached)(const struct board *board, const struct request *request,
			const struct plan_step *step);
	/* Milliseconds that this may take. */
	int64_t (*patience)(const struct board *board, const struct request *request,
			    const struct plan_step *step);
	/* Why it is not reached, when the time is over. */
	void (*explain)(const struct board *board, const struct request *request,
			const struct plan_step *step, struct finding *finding);
	/* The sentence of success. */
	void (*tell)(const struct request *request, char *text, size_t size);
	const char *noun; /* its subject: "resource" */
	const char *aim;  /* what is to be reached: "role" */

	/* The verb that has the running job about the same subject taken back; 0: none. */
	int32_t cancels;

	/* For kinds that make promises, else 0 and NULL: the verb that makes one, the one that
	 * keeps it, */
	int32_t opens, closes;
	/* how long one lasts that does not say, seconds; NULL: for ever, */
	uint32_t (*usual)(const struct request *request);
	/* what is to be given back, */
	uint32_t (*remember)(const struct board *board, const struct request *request);
	/* whether it is still so as it was promised, enum HaAnswer, */
	int32_t (*holds)(const struct board *board, const struct promise *promise);
	/* whether it outlives the kernel. The rest may be NULL: */
	bool outlives_boot;
	/* when it ends by itself as a row of facts has it, clock_wall(); 0: never, or it cannot be
	 * told; */
	int64_t (*ends)(const void *row);
	/* show in a row of facts that it is so because of the promise. */
	void (*amend)(void *row);
};

/* Every kind there is, ended by NULL. */
extern const struct request_kind *const request_kinds[];

/* The kind of a verb, of an object that can be assigned, and whether that is a forced request;
 * NULL: none. */
const struct request_kind *request_kind_of_verb(int32_t verb);
const struct request_kind *request_kind_of_object(uint16_t object, bool *forced);

/* A request of this kind about the subject of an index, or of a row of its table that has the index
 * columns. */
void request_about(const struct settings *settings, const struct request_kind *kind,
		   const uint32_t *index, size_t length, struct request *request);
void request_of_row(const struct settings *settings, const struct request_kind *kind,
		    const void *key, struct request *request);

/* What its verb is requested by, and what that column reads for a verb; HaJobVerb_none, and 1, when
 * there is no such thing. */
int32_t request_verb_of(const struct request_kind *kind, bool forced,
			const struct set_change *change);
int32_t request_value_of(const struct request_kind *kind, bool forced, int32_t verb);

/* Read one change as a request; false when it is none. Whether it is what goes with any (seconds,
 * the expected node), and with this one: then it is read, too. */
bool request_take(const struct settings *settings, const struct set_change *change,
		  struct request *request);
bool request_is_companion(const struct set_change *change);
bool request_take_companion(const struct set_change *change, struct request *request);

/* The request that keeps a promise. */
void request_keep(const struct settings *settings, const struct promise *promise,
		  struct request *request);

/* The row of facts about its subject, as `kind->facts' has it; NULL: there is none. */
const void *request_row(const struct board *board, const struct request *request);
const void *request_row_of(const struct board *board, uint16_t facts, const uint32_t *index,
			   size_t length);

#endif
