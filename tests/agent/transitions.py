# Measures from a change of keepalived's, as the network sees it, to the notifications of it.
# SPDX-License-Identifier: BSD-2-Clause
"""A router leaves its address (an advert of priority 0) and takes it again (the first of a master)
as often as its track file says. All of it, adverts and notifications, comes off the same
wire, with the time at which the kernel of whoever listens took it."""
import collections
import socket
import statistics
import struct
import threading

import snmp
from checks import check

VRID, PRIORITY, NAME = 77, 200, "bench"
AWAY, BACK = 0.3, 0.9  # seconds in FAULT, and until it must have become master
WINDOW = 0.25          # a notification belongs to what was on the wire so long before ..
EARLY = 0.05           # .. or, each being taken by another part of a busy kernel, so long after
LIMIT = "10 ms, p99 50 ms"
ETH_P_IP, SO_TIMESTAMPNS, VRRP, UDP = 0x0800, 35, 112, 17
KEEPALIVED_TRAP = (1, 3, 6, 1, 4, 1, 9586, 100, 5, 2, 10, 0, 2)
KEEPALIVED_STATE = (1, 3, 6, 1, 4, 1, 9586, 100, 5, 2, 3, 1, 4)
KEEPALIVED_LABELS = {1: "backup", 2: "master", 3: "fault"}
OURS = {"haVrrpStateChange": "ours", "haBondLinkChange": "link"}

Seen = collections.namedtuple("Seen", "time what value")


def configuration(interface, address, track, *head):
    """What keepalived reads; `head` are more lines of its global definitions."""
    lines = "\n\t".join(("router_id bench", "enable_snmp_vrrp", "enable_traps", *head))
    return f"""global_defs {{
	{lines}
}}
track_file {NAME} {{
	file "{track}"
	weight 0
}}
vrrp_instance {NAME} {{
	version 3
	state BACKUP
	interface {interface}
	virtual_router_id {VRID}
	priority {PRIORITY}
	advert_int 0.1
	track_file {{
		{NAME}
	}}
	virtual_ipaddress {{
		{address}/32
	}}
}}
"""


class Wire:
    """What comes by, in its order: adverts of the router, notifications of both agents."""

    def __init__(self, mib, port):
        self.mib, self.port, self.seen = mib, port, []
        self.ours = {mib.objects[name].oid: word for name, word in OURS.items()}
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            packet, control, _, _ = self.socket.recvmsg(65536, 256)
            for level, kind, data in control:
                if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                    seconds, nanoseconds = struct.unpack("qq", data[:16])
                    self.take(seconds + nanoseconds / 1e9, packet)

    def take(self, moment, packet):
        body = packet[4 * (packet[0] & 15):]
        if packet[9] == VRRP and body[1] == VRID:
            self.seen.append(Seen(moment, "advert", body[2]))
        elif packet[9] == UDP and int.from_bytes(body[2:4], "big") == self.port:
            found = self.understand(snmp.decode_message(body[8:])[2])
            if found:
                self.seen.append(Seen(moment, *found))

    def understand(self, bindings):
        """Whose notification it is, and the state that it tells; None for another."""
        name, told = bindings[1].value.value, bindings[2:]
        if name == KEEPALIVED_TRAP:
            state = next(value.value for oid, value in told
                         if oid[:len(KEEPALIVED_STATE)] == KEEPALIVED_STATE)
            return "keepalived", KEEPALIVED_LABELS.get(state)
        kind = self.ours.get(name)
        if not kind:
            return None
        values = {self.mib.find(oid)[0].name: value.value for oid, value in told}
        return kind, self.mib.find(told[4].oid)[0].labels.get(values["haEventNewState"])

    def times(self, what, value):
        return [seen.time for seen in list(self.seen) if seen[1:] == (what, value)]

    def transitions(self):
        """When the router was no longer master, and when it was again."""
        master = None
        for moment, what, value in list(self.seen):
            if what == "advert" and master != (value != 0):
                if master is not None:
                    yield moment, "master" if value else "fault"
                master = value != 0

    def delays(self, what, state):
        """From each change of the router to that state to the first notification of it."""
        found, times = [], self.times(what, state)
        for moment, new in self.transitions():
            if new == state:
                found += [time - moment for time in times if -EARLY < time - moment < WINDOW][:1]
        return found


def tell(figure, delays, limit="", note=""):
    if not check(f"{figure}: measured", delays):
        return
    ranked = sorted(delays)
    worst = ranked[min(len(ranked) - 1, round(0.99 * len(ranked)))]
    text = f"{statistics.median(ranked) * 1e3:.1f} ms, p99 {worst * 1e3:.1f} ms"
    limit = limit and f"   limit {limit}"
    print(f"        {figure:<62} {text:>24}   of {len(ranked)}{limit}{note}", flush=True)


def tell_transitions(wire, way):
    for state, words in (("fault", "leaves its address"), ("master", "takes it")):
        tell(f"keepalived {words}, to our notification ({way})", wire.delays("ours", state), LIMIT)
        tell("... to keepalived's own", wire.delays("keepalived", state))
