/* What /proc/net/bonding tells of LACP and netlink does not: who is at the other end of a port.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/lacp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

#define PORT "Slave Interface: "
#define PARTNER "details partner lacp pdu:"
#define ACTOR "details actor lacp pdu:"

/* Copy the line that begins at `text`, without blanks in front; where the next one begins. */
static const char *take_line(const char *text, char *line, size_t size)
{
	size_t length = strcspn(text, "\n"), blanks = strspn(text, " \t");

	if (blanks > length)
		blanks = length;
	text_put_part(line, size, text + blanks, length - blanks);
	return text + length + (text[length] == '\n');
}

/* Behind `label`, which ends with a colon; NULL when the line is another. */
static const char *value_of(const char *line, const char *label)
{
	size_t length = strlen(label);

	if (strncmp(line, label, length) != 0)
		return NULL;
	return line + length + strspn(line + length, " ");
}

static void take_number(const char *line, const char *label, uint32_t *number)
{
	const char *value = value_of(line, label);
	unsigned long taken = value ? strtoul(value, NULL, 10) : UINT16_MAX + 1UL;

	if (taken <= UINT16_MAX)
		*number = (uint32_t)taken;
}

static void take_system(const char *line, const char *label, struct octets *system)
{
	const char *value = value_of(line, label);
	unsigned int octet[6];

	if (!value || sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x", &octet[0], &octet[1], &octet[2],
			     &octet[3], &octet[4], &octet[5]) != 6)
		return;
	system->length = 6;
	for (size_t i = 0; i < 6; i++)
		system->octet[i] = (uint8_t)octet[i];
}

static void take_partner(struct bond_lacp *lacp, const char *line)
{
	take_system(line, "system mac address:", &lacp->partner_system);
	take_number(line, "system priority:", &lacp->partner_system_priority);
	take_number(line, "oper key:", &lacp->partner_key);
	take_number(line, "port number:", &lacp->partner_port);
	take_number(line, "port priority:", &lacp->partner_port_priority);
}

void bond_lacp_read(struct bond_lacp *lacp, const char *text, const char *port)
{
	enum { ELSEWHERE, IN_PORT, IN_ACTOR, IN_PARTNER } place = ELSEWHERE;
	char line[128];

	*lacp = (struct bond_lacp){ .told = false };
	while (*text) {
		const char *name;

		text = take_line(text, line, sizeof(line));
		name = value_of(line, PORT);
		if (name)
			place = strcmp(name, port) ? ELSEWHERE : IN_PORT;
		else if (place == ELSEWHERE)
			continue;
		else if (!strcmp(line, ACTOR))
			place = IN_ACTOR;
		else if (!strcmp(line, PARTNER))
			place = IN_PARTNER;
		else if (place == IN_ACTOR)
			take_number(line, "port key:", &lacp->actor_key);
		else if (place == IN_PARTNER)
			take_partner(lacp, line);
		lacp->told |= place == IN_PARTNER;
	}
}
