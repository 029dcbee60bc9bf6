/* What a guard finds: why a request is not safe now, or that nothing is in its way.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_FINDING_H
#define HA_FINDING_H

#include <stdint.h>

struct finding {
	int32_t reason;    /* enum HaReason; HaReason_none: nothing is in the way */
	char message[160]; /* a sentence, with what would have to change */
};

/* Nothing is in the way. */
void finding_open(struct finding *finding);

/* Name what is in the way; the first that is found stands. */
void finding_put(struct finding *finding, int32_t reason, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
