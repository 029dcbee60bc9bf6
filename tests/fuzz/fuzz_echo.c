/* Fuzzes answers to echo requests: any packet is refused, or is one that we could have asked for.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An input is what a raw socket has received, first of IPv4 (with its IP header), then of IPv6.
 */
#include "subagent/sources/witness/echo.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/* The request that it answers differs in its type and checksum alone. */
static void try_family(int family, const uint8_t *data, size_t size)
{
	unsigned char request[ECHO_SIZE];
	struct echo echo;

	if (!echo_read(&echo, family, data, size))
		return;
	echo_write(&echo, family, request);
	REQUIRE(size >= ECHO_SIZE);
	REQUIRE(!memcmp(request + 4, data + size - ECHO_SIZE + 4, ECHO_SIZE - 4));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_family(AF_INET, data, size);
	try_family(AF_INET6, data, size);
	return 0;
}
