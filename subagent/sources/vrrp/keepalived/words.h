/* keepalived's words and numbers, as they stand in its dumps, its FIFO and on D-Bus.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_WORDS_H
#define HA_VRRP_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct claim;
struct claim_address;

/* Enum HaVrrpState of a number (vrrp.h of keepalived), and of a word in capital letters. */
int32_t words_state(int64_t number);
int32_t words_state_named(const char *word);

/* An address as keepalived prints it: "10.0.0.1/24 brd 10.0.0.255 dev eth0 scope global set". False
 * when there is none in it. */
bool words_address(const char *text, struct claim_address *address);

/* Copies what came from elsewhere; what cannot be printed becomes a question mark. */
void words_put(char *field, size_t size, const char *text, size_t length);

#endif
