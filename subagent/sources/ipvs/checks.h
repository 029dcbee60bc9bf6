/* What keepalived's checks say of services and servers: the data dump of its checker process.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_CHECKS_H
#define HA_IPVS_CHECKS_H

#include <stddef.h>
#include <stdint.h>

struct address;
struct checks;
struct checks_virtual;
struct ipvs_key;

/* NULL: it breaks off, or is something else. The caller frees it with checks_free(). */
struct checks *checks_read(const char *text, size_t length);
void checks_free(struct checks *checks);

/* keepalived's virtual server that made this service; NULL: none has. */
const struct checks_virtual *checks_find(const struct checks *checks, const struct ipvs_key *key);

/* Enum haIpvsServiceQuorum, and enum haIpvsRealCheck of a server. */
int32_t checks_quorum(const struct checks_virtual *found);
int32_t checks_real(const struct checks_virtual *found, const struct address *real);

#endif
