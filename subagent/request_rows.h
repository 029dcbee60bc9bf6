/* The tables of requests: a row for each thing that something can be asked of.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REQUEST_ROWS_H
#define HA_REQUEST_ROWS_H

#include <stddef.h>
#include <stdint.h>

struct instant;
struct jobs;
struct request_kind;

/* Rows of facts have come or gone: so do those of the requests. */
void request_rows_follow(const struct jobs *jobs, const struct instant *when);

/* Publish what the row of this index reads now, if there is such a thing. */
void request_rows_put(const struct jobs *jobs, const struct request_kind *kind,
		      const uint32_t *index, size_t length, const struct instant *when);

#endif
