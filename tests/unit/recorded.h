/* What was recorded of other programs, from tests/data.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_RECORDED_H
#define HA_RECORDED_H

#include <stddef.h>
#include <stdint.h>

struct recorded {
	size_t length;
	uint8_t *octets; /* no more than its length, so that a reader that goes too far is seen */
};

/* A message of a name server, from tests/data/dns. The caller frees it with recorded_free(). That
 * it is not there fails the test. */
struct recorded recorded_read(const char *name);
void recorded_free(struct recorded *message);

/* A text, by its path below tests/data; the caller frees it. */
char *recorded_text(const char *name);

#endif
