/* keepalived's words and numbers, as they stand in its dumps, its FIFO and on D-Bus.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/words.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/keepalived.h"

static const struct {
	const char *word;
	int number;
	int32_t state;
} states[] = {
	{ "INIT", 0, HaVrrpState_init },        { "BACKUP", 1, HaVrrpState_backup },
	{ "MASTER", 2, HaVrrpState_master },    { "FAULT", 3, HaVrrpState_fault },
	{ "DELETED", 97, HaVrrpState_deleted }, { "STOP", 98, HaVrrpState_stop },
};

#define STATES (sizeof(states) / sizeof(*(states)))

int32_t words_state(int64_t number)
{
	for (size_t i = 0; i < STATES; i++)
		if (states[i].number == number)
			return states[i].state;
	return HaVrrpState_other;
}

int32_t words_state_named(const char *word)
{
	for (size_t i = 0; i < STATES; i++)
		if (!strcmp(states[i].word, word))
			return states[i].state;
	return HaVrrpState_other;
}

/* keepalived leaves out the length of the prefix when it is that of a host. */
static uint8_t read_prefix(const char *text, uint16_t family)
{
	unsigned long host = family == AF_INET ? 32 : 128;
	unsigned long length = *text == '/' ? strtoul(text + 1, NULL, 10) : host;

	return (uint8_t)(length < host ? length : host);
}

bool words_address(const char *text, struct claim_address *address)
{
	const char *device = strstr(text, " dev ");
	char word[64];

	memset(address, 0, sizeof(*address));
	text_put_part(word, sizeof(word), text, strcspn(text, "/ "));
	if (!address_parse(&address->address, word, 0))
		return false;
	address->prefix_length = read_prefix(text + strcspn(text, "/ "), address->address.family);
	if (device) {
		device += strlen(" dev ");
		words_put(address->interface, sizeof(address->interface), device,
			  strcspn(device, " @"));
	}
	return true;
}

void words_put(char *field, size_t size, const char *text, size_t length)
{
	text_put_part(field, size, text, length);
	for (; *field; field++)
		if ((unsigned char)*field < ' ' || *field == '\177')
			*field = '?';
}
