/* The segment of TCP (RFC 9293) that makes a client notice that its server has lost the connection.
 *
 * It acknowledges what the client has never sent. The client answers with what it does expect, the
 * server knows of no such connection and resets it, and the client connects again. A client whose
 * connection the server knows answers, too, and nothing follows.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SEGMENT_H
#define HA_SEGMENT_H

struct address;

#define SEGMENT_SIZE 20

/* From the server to the client; both are of one family, which IP's part of the checksum needs. */
void segment_write(const struct address *server, const struct address *client,
		   unsigned char segment[SEGMENT_SIZE]);

#endif
