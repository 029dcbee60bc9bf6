/* The tables of haIpvs: rows as they are published.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_ROWS_H
#define HA_IPVS_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"
#include "subagent/sources/ipvs/wire.h"

/* In both tables everything from `active' on are figures, which move all the time; what stands
 * before is told as soon as it changes. Both are filled from zeroed memory. */

struct ipvs_service_row {
	struct row head;
	struct moment state_time;
	int32_t protocol, address_type;
	uint32_t port; /* or the firewall mark */
	int32_t service_state, quorum;
	uint32_t persistence, reals, reals_active;
	struct octets address;
	char text[65];
	char scheduler[65];
	uint32_t active, inactive;
	struct ipvs_figures figures;
};

struct ipvs_real_row {
	struct row head;
	struct moment state_time;
	int32_t protocol, service_type;
	uint32_t service_port;
	int32_t address_type;
	uint32_t port;
	int32_t real_state, check, forwarding;
	uint32_t weight, normal_weight, upper, lower;
	struct octets service, address;
	char text[65];
	uint32_t active, inactive, persistent;
	struct ipvs_figures figures;
};

struct ipvs_row {
	struct row head;
	char version[65];
	int32_t sync; /* enum haIpvsSync */
};

/* The bits of row.absent that stand for these columns, each an enum mib_id. */
uint64_t ipvs_bits_of(const uint16_t *objects, size_t count);

#define IPVS_BITS_OF(objects) ipvs_bits_of(objects, sizeof(objects) / sizeof(*(objects)))

extern const struct table ipvs_service_table;
extern const struct table ipvs_real_table;
extern const struct table ipvs_table; /* scalars */

/* All of them, ended by NULL. */
extern const struct table *const ipvs_tables[];

#endif
