/* What a packet socket lets through: VRRP.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/wire/filter.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "subagent/sources/vrrp/wire/advert.h"

#define PROTOCOL_VRRP 112

/* Instructions of classic BPF; the jumps of IF say how many instructions they pass over. */
#define LOAD_8(offset) BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offset)
#define LOAD_16(offset) BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offset)
#define LOAD_8_BEHIND_IPV4 BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0)
#define LENGTH_OF_IPV4 BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)
#define LOAD_VLAN BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG))
#define AND(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)
#define IF(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define IF_ANY(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, yes, no)
#define PASS BPF_STMT(BPF_RET | BPF_K, ADVERT_OCTETS_MAX)
#define DROP BPF_STMT(BPF_RET | BPF_K, 0)

bool filter_attach(int fd)
{
	struct sock_filter program[] = {
		/* A packet of a VLAN is seen on the interface below it, too, its tag taken off:
		 * another link with other routers. VLAN 0 is a priority and no VLAN. */
		LOAD_VLAN,
		AND(0xFFF),
		IF(0, 1, 0),
		DROP,

		LOAD_8(0),
		AND(0xF0),
		IF(0x40, 2, 0),
		IF(0x60, 11, 0),
		DROP,

		/* IPv4: no fragments. A load beyond the end of the packet drops it. */
		LOAD_16(6),
		IF_ANY(0x3FFF, 7, 0),
		LOAD_8(9),
		IF(PROTOCOL_VRRP, 4, 0),
		IF(IPPROTO_AH, 0, 4),
		LENGTH_OF_IPV4,
		LOAD_8_BEHIND_IPV4,
		IF(PROTOCOL_VRRP, 0, 1),
		PASS,
		DROP,

		/* IPv6: the first header, then the one behind it. */
		LOAD_8(6),
		IF(PROTOCOL_VRRP, 10, 0),
		IF(IPPROTO_HOPOPTS, 3, 0),
		IF(IPPROTO_ROUTING, 2, 0),
		IF(IPPROTO_DSTOPTS, 1, 0),
		IF(IPPROTO_AH, 0, 7),
		LOAD_8(40),
		IF(PROTOCOL_VRRP, 4, 0),
		IF(IPPROTO_HOPOPTS, 3, 0),
		IF(IPPROTO_ROUTING, 2, 0),
		IF(IPPROTO_DSTOPTS, 1, 0),
		IF(IPPROTO_AH, 0, 1),
		PASS,
		DROP,
	};
	struct sock_fprog code = { sizeof(program) / sizeof(*program), program };
	int on = 1;

	return !setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &code, sizeof(code)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on));
}
