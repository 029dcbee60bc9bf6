/* The section `ipvs' of the configuration: the virtual services of the kernel's load balancer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_IPVS_H
#define HA_SETTINGS_IPVS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"

#define SETTINGS_SERVICES_MAX 10000
#define SETTINGS_SERVERS_MAX 16384 /* of one service */

/* A virtual service that is to be there, whether or not it is. */
struct settings_ipvs_service {
	int line;
	bool switchable;   /* the weights of its servers may be set by a SET */
	char *title;       /* as the file has it, such as "tcp 192.0.2.100:53" */
	uint32_t protocol; /* enum HaIpvsProtocol */
	uint32_t mark;     /* of HaIpvsProtocol_fwmark; its address is a family and no more */
	struct address address;
	size_t servers_count;
	struct address *servers; /* that it is to have; it may have others */
};

struct settings_ipvs {
	uint32_t interval; /* milliseconds from one look to the next */
	int64_t keep;      /* milliseconds that what has been removed is shown */
	char *pid_file;    /* of keepalived's checker process; NULL: it is not asked */
	char *data;        /* where that writes its dump: /tmp/keepalived_check.data */
	size_t services_count;
	struct settings_ipvs_service *services; /* in the order of the file */
};

#endif
