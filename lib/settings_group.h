/* The sections `group' of the configuration: services that move as a whole from node to node.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_GROUP_H
#define HA_SETTINGS_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"

#define SETTINGS_GROUPS_MAX 8
#define SETTINGS_MEMBERS_MAX 32 /* of one group, the VRRP instance not counted */
#define SETTINGS_WITNESSES_MAX 8
#define SETTINGS_ADDRESSES_MAX 8 /* of one nfs */

/* Something that is started where the group becomes active, and stopped where it no longer is. */
struct settings_member {
	int32_t kind;    /* enum haGroupMemberKind but vrrp */
	char name[65];   /* resource, mount point, unit, exported path, or just a name */
	int line;        /* at which its section ends */
	size_t resource; /* drbd, mount: position among settings->resources; else SIZE_MAX */

	char *device, *type; /* mount: the block device, the type of the file system */
	char *client;        /* export: to whom, as exports(5) writes it */
	char *options;       /* mount: as mount(8) -o; export: as exports(5), without brackets */

	/* command: absolute path and arguments, ended by NULL. `status' (exit status 0 says that it
	 * runs) is run as the user of the daemon; NULL: it runs when start was the last to succeed.
	 */
	char **start, **stop, **status;

	/* nfs: the addresses at which its clients reach it, with its port; the host name that is
	 * its scope (RFC 8881, 2.10.4), NULL: the node's; the folder, on a mount of the group, of
	 * what must move with the files, NULL: nothing does. */
	size_t addresses_count;
	struct address *addresses;
	char *scope, *storage;

	uint32_t start_time, stop_time; /* milliseconds that starting and stopping may take */
};

struct settings_group {
	char name[33];
	int line;        /* at which its section ends */
	size_t instance; /* position among settings->vrrp->instances; it has a hold file */

	int32_t policy; /* enum haGroupFencingPolicy: never, witness, fence or always */
	size_t witnesses_count;
	struct address *witnesses; /* they answer ICMP echo requests; no port */
	char **fence;              /* policy fence: program and arguments, ended by NULL; exit
				    * status 0 says that the peer is off */
	uint32_t fence_time;       /* milliseconds that it may take */

	/* A lease, milliseconds: an active node that has seen neither peer nor witness for `lease'
	 * stops, and has stopped, or can write no more, `give_up' later. The other one, which sees
	 * a witness, does not promote before `takeover' since it saw the peer last. 1.5 * lease +
	 * give_up + 100 <= takeover. */
	uint32_t lease, give_up, takeover;

	char *watchdog;            /* path of the kernel's device; NULL: none */
	uint32_t watchdog_timeout; /* milliseconds; 200 and it <= lease + give_up */

	uint32_t cool_down;   /* seconds from a switchover to the next that is not forced */
	uint32_t maintenance; /* minutes that maintenance lasts when a request does not say */
	bool switchable;      /* by a SET */

	size_t members_count;
	struct settings_member *members; /* in the order of the file, in which they are started */
};

/* Whether a member of the group is of this kind. */
bool settings_group_has(const struct settings_group *group, int32_t kind);

/* Whether it is a program of its own, which may fail where it need not run, and ends by itself. */
bool settings_is_program(int32_t kind);

struct settings_groups {
	size_t count;
	struct settings_group *groups; /* in the order of the file */
};

#endif
