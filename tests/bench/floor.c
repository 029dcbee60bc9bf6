/* AgentX spoken by hand, no library: the floor under every subagent.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 *     floor SOCKET ROWS [ENTRY [FIRST]]
 *
 * serves a table of ten columns x ROWS under the conceptual row ENTRY, the columns numbered from
 * FIRST on and the rows indexed by one Unsigned32, after RFC 2741. It knows GET and GETNEXT and
 * nothing else: what it costs is what the protocol and the kernel cost.
 *
 * AgentX pads everything to four octets, so a PDU is an array of 32-bit words. The session speaks
 * this machine's byte order; the master answers in the order of the Open PDU (RFC 2741, 6.1).
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* RFC 2741, 6.1. */
enum pdu_type { PDU_OPEN = 1, PDU_REGISTER = 3, PDU_GET = 5, PDU_GETNEXT = 6, PDU_RESPONSE = 18 };

enum { FLAG_NETWORK_ORDER = 0x10 };

/* RFC 2741, 5.4. */
enum value_type {
	VALUE_INTEGER = 2,
	VALUE_OCTETS = 4,
	VALUE_GAUGE = 66,
	VALUE_COUNTER64 = 70,
	VALUE_NO_OBJECT = 128,
	VALUE_NO_INSTANCE = 129,
	VALUE_END = 130
};

/* Words of the header, and of the response's own header after it. */
enum {
	WORD_TYPE,
	WORD_SESSION,
	WORD_TRANSACTION,
	WORD_PACKET,
	WORD_LENGTH,
	WORD_PAYLOAD,
	WORD_UPTIME = WORD_PAYLOAD,
	WORD_ERROR,
	WORD_VARBINDS
};

enum { COLUMNS = 10, ARCS_MAX = 128, VARBIND_WORDS = 2 * ARCS_MAX, PDU_WORDS = 16384 };

struct name {
	unsigned int length;
	bool include;
	const uint32_t *word; /* as received */
	unsigned int words;
	uint32_t arc[ARCS_MAX];
};

/* A value as it lies on the wire. */
struct cell {
	uint32_t type;
	uint32_t words;
	uint32_t word[4];
};

static struct {
	struct name entry;
	uint32_t wire[ARCS_MAX]; /* the entry on the wire, its length with two arcs more */
	unsigned int wire_words;
	uint32_t first;
	unsigned int rows;
	uint32_t *index; /* ascending, with gaps */
	struct cell (*cell)[COLUMNS];
} table;

static struct {
	int socket;
	uint32_t id;
	uint32_t packet;
} session;

/* A word from four octets in the order of the wire. */
static uint32_t word_of(unsigned int a, unsigned int b, unsigned int c, unsigned int d)
{
	const uint8_t octets[4] = { (uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d };
	uint32_t word;

	memcpy(&word, octets, sizeof(word));
	return word;
}

static unsigned int octet_of(const uint32_t *word, unsigned int position)
{
	return ((const uint8_t *)word)[position];
}

/* Two 16-bit numbers, as in `error, index` and in `type, reserved`. */
static uint32_t word_of_halves(uint16_t first, uint16_t second)
{
	const uint16_t halves[2] = { first, second };
	uint32_t word;

	memcpy(&word, halves, sizeof(word));
	return word;
}

static unsigned int host_order_flag(void)
{
	const uint16_t probe = 1;

	return *(const uint8_t *)&probe ? 0 : FLAG_NETWORK_ORDER;
}

/* RFC 2741, 5.1: a name may start with 1.3.6.1 and one more arc in a single octet. */
static const uint32_t *name_decode(const uint32_t *at, const uint32_t *end, struct name *name)
{
	unsigned int prefix, count;

	if (at >= end)
		errx(1, "truncated name");
	count = octet_of(at, 0);
	prefix = octet_of(at, 1);
	if (count > (size_t)(end - at) - 1 || count + 5 > ARCS_MAX)
		errx(1, "a name of %u arcs does not fit", count);
	name->word = at;
	name->words = 1 + count;
	name->include = octet_of(at, 2) != 0;
	name->length = 0;
	if (prefix != 0) {
		static const uint32_t internet[] = { 1, 3, 6, 1 };

		memcpy(name->arc, internet, sizeof(internet));
		name->arc[4] = prefix;
		name->length = 5;
	}
	memcpy(name->arc + name->length, at + 1, count * sizeof(*at));
	name->length += count;
	return at + 1 + count;
}

static int arcs_compare(const uint32_t *a, unsigned int a_length, const uint32_t *b,
			unsigned int b_length)
{
	unsigned int shorter = a_length < b_length ? a_length : b_length;

	for (unsigned int i = 0; i < shorter; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return (a_length > b_length) - (a_length < b_length);
}

/* The first row whose index is not below `index`; table.rows when there is none. */
static unsigned int row_from(uint32_t index)
{
	unsigned int low = 0, high = table.rows;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (table.index[middle] < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The name and the value of a cell. Encoders return the next free word. */
static uint32_t *varbind_encode(uint32_t *out, unsigned int column, unsigned int row)
{
	const struct cell *cell = &table.cell[row][column];

	*out++ = cell->type;
	memcpy(out, table.wire, table.wire_words * sizeof(*out));
	out += table.wire_words;
	*out++ = table.first + column;
	*out++ = table.index[row];
	memcpy(out, cell->word, cell->words * sizeof(*out));
	return out + cell->words;
}

/* The name as it was asked, and why there is no value. */
static uint32_t *exception_encode(uint32_t *out, const struct name *name, enum value_type why)
{
	*out++ = word_of_halves(why, 0);
	memcpy(out, name->word, name->words * sizeof(*out));
	*out = word_of(octet_of(out, 0), octet_of(out, 1), 0, 0);
	return out + name->words;
}

static uint32_t *get(uint32_t *out, const struct name *name)
{
	unsigned int base = table.entry.length, row;
	uint32_t column;

	if (name->length <= base || arcs_compare(name->arc, base, table.entry.arc, base) != 0)
		return exception_encode(out, name, VALUE_NO_OBJECT);
	column = name->arc[base] - table.first;
	if (column >= COLUMNS)
		return exception_encode(out, name, VALUE_NO_OBJECT);
	if (name->length != base + 2)
		return exception_encode(out, name, VALUE_NO_INSTANCE);
	row = row_from(name->arc[base + 1]);
	if (row == table.rows || table.index[row] != name->arc[base + 1])
		return exception_encode(out, name, VALUE_NO_INSTANCE);
	return varbind_encode(out, column, row);
}

/* The cell after `name`, or at it when the range includes its start; false past the last one. */
static bool cell_after(const struct name *name, unsigned int *column, unsigned int *row)
{
	unsigned int base = table.entry.length;
	unsigned int common = name->length < base ? name->length : base;
	int order = arcs_compare(name->arc, common, table.entry.arc, common);

	*column = *row = 0;
	if (order != 0)
		return order < 0;
	if (name->length <= base || name->arc[base] < table.first)
		return true;
	if (name->arc[base] - table.first >= COLUMNS)
		return false;
	*column = name->arc[base] - table.first;
	if (name->length == base + 1)
		return true;
	*row = row_from(name->arc[base + 1]);
	if (*row < table.rows && table.index[*row] == name->arc[base + 1] &&
	    !(name->include && name->length == base + 2))
		++*row;
	if (*row == table.rows) {
		*row = 0;
		++*column;
	}
	return *column < COLUMNS;
}

/* Whether the cell lies before the end of the range; an end without arcs is no end. */
static bool cell_before(unsigned int column, unsigned int row, const struct name *end)
{
	const uint32_t tail[2] = { table.first + column, table.index[row] };
	unsigned int base = table.entry.length;
	unsigned int common = end->length < base ? end->length : base;
	int order = arcs_compare(table.entry.arc, common, end->arc, common);

	if (end->length == 0)
		return true;
	if (order != 0)
		return order < 0;
	return end->length > base && arcs_compare(tail, 2, end->arc + base, end->length - base) < 0;
}

static uint32_t *get_next(uint32_t *out, const struct name *name, const struct name *end)
{
	unsigned int column, row;

	if (cell_after(name, &column, &row) && cell_before(column, row, end))
		return varbind_encode(out, column, row);
	return exception_encode(out, name, VALUE_END);
}

/* Set type and length of a PDU of this session that ends before `end`, and write it. */
static void pdu_send(uint32_t *pdu, enum pdu_type type, const uint32_t *end)
{
	size_t size = (size_t)(end - pdu) * sizeof(*pdu);

	pdu[WORD_TYPE] = word_of(1, type, host_order_flag(), 0);
	pdu[WORD_SESSION] = session.id;
	pdu[WORD_LENGTH] = (uint32_t)(size - WORD_PAYLOAD * sizeof(*pdu));
	if (write(session.socket, pdu, size) != (ssize_t)size)
		err(1, "write");
}

/* The next PDU, whole, until the next call; the process ends with the master. */
static const uint32_t *pdu_receive(void)
{
	static uint32_t buffer[PDU_WORDS];
	static size_t have, taken;
	uint8_t *octets = (uint8_t *)buffer;

	have -= taken;
	memmove(buffer, octets + taken, have);
	taken = 0;
	for (;;) {
		ssize_t got;

		if (have >= WORD_PAYLOAD * sizeof(*buffer)) {
			size_t size = WORD_PAYLOAD * sizeof(*buffer) + buffer[WORD_LENGTH];

			if (octet_of(buffer, 2) != host_order_flag())
				errx(1, "a context, or the other byte order");
			if (size > sizeof(buffer) || size % sizeof(*buffer) != 0)
				errx(1, "a PDU of %zu octets", size);
			if (have >= size) {
				taken = size;
				return buffer;
			}
		}
		got = read(session.socket, octets + have, sizeof(buffer) - have);
		if (got <= 0)
			exit(0);
		have += (size_t)got;
	}
}

static void pdu_answer(const uint32_t *pdu)
{
	static uint32_t answer[PDU_WORDS];
	static struct name start, end;
	const uint32_t *at = pdu + WORD_PAYLOAD;
	const uint32_t *stop = at + pdu[WORD_LENGTH] / sizeof(*at);
	uint32_t *out = answer + WORD_VARBINDS;
	unsigned int type = octet_of(pdu, 1);

	if (type != PDU_GET && type != PDU_GETNEXT)
		errx(1, "PDU type %u is not spoken here", type);
	while (at < stop) {
		if (out + VARBIND_WORDS > answer + PDU_WORDS)
			errx(1, "the answer does not fit");
		at = name_decode(at, stop, &start);
		at = name_decode(at, stop, &end);
		out = type == PDU_GET ? get(out, &start) : get_next(out, &start, &end);
	}
	answer[WORD_TRANSACTION] = pdu[WORD_TRANSACTION];
	answer[WORD_PACKET] = pdu[WORD_PACKET];
	pdu_send(answer, PDU_RESPONSE, out);
}

/* Send a request of this side and wait for a response without an error. */
static void request_send(uint32_t *pdu, enum pdu_type type, const uint32_t *end)
{
	const uint32_t *response;

	pdu[WORD_TRANSACTION] = 0;
	pdu[WORD_PACKET] = ++session.packet;
	pdu_send(pdu, type, end);
	response = pdu_receive();
	if (octet_of(response, 1) != PDU_RESPONSE || response[WORD_ERROR] != 0)
		errx(1, "the master refuses request %u", session.packet);
	session.id = response[WORD_SESSION];
}

static void session_open(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	uint32_t pdu[WORD_PAYLOAD + 1 + ARCS_MAX] = { 0 };
	uint32_t *out = pdu + WORD_PAYLOAD;

	if (strlen(path) >= sizeof(address.sun_path))
		errx(1, "%s: too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path));
	session.socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (session.socket < 0 ||
	    connect(session.socket, (struct sockaddr *)&address, sizeof(address)) != 0)
		err(1, "%s", path);
	request_send(pdu, PDU_OPEN, out + 3); /* default time-out, null name, no description */

	*out++ = word_of(0, 127, 0, 0); /* default time-out and priority, no range */
	memcpy(out, table.wire, table.wire_words * sizeof(*out));
	*out = word_of(octet_of(out, 0) - 2, octet_of(out, 1), 0, 0);
	request_send(pdu, PDU_REGISTER, out + table.wire_words);
}

/* Keep the entry in both forms. */
static void entry_set(const char *text)
{
	struct name *entry = &table.entry;
	unsigned int prefixed = 0;

	while (*text != '\0') {
		char *rest;

		if (entry->length + 2 >= ARCS_MAX)
			errx(1, "ENTRY is too long");
		entry->arc[entry->length++] = (uint32_t)strtoul(text, &rest, 10);
		if (rest == text || (*rest != '.' && *rest != '\0'))
			errx(1, "%s: not a dotted name", text);
		text = *rest == '.' ? rest + 1 : rest;
	}
	if (entry->length > 5 && entry->arc[4] < 256 &&
	    memcmp(entry->arc, (const uint32_t[]){ 1, 3, 6, 1 }, 16) == 0)
		prefixed = 5;
	table.wire_words = 1 + entry->length - prefixed;
	table.wire[0] = word_of(table.wire_words + 1, prefixed ? entry->arc[4] : 0, 0, 0);
	memcpy(table.wire + 1, entry->arc + prefixed, (table.wire_words - 1) * sizeof(uint32_t));
}

static void cell_set_octets(struct cell *cell, const char *text)
{
	size_t length = strlen(text);

	cell->type = word_of_halves(VALUE_OCTETS, 0);
	cell->words = 1 + ((uint32_t)length + 3) / 4;
	cell->word[0] = (uint32_t)length;
	memcpy(cell->word + 1, text, length);
}

static void cell_set(struct cell *cell, enum value_type type, uint64_t value)
{
	cell->type = word_of_halves(type, 0);
	cell->words = type == VALUE_COUNTER64 ? 2 : 1;
	if (type == VALUE_COUNTER64)
		memcpy(cell->word, &value, sizeof(value));
	else
		cell->word[0] = (uint32_t)value;
}

/* A mix like that of a table of states: enumerations, numbers, a counter, short text. */
static void row_set(struct cell *cell, unsigned int row)
{
	char text[12];

	snprintf(text, sizeof(text), "row%u", row % 1000000);
	cell_set(&cell[0], VALUE_INTEGER, 1 + row % 9);
	cell_set_octets(&cell[1], "2026-11-22T");
	cell_set(&cell[2], VALUE_GAUGE, row);
	cell_set(&cell[3], VALUE_INTEGER, 1 + row % 4);
	cell_set_octets(&cell[4], text);
	cell_set(&cell[5], VALUE_COUNTER64, (uint64_t)row << 32);
	cell_set(&cell[6], VALUE_INTEGER, row);
	cell_set(&cell[7], VALUE_INTEGER, row + 1);
	cell_set_octets(&cell[8], "Secondary");
	cell_set_octets(&cell[9], "Primary");
}

static void table_fill(unsigned int rows)
{
	table.rows = rows;
	table.index = calloc(rows, sizeof(*table.index));
	table.cell = calloc(rows, sizeof(*table.cell));
	if (table.index == NULL || table.cell == NULL)
		err(1, "%u rows", rows);
	for (unsigned int row = 0; row < rows; row++) {
		table.index[row] = 3 * row + 1;
		row_set(table.cell[row], row);
	}
}

int main(int argc, char **argv)
{
	if (argc < 3 || argc > 5 || atoi(argv[2]) < 1)
		errx(2, "usage: floor SOCKET ROWS [ENTRY [FIRST]]");
	entry_set(argc > 3 ? argv[3] : "1.3.6.1.4.1.8072.9999.9999.28950.11.7.1");
	table.first = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 2;
	table_fill((unsigned int)atoi(argv[2]));
	session_open(argv[1]);
	for (;;)
		pdu_answer(pdu_receive());
}
