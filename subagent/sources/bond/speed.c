/* Speed and duplex of a port, which rtnetlink does not tell.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/speed.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/memory.h"
#include "subagent/sources/bond/link.h"

/* Words in each of the three masks, 127 at most (ethtool.h). */
#define MASKS_SIZE (3 * 127 * sizeof(__u32))

static bool ask(int socket, const char *name, struct ethtool_link_settings *settings)
{
	struct ifreq request = { .ifr_data = (void *)settings };

	TEXT_PUT(request.ifr_name, name);
	settings->cmd = ETHTOOL_GLINKSETTINGS;
	return ioctl(socket, SIOCETHTOOL, &request) == 0;
}

/* The first answer is only how long the masks are, as a negative number; the second has it all. */
void bond_speed_read(int socket, struct bond_link *link)
{
	union {
		struct ethtool_link_settings settings;
		unsigned char octets[sizeof(struct ethtool_link_settings) + MASKS_SIZE];
	} answer;
	struct ethtool_link_settings *settings = &answer.settings;

	memset(&answer, 0, sizeof(answer));
	if (!ask(socket, link->name, settings) || settings->link_mode_masks_nwords >= 0)
		return;
	settings->link_mode_masks_nwords = (__s8)-settings->link_mode_masks_nwords;
	if (!ask(socket, link->name, settings) || settings->link_mode_masks_nwords <= 0)
		return;
	link->speed = settings->speed == (__u32)SPEED_UNKNOWN ? 0 : settings->speed;
	link->duplex = settings->duplex;
}
