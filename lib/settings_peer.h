/* The section `peer' of the configuration: the agent of the other node, and how to ask it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_PEER_H
#define HA_SETTINGS_PEER_H

#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"

#define SETTINGS_PASSWORD_MIN 8 /* RFC 3414, 11.2 */
#define SETTINGS_PASSWORD_MAX 255

/* A password and what it is for. It never stands in the text that libconfuse reads, nor in the
 * digest, which everybody may read. */
struct settings_secret {
	int line;       /* of the file, or of the password; 0: neither is given */
	char *protocol; /* as net-snmp calls it */
	char *file;     /* whose first line is the password; NULL: it stands in the configuration */
	char password[SETTINGS_PASSWORD_MAX + 1]; /* empty: it is in the file, or forgotten */
};

struct settings_peer {
	size_t addresses_count;    /* 0: there is no peer */
	struct address *addresses; /* and port; of the same node, tried in turn */
	char *user;                /* of SNMPv3 */
	struct settings_secret auth, priv;
	uint32_t interval; /* milliseconds from one question to the next */
	uint32_t timeout;  /* milliseconds that an answer may take */
	int64_t limit;     /* milliseconds that what the peer said last is believed */
};

#endif
