/* Asks the kernel's DRBD 8.4 over generic netlink, in the words of drbdsetup, but without a
 * program.
 *
 * A process aside does it: whoever asks for a role is held in the kernel until DRBD and its
 * handlers have come to an end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/drbd_genl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "actions/aside.h"
#include "actions/netlink.h"
#include "actions/netlink_family.h"
#include "actions/netlink_message.h"
#include "lib/memory.h"
#include "lib/tool.h"

#define FAMILY "drbd"
#define VERSION 1 /* of the family, with DRBD 8.4 */

#define VOLUMES_MAX 64
#define NO_MINOR UINT32_MAX
#define EXIT_REFUSED 10 /* of drbdsetup */

/* What a message is about: its header behind that of generic netlink. */
struct subject {
	uint32_t minor;
	int32_t code; /* flags of a question; of an answer, enum drbd_ret_code or drbd_state_rv */
};

enum command {
	COMMAND_PRIMARY = 14,
	COMMAND_SECONDARY = 15,
	COMMAND_RESOURCE = 34, /* states, as the list of all has them */
	COMMAND_DEVICE = 35,
	COMMAND_CONNECTION = 36,
	COMMAND_PEER_DEVICE = 37,
	COMMAND_LIST = 38,
	COMMAND_END_OF_LIST = 41
};

enum { /* attributes of a message, each a nest */
       NEST_REPLY = 1,
       NEST_CONTEXT = 2,
       NEST_RESOURCE = 15,
       NEST_DEVICE = 16,
       NEST_CONNECTION = 17,
       NEST_PEER_DEVICE = 18,
       NEST_MAX = 18
};

enum { REPLY_TEXT = 1 };
enum { CONTEXT_VOLUME = 1, CONTEXT_RESOURCE = 2 };
enum { RESOURCE_ROLE = 1, RESOURCE_USER, RESOURCE_NO_DATA, RESOURCE_FENCING };
enum { DEVICE_DISK = 1 };
enum { CONNECTION_STATE = 1, CONNECTION_ROLE };
enum { PEER_DEVICE_REPLICATION = 1, PEER_DEVICE_DISK };
#define INSIDE_MAX 4

#define NO_ERROR 101    /* enum drbd_ret_code */
#define SUCCESS 1       /* enum drbd_state_rv: less is a refusal */
#define NOTHING_TO_DO 2 /* the same */

static const char *const roles[] = { "Unknown", "Primary", "Secondary" };
static const char *const disks[] = {
	"Diskless", "Attaching", "Failed",     "Negotiating", "Inconsistent",
	"Outdated", "DUnknown",  "Consistent", "UpToDate",
};
/* enum drbd_conns goes on where a connection ends and replication begins: a connection that stands
 * stays at 9, C_WF_REPORT_PARAMS, and its volumes go on. */
static const char *const connections[] = {
	"StandAlone",     "Disconnecting", "Unconnected", "Timeout",    "BrokenPipe",
	"NetworkFailure", "ProtocolError", "TearDown",    "Connecting", "Connected",
};
static const char *const replications[] = {
	"Off",           "Off",       "Off",         "Off",         "Off",         "Off",
	"Off",           "Off",       "Off",         "Off",         "Established", "StartingSyncS",
	"StartingSyncT", "WFBitMapS", "WFBitMapT",   "WFSyncUUID",  "SyncSource",  "SyncTarget",
	"VerifyS",       "VerifyT",   "PausedSyncS", "PausedSyncT", "Ahead",       "Behind",
};

/* An order on its way. It is in memory that both processes have. */
struct dialogue {
	enum drbd_order order;
	char resource[128];
	int64_t deadline;
	uint16_t family; /* 0: the kernel has no DRBD 8.4 */
	uint32_t minors[VOLUMES_MAX];
	size_t volumes;
	int32_t code; /* of the last answer */
	struct tool_result result;
};

/* ---- what the kernel says ---- */

/* libnl writes to a policy nowhere, but takes it as if it did. */
static struct nla_policy nest_policy[NEST_MAX + 1] = {
	[NEST_REPLY] = { .type = NLA_NESTED },      [NEST_CONTEXT] = { .type = NLA_NESTED },
	[NEST_RESOURCE] = { .type = NLA_NESTED },   [NEST_DEVICE] = { .type = NLA_NESTED },
	[NEST_CONNECTION] = { .type = NLA_NESTED }, [NEST_PEER_DEVICE] = { .type = NLA_NESTED },
};

static struct nla_policy text_policy[INSIDE_MAX + 1] = {
	[REPLY_TEXT] = { .type = NLA_STRING, .minlen = 1 },
};

static struct nla_policy context_policy[INSIDE_MAX + 1] = {
	[CONTEXT_VOLUME] = { .type = NLA_U32 },
	[CONTEXT_RESOURCE] = { .type = NLA_STRING, .minlen = 1 },
};

static struct nla_policy resource_policy[INSIDE_MAX + 1] = {
	[RESOURCE_ROLE] = { .type = NLA_U32 },
	[RESOURCE_USER] = { .type = NLA_U8 },
	[RESOURCE_NO_DATA] = { .type = NLA_U8 },
	[RESOURCE_FENCING] = { .type = NLA_U8 },
};

/* Of a device, a connection and a peer device: numbers. */
static struct nla_policy number_policy[INSIDE_MAX + 1] = {
	[1] = { .type = NLA_U32 },
	[2] = { .type = NLA_U32 },
};

/* A message taken apart as far as it is needed. */
struct said {
	enum command command;
	struct subject subject;
	struct nlattr *nests[NEST_MAX + 1];
};

static bool take_apart(struct nlmsghdr *message, struct said *said)
{
	struct genlmsghdr *head;

	if (!genlmsg_valid_hdr(message, sizeof(said->subject)) ||
	    genlmsg_parse(message, sizeof(said->subject), said->nests, NEST_MAX, nest_policy) < 0)
		return false;
	head = nlmsg_data(message);
	said->command = head->cmd;
	memcpy(&said->subject, genlmsg_user_hdr(head), sizeof(said->subject));
	return true;
}

static bool open_nest(const struct said *said, int nest, struct nla_policy *policy,
		      struct nlattr *inside[INSIDE_MAX + 1])
{
	return said->nests[nest] &&
	       nla_parse_nested(inside, INSIDE_MAX, said->nests[nest], policy) == 0;
}

static bool is_of(const struct said *said, const char *resource, uint32_t *volume)
{
	struct nlattr *context[INSIDE_MAX + 1];

	if (!open_nest(said, NEST_CONTEXT, context_policy, context) || !context[CONTEXT_RESOURCE] ||
	    strcmp(nla_get_string(context[CONTEXT_RESOURCE]), resource) != 0)
		return false;
	*volume = context[CONTEXT_VOLUME] ? nla_get_u32(context[CONTEXT_VOLUME]) : 0;
	return true;
}

/* ---- states as lines ---- */

#define NAME_OF(names, attribute) name_of(names, sizeof(names) / sizeof(*(names)), attribute)

/* A number that is not known is a word that nobody takes for a good state. */
static const char *name_of(const char *const names[], size_t count, const struct nlattr *attribute)
{
	uint32_t number = attribute ? nla_get_u32(attribute) : UINT32_MAX;

	return number < count ? names[number] : "unknown";
}

static bool is_set(const struct nlattr *flag)
{
	return flag && nla_get_u8(flag);
}

static void print_suspension(struct nlattr *inside[INSIDE_MAX + 1], char *text, size_t size)
{
	text_print(text, size, "%s%s%s", is_set(inside[RESOURCE_USER]) ? ",user" : "",
		   is_set(inside[RESOURCE_NO_DATA]) ? ",no-data" : "",
		   is_set(inside[RESOURCE_FENCING]) ? ",fencing" : "");
	if (!*text)
		text_put(text, size, ",no");
}

static void print_resource(const struct said *said, const char *name, char *line, size_t size)
{
	struct nlattr *inside[INSIDE_MAX + 1];
	char suspended[32];

	if (!open_nest(said, NEST_RESOURCE, resource_policy, inside))
		return;
	print_suspension(inside, suspended, sizeof(suspended));
	text_print(line, size, "exists resource name:%s role:%s suspended:%s\n", name,
		   NAME_OF(roles, inside[RESOURCE_ROLE]), suspended + 1);
}

static void print_device(const struct said *said, const char *name, uint32_t volume, char *line,
			 size_t size)
{
	struct nlattr *inside[INSIDE_MAX + 1];

	if (open_nest(said, NEST_DEVICE, number_policy, inside))
		text_print(line, size, "exists device name:%s volume:%u minor:%u disk:%s\n", name,
			   volume, said->subject.minor, NAME_OF(disks, inside[DEVICE_DISK]));
}

static void print_connection(const struct said *said, const char *name, char *line, size_t size)
{
	struct nlattr *inside[INSIDE_MAX + 1];

	if (open_nest(said, NEST_CONNECTION, number_policy, inside))
		text_print(line, size, "exists connection name:%s connection:%s role:%s\n", name,
			   NAME_OF(connections, inside[CONNECTION_STATE]),
			   NAME_OF(roles, inside[CONNECTION_ROLE]));
}

static void print_peer_device(const struct said *said, const char *name, uint32_t volume,
			      char *line, size_t size)
{
	struct nlattr *inside[INSIDE_MAX + 1];

	if (open_nest(said, NEST_PEER_DEVICE, number_policy, inside))
		text_print(line, size,
			   "exists peer-device name:%s volume:%u replication:%s peer-disk:%s\n",
			   name, volume, NAME_OF(replications, inside[PEER_DEVICE_REPLICATION]),
			   NAME_OF(disks, inside[PEER_DEVICE_DISK]));
}

static void print_line(const struct said *said, const char *name, uint32_t volume, char *line,
		       size_t size)
{
	if (said->command == COMMAND_RESOURCE)
		print_resource(said, name, line, size);
	else if (said->command == COMMAND_DEVICE)
		print_device(said, name, volume, line, size);
	else if (said->command == COMMAND_CONNECTION)
		print_connection(said, name, line, size);
	else if (said->command == COMMAND_PEER_DEVICE)
		print_peer_device(said, name, volume, line, size);
}

/* ---- questions ---- */

static int find_family(struct dialogue *dialogue)
{
	struct netlink_family family = { .name = FAMILY };
	struct netlink_answer answer = { .take = NULL };
	int error = netlink_family_find(&family, dialogue->deadline, &answer);

	if (family.version == VERSION)
		dialogue->family = family.id;
	return error;
}

/* What is not understood adds no line: it is missing then, which shows in the numbers. */
static void take_state(void *argument, struct nlmsghdr *message)
{
	struct dialogue *dialogue = argument;
	char *out = dialogue->result.out, line[512] = "";
	size_t used = strlen(out);
	struct said said;
	uint32_t volume;

	if (!take_apart(message, &said))
		return;
	if (said.command == COMMAND_END_OF_LIST)
		TEXT_PUT(line, "exists -\n");
	else if (is_of(&said, dialogue->resource, &volume))
		print_line(&said, dialogue->resource, volume, line, sizeof(line));
	else
		return;
	if (said.command == COMMAND_DEVICE && dialogue->volumes < VOLUMES_MAX)
		dialogue->minors[dialogue->volumes++] = said.subject.minor;
	text_put(out + used, sizeof(dialogue->result.out) - used, line);
}

static struct nl_msg *question_about(const struct dialogue *dialogue, uint8_t command,
				     uint32_t minor, int flags)
{
	struct nl_msg *question = netlink_command(dialogue->family, command, VERSION, flags);
	struct subject subject = { .minor = minor };

	netlink_need(nlmsg_append(question, &subject, sizeof(subject), NLMSG_ALIGNTO) == 0);
	return question;
}

static int list_states(struct dialogue *dialogue)
{
	struct netlink_answer answer = { .take = take_state, .argument = dialogue };

	dialogue->volumes = 0;
	return netlink_ask(NETLINK_GENERIC,
			   question_about(dialogue, COMMAND_LIST, NO_MINOR, NLM_F_DUMP),
			   dialogue->deadline, &answer);
}

/* ---- a role ---- */

static void take_reply(void *argument, struct nlmsghdr *message)
{
	struct nlattr *inside[INSIDE_MAX + 1];
	struct dialogue *dialogue = argument;
	struct said said;

	if (!take_apart(message, &said))
		return;
	dialogue->code = said.subject.code;
	if (open_nest(&said, NEST_REPLY, text_policy, inside) && inside[REPLY_TEXT])
		TEXT_PRINT(dialogue->result.err, "additional info from kernel:\n%s\n",
			   nla_get_string(inside[REPLY_TEXT]));
}

/* The number, and behind it what the kernel has to say of it. */
static void keep_refusal(struct dialogue *dialogue)
{
	char words[sizeof(dialogue->result.err)];

	TEXT_PUT(words, dialogue->result.err);
	TEXT_PRINT(dialogue->result.err, "%s: %s: (%d)\n%s", dialogue->resource,
		   dialogue->code <= 0 ? "State change failed" : "Failure", dialogue->code, words);
	dialogue->result.status = EXIT_REFUSED;
}

static bool is_granted(int32_t code)
{
	return code == NO_ERROR || code == SUCCESS || code == NOTHING_TO_DO;
}

/* Of one volume; the resource has one role, but what is written down for it is of each. */
static int give_role(struct dialogue *dialogue, uint32_t minor)
{
	struct netlink_answer answer = { .take = take_reply, .argument = dialogue };
	bool promotes = dialogue->order == DRBD_ORDER_PRIMARY;
	struct nl_msg *question = question_about(
		dialogue, promotes ? COMMAND_PRIMARY : COMMAND_SECONDARY, minor, NLM_F_ACK);
	int error;

	dialogue->code = 0;
	error = netlink_ask(NETLINK_GENERIC, question, dialogue->deadline, &answer);
	if (!error && !is_granted(dialogue->code))
		keep_refusal(dialogue);
	return error;
}

/* The states are listed again behind it: to be told of them saves another process aside. */
static int give_roles(struct dialogue *dialogue)
{
	int error = 0;

	for (size_t i = 0; i < dialogue->volumes && !error && !dialogue->result.status; i++)
		error = give_role(dialogue, dialogue->minors[i]);
	TEXT_PUT(dialogue->result.out, "");
	return error ? error : list_states(dialogue);
}

/* ---- the dialogue ---- */

static int talk(void *room)
{
	struct dialogue *dialogue = room;
	int error = find_family(dialogue);

	if (!error && dialogue->family)
		error = list_states(dialogue);
	if (!error && dialogue->family && dialogue->order != DRBD_ORDER_LOOK)
		error = dialogue->volumes ? give_roles(dialogue) : ENODEV;
	return error;
}

bool drbd_genl_ask(enum drbd_order order, const char *resource, int64_t deadline,
		   struct tool_result *result)
{
	struct dialogue *dialogue = memory_new(1, sizeof(*dialogue));
	bool there;
	int error;

	dialogue->order = order;
	dialogue->deadline = deadline;
	TEXT_PUT(dialogue->resource, resource);
	error = aside_run(talk, dialogue, sizeof(*dialogue), deadline);
	*result = dialogue->result;
	result->late = error == ASIDE_LATE || error == ETIMEDOUT;
	result->error = result->late ? 0 : error;
	if (result->late || error)
		result->status = -1;
	/* Of whoever was late or has died nothing is known: it may have asked. */
	there = dialogue->family != 0 || error == ASIDE_LATE || error == EINTR;
	free(dialogue);
	return there;
}
