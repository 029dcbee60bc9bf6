/* The language of `drbdsetup events2': its lines, and the stream that they come in.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/events2.h"

#include <string.h>

struct word {
	const char *word;
	int value;
};

static const struct word verbs[] = {
	{ "exists", EVENTS2_EXISTS }, { "create", EVENTS2_CREATE },
	{ "change", EVENTS2_CHANGE }, { "destroy", EVENTS2_DESTROY },
	{ "call", EVENTS2_CALL },     { "response", EVENTS2_RESPONSE },
	{ "rename", EVENTS2_RENAME }, { NULL, 0 },
};

static const struct word objects[] = {
	{ "resource", EVENTS2_RESOURCE },
	{ "device", EVENTS2_DEVICE },
	{ "connection", EVENTS2_CONNECTION },
	{ "peer-device", EVENTS2_PEER_DEVICE },
	{ "path", EVENTS2_PATH },
	{ "helper", EVENTS2_HELPER },
	{ NULL, 0 },
};

bool events2_is(const struct events2_text *text, const char *word)
{
	return strlen(word) == text->length && !memcmp(text->start, word, text->length);
}

/* Take the next word, up to a space or the end, off the front of `rest`; it may be empty. */
static struct events2_text next_word(struct events2_text *rest)
{
	const char *space = rest->length ? memchr(rest->start, ' ', rest->length) : NULL;
	struct events2_text word = { rest->start, rest->length };
	size_t taken = rest->length;

	if (space) {
		word.length = (size_t)(space - rest->start);
		taken = word.length + 1;
	}
	rest->start += taken;
	rest->length -= taken;
	return word;
}

static bool look_up(const struct word *words, const struct events2_text *text, int *value)
{
	for (; words->word; words++)
		if (events2_is(text, words->word)) {
			*value = words->value;
			return true;
		}
	return false;
}

/* Control characters, the NUL among them, appear in no line; octets of UTF-8 may. */
static bool is_clean(const char *octets, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)octets[i] < ' ' || octets[i] == 0x7f)
			return false;
	return true;
}

/* All that --timestamps and no verb has: a digit in front, and the T between date and time. */
static bool is_time(const struct events2_text *word)
{
	return word->length > 10 && word->start[0] >= '0' && word->start[0] <= '9' &&
	       word->start[10] == 'T';
}

static bool take_object(struct events2_text *rest, struct events2_line *line)
{
	struct events2_text word = next_word(rest);
	int value;

	line->object = EVENTS2_NOTHING;
	if (events2_is(&word, "-"))
		return line->verb == EVENTS2_EXISTS && rest->length == 0;
	if (!look_up(objects, &word, &value))
		return false;
	line->object = (enum events2_object)value;
	return true;
}

bool events2_parse(const char *octets, size_t length, struct events2_line *line)
{
	struct events2_text rest = { octets, length };
	struct events2_text word;
	int value;

	if (length > EVENTS2_LINE_MAX || !is_clean(octets, length))
		return false;
	word = next_word(&rest);
	line->time = (struct events2_text){ octets, 0 };
	line->object = EVENTS2_NOTHING;
	if (is_time(&word)) {
		line->time = word;
		word = next_word(&rest);
	}
	if (events2_is(&word, "-")) {
		word = next_word(&rest);
		line->verb = EVENTS2_SKIPPED;
		line->keys = rest;
		return events2_is(&word, "skipped");
	}
	if (!look_up(verbs, &word, &value))
		return false;
	line->verb = (enum events2_verb)value;
	if (!take_object(&rest, line))
		return false;
	line->keys = rest;
	return true;
}

/* What stands behind the last "->", or all. */
static void keep_new(struct events2_text *value)
{
	for (size_t i = value->length; i >= 2; i--)
		if (value->start[i - 2] == '-' && value->start[i - 1] == '>') {
			value->start += i;
			value->length -= i;
			return;
		}
}

bool events2_find(const struct events2_line *line, const char *key, struct events2_text *value)
{
	struct events2_text rest = line->keys;
	size_t length = strlen(key);

	while (rest.length) {
		struct events2_text word = next_word(&rest);

		if (word.length <= length || word.start[length] != ':' ||
		    memcmp(word.start, key, length) != 0)
			continue;
		value->start = word.start + length + 1;
		value->length = word.length - length - 1;
		keep_new(value);
		return true;
	}
	return false;
}

bool events2_number(const struct events2_line *line, const char *key, uint64_t *number)
{
	struct events2_text value;
	uint64_t sum = 0;

	if (!events2_find(line, key, &value) || value.length == 0)
		return false;
	for (size_t i = 0; i < value.length; i++) {
		unsigned int digit = (unsigned char)value.start[i] - (unsigned int)'0';

		if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = 10 * sum + digit;
	}
	*number = sum;
	return true;
}

/* The piece of a line, `whole` when its newline is there. True when the line was too long. */
static bool add_piece(struct events2_stream *stream, const char *octets, size_t length, bool whole,
		      events2_call *call, void *argument)
{
	bool complain = false;

	if (!stream->skipping && length > sizeof(stream->text) - stream->used)
		stream->skipping = complain = true;
	if (!stream->skipping) {
		memcpy(stream->text + stream->used, octets, length);
		stream->used += length;
		if (whole)
			call(argument, stream->text, stream->used);
	}
	if (whole || stream->skipping)
		stream->used = 0;
	if (whole)
		stream->skipping = false;
	return complain;
}

unsigned int events2_take(struct events2_stream *stream, const char *octets, size_t length,
			  events2_call *call, void *argument)
{
	unsigned int rejected = 0;

	while (length) {
		const char *newline = memchr(octets, '\n', length);
		size_t piece = newline ? (size_t)(newline - octets) : length;

		rejected += add_piece(stream, octets, piece, newline != NULL, call, argument);
		octets += piece + (newline != NULL);
		length -= piece + (newline != NULL);
	}
	return rejected;
}

bool events2_end(struct events2_stream *stream)
{
	bool torn = stream->used > 0 && !stream->skipping;

	stream->used = 0;
	stream->skipping = false;
	return torn;
}
