# VRRP adverts made octet by octet, sent from the manager's place at switch A, whoever they say they are from.
# SPDX-License-Identifier: BSD-2-Clause
"""Versions 2 (RFC 3768) and 3 (RFC 5798), over IPv4 and IPv6, valid or not."""
import contextlib
import ipaddress
import socket
import struct
import threading
import time

DEVICE = "manager"
PROTOCOL = 112
GROUPS = {4: ("224.0.0.18", "01005e000012"), 6: ("ff02::12", "333300000012")}
OUR_MAC = bytes.fromhex("0200000000fe")


def checksum(octets):
    """RFC 1071."""
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address):
    return ipaddress.ip_address(address).packed


def message(source, vrid, priority, addresses, version=2, interval=1.0, password=None, count=None):
    """The VRRP part. `count': of addresses it says it has, if not how many there are."""
    count = len(addresses) if count is None else count
    if version == 2:
        kind = struct.pack("!BB", 0 if password is None else 1, int(interval))
        tail = (password or b"").ljust(8, b"\0")
    else:
        kind, tail = struct.pack("!H", round(interval * 100)), b""
    head = struct.pack("!BBBB", version << 4 | 1, vrid, priority, count) + kind
    body = b"".join(map(packed, addresses)) + tail
    pseudo = b""
    if version == 3:  # The pseudo-headers of IPv4 and IPv6 are not alike, but their sums are.
        group = GROUPS[ipaddress.ip_address(source).version][0]
        pseudo = packed(source) + packed(group) + struct.pack("!II", 8 + len(body), PROTOCOL)
    return head + struct.pack("!H", checksum(pseudo + head + b"\0\0" + body)) + body


def frame(source, payload, ttl=255):
    """An Ethernet frame to the group of all VRRP routers."""
    family = ipaddress.ip_address(source).version
    group, mac = GROUPS[family]
    if family == 4:
        head = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(payload), 0, 0, ttl, PROTOCOL, 0)
        head += packed(source) + packed(group)
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    else:
        head = struct.pack("!IHBB", 6 << 28, len(payload), PROTOCOL, ttl) + packed(source) + packed(group)
    return bytes.fromhex(mac) + OUR_MAC + (b"\x08\x00" if family == 4 else b"\x86\xdd") + head + payload


def advert(source, vrid, priority, addresses, ttl=255, **options):
    return frame(source, message(source, vrid, priority, addresses, **options), ttl)


@contextlib.contextmanager
def wire():
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((DEVICE, 0))
        yield link


@contextlib.contextmanager
def sending(*frames, pause=0.5):
    """These frames are sent again and again, as those of living routers."""
    over = threading.Event()

    def send():
        with wire() as link:
            while not over.wait(pause):
                for octets in frames:
                    link.send(octets)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def flood(frames, rate, seconds):
    """So many a second; how many were sent."""
    begin = time.monotonic()
    with wire() as link:
        for number in range(rate * seconds):
            time.sleep(max(0, begin + number / rate - time.monotonic()))
            link.send(frames[number % len(frames)])
    return rate * seconds
