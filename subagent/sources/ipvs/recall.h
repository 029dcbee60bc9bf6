/* Remembers servers over restarts of the source, as long as the machine runs: a file.
 *
 * Whatever is not in the kernel any more is known from here alone. What was known before a boot
 * says nothing: then the kernel balances nothing until somebody tells it to.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_RECALL_H
#define HA_IPVS_RECALL_H

#include <stdint.h>

#include "subagent/sources/ipvs/wire.h"

struct ipvs_model;

/* In place of a time: it was expected, and never there. */
#define IPVS_NEVER INT64_MIN

/* One service or one server, as it lies in the file. */
struct ipvs_memory {
	struct ipvs_key service;
	struct address real;    /* of family 0: it is about the service */
	int32_t state;          /* enum haIpvsRealState or haIpvsServiceState */
	uint32_t normal_weight; /* 0: not known */
	int64_t since;          /* that it is in this state, clock_wall() */
	int64_t lost;           /* clock_now() at which it was removed; 0: it was there */
};

/* Tell the model what the file `ipvs' in `folder' has of this boot. */
void ipvs_recall_read(const char *folder, struct ipvs_model *model);

/* Write it whole or not at all; that it cannot be written is logged once. */
void ipvs_recall_write(const char *folder, const struct ipvs_model *model);

#endif
