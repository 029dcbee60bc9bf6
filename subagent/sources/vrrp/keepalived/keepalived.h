/* keepalived as it tells of itself: whether it runs, and what each of its instances claims to be.
 *
 * Whether it runs is an event (pidfd, D-Bus name), never a poll. What it claims comes from the best
 * voice that can be heard: D-Bus (at once, certain), the notify FIFO (at once, lines may be lost),
 * the JSON dump (what a poll finds). A voice that says less than another does not take back what
 * that one said later.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_KEEPALIVED_H
#define HA_VRRP_KEEPALIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/address.h"

struct settings_vrrp;

/* A virtual address of an instance. */
struct claim_address {
	struct address address; /* without a port */
	uint8_t prefix_length;
	char interface[16]; /* it is configured for */
	bool excluded;      /* virtual_ipaddress_excluded: not in the adverts */
};

/* A file that an instance tracks. */
struct claim_file {
	char path[256];
	int32_t weight; /* 0: FAULT when the file holds anything but 0 */
	bool reverse;   /* what it holds counts the other way round */
};

/* One vrrp_instance. What is not known is 0, empty, or `unknown' of its enumeration. */
struct claim {
	char name[65];
	int32_t state, wanted_state; /* enum HaVrrpState */
	int32_t origin;              /* enum haVrrpInstanceStateOrigin */
	int64_t confirmed; /* clock_now() at which the state was last confirmed, 0: never */
	int64_t changed;   /* milliseconds since 1970: the last transition */
	bool started;      /* that was keepalived's start or reload */
	uint8_t vrid, version;
	uint16_t family; /* of the adverts: AF_INET or AF_INET6 */
	char interface[16];
	char sync_group[65];
	uint8_t base_priority, effective_priority;
	int32_t nopreempt;        /* enum HaAnswer, the effective flag */
	uint32_t advert_interval; /* milliseconds */
	int32_t auth_type;        /* enum haVrrpRouterAuthType */
	bool counted;             /* the counters are known */
	uint64_t adverts_sent, adverts_received, advert_errors;
	uint64_t mastership_changes; /* how often it has become or ceased to be master */
	size_t addresses_count;
	struct claim_address *addresses;
	int32_t files_known; /* enum HaAnswer: whether `files' is all that it tracks */
	size_t files_count;
	struct claim_file *files;
};

struct keepalived_status {
	int32_t state; /* enum haVrrpKeepalivedState */
	int64_t since; /* milliseconds since 1970 */
	pid_t pid;     /* 0: none */
	char version[65];
	char error[160]; /* why it is not heard as well as it could be, else empty */
};

struct keepalived;

struct keepalived *keepalived_open(const struct settings_vrrp *settings);
void keepalived_close(struct keepalived *keepalived);

/* Register for the coming turn of the loop; what comes is taken in there. */
void keepalived_watch(struct keepalived *keepalived);

/* Something was seen elsewhere that may have to do with it, an address that has gone or a router
 * that has come: where no voice tells at once, ask for a dump now. */
void keepalived_hurry(struct keepalived *keepalived);

/* Grows with everything that changes below. */
uint32_t keepalived_version(const struct keepalived *keepalived);

/* Valid until the next turn of the loop. */
const struct keepalived_status *keepalived_status(const struct keepalived *keepalived);
const struct claim *const *keepalived_claims(const struct keepalived *keepalived, size_t *count);

#endif
