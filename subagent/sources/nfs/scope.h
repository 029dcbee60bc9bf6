/* The server scope that NFS version 4.1 clients are told (RFC 8881, section 8.4.2.1).
 *
 * The kernel shows it nowhere, and the host name may have been another one when the server was
 * started: so the server is asked as a client would, by EXCHANGE_ID over loopback. The client that
 * this makes is never confirmed, and the kernel forgets it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFS_SCOPE_H
#define HA_NFS_SCOPE_H

#include <stddef.h>
#include <stdint.h>

/* What that client calls itself, so that it is not taken for one. */
#define NFS_SCOPE_OWNER "ha-agentx asks for the scope"

#define NFS_SCOPE_CALL_MAX 256

/* The call, with its record mark (RFC 5531, section 11). Its length is returned. */
size_t nfs_scope_call(uint8_t *octets, uint32_t xid);

/* Read the scope out of the reply to it, without its record mark. 0, or -1: it is none, or the
 * server refuses. Octets that are no text become question marks. */
int nfs_scope_read(const uint8_t *octets, size_t length, uint32_t xid, char *scope, size_t size);

/* Ask the server of this machine; takes half a second at most. 0, or -1. */
int nfs_scope_ask(char *scope, size_t size);

#endif
