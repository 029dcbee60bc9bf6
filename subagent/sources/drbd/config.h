/* What drbdadm's configuration expects on this node.
 *
 * Read from `drbdadm dump-xml', which drbd-utils 9 and the drbdadm of DRBD 8.4 both have. Up
 * to 9.34 it leaves out the node-ids; those come from `drbdadm --dry-run new-peer all', which
 * DRBD 8.4 does not have and does not need: there every peer has the number 0. Hosts that are
 * configured as "floating" have no name there, so their resources are not expected.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_CONFIG_H
#define HA_DRBD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/drbd/rows.h"

struct drbd_expected_volume {
	struct drbd_expected_volume *next;
	uint32_t number;
	uint32_t minor;
	char device[DRBD_TEXT_MAX + 1];
	char disk[DRBD_TEXT_MAX + 1]; /* empty: none, a client */
};

struct drbd_expected_peer {
	struct drbd_expected_peer *next;
	char name[DRBD_TEXT_MAX + 1];
	bool numbered; /* node_id is known */
	uint32_t node_id;
	int32_t protocol;                         /* enum haDrbdPeerProtocol */
	char local_address[DRBD_ADDRESS_MAX + 1]; /* of the first path, as events2 writes it */
	char remote_address[DRBD_ADDRESS_MAX + 1];
	uint32_t paths;
};

struct drbd_expected {
	struct drbd_expected *next;
	char name[DRBD_NAME_MAX + 1];
	int32_t auto_promote; /* enum HaAnswer: with DRBD 9; 8.4 does not promote by itself */
	struct drbd_expected_volume *volumes;
	struct drbd_expected_peer *peers;
};

#define DRBD_FOLDERS_MAX 8

struct drbd_config {
	struct drbd_expected *resources;
	char folders[DRBD_FOLDERS_MAX]
		    [DRBD_TEXT_MAX + 1]; /* that the files lie in; the rest empty */
};

struct drbd_config_parser;

/* Begin to read a dump; the resources that have a host called `node` are taken. */
struct drbd_config_parser *drbd_config_begin(const char *node);

/* Take a piece of it. False when it is not well-formed: the rest need not be given. */
bool drbd_config_take(struct drbd_config_parser *parser, const char *octets, size_t length);

/* The dump is complete: the configuration, to be freed by the caller, or NULL when it was not
 * well-formed or `keep` is false. The parser is freed. */
struct drbd_config *drbd_config_end(struct drbd_config_parser *parser, bool keep);

/* Take one line of the dry run: "PATH new-peer RESOURCE NODE-ID --_name=PEER ...". False when it is
 * something else. */
bool drbd_config_number(struct drbd_config *config, const char *line, size_t length);

void drbd_config_free(struct drbd_config *config);

#endif
