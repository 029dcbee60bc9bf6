/* Numbers of 32 bits that wrap around: serial numbers of zones, times in signatures.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_SERIAL_H
#define HA_DNS_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

/* `one` minus `other` in the arithmetic of RFC 1982: above 0 when `one` is the newer. Two that lie
 * 2^31 apart have no order there; then `one` is taken for the newer by as much as can be told. */
int32_t serial_lag(uint32_t one, uint32_t other);

/* The 32-bit time of a signature as seconds since 1970: that one of its meanings which lies within
 * 68 years of `now` (RFC 4034, 3.1.5). */
int64_t serial_time(uint32_t time, int64_t now);

#endif
