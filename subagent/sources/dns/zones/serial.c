/* Arithmetic on numbers that wrap around.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/serial.h"

#define NO_ORDER UINT32_C(0x80000000)

int32_t serial_lag(uint32_t one, uint32_t other)
{
	uint32_t distance = one - other;

	if (distance == NO_ORDER)
		return INT32_MAX;
	return distance < NO_ORDER ? (int32_t)distance : -(int32_t)(other - one);
}

int64_t serial_time(uint32_t time, int64_t now)
{
	return now + serial_lag(time, (uint32_t)now);
}
