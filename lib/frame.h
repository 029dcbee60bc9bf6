/* What the processes say to each other: one flat struct per message, never a pointer.
 *
 * The sockets are SOCK_SEQPACKET, so that the kernel keeps messages apart: one that is cut, too
 * long or of the wrong size shows at once, and its sender is ended, nobody else.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_FRAME_H
#define HA_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"

enum frame_type {
	/* Rows, from a source to the hub, from the hub to the line and to hactl. `table` is the
	 * enum mib_id of the table's entry, the body is the row. */
	FRAME_ROW = 1,
	FRAME_GONE,  /* a row is no more: as above, only the index counts */
	FRAME_BEGIN, /* rows of this table follow, all of them; no body */
	FRAME_END,   /* those that were not said since FRAME_BEGIN are gone; no body */
	FRAME_PULSE, /* source to hub, at least every two seconds: struct pulse */

	FRAME_SET,     /* line or hactl to hub: struct set */
	FRAME_VERDICT, /* its answer, behind the rows that it changed: struct verdict */
	FRAME_SENT,    /* line to hub: struct sent, notifications that the master agent has got */
	FRAME_LIST,    /* hactl to hub: send every row, then FRAME_END of table 0; no body */

	FRAME_STEP,   /* hub to executor: struct step_order */
	FRAME_RESULT, /* executor to hub: struct step_result */

	FRAME_GUARD,   /* hub to watchdog: struct guard_order */
	FRAME_GUARDED, /* watchdog to hub, when it changes: struct guard_note */

	FRAME_LOOK,   /* hub to the source peer: something may have changed there; no body */
	FRAME_ASK,    /* hub to the source peer: struct ask, a request that it passes on */
	FRAME_ANSWER, /* its answers: struct answer, as often as it hears more */

	FRAME_START,   /* hub to keeper: start the child whose number is in `table`; no body */
	FRAME_KILL,    /* hub to keeper: end it; no body */
	FRAME_ALIVE,   /* hub to keeper, at least every 2.5 seconds: it has its turns; no body */
	FRAME_STARTED, /* keeper to hub: struct child_note, and with it the hub's end of its socket
			*/
	FRAME_EXITED   /* keeper to hub: struct child_note */
};

/* How a source is doing. */
struct pulse {
	int32_t state;          /* enum haSourceState */
	int32_t reason;         /* enum haSourceReason */
	uint32_t collect_time;  /* of the last complete collection, microseconds */
	uint32_t unknown_words; /* since the source started */
	uint32_t rejected_lines;
	char error[160]; /* last error, empty when there was none */
};

/* Phases of a SET; what each does stands in jobs.h. */
enum set_phase { SET_TEST = 1, SET_RESERVE, SET_COMMIT, SET_UNDO };

/* Assignments that one SET may carry. */
#define SET_CHANGES_MAX 8

struct set_change {
	uint16_t object; /* enum mib_id of a writable column or scalar */
	uint16_t index_length;
	uint32_t index[INDEX_MAX];
	int64_t number; /* the new value of a number */
	char text[256]; /* the new value of a text */
};

/* One SET. The lock of the subtree must be among the changes of SET_TEST and SET_RESERVE. */
struct set {
	uint32_t transaction; /* chosen by the sender, the same in all phases */
	uint8_t phase;        /* enum set_phase */
	uint8_t origin;       /* enum haActionOrigin */
	uint16_t count;
	struct set_change changes[SET_CHANGES_MAX];
};

/* Answer to a phase of a SET; without an error to SET_COMMIT and SET_UNDO. */
struct verdict {
	uint32_t transaction;
	uint32_t job;      /* that was accepted; 0 with an error */
	uint16_t error;    /* SNMP error-status (RFC 3416), 0 for accepted */
	uint16_t which;    /* the change at fault, counted from 0 */
	char message[160]; /* why not */
};

struct sent {
	uint32_t sequence;   /* all notifications up to this event */
	int32_t reason;      /* enum haSourceReason: none while the master agent has our session */
	uint32_t first_lost; /* events that left the log before they could be sent; 0 for none */
	uint32_t last_lost;
};

/* Steps by number: actions/step.h says what a number means. */
struct step_order {
	uint32_t job;
	uint32_t step;     /* index into the steps made of the configuration */
	uint32_t deadline; /* milliseconds that it may take */
	uint32_t value;    /* what belongs to the step; else 0 */
	uint64_t digest;   /* of the configuration that the hub has read */
};

struct step_result {
	uint32_t job;
	uint32_t step;
	int32_t reason;      /* enum HaReason, HaReason_none when it worked */
	int32_t exit_status; /* of the tool: 0 to 255, or 128 + signal; -1 when it did not end */
	char message[160];   /* a sentence */
	char kernel[256];    /* what the kernel or the tool said */
};

/* The machine is to be reset at `until' (clock_now()), unless a later one comes; 0: the group is
 * not here, and nothing is to be reset for it. */
struct guard_order {
	uint32_t group; /* position in the settings */
	uint32_t zero;
	int64_t until;
};

struct guard_note {
	uint32_t group;
	int32_t state;    /* enum haGroupWatchdog, read back */
	uint32_t timeout; /* milliseconds, as the kernel has it */
	char error[160];
};

/* A request to be passed on to the peer's agent. */
struct ask {
	uint32_t ticket;  /* chosen by the hub; one that is being followed is not used again */
	int32_t verb;     /* enum haActionGroupRequest */
	uint32_t minutes; /* of maintenance; 0: as the peer's configuration says */
	char group[33];
	char expected[256]; /* the node that is to be active; empty: it is not said */
};

enum answer_state {
	ANSWER_REFUSED = 1, /* by the peer, which has done nothing: the last word */
	ANSWER_UNSENT,      /* the peer has not got it, or has not obeyed it: the last word */
	ANSWER_FOLLOWED,    /* the peer has made a job of it, and that is now so */
	ANSWER_ENDED,       /* that job has ended: the last word */
	ANSWER_LOST         /* nobody knows what became of it: the last word */
};

struct answer {
	uint32_t ticket;
	int32_t state;     /* enum answer_state */
	uint32_t error;    /* SNMP error-status (RFC 3416) of a refusal, else 0 */
	uint32_t job;      /* the peer's haActionJob; 0: it has none of it */
	int32_t job_state; /* enum HaJobState; 0: none */
	int32_t reason;    /* enum HaReason */
	uint32_t percent;
	char message[256]; /* the peer's own sentence; else what is wrong */
};

struct child_note {
	int32_t pid;
	int32_t status; /* FRAME_EXITED: a wait status */
};

struct frame_head {
	uint16_t type;
	uint16_t table;
	uint32_t length; /* octets of the body */
};

struct frame {
	struct frame_head head;
	union {
		struct row row;
		struct pulse pulse;
		struct set set;
		struct verdict verdict;
		struct sent sent;
		struct step_order order;
		struct step_result result;
		struct guard_order guard;
		struct guard_note guarded;
		struct ask ask;
		struct answer answer;
		struct child_note note;
		unsigned char octets[4096];
	} body;
};

enum frame_outcome {
	FRAME_OK,
	FRAME_AGAIN,  /* would block */
	FRAME_CLOSED, /* the other side is gone */
	FRAME_BROKEN  /* not a frame: cut, too long, or of a wrong length for its type */
};

/* A connected pair of sockets, both close-on-exec and blocking; fatal when there is none. */
void frame_pair(int pair[2]);

/* Make sends and receives on this descriptor return FRAME_AGAIN instead of waiting. */
void frame_nonblocking(int fd);

/* Send one frame whole or not at all. Never raises SIGPIPE. */
enum frame_outcome frame_send(int fd, unsigned int type, unsigned int table, const void *body,
			      size_t length);

/* The same, passing a copy of the descriptor `passed`. */
enum frame_outcome frame_pass(int fd, unsigned int type, unsigned int table, const void *body,
			      size_t length, int passed);

/* Receive one frame. The length of the body is right for the type; rows are checked against their
 * table by whoever knows it. A passed descriptor is stored at `passed` (or -1) and is the
 * caller's to close; with `passed` NULL, any that comes is closed. */
enum frame_outcome frame_receive(int fd, struct frame *frame, int *passed);

#endif
