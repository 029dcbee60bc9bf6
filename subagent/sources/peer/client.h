/* Asks an agent by SNMPv3, one question at a time, and never waits for it.
 *
 * net-snmp reads no file and keeps none. Every session begins with the discovery of the engine
 * (RFC 3414, 4), as a question of its own; a session whose question stays without an answer is
 * closed, and the next one goes to the next address.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_CLIENT_H
#define HA_PEER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct peer_cell;
struct peer_question;
struct peer_client;
struct settings_peer;

enum peer_outcome {
	PEER_ANSWERED, /* be it with an error that is about the question itself */
	PEER_SILENT,   /* no answer in time */
	PEER_REFUSED,  /* it does not accept us, or we do not accept it */
	PEER_STRANGE,  /* what it says is not understood */
	PEER_FAILED    /* its agent could not answer for want of a subagent */
};

struct peer_answer {
	enum peer_outcome outcome;
	char error[160];   /* in words, unless it has answered well */
	long error_status; /* with which the peer has refused the question (RFC 3416), else 0 */
	const struct peer_cell *cells;
	size_t count; /* 0 when it was refused */
};

/* A client of this peer with these passwords, which it does not keep, but for the keys made of
 * them. The settings outlive it. NULL: the library does not have the protocols. Owned by the
 * caller.
 */
struct peer_client *peer_client_open(const struct settings_peer *peer, const char *auth_password,
				     const char *priv_password);
void peer_client_close(struct peer_client *client);

/* Ask; there is no question under way. A question that stays without an answer may be asked again
 * in a new session, but for a SET: whether that was obeyed, the caller has to find out. */
void peer_client_ask(struct peer_client *client, const struct peer_question *question);

/* Go on as far as it goes without waiting, and register for the coming turn. True: the question has
 * come to its end, and `answer' is filled; its cells are the client's and stay until the next one.
 */
bool peer_client_turn(struct peer_client *client, struct peer_answer *answer);

#endif
