/* Network addresses with a port: IPv4 and IPv6, as text, for sockets and for the MIB.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

static size_t length_of(const struct address *address)
{
	return address->family == AF_INET ? 4 : 16;
}

/* Index of the interface that a zone names, by name or by number; 0 when there is none. */
static uint32_t scope_of(const char *zone)
{
	uint32_t scope = if_nametoindex(zone);
	char *end;

	if (!scope && *zone >= '0' && *zone <= '9') {
		scope = (uint32_t)strtoul(zone, &end, 10);
		if (*end)
			scope = 0;
	}
	return scope;
}

static bool parse_zoned(struct address *address, const char *text, const char *zone)
{
	char plain[INET6_ADDRSTRLEN];

	if ((size_t)(zone - text) >= sizeof(plain))
		return false;
	text_put_part(plain, sizeof(plain), text, (size_t)(zone - text));
	address->family = AF_INET6;
	address->scope = scope_of(zone + 1);
	return address->scope && inet_pton(AF_INET6, plain, address->octets) == 1;
}

bool address_parse(struct address *address, const char *text, uint16_t port)
{
	const char *zone = strchr(text, '%');

	memset(address, 0, sizeof(*address));
	address->port = port;
	if (zone)
		return parse_zoned(address, text, zone);
	address->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(address->family, text, address->octets) == 1;
}

void address_print(const struct address *address, char *text, size_t size)
{
	char plain[INET6_ADDRSTRLEN] = "-", name[IF_NAMESIZE];

	inet_ntop(address->family, address->octets, plain, sizeof(plain));
	if (!address->scope)
		text_put(text, size, plain);
	else if (if_indextoname(address->scope, name))
		text_print(text, size, "%s%%%s", plain, name);
	else
		text_print(text, size, "%s%%%u", plain, address->scope);
}

void address_print_port(const struct address *address, char *text, size_t size)
{
	char host[ADDRESS_TEXT_MAX];

	address_print(address, host, sizeof(host));
	text_print(text, size, address->family == AF_INET6 ? "[%s]:%u" : "%s:%u", host,
		   (unsigned int)address->port);
}

socklen_t address_to_socket(const struct address *address, struct sockaddr_storage *out)
{
	struct sockaddr_in *ipv4 = (void *)out;
	struct sockaddr_in6 *ipv6 = (void *)out;

	memset(out, 0, address->family == AF_INET ? sizeof(*ipv4) : sizeof(*ipv6));
	out->ss_family = address->family;
	if (address->family == AF_INET) {
		ipv4->sin_port = htons(address->port);
		memcpy(&ipv4->sin_addr, address->octets, sizeof(ipv4->sin_addr));
		return sizeof(*ipv4);
	}
	ipv6->sin6_port = htons(address->port);
	ipv6->sin6_scope_id = address->scope;
	memcpy(&ipv6->sin6_addr, address->octets, sizeof(ipv6->sin6_addr));
	return sizeof(*ipv6);
}

bool address_from_socket(struct address *address, const struct sockaddr_storage *in)
{
	const struct sockaddr_in *ipv4 = (const void *)in;
	const struct sockaddr_in6 *ipv6 = (const void *)in;

	memset(address, 0, sizeof(*address));
	address->family = in->ss_family;
	if (in->ss_family == AF_INET) {
		address->port = ntohs(ipv4->sin_port);
		memcpy(address->octets, &ipv4->sin_addr, sizeof(ipv4->sin_addr));
	} else if (in->ss_family == AF_INET6) {
		address->port = ntohs(ipv6->sin6_port);
		address->scope = ipv6->sin6_scope_id;
		memcpy(address->octets, &ipv6->sin6_addr, sizeof(ipv6->sin6_addr));
	}
	return in->ss_family == AF_INET || in->ss_family == AF_INET6;
}

bool address_equal(const struct address *one, const struct address *other)
{
	return !memcmp(one, other, sizeof(*one));
}

int32_t address_octets(const struct address *address, struct octets *octets)
{
	size_t length = length_of(address);

	memset(octets, 0, sizeof(*octets));
	memcpy(octets->octet, address->octets, length);
	for (int i = 0; address->scope && i < 4; i++)
		octets->octet[length + (size_t)i] = (uint8_t)(address->scope >> (24 - 8 * i));
	octets->length = (uint8_t)(length + (address->scope ? 4 : 0));
	if (address->family == AF_INET)
		return InetAddressType_ipv4;
	return address->scope ? InetAddressType_ipv6z : InetAddressType_ipv6;
}
