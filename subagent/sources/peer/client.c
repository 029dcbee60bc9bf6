/* Asks an agent by SNMPv3, one question at a time, and never waits for it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/client.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/lcd_time.h>
#include <net-snmp/library/snmpusm.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_peer.h"
#include "subagent/sources/peer/question.h"

#define CELLS_MAX 2048

enum step {
	CLIENT_RESTS,
	CLIENT_DISCOVERS, /* the engine of the peer */
	CLIENT_GREETS,    /* its snmpd, which alone can answer: so the keys are right */
	CLIENT_ASKS
};

/* sysUpTime.0 */
static const oid greeting[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };

struct peer_client {
	const struct settings_peer *peer;
	size_t at;                /* the address that is asked */
	netsnmp_session template; /* of every session, with the keys */
	void *session;            /* NULL: none */
	bool greeted;             /* the greeting was answered */
	bool proved;              /* a question was, in this session */
	struct peer_question question;
	enum step step;
	int64_t deadline; /* clock_now() at which the step is given up */
	int rejected;     /* SNMPERR_ of the last message that was thrown away; 0: none was */
	bool ended;       /* `answer' stands */
	struct peer_answer answer;
	struct peer_cell cells[CELLS_MAX];
	netsnmp_variable_list *kept; /* whose octets the cells point to */
};

/* ---- the library ---- */

static int pass_log(int major, int minor, void *argument, void *own)
{
	const struct snmp_log_message *message = argument;
	char text[256];

	(void)major, (void)minor, (void)own;
	TEXT_PUT(text, message->msg);
	text[strcspn(text, "\n")] = '\0';
	log_debug("net-snmp: %s", text);
	return SNMPERR_SUCCESS;
}

/* No configuration, no MIB files, no persistent state: all of it is ours. */
static void prepare_library(void)
{
	static bool prepared;

	if (prepared)
		return;
	prepared = true;
	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "", 1);
	/* Else it makes a folder for certificates. */
	setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	snmp_disable_log();
	snmp_enable_calllog();
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, pass_log, NULL);
	init_snmp("ha-agentx");
}

/* The key of RFC 3414, A.2, from which that of each engine is made. */
static bool make_key(const netsnmp_session *session, const char *password, u_char *key,
		     size_t *length)
{
	return generate_Ku(session->securityAuthProto, (u_int)session->securityAuthProtoLen,
			   (const u_char *)password, strlen(password), key,
			   length) == SNMPERR_SUCCESS;
}

static bool make_template(netsnmp_session *template, const struct settings_peer *peer,
			  const char *auth_password, const char *priv_password)
{
	int auth = usm_lookup_auth_type(peer->auth.protocol);
	int priv = usm_lookup_priv_type(peer->priv.protocol);

	snmp_sess_init(template);
	if (auth < 0 || priv < 0)
		return false;
	template->version = SNMP_VERSION_3;
	template->securityModel = SNMP_SEC_MODEL_USM;
	template->securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
	template->securityName = peer->user;
	template->securityNameLen = strlen(peer->user);
	/* Else to open a session would wait for the engine. */
	template->flags |= SNMP_FLAGS_DONT_PROBE;
	/* Whoever waits here, asks again. */
	template->retries = 0;
	template->timeout = peer->timeout * 1000L;
	template->securityAuthProto = sc_get_auth_oid(auth, &template->securityAuthProtoLen);
	template->securityPrivProto = sc_get_priv_oid(priv, &template->securityPrivProtoLen);
	template->securityAuthKeyLen = USM_AUTH_KU_LEN;
	template->securityPrivKeyLen = USM_PRIV_KU_LEN;
	return template->securityAuthProto && template->securityPrivProto &&
	       make_key(template, auth_password, template->securityAuthKey,
			&template->securityAuthKeyLen) &&
	       make_key(template, priv_password, template->securityPrivKey,
			&template->securityPrivKeyLen);
}

struct peer_client *peer_client_open(const struct settings_peer *peer, const char *auth_password,
				     const char *priv_password)
{
	struct peer_client *client = memory_new(1, sizeof(*client));

	prepare_library();
	client->peer = peer;
	if (make_template(&client->template, peer, auth_password, priv_password))
		return client;
	peer_client_close(client);
	return NULL;
}

/* ---- a session ---- */

static netsnmp_session *session_of(const struct peer_client *client)
{
	return snmp_sess_session(client->session);
}

static void forget_answer(struct peer_client *client)
{
	snmp_free_varbind(client->kept);
	client->kept = NULL;
}

/* The library keeps the user's keys and the clock of an engine for ever: a peer whose engine counts
 * its boots from the beginning again would be thought a replay for ever. */
static void forget_engine(const netsnmp_session *session)
{
	struct usmUser *user;

	if (session->securityEngineIDLen == 0)
		return;
	user = usm_get_user(session->securityEngineID, session->securityEngineIDLen,
			    session->securityName);
	if (user) {
		/* It returns the head of the list, not the user. */
		usm_remove_user(user);
		usm_free_user(user);
	}
	free_enginetime(session->securityEngineID, session->securityEngineIDLen);
}

static void close_session(struct peer_client *client)
{
	if (!client->session)
		return;
	forget_engine(session_of(client));
	snmp_sess_close(client->session);
	client->session = NULL;
	client->proved = false;
}

/* "udp:192.0.2.2:161" and "udp6:[fe80::2%eth0]:161": numbers, which no resolver is asked about. */
static void print_peer(const struct address *address, char *text, size_t size)
{
	char host[ADDRESS_TEXT_MAX];

	address_print(address, host, sizeof(host));
	if (address->family == AF_INET6)
		text_print(text, size, "udp6:[%s]:%u", host, address->port);
	else
		text_print(text, size, "udp:%s:%u", host, address->port);
}

static bool open_session(struct peer_client *client)
{
	char text[ADDRESS_TEXT_MAX + 16];

	print_peer(&client->peer->addresses[client->at], text, sizeof(text));
	client->template.peername = text;
	client->session = snmp_sess_open(&client->template);
	client->template.peername = NULL;
	if (!client->session)
		return false;
	/* The library takes the flag back when a session is open. */
	session_of(client)->flags |= SNMP_FLAGS_DONT_PROBE;
	return true;
}

/* ---- how a question ends ---- */

__attribute__((format(printf, 3, 4))) static void end(struct peer_client *client,
						      enum peer_outcome outcome, const char *format,
						      ...)
{
	char text[128], address[ADDRESS_TEXT_MAX];
	va_list arguments;

	if (client->ended)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	address_print(&client->peer->addresses[client->at], address, sizeof(address));
	client->answer.outcome = outcome;
	client->answer.error_status = SNMP_ERR_NOERROR;
	TEXT_PRINT(client->answer.error, "%s %s", address, text);
	client->answer.count = 0;
	client->ended = true;
}

/* What is wrong between two agents that hear each other (RFC 3414, 3.2). */
static const char *words_of(int error)
{
	switch (error) {
	case SNMPERR_UNKNOWN_USER_NAME:
	case SNMPERR_USM_UNKNOWNSECURITYNAME:
		return "does not know the user";
	case SNMPERR_UNSUPPORTED_SEC_LEVEL:
	case SNMPERR_USM_UNSUPPORTEDSECURITYLEVEL:
		return "has no such authentication or encryption for the user";
	case SNMPERR_AUTHENTICATION_FAILURE:
	case SNMPERR_USM_AUTHENTICATIONFAILURE:
		return "has another authentication password or protocol";
	case SNMPERR_DECRYPTION_ERR:
	case SNMPERR_USM_DECRYPTIONERROR:
		return "has another encryption password or protocol";
	case SNMPERR_NOT_IN_TIME_WINDOW:
	case SNMPERR_USM_NOTINTIMEWINDOW:
		return "has another idea of the time of its engine";
	default:
		return NULL;
	}
}

static void end_reported(struct peer_client *client, int error)
{
	const char *words = words_of(error);

	if (words)
		end(client, PEER_REFUSED, "%s", words);
	else if (error == SNMPERR_UNKNOWN_ENG_ID)
		end(client, PEER_SILENT, "has another engine than before");
	else
		end(client, PEER_STRANGE, "reports %s", snmp_api_errstring(error));
}

/* snmpd says nothing to what it cannot decrypt. */
static void end_late(struct peer_client *client)
{
	const char *words = words_of(client->rejected);

	if (words)
		end(client, PEER_REFUSED, "answers, but %s", words);
	else if (client->rejected)
		end(client, PEER_STRANGE, "sends what is not understood: %s",
		    snmp_api_errstring(client->rejected));
	else if (client->step == CLIENT_GREETS)
		end(client, PEER_REFUSED, "has another encryption password or protocol");
	else if (client->step == CLIENT_ASKS && !client->proved)
		end(client, PEER_FAILED, "answers, but its subagent does not");
	else
		end(client, PEER_SILENT, "does not answer");
}

/* ---- answers ---- */

static bool take_variable(struct peer_cell *cell, const netsnmp_variable_list *variable)
{
	if (variable->name_length > MIB_OID_MAX)
		return false;
	for (size_t i = 0; i < variable->name_length; i++)
		cell->name[i] = (uint32_t)variable->name[i];
	cell->name_length = variable->name_length;
	cell->kind = CELL_NUMBER;
	switch (variable->type) {
	case ASN_INTEGER:
		cell->number = *variable->val.integer;
		break;
	case ASN_COUNTER:
	case ASN_GAUGE:
	case ASN_TIMETICKS:
		cell->number = (uint32_t)*variable->val.integer;
		break;
	case ASN_COUNTER64:
		cell->number = (int64_t)((uint64_t)variable->val.counter64->high << 32 |
					 variable->val.counter64->low);
		break;
	case ASN_OCTET_STR:
		cell->kind = CELL_OCTETS;
		cell->octets = variable->val.string;
		cell->octets_length = variable->val_len;
		break;
	case SNMP_NOSUCHOBJECT:
	case SNMP_NOSUCHINSTANCE:
	case SNMP_ENDOFMIBVIEW:
		cell->kind = CELL_NONE;
		break;
	default:
		cell->kind = CELL_OTHER;
	}
	return true;
}

static void take_variables(struct peer_client *client)
{
	size_t count = 0;

	for (const netsnmp_variable_list *variable = client->kept; variable;
	     variable = variable->next_variable)
		if (count == CELLS_MAX || !take_variable(&client->cells[count++], variable)) {
			end(client, PEER_STRANGE, "sends more than was asked for");
			return;
		}
	client->answer.outcome = PEER_ANSWERED;
	client->answer.error[0] = '\0';
	client->answer.error_status = SNMP_ERR_NOERROR;
	client->answer.cells = client->cells;
	client->answer.count = count;
	client->ended = true;
}

static void take_response(struct peer_client *client, netsnmp_pdu *pdu)
{
	switch (pdu->errstat) {
	case SNMP_ERR_NOERROR:
		forget_answer(client);
		client->kept = pdu->variables;
		pdu->variables = NULL;
		take_variables(client);
		break;
	case SNMP_ERR_AUTHORIZATIONERROR:
	case SNMP_ERR_NOACCESS:
		end(client, PEER_REFUSED, "does not let the user %s",
		    client->question.operation == PEER_SET ? "write" : "read");
		break;
	case SNMP_ERR_GENERR:
		end(client, PEER_FAILED, "answers genErr: its subagent does not answer");
		break;
	default:
		if (client->question.operation == PEER_BULK)
			end(client, PEER_STRANGE, "answers %s", snmp_errstring((int)pdu->errstat));
		else
			end(client, PEER_ANSWERED, "answers %s", snmp_errstring((int)pdu->errstat));
	}
	/* What fails for want of a subagent may have been done. */
	if (pdu->errstat != SNMP_ERR_GENERR)
		client->answer.error_status = pdu->errstat;
}

/* A report to the discovery is what it is for; the library keeps the engine of it when this
 * returns. It also answers a report about the time window by itself, once. */
static void take_report(struct peer_client *client, netsnmp_pdu *pdu)
{
	int error = snmpv3_get_report_type(pdu);

	if (client->step == CLIENT_DISCOVERS)
		return;
	if (error == SNMPERR_NOT_IN_TIME_WINDOW)
		client->rejected = error;
	else
		end_reported(client, error);
}

static int take_message(int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu,
			void *argument)
{
	struct peer_client *client = argument;

	(void)session, (void)request;
	if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
		return 1;
	if (pdu->command == SNMP_MSG_REPORT)
		take_report(client, pdu);
	else if (pdu->command == SNMP_MSG_RESPONSE && client->step == CLIENT_GREETS)
		client->greeted = true;
	else if (pdu->command == SNMP_MSG_RESPONSE && client->step == CLIENT_ASKS)
		take_response(client, pdu);
	return 1;
}

/* A message was thrown away: a stranger's, or one of a peer that was started again. */
static void reject(struct peer_client *client, int error)
{
	client->rejected = error;
	if (client->proved)
		end_late(client);
}

static void read_session(void *argument, short events)
{
	struct peer_client *client = argument;
	netsnmp_large_fd_set ready;
	int fd = snmp_sess_transport(client->session)->sock;

	(void)events;
	netsnmp_large_fd_set_init(&ready, FD_SETSIZE);
	netsnmp_large_fd_setfd(fd, &ready);
	if (snmp_sess_read2(client->session, &ready) < 0)
		reject(client, session_of(client)->s_snmp_errno);
	netsnmp_large_fd_set_cleanup(&ready);
}

/* ---- questions ---- */

static bool send_pdu(struct peer_client *client, netsnmp_pdu *pdu)
{
	client->deadline = clock_now() + client->peer->timeout;
	if (snmp_sess_async_send(client->session, pdu, take_message, client))
		return true;
	end(client, PEER_SILENT, "cannot be sent to: %s",
	    session_of(client)->s_snmp_errno == SNMPERR_BAD_SENDTO ?
		    strerror(session_of(client)->s_errno) :
		    snmp_api_errstring(session_of(client)->s_snmp_errno));
	snmp_free_pdu(pdu);
	return false;
}

/* The library looks for the user even where none is needed. */
static void add_nobody(void)
{
	struct usmUser *user = usm_get_user(NULL, 0, "");

	if (user)
		return;
	user = memory_new(1, sizeof(*user));
	user->name = memory_text("");
	user->secName = memory_text("");
	user->authProtocolLen = OID_LENGTH(usmNoAuthProtocol);
	user->authProtocol = snmp_duplicate_objid(usmNoAuthProtocol, user->authProtocolLen);
	user->privProtocolLen = OID_LENGTH(usmNoPrivProtocol);
	user->privProtocol = snmp_duplicate_objid(usmNoPrivProtocol, user->privProtocolLen);
	usm_add_user(user);
}

static void send_discovery(struct peer_client *client)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);

	add_nobody();
	pdu->version = SNMP_VERSION_3;
	pdu->securityModel = SNMP_SEC_MODEL_USM;
	pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	pdu->securityName = memory_text("");
	client->step = CLIENT_DISCOVERS;
	send_pdu(client, pdu);
}

static void send_greeting(struct peer_client *client)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);

	snmp_add_null_var(pdu, greeting, OID_LENGTH(greeting));
	client->greeted = false;
	client->step = CLIENT_GREETS;
	send_pdu(client, pdu);
}

static netsnmp_pdu *make_pdu(const struct peer_question *question)
{
	netsnmp_pdu *pdu;

	switch (question->operation) {
	case PEER_GET:
		return snmp_pdu_create(SNMP_MSG_GET);
	case PEER_SET:
		return snmp_pdu_create(SNMP_MSG_SET);
	case PEER_BULK:
		break;
	}
	pdu = snmp_pdu_create(SNMP_MSG_GETBULK);
	pdu->non_repeaters = (long)question->singles;
	pdu->max_repetitions = (long)question->repetitions;
	return pdu;
}

/* What a SET writes. */
static void add_value(netsnmp_pdu *pdu, const oid *name, const struct peer_name *written)
{
	u_long number = (u_long)written->value;

	if (written->syntax == MIB_STRING)
		snmp_pdu_add_variable(pdu, name, written->length, ASN_OCTET_STR, written->text,
				      strlen(written->text));
	else
		snmp_pdu_add_variable(pdu, name, written->length,
				      written->syntax == MIB_INTEGER ? ASN_INTEGER : ASN_UNSIGNED,
				      &number, sizeof(number));
}

static void send_question(struct peer_client *client)
{
	const struct peer_question *question = &client->question;
	netsnmp_pdu *pdu = make_pdu(question);
	oid name[MIB_OID_MAX];

	for (size_t i = 0; i < question->count; i++) {
		for (size_t n = 0; n < question->names[i].length; n++)
			name[n] = question->names[i].number[n];
		if (question->operation == PEER_SET)
			add_value(pdu, name, &question->names[i]);
		else
			snmp_add_null_var(pdu, name, question->names[i].length);
	}
	client->step = CLIENT_ASKS;
	send_pdu(client, pdu);
}

static void begin_session(struct peer_client *client)
{
	client->rejected = 0;
	client->ended = false;
	if (open_session(client))
		send_discovery(client);
	else
		end(client, PEER_SILENT, "cannot be sent to: %s", strerror(errno));
}

void peer_client_ask(struct peer_client *client, const struct peer_question *question)
{
	forget_answer(client);
	client->question = *question;
	client->rejected = 0;
	client->ended = false;
	client->step = CLIENT_ASKS;
	if (client->session)
		send_question(client);
	else
		begin_session(client);
}

/* Take the next step when the peer has taken its own. */
static void go_on(struct peer_client *client)
{
	netsnmp_session *session = session_of(client);

	if (client->step == CLIENT_DISCOVERS && session->securityEngineIDLen > 0) {
		if (usm_create_user_from_session(session) == SNMPERR_SUCCESS)
			send_greeting(client);
		else
			end(client, PEER_STRANGE, "has an engine that no key can be made for");
	} else if (client->step == CLIENT_GREETS && client->greeted) {
		send_question(client);
	}
}

/* The question is answered, or the session is of no use any more. A peer that was started again may
 * only want a new one: it is asked again at once. */
static void conclude(struct peer_client *client)
{
	bool again = client->proved && client->question.operation != PEER_SET;

	client->step = CLIENT_RESTS;
	if (client->answer.outcome == PEER_ANSWERED) {
		client->proved = true;
		return;
	}
	close_session(client);
	if (again)
		begin_session(client);
	else
		client->at = (client->at + 1) % client->peer->addresses_count;
}

bool peer_client_turn(struct peer_client *client, struct peer_answer *answer)
{
	if (client->step == CLIENT_RESTS)
		return false;
	if (client->session && !client->ended)
		go_on(client);
	if (!client->ended && clock_now() >= client->deadline)
		end_late(client);
	if (client->ended)
		conclude(client);
	if (client->ended) {
		*answer = client->answer;
		client->step = CLIENT_RESTS;
		return true;
	}
	loop_watch(snmp_sess_transport(client->session)->sock, POLLIN, read_session, client);
	loop_wake(client->deadline);
	return false;
}

void peer_client_close(struct peer_client *client)
{
	forget_answer(client);
	close_session(client);
	explicit_bzero(&client->template, sizeof(client->template));
	free(client);
}
