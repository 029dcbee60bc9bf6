/* The session with the master agent (AgentX, RFC 2741), through net-snmp.
 *
 * Get and GetNext are answered where they are received, before the library sees them. Its way to a
 * handler decodes them at twenty times the instructions, clones each request three times and sends
 * it through two pipes to itself. Everything else takes that way, and a request that must not
 * overtake it, and ends in the same functions.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/master.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/agent/agent_trap.h>
#include <net-snmp/agent/sysORTable.h>
#include <net-snmp/library/large_fd_set.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/settings.h"
#include "subagent/line/assign.h"
#include "subagent/line/line.h"
#include "subagent/line/pdu.h"
#include "subagent/line/query.h"
#include "subagent/line/reply.h"
#include "subagent/line/serve.h"

/* What marks an AgentX session; no installed header of net-snmp names it. */
#define AGENTX_VERSION (192 | 1)

/* How long the last phase of a SET can be on its way through the library, milliseconds. */
#define SET_PASSAGE 200

/* How long a call of the library may wait for the master agent, microseconds. Never a retry: it
 * would send a notification twice. */
#define SESSION_TIMEOUT 300000

static struct line *served;
static netsnmp_session *session; /* NULL while there is none */
static int session_fd = -1;
static struct pdu_stream stream;   /* from the master agent to the library */
static netsnmp_large_fd_set ready; /* descriptors that became readable in this turn */
static bool readable;              /* there are such */
static struct reply reply;
static int64_t set_passing; /* since when (clock_now()), or 0 */

/* What the library waits for. That changes only when it is called. To ask on each turn, and to try
 * its timers, takes five looks at the clock for each request: where such a look is a system call,
 * more than to answer it. */
static netsnmp_large_fd_set wanted;
static int wanted_end; /* above the highest descriptor */
static int64_t due;    /* its next timer (clock_now()), or 0 */
static bool called;    /* since it was asked */

/* Whether the last phase of a SET is in the library: it comes out of it some turns later. What is
 * answered here must not overtake it: the manager has its response, and reads the job. */
static bool set_passes(unsigned int type)
{
	if (type == PDU_UNDO_SET || type == PDU_CLEANUP_SET)
		set_passing = clock_now();
	return set_passing && clock_now() - set_passing <= SET_PASSAGE;
}

static bool answer(void *transport, const unsigned char *octets, size_t size)
{
	struct query query;

	if (set_passes(octets[PDU_TYPE]) || !query_begin(&query, octets, size))
		return false;
	reply_begin(&reply, &query.head);
	if (!serve_query(served, &query, &reply))
		return false;
	reply_end(&reply);
	netsnmp_transport_send(transport, reply.octets, (int)reply.length, NULL, NULL);
	return true;
}

/* Receive for the library what is not answered here. The flag tells it that nothing is left; else
 * nothing would be the end of the session. */
static int receive(netsnmp_transport *transport, void *octets, int room, void **opaque, int *length)
{
	size_t held = pdu_resume(&stream, octets);
	ssize_t got = recv(transport->sock, (unsigned char *)octets + held, (size_t)room - held,
			   MSG_DONTWAIT);
	size_t left;

	(void)opaque, (void)length;
	if (got <= 0) {
		called = true;
		return (int)got;
	}
	left = pdu_sift(&stream, octets, held + (size_t)got, answer, transport);
	if (left == 0)
		transport->flags |= NETSNMP_TRANSPORT_FLAG_EMPTY_PKT;
	else
		called = true;
	return (int)left;
}

/* What the library does with a request by itself. */
static int handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
		  netsnmp_agent_request_info *information, netsnmp_request_info *requests)
{
	(void)handler;
	(void)registration;
	if (information->mode != MODE_GET && information->mode != MODE_GETNEXT) {
		set_passing = 0;
		return assign(served, information, requests);
	}
	for (; requests; requests = requests->next)
		if (!requests->processed)
			serve_variable(served, requests->requestvb,
				       information->mode == MODE_GETNEXT);
	return SNMP_ERR_NOERROR;
}

/* A session is being made, the AgentX one among them: bound what it may wait. */
static int limit_session(int major, int minor, void *argument, void *own)
{
	netsnmp_session *made = argument;

	(void)major, (void)minor, (void)own;
	if (made->version == AGENTX_VERSION) {
		made->timeout = SESSION_TIMEOUT;
		made->retries = 0;
	}
	return SNMPERR_SUCCESS;
}

static int session_opened(int major, int minor, void *argument, void *own)
{
	netsnmp_transport *transport;

	(void)major, (void)minor, (void)own;
	/* When the master agent died while the library waited for it, the library set its alarm to
	 * connect again twice, and the second would never end. */
	snmp_alarm_unregister_all();
	session = argument;
	memset(&stream, 0, sizeof(stream));
	transport = snmp_sess_transport(snmp_sess_pointer(session));
	transport->f_recv = receive;
	session_fd = transport->sock;
	log_info("connected to the master agent");
	return SNMPERR_SUCCESS;
}

/* May come twice for one loss. */
static int session_lost(int major, int minor, void *argument, void *own)
{
	(void)major, (void)minor, (void)argument, (void)own;
	if (session)
		log_warning("lost the master agent");
	session = NULL;
	session_fd = -1;
	return SNMPERR_SUCCESS;
}

static int pass_log(int major, int minor, void *argument, void *own)
{
	const struct snmp_log_message *message = argument;
	char text[256];

	(void)major, (void)minor, (void)own;
	snprintf(text, sizeof(text), "%s", message->msg);
	text[strcspn(text, "\n")] = '\0';
	log_debug("net-snmp: %s", text);
	return SNMPERR_SUCCESS;
}

static void prepare_library(const struct settings *settings)
{
	/* No configuration, no MIB files, no persistent state: all of it is ours. */
	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	snmp_disable_log();
	snmp_enable_calllog();
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, pass_log, NULL);
	netsnmp_enable_subagent();
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET,
			      settings->agentx);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS,
			       1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_ROOT_ACCESS, 1);
	/* Else each notification asks the kernel for all interfaces, for its SNMPv1 form. */
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_TRAP_ADDR, "127.0.0.1");
	init_agent("ha-agentx");
	/* Also the time between two attempts to connect. init_agent() overwrites it: set it after.
	 */
	netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 1);
}

void master_open(struct line *line, const struct settings *settings)
{
	uint32_t name[MIB_OID_MAX];
	size_t length = mib_oid(0, name);
	oid root[MIB_OID_MAX];

	served = line;
	prepare_library(settings);
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_SESSION_INIT, limit_session,
			       NULL);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START,
			       session_opened, NULL);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, session_lost,
			       NULL);
	for (size_t i = 0; i < length; i++)
		root[i] = name[i];
	/* One registration: all assignments of one SET arrive together, the lock with its request.
	 */
	netsnmp_register_handler(netsnmp_create_handler_registration("ha-agentx", handle, root,
								     length, HANDLER_CAN_RWRITE));
	REGISTER_SYSOR_ENTRY(root, "HA-AGENTX-MIB: state and controlled failover of a Linux pair");
	init_snmp("ha-agentx");
	netsnmp_large_fd_set_init(&wanted, FD_SETSIZE);
	netsnmp_large_fd_set_init(&ready, FD_SETSIZE);
	called = true;
}

void master_close(void)
{
	snmp_shutdown("ha-agentx");
	reply_free(&reply);
	netsnmp_large_fd_set_cleanup(&wanted);
	netsnmp_large_fd_set_cleanup(&ready);
}

/* What comes over the session's socket is ours to look at first: see receive(). */
static void mark_ready(void *argument, short events)
{
	int fd = (int)(intptr_t)argument;

	(void)events;
	NETSNMP_LARGE_FD_SET(fd, &ready);
	readable = true;
	if (fd != session_fd)
		called = true;
}

/* The library pings the master agent, and gives the session up when it is slow to answer. On a
 * local socket that finds nothing which the end of the socket does not tell. The number of the
 * alarm lies in securityModel, of all places. */
static void stop_pings(void)
{
	if (!session || session->securityModel == SNMP_DEFAULT_SECMODEL)
		return;
	snmp_alarm_unregister((unsigned int)session->securityModel);
	session->securityModel = SNMP_DEFAULT_SECMODEL;
}

static void ask_library(void)
{
	struct timeval timeout = { 0, 0 };
	int block = 1;

	stop_pings();
	NETSNMP_LARGE_FD_ZERO(&wanted);
	wanted_end = 0;
	snmp_select_info2(&wanted_end, &wanted, &timeout, &block);
	due = block ? 0 : clock_now() + timeout.tv_sec * 1000 + timeout.tv_usec / 1000 + 1;
	called = false;
}

void master_watch(void)
{
	if (called)
		ask_library();
	for (int fd = 0; fd < wanted_end; fd++)
		if (NETSNMP_LARGE_FD_ISSET(fd, &wanted))
			loop_watch(fd, POLLIN, mark_ready, (void *)(intptr_t)fd);
	loop_wake(due);
	NETSNMP_LARGE_FD_ZERO(&ready);
	readable = false;
}

/* The library takes the master agent's sysUpTime from the answers it waits for. A reading comes
 * late, by the hundredth of a second that it was cut to and by what passed since then. A TimeStamp
 * must not waver, so the first one stands until one that is more than a second off shows that the
 * master agent was started anew. */
static void note_start(void)
{
	int64_t reading = clock_now() - 10 * (int64_t)netsnmp_get_agent_uptime();

	if (session && llabs(reading - served->start) > 1000)
		served->start = reading;
}

void master_tend(bool woken)
{
	if (readable)
		snmp_read2(&ready);
	if (!called && !woken)
		return;
	snmp_timeout();
	run_alarms();
	netsnmp_check_outstanding_agent_requests();
	note_start();
	called = true;
}

void master_notify(netsnmp_variable_list *list)
{
	send_v2trap(list);
	called = true;
}

bool master_connected(void)
{
	return session != NULL;
}

void master_notifications(unsigned int *sent, unsigned int *acknowledged)
{
	*sent = *acknowledged = 0;
	if (!session || !session->trap_stats)
		return;
	*sent = (unsigned int)session->trap_stats->sent_count;
	*acknowledged =
		(unsigned int)(session->trap_stats->ack_count + session->trap_stats->timeouts);
}
