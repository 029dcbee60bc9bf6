/* Who advertises on the wire, whatever keepalived says: VRRPv2 and VRRPv3.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One packet socket per interface, with a filter in the kernel; it sees what this node sends, too.
 * A flood costs a bounded share of a core: what is too much is counted, not read. Needs
 * CAP_NET_RAW.
 */
#ifndef HA_VRRP_WIRE_H
#define HA_VRRP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"

/* Addresses of an advert that are kept. */
#define WIRE_ADDRESSES_MAX 32

/* Routers that are remembered; those who are silent longest make room. */
#define WIRE_ROUTERS_MAX 2048

/* One router: who advertises a virtual router on an interface. */
struct heard {
	uint32_t interface; /* index */
	char interface_name[16];
	uint8_t vrid;
	struct address source; /* without port and scope */
	bool own;              /* this node sent it */
	int32_t state; /* enum haVrrpRouterState; unknown: its adverts may have been lost in a flood
			*/
	int64_t since; /* milliseconds since 1970: of the state */
	uint8_t version, priority;
	uint32_t interval; /* milliseconds, as advertised */
	int32_t auth_type; /* enum haVrrpRouterAuthType */
	uint8_t addresses_count, addresses_kept;
	struct address addresses[WIRE_ADDRESSES_MAX]; /* without port and scope */
	int64_t last, last_wall; /* clock_now() and milliseconds since 1970: of the last advert */
	uint64_t adverts;
	uint32_t lost, resignations, errors;
	uint32_t seen_in; /* wire_version() at which anything but age and counters last changed */
};

struct wire;

struct wire *wire_open(void);
void wire_close(struct wire *wire);

/* Listen on these interfaces (indexes) from now on, and on no others. False when one could not be
 * listened on; wire_error() says why. */
bool wire_listen(struct wire *wire, const uint32_t *interfaces, size_t count);
const char *wire_error(const struct wire *wire);

/* Say who has fallen silent, and register for the coming turn of the loop. The turn ends at once
 * when there is something new. */
void wire_watch(struct wire *wire);

/* Grows with every router that comes, goes, or changes its state or what it advertises. */
uint32_t wire_version(const struct wire *wire);

/* Adverts that are nobody's row: not valid and of no router that is known, of too many routers, and
 * lost in the queue of the kernel. */
struct wire_waste {
	uint64_t invalid, refused, overrun;
};

struct wire_waste wire_waste(const struct wire *wire);

/* All routers, in no order; valid until the next turn of the loop. */
const struct heard *const *wire_routers(const struct wire *wire, size_t *count);

#endif
