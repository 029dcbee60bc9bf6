/* Random ids for questions, that nobody can guess (RFC 5452, 4.3).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_RANDOM_H
#define HA_DNS_RANDOM_H

#include <stdint.h>

uint16_t dns_random_id(void);

#endif
