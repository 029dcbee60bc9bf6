/* The server scope that NFS version 4.1 clients are told.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/scope.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/memory.h"

#define PORT 2049
#define PATIENCE 500 /* milliseconds */
#define REPLY_MAX 4096
#define LAST_FRAGMENT UINT32_C(0x80000000)

/* RFC 5531 and RFC 8881. */
enum { CALL, REPLY, RPC_VERSION = 2, PROGRAM_NFS = 100003, NFS_V4 = 4, COMPOUND = 1 };
enum { MINOR_VERSION = 1, OP_EXCHANGE_ID = 42, NFS4_OK = 0 };

/* ---- the call ---- */

struct writer {
	uint8_t *at;
};

static void put_number(struct writer *writer, uint32_t number)
{
	number = htonl(number);
	memcpy(writer->at, &number, sizeof(number));
	writer->at += sizeof(number);
}

static void put_opaque(struct writer *writer, const char *octets, size_t length)
{
	put_number(writer, (uint32_t)length);
	memset(writer->at, 0, length + 3);
	memcpy(writer->at, octets, length);
	writer->at += (length + 3) & ~(size_t)3;
}

size_t nfs_scope_call(uint8_t *octets, uint32_t xid)
{
	const uint32_t head[] = {
		xid, CALL, RPC_VERSION, PROGRAM_NFS, NFS_V4, COMPOUND, 0, 0, 0, 0
	};
	struct writer writer = { octets + sizeof(uint32_t) }, mark = { octets };

	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
		put_number(&writer, head[i]); /* credentials and verifier: AUTH_NONE, empty */
	put_opaque(&writer, "", 0);           /* tag */
	put_number(&writer, MINOR_VERSION);
	put_number(&writer, 1); /* operations */
	put_number(&writer, OP_EXCHANGE_ID);
	put_number(&writer, 0); /* verifier of the owner, eight octets */
	put_number(&writer, 0);
	put_opaque(&writer, NFS_SCOPE_OWNER, strlen(NFS_SCOPE_OWNER));
	put_number(&writer, 0); /* flags */
	put_number(&writer, 0); /* state protection: SP4_NONE */
	put_number(&writer, 0); /* implementations of the client */
	put_number(&mark, LAST_FRAGMENT | (uint32_t)(writer.at - octets - sizeof(uint32_t)));
	return (size_t)(writer.at - octets);
}

/* ---- the reply ---- */

struct reader {
	const uint8_t *at, *end;
	bool cut;
};

static uint32_t take_number(struct reader *reader)
{
	uint32_t number = 0;

	if (reader->end - reader->at < (ptrdiff_t)sizeof(number)) {
		reader->cut = true;
		return 0;
	}
	memcpy(&number, reader->at, sizeof(number));
	reader->at += sizeof(number);
	return ntohl(number);
}

static const uint8_t *take_opaque(struct reader *reader, size_t *length)
{
	const uint8_t *octets;

	*length = take_number(reader);
	octets = reader->at;
	if (*length > (size_t)(reader->end - reader->at) ||
	    ((*length + 3) & ~(size_t)3) > (size_t)(reader->end - reader->at)) {
		reader->cut = true;
		*length = 0;
		return octets;
	}
	reader->at += (*length + 3) & ~(size_t)3;
	return octets;
}

static void pass_over(struct reader *reader, int numbers)
{
	while (numbers-- > 0)
		take_number(reader);
}

static bool wants(struct reader *reader, uint32_t number)
{
	return take_number(reader) == number && !reader->cut;
}

/* An accepted reply to a compound whose one operation has succeeded. */
static bool is_answer(struct reader *reader, uint32_t xid)
{
	size_t length;

	if (!wants(reader, xid) || !wants(reader, REPLY) || !wants(reader, 0))
		return false;
	pass_over(reader, 1); /* flavour of the verifier */
	take_opaque(reader, &length);
	if (!wants(reader, 0) || !wants(reader, NFS4_OK))
		return false;
	take_opaque(reader, &length); /* tag */
	return wants(reader, 1) && wants(reader, OP_EXCHANGE_ID) && wants(reader, NFS4_OK);
}

int nfs_scope_read(const uint8_t *octets, size_t length, uint32_t xid, char *scope, size_t size)
{
	struct reader reader = { octets, octets + length, false };
	const uint8_t *found;
	size_t found_length;

	text_put(scope, size, "");
	if (!is_answer(&reader, xid))
		return -1;
	pass_over(&reader, 4);  /* client, sequence, flags */
	if (!wants(&reader, 0)) /* state protection */
		return -1;
	pass_over(&reader, 2); /* minor part of the server's owner, and its major part: */
	take_opaque(&reader, &found_length);
	found = take_opaque(&reader, &found_length);
	if (reader.cut)
		return -1;
	text_put_part(scope, size, (const char *)found, found_length);
	for (; *scope; scope++)
		if (!isprint((unsigned char)*scope))
			*scope = '?';
	return 0;
}

/* ---- asking ---- */

static bool is_ready(int fd, short events, int64_t end)
{
	struct pollfd polled = { .fd = fd, .events = events };
	int64_t left = end - clock_now();

	return left > 0 && poll(&polled, 1, (int)left) == 1;
}

static bool send_all(int fd, const uint8_t *octets, size_t length, int64_t end)
{
	return is_ready(fd, POLLOUT, end) &&
	       send(fd, octets, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static bool receive_all(int fd, uint8_t *octets, size_t length, int64_t end)
{
	size_t used = 0;

	while (used < length) {
		ssize_t got =
			is_ready(fd, POLLIN, end) ? recv(fd, octets + used, length - used, 0) : -1;

		if (got <= 0)
			return false;
		used += (size_t)got;
	}
	return true;
}

/* The kernel's server sends each reply as one fragment. */
static int converse(int fd, char *scope, size_t size)
{
	int64_t end = clock_now() + PATIENCE;
	uint32_t xid = (uint32_t)end, mark;
	uint8_t octets[REPLY_MAX];

	if (!send_all(fd, octets, nfs_scope_call(octets, xid), end) ||
	    !receive_all(fd, (uint8_t *)&mark, sizeof(mark), end))
		return -1;
	mark = ntohl(mark) & ~LAST_FRAGMENT;
	if (mark > sizeof(octets) || !receive_all(fd, octets, mark, end))
		return -1;
	return nfs_scope_read(octets, mark, xid, scope, size);
}

int nfs_scope_ask(char *scope, size_t size)
{
	struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), done = -1;

	text_put(scope, size, "");
	if (fd < 0)
		return -1;
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (const struct sockaddr *)&server, sizeof(server)) == 0 ||
	    errno == EINPROGRESS)
		done = converse(fd, scope, size);
	close(fd);
	return done;
}
