/* The section `dns' of the configuration: name servers, zones, gates, the resolver of this node.
 *
 * What only a DNS library can judge (names, types, records) is text here; the DNS source reads it,
 * and refuses it with the line that stands beside it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_DNS_H
#define HA_SETTINGS_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"

#define SETTINGS_DNS_NAME_MAX 40 /* of a server or a gate */
#define SETTINGS_ZONE_NAME_MAX 64

/* What is asked of a name server, and what a good answer is. The texts belong to the settings. */
struct settings_check {
	const char *query; /* name */
	const char *type;  /* mnemonic, or TYPE65280 (RFC 3597) */
	const char *class;
	int32_t transport;      /* enum haDnsServerTransport */
	uint32_t interval;      /* milliseconds from one check to the next */
	uint32_t timeout;       /* milliseconds of one try */
	uint32_t tries;         /* 1 to 10 */
	uint32_t rise, fall;    /* checks in a row, 1 to 100 */
	uint32_t edns_size;     /* announced, 512 to 65535; 0: no EDNS */
	uint32_t latency_warn;  /* microseconds, 0: none */
	uint32_t latency_limit; /* microseconds, 0: none */
	bool recursion;         /* RD in the question */
	bool aa, ra, ad;        /* wanted in the answer */
	bool nsid;              /* asked for */
	/* Lists end with NULL. */
	const char *const *rcodes; /* that are accepted, as mnemonics or numbers */
	const char *const
		*answers;    /* the RDATA that must be answered, all and no other; empty: any */
	const char *pattern; /* extended regular expression (regex(7)) that the RDATA of one
				record must match; NULL: any */
};

struct settings_server {
	int line;
	char name[SETTINGS_DNS_NAME_MAX + 1];
	struct address address;             /* and port */
	const struct settings_check *check; /* shared by all servers that are asked alike */
};

struct settings_zone {
	int line;
	char name[SETTINGS_ZONE_NAME_MAX + 1]; /* without a final dot; "." is the root */
	size_t servers_count;
	uint32_t *servers;          /* positions among settings_dns.servers, in order */
	int primary;                /* position among settings_dns.servers; -1: the newest */
	int chain_server;           /* that is asked for DS and DNSKEY above the zone; -1: none */
	uint32_t interval;          /* milliseconds */
	uint32_t tolerance;         /* seconds that a serial may lag */
	uint32_t signature_warn;    /* seconds */
	uint32_t signature_limit;   /* seconds */
	const char *const *anchors; /* DS records as text, ended by NULL; empty: not checked */
	const char *const *compare; /* "NAME TYPE" that all servers must answer alike */
};

struct settings_gate {
	int line;
	char name[SETTINGS_DNS_NAME_MAX + 1];
	size_t servers_count;
	uint32_t *servers; /* positions among settings_dns.servers */
	size_t zones_count;
	uint32_t *zones;  /* positions among settings_dns.zones: those that a server must serve in
			     sync, or lagging, to count */
	int32_t rule;     /* enum haDnsGateRule */
	uint32_t needed;  /* servers that must be up: what the rule comes to */
	const char *file; /* path of the track file */
	int32_t weight; /* 0: closed is 1 in the file, for `weight 0'; else closed is this number */
};

struct settings_dns {
	size_t servers_count, zones_count, gates_count;
	struct settings_server *servers; /* in the order of the file */
	struct settings_zone *zones;
	struct settings_gate *gates;
	uint32_t window; /* checks over which latencies are told: 1 to 64 */

	int resolver_line;
	const char *resolver_file;                   /* /etc/resolv.conf */
	uint32_t resolver_limit;                     /* milliseconds a lookup may cost; 0: any */
	const struct settings_check *resolver_check; /* of the servers in resolv.conf */
	void *memory;                                /* that the rest lies in */
};

#endif
