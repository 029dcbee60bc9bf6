/* The section `vrrp' of the configuration: keepalived, and its instances.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_VRRP_H
#define HA_SETTINGS_VRRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS_INSTANCES_MAX 1024

/* An instance that is to be there, whether or not it is. */
struct settings_instance {
	char *hold; /* path of the track file that gives its address away; NULL: none */
	int line;
	char name[65];
	bool switchable; /* it may be held and released by a SET; needs `hold' */
};

struct settings_vrrp {
	char *pid_file;   /* keepalived's: /run/keepalived.pid */
	char *fifo;       /* its vrrp_notify_fifo, of which we are the one reader; NULL: none */
	char *json;       /* where it writes its JSON dump: /tmp/keepalived.json */
	char *data;       /* and its other dump: /tmp/keepalived.data */
	int64_t interval; /* milliseconds from one dump to the next while all is quiet */
	int64_t grace;    /* milliseconds that claims and facts may differ, beyond the time a
			     takeover needs */
	size_t instances_count;
	struct settings_instance *instances; /* in the order of the file */
};

#endif
