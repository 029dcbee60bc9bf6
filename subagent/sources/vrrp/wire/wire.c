/* Who advertises on the wire: a packet socket for each interface.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/wire/wire.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "subagent/sources/vrrp/wire/advert.h"
#include "subagent/sources/vrrp/wire/filter.h"
#include "subagent/sources/vrrp/wire/routers.h"

/* In a flood many packets wait when we look: it is the looking that costs, not the packet. One that
 * comes alone is read at once. */
#define PAUSE 3 /* milliseconds after each look */

/* Packets that are read in a millisecond, and at once after a time of quiet: 64,000 a second. */
#define PACE 64
#define BURST 1024
#define BATCH 64 /* in one call */

/* Octets that may wait for the next look; the kernel cuts this to net.core.rmem_max, whose usual
 * value holds some 180 packets of the hungriest drivers. */
#define QUEUE (1 << 20)

#define RETRY 1000 /* milliseconds before a socket that is gone is opened again */
#define EARS_AT_ONCE 64
#define LOG_PAUSE 60000 /* milliseconds from one invalid advert that is logged to the next */

/* One interface. */
struct ear {
	uint32_t interface;
	char name[IF_NAMESIZE];
	int fd;        /* -1: the interface is not there */
	bool ready;    /* in the look under way */
	bool in_doubt; /* it has been down: it may be gone without another word */
	int64_t heard; /* clock_now() up to which everything that came has been read */
	int64_t torn;  /* clock_now() at which the queue had overrun; 0: never */
	int64_t due;   /* clock_now() at which somebody may have fallen silent; 0: nobody will */
};

struct batch {
	struct mmsghdr headers[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_ll senders[BATCH];
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(sizeof(struct timespec))];
	} stamps[BATCH];
	uint8_t octets[BATCH][ADVERT_OCTETS_MAX];
};

struct wire {
	int epoll;
	int groups; /* a socket that is a member of the group of IPv6 on each interface */
	struct routers *routers;
	struct ear **ears;
	size_t count;
	int64_t rest;   /* clock_now() before which nobody looks again */
	int64_t retry;  /* clock_now() at which interfaces in doubt are looked after; 0: never */
	int64_t filled; /* clock_now() at which `allowance' was filled */
	int64_t allowance;
	int64_t next_log; /* clock_now() before which no other invalid advert is logged */
	uint64_t invalid, overrun;
	char error[128];
	struct batch batch;
};

/* ---- the sockets ---- */

/* ff02::12 */
static void change_group(const struct wire *wire, const struct ear *ear, int option)
{
	struct ipv6_mreq group = { .ipv6mr_interface = ear->interface };

	group.ipv6mr_multiaddr.s6_addr[0] = 0xff;
	group.ipv6mr_multiaddr.s6_addr[1] = 0x02;
	group.ipv6mr_multiaddr.s6_addr[15] = 0x12;
	setsockopt(wire->groups, IPPROTO_IPV6, option, &group, sizeof(group));
}

/* Without these an interface, or the switch before it, may pass the adverts over as soon as
 * keepalived is gone. Not every interface has addresses that are as long as those of Ethernet, nor
 * IPv6: such ones filter nothing. */
static void join_groups(const struct wire *wire, const struct ear *ear)
{
	static const uint8_t multicasts[][ETH_ALEN] = { { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x12 },
							{ 0x33, 0x33, 0x00, 0x00, 0x00, 0x12 } };
	struct packet_mreq request = { .mr_ifindex = (int)ear->interface,
				       .mr_type = PACKET_MR_MULTICAST,
				       .mr_alen = ETH_ALEN };

	for (size_t i = 0; i < sizeof(multicasts) / sizeof(*multicasts); i++) {
		memcpy(request.mr_address, multicasts[i], ETH_ALEN);
		setsockopt(ear->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request));
	}
	change_group(wire, ear, IPV6_JOIN_GROUP);
}

static bool prepare_socket(int fd)
{
	int queue = QUEUE, on = 1;

	return filter_attach(fd) && !setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof(queue)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
}

/* Of protocol 0 the socket hears nothing before it is bound; then all protocols: what this node
 * sends is shown to no other socket. */
static bool bind_socket(const struct wire *wire, struct ear *ear)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = (int)ear->interface };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = ear };

	return !bind(ear->fd, (struct sockaddr *)&address, sizeof(address)) &&
	       !epoll_ctl(wire->epoll, EPOLL_CTL_ADD, ear->fd, &event);
}

static void close_ear(const struct wire *wire, struct ear *ear)
{
	if (ear->fd < 0)
		return;
	change_group(wire, ear, IPV6_LEAVE_GROUP);
	close(ear->fd);
	ear->fd = -1;
}

static void look_after_later(struct wire *wire, struct ear *ear)
{
	ear->in_doubt = true;
	if (!wire->retry)
		wire->retry = clock_now() + RETRY;
}

static bool open_ear(struct wire *wire, struct ear *ear)
{
	ear->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (ear->fd < 0 || !prepare_socket(ear->fd) || !bind_socket(wire, ear)) {
		TEXT_PRINT(wire->error, "%s: packet socket: %s", ear->name, strerror(errno));
		close_ear(wire, ear);
		look_after_later(wire, ear);
		return false;
	}
	join_groups(wire, ear);
	ear->heard = clock_now();
	return true;
}

/* The kernel unbinds a socket from an interface that goes for ever; of one that is down it stays
 * bound. */
static bool is_bound(const struct ear *ear)
{
	struct sockaddr_ll address = { .sll_ifindex = -1 };
	socklen_t length = sizeof(address);

	return !getsockname(ear->fd, (struct sockaddr *)&address, &length) &&
	       address.sll_ifindex == (int)ear->interface;
}

/* Listen, if that is not so already. An interface that has got another name, or whose index has, is
 * another one. */
static bool settle(struct wire *wire, struct ear *ear)
{
	char name[IF_NAMESIZE];

	if (!if_indextoname(ear->interface, name)) {
		TEXT_PRINT(wire->error, "interface %u: %s", ear->interface, strerror(errno));
		close_ear(wire, ear);
		look_after_later(wire, ear);
		return false;
	}
	if (ear->fd >= 0 && is_bound(ear) && !strcmp(name, ear->name))
		return true;
	close_ear(wire, ear);
	if (strcmp(name, ear->name) != 0)
		routers_leave(wire->routers, ear->interface);
	TEXT_PUT(ear->name, name);
	return open_ear(wire, ear);
}

static void look_after(struct wire *wire)
{
	bool all = true;

	wire->retry = 0;
	for (size_t i = 0; i < wire->count; i++)
		if (wire->ears[i]->in_doubt) {
			all &= settle(wire, wire->ears[i]);
			look_after_later(wire, wire->ears[i]);
		}
	if (all)
		wire->error[0] = '\0';
}

/* ---- which interfaces ---- */

struct wire *wire_open(void)
{
	struct wire *wire = memory_new(1, sizeof(*wire));
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = (uint64_t)clock_microseconds();
	wire->routers = routers_new(seed);
	wire->epoll = epoll_create1(EPOLL_CLOEXEC);
	wire->groups = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return wire;
}

static void free_ear(struct wire *wire, struct ear *ear)
{
	close_ear(wire, ear);
	routers_leave(wire->routers, ear->interface);
	free(ear);
}

void wire_close(struct wire *wire)
{
	for (size_t i = 0; i < wire->count; i++)
		free_ear(wire, wire->ears[i]);
	if (wire->groups >= 0)
		close(wire->groups);
	if (wire->epoll >= 0)
		close(wire->epoll);
	routers_free(wire->routers);
	free(wire->ears);
	free(wire);
}

static struct ear *find_ear(const struct wire *wire, uint32_t interface)
{
	for (size_t i = 0; i < wire->count; i++)
		if (wire->ears[i]->interface == interface)
			return wire->ears[i];
	return NULL;
}

static bool is_among(uint32_t interface, const uint32_t *interfaces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (interfaces[i] == interface)
			return true;
	return false;
}

static void drop_ears(struct wire *wire, const uint32_t *interfaces, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < wire->count; i++) {
		if (is_among(wire->ears[i]->interface, interfaces, count))
			wire->ears[kept++] = wire->ears[i];
		else
			free_ear(wire, wire->ears[i]);
	}
	wire->count = kept;
}

static struct ear *add_ear(struct wire *wire, uint32_t interface)
{
	struct ear *ear = memory_new(1, sizeof(*ear));

	ear->interface = interface;
	ear->fd = -1;
	wire->ears = memory_resize(wire->ears, wire->count + 1, sizeof(*wire->ears));
	wire->ears[wire->count++] = ear;
	return ear;
}

bool wire_listen(struct wire *wire, const uint32_t *interfaces, size_t count)
{
	bool all = true;

	wire->error[0] = '\0';
	drop_ears(wire, interfaces, count);
	for (size_t i = 0; i < count; i++) {
		struct ear *ear = find_ear(wire, interfaces[i]);

		all &= settle(wire, ear ? ear : add_ear(wire, interfaces[i]));
	}
	return all;
}

const char *wire_error(const struct wire *wire)
{
	return wire->error;
}

/* ---- listening ---- */

static void prepare_batch(struct batch *batch, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct msghdr *header = &batch->headers[i].msg_hdr;

		batch->parts[i] = (struct iovec){ batch->octets[i], sizeof(batch->octets[i]) };
		*header = (struct msghdr){ .msg_name = &batch->senders[i],
					   .msg_namelen = sizeof(batch->senders[i]),
					   .msg_iov = &batch->parts[i],
					   .msg_iovlen = 1,
					   .msg_control = &batch->stamps[i],
					   .msg_controllen = sizeof(batch->stamps[i]) };
	}
}

/* clock_now() at which the packet came: not before what has been read already, for the time of day
 * may have been set since it was stamped. */
static int64_t came_at(const struct ear *ear, struct msghdr *header, int64_t now, int64_t wall)
{
	const struct cmsghdr *stamp = CMSG_FIRSTHDR(header);
	struct timespec came = { 0 };
	int64_t when;

	if (!stamp || stamp->cmsg_level != SOL_SOCKET || stamp->cmsg_type != SCM_TIMESTAMPNS)
		return now;
	memcpy(&came, CMSG_DATA(stamp), sizeof(came));
	when = now - wall + (int64_t)came.tv_sec * 1000 + came.tv_nsec / 1000000;
	if (when < ear->heard)
		return ear->heard;
	return when < now ? when : now;
}

static bool is_of_protocol(const struct sockaddr_ll *sender, const uint8_t *packet)
{
	return sender->sll_protocol == htons(packet[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6);
}

static void wait_no_longer_than(struct ear *ear, int64_t due)
{
	if (due && (!ear->due || due < ear->due))
		ear->due = due;
}

/* Not each of them, for there may be many. */
static void log_fault(struct wire *wire, const struct sighting *where, const struct advert *advert,
		      enum advert_fault fault)
{
	char source[ADDRESS_TEXT_MAX] = "somebody";

	if (where->now < wire->next_log)
		return;
	wire->next_log = where->now + LOG_PAUSE;
	if (advert->source.family)
		address_print(&advert->source, source, sizeof(source));
	log_warning("%s: an advert of %s, VRID %u, is not valid: %s", where->interface_name, source,
		    advert->vrid, advert_fault_name(fault));
}

static void hear(struct wire *wire, struct ear *ear, const struct sighting *where, size_t number)
{
	const struct batch *batch = &wire->batch;
	struct advert advert;
	enum advert_fault fault;

	if (!is_of_protocol(&batch->senders[number], batch->octets[number]))
		return;
	fault = advert_read(&advert, batch->octets[number], batch->headers[number].msg_len);
	if (fault == ADVERT_FOREIGN)
		return;
	if (fault == ADVERT_FINE) {
		wait_no_longer_than(ear, routers_hear(wire->routers, where, &advert));
		return;
	}
	log_fault(wire, where, &advert, fault);
	if (!routers_blame(wire->routers, where, &advert))
		wire->invalid++;
}

static void hear_batch(struct wire *wire, struct ear *ear, unsigned int count)
{
	int64_t now = clock_now(), wall = clock_wall();

	for (unsigned int i = 0; i < count; i++) {
		struct msghdr *header = &wire->batch.headers[i].msg_hdr;
		int64_t came = came_at(ear, header, now, wall);
		struct sighting where = { .interface = ear->interface,
					  .interface_name = ear->name,
					  .own = wire->batch.senders[i].sll_pkttype ==
						 PACKET_OUTGOING,
					  .now = came,
					  .wall = wall - (now - came),
					  .torn = ear->torn };

		hear(wire, ear, &where, i);
		ear->heard = came;
	}
}

/* Reading the figures sets them to zero. */
static void count_overrun(struct wire *wire, struct ear *ear)
{
	struct tpacket_stats stats = { 0 };
	socklen_t length = sizeof(stats);

	if (getsockopt(ear->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length) < 0 ||
	    !stats.tp_drops)
		return;
	wire->overrun += stats.tp_drops;
	ear->torn = clock_now();
}

/* Reading takes the error away that the interface has left: it has been set down. */
static void look_into_error(struct wire *wire, struct ear *ear)
{
	int error = 0;
	socklen_t length = sizeof(error);

	getsockopt(ear->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (!is_bound(ear))
		close_ear(wire, ear);
	look_after_later(wire, ear);
}

/* Read one batch; how many there were. When fewer than asked for, all that came before has been
 * heard. */
static int read_batch(struct wire *wire, struct ear *ear, int wanted)
{
	int64_t now = clock_now();
	int count;

	prepare_batch(&wire->batch, (unsigned int)wanted);
	count = recvmmsg(ear->fd, wire->batch.headers, (unsigned int)wanted, MSG_DONTWAIT, NULL);
	if (count < 0 && errno != EAGAIN && errno != EINTR)
		look_into_error(wire, ear);
	if (count > 0) {
		ear->in_doubt = false;
		hear_batch(wire, ear, (unsigned int)count);
	}
	if (count == wanted)
		count_overrun(wire, ear);
	else
		ear->heard = now;
	return count > 0 ? count : 0;
}

static void read_ear(struct wire *wire, struct ear *ear, int64_t most)
{
	int count = BATCH, wanted = BATCH;

	while (most > 0 && count == wanted && ear->fd >= 0) {
		wanted = most < BATCH ? (int)most : BATCH;
		count = read_batch(wire, ear, wanted);
		most -= count;
		wire->allowance -= count;
	}
}

static void begin_look(struct wire *wire, int64_t now)
{
	int64_t more = (now - wire->filled) * PACE;

	wire->filled = now;
	wire->allowance =
		more < BURST && wire->allowance + more < BURST ? wire->allowance + more : BURST;
	wire->rest = now + PAUSE;
}

/* What is not among the `count' that are ready has brought nothing up to now, unless there was no
 * room for it among them. */
static void note_quiet(struct wire *wire, int64_t now, int count)
{
	for (size_t i = 0; i < wire->count; i++) {
		if (!wire->ears[i]->ready && count < EARS_AT_ONCE)
			wire->ears[i]->heard = now;
		wire->ears[i]->ready = false;
	}
}

/* Each interface gets its share, so that a flood on one leaves the others heard. */
static void look(void *argument, short events)
{
	struct epoll_event ready[EARS_AT_ONCE];
	struct wire *wire = argument;
	int64_t now = clock_now();
	int count = epoll_wait(wire->epoll, ready, EARS_AT_ONCE, 0);

	(void)events;
	begin_look(wire, now);
	for (int i = 0; i < count; i++) {
		struct ear *ear = ready[i].data.ptr;

		ear->ready = true;
		read_ear(wire, ear, (wire->allowance + count - i - 1) / (count - i));
	}
	note_quiet(wire, now, count);
}

/* ---- silence ---- */

static void judge_ear(struct wire *wire, struct ear *ear)
{
	struct sighting where = { .interface = ear->interface,
				  .now = ear->heard,
				  .wall = clock_wall() };

	if (ear->fd >= 0)
		count_overrun(wire, ear);
	where.torn = ear->torn;
	ear->due = routers_judge(wire->routers, &where);
}

/* Whoever is silent is so only when everything that has come was heard before. */
static void judge(struct wire *wire, int64_t now)
{
	look(wire, 0);
	for (size_t i = 0; i < wire->count; i++)
		if (wire->ears[i]->due && now >= wire->ears[i]->due)
			judge_ear(wire, wire->ears[i]);
}

static int64_t earliest_due(const struct wire *wire)
{
	int64_t due = 0;

	for (size_t i = 0; i < wire->count; i++)
		if (wire->ears[i]->due && (!due || wire->ears[i]->due < due))
			due = wire->ears[i]->due;
	return due;
}

static int64_t later_of(int64_t one, int64_t other)
{
	return one > other ? one : other;
}

void wire_watch(struct wire *wire)
{
	uint32_t version = wire_version(wire);
	int64_t now = clock_now(), due = earliest_due(wire);

	if (wire->retry && now >= wire->retry)
		look_after(wire);
	if (due && now >= due && now >= wire->rest) {
		judge(wire, now);
		due = earliest_due(wire);
	}
	if (now < wire->rest)
		loop_wake(wire->rest);
	else
		loop_watch(wire->epoll, POLLIN, look, wire);
	if (due)
		loop_wake(later_of(due, wire->rest));
	loop_wake(wire->retry);
	if (wire_version(wire) != version)
		loop_wake(now);
}

/* ---- what has been heard ---- */

uint32_t wire_version(const struct wire *wire)
{
	return routers_version(wire->routers);
}

struct wire_waste wire_waste(const struct wire *wire)
{
	return (struct wire_waste){ .invalid = wire->invalid,
				    .refused = routers_refused(wire->routers),
				    .overrun = wire->overrun };
}

const struct heard *const *wire_routers(const struct wire *wire, size_t *count)
{
	return routers_all(wire->routers, count);
}
