/* The language of `drbdsetup events2': its lines, and the stream that they come in.
 *
 * A line reads [TIME] VERB OBJECT KEY:VALUE..., as drbdsetup(8) of drbd-utils 9 prints it for
 * DRBD 8.4 and 9. Nothing is allocated and nothing is copied but the octets of a line that is not
 * complete; whatever is not of that form is refused, and an unknown key disturbs nobody.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_EVENTS2_H
#define HA_EVENTS2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest line that is accepted, without its newline. */
#define EVENTS2_LINE_MAX 4096

enum events2_verb {
	EVENTS2_EXISTS,
	EVENTS2_CREATE,
	EVENTS2_CHANGE,
	EVENTS2_DESTROY,
	EVENTS2_CALL,
	EVENTS2_RESPONSE,
	EVENTS2_RENAME,
	EVENTS2_SKIPPED /* "- skipped N": drbdsetup-84 lost N messages of the kernel */
};

enum events2_object {
	EVENTS2_NOTHING, /* "exists -": the initial dump is complete; "- skipped N" */
	EVENTS2_RESOURCE,
	EVENTS2_DEVICE,
	EVENTS2_CONNECTION,
	EVENTS2_PEER_DEVICE,
	EVENTS2_PATH,
	EVENTS2_HELPER
};

/* Part of a line; not ended by a NUL. */
struct events2_text {
	const char *start;
	size_t length;
};

/* A line that was taken apart. It points into the octets of the line. */
struct events2_line {
	struct events2_text time; /* of --timestamps, as it is written; empty without */
	enum events2_verb verb;
	enum events2_object object;
	struct events2_text keys; /* what follows the object */
};

/* Take apart one line without its newline. False when it is not of this language: torn, too long,
 * with control characters, of an unknown verb or object. */
bool events2_parse(const char *octets, size_t length, struct events2_line *line);

/* The value of `key`; of --diff's OLD->NEW the new one. False when the line does not have it. The
 * value may be empty. */
bool events2_find(const struct events2_line *line, const char *key, struct events2_text *value);

/* The same for a number. False as well when the value is not a decimal number of 64 bits: eta:nan.
 */
bool events2_number(const struct events2_line *line, const char *key, uint64_t *number);

/* Whether `text` is `word`. */
bool events2_is(const struct events2_text *text, const char *word);

/* Lines out of a stream of octets that comes in pieces. All zero at the start of a stream. */
struct events2_stream {
	char text[EVENTS2_LINE_MAX];
	size_t used;
	bool skipping; /* inside a line that is too long */
};

/* Called with each complete line, without its newline. */
typedef void events2_call(void *argument, const char *octets, size_t length);

/* Take `length` octets; returns how many lines were too long, which are passed over. */
unsigned int events2_take(struct events2_stream *stream, const char *octets, size_t length,
			  events2_call *call, void *argument);

/* The stream has ended: whether it has left a torn line. It can be used for another stream. */
bool events2_end(struct events2_stream *stream);

#endif
