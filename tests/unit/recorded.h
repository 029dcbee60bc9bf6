/* Recorded messages of name servers, from tests/data/dns.
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

/* The caller frees it with recorded_free(). That it is not there fails the test. */
struct recorded recorded_read(const char *name);
void recorded_free(struct recorded *message);

#endif
