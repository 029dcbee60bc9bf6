/* resolv.conf as the C library reads it (resolv.conf(5); glibc's resolv/res_init.c).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_RESOLV_CONF_H
#define HA_DNS_RESOLV_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"

#define RESOLV_USED_MAX 3     /* MAXNS: servers that the C library asks */
#define RESOLV_SERVERS_MAX 16 /* that are shown; more are counted */

struct resolv_conf {
	int error; /* errno of a file that cannot be read; all else is then as for an empty one */
	uint32_t servers_count;                     /* valid ones that the file names */
	struct address servers[RESOLV_SERVERS_MAX]; /* port 53 */
	uint32_t timeout;                           /* seconds, at least 1 */
	uint32_t attempts;                          /* 0: no server is ever asked */
	uint32_t ndots;
	bool rotate;
	bool stub;        /* all that are used are a stub of this node: 127.0.0.53 or 127.0.0.54 */
	char search[256]; /* with spaces between, cut at a space; by default the host's domain */
};

/* Read it from `text`, which needs no NUL. What the C library passes over is passed over. */
void resolv_conf_parse(struct resolv_conf *conf, const char *text, size_t length);

/* Read it from a file. At most a megabyte is looked at. */
void resolv_conf_read(struct resolv_conf *conf, const char *path);

/* How many of the servers the C library asks: 0 to 3. */
uint32_t resolv_conf_used(const struct resolv_conf *conf);

#endif
