# A small SNMPv2c manager: requests octet by octet as a test wants them, and received notifications.
# SPDX-License-Identifier: BSD-2-Clause
"""net-snmp's tools print what their own idea of a type is, repeat requests by themselves, and know
no way to send one PDU twice. Here every value stays as it travels (RFC 3416, RFC 2578, X.690)."""
import collections
import itertools
import select
import socket
import threading
import time

Value = collections.namedtuple("Value", "type value")
Binding = collections.namedtuple("Binding", "oid value")
Response = collections.namedtuple("Response", "error index bindings")
Notification = collections.namedtuple("Notification", "oid uptime bindings received")

TYPES = {0x02: "integer", 0x04: "octets", 0x05: "null", 0x06: "oid",
         0x40: "address", 0x41: "counter", 0x42: "unsigned", 0x43: "timeticks", 0x44: "opaque",
         0x46: "counter64", 0x80: "noSuchObject", 0x81: "noSuchInstance", 0x82: "endOfMibView"}
TAGS = {name: tag for tag, name in TYPES.items()}
EXCEPTIONS = ("noSuchObject", "noSuchInstance", "endOfMibView")
SEQUENCE, GET, GETNEXT, RESPONSE, SET, GETBULK, TRAP = 0x30, 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA7
ERRORS = """noError tooBig noSuchName badValue readOnly genErr noAccess wrongType wrongLength
    wrongEncoding wrongValue noCreation inconsistentValue resourceUnavailable commitFailed
    undoFailed authorizationError notWritable inconsistentName""".split()
NULL = Value("null", None)
SNMP_TRAP_OID = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)


class NoAnswer(Exception):
    """The agent did not answer in time."""


def wrap(tag, octets):
    length = len(octets)
    if length < 128:
        return bytes([tag, length]) + octets
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + octets


def integer_octets(number):
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def oid_octets(oid):
    octets = b""
    for arc in (40 * oid[0] + oid[1], *oid[2:]):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, arc & 0x7F | 0x80)
        octets += bytes(groups)
    return octets


def encode(value):
    kind, plain = value
    if kind in ("octets", "address", "opaque"):
        octets = plain
    elif kind == "oid":
        octets = oid_octets(plain)
    elif kind == "null" or kind in EXCEPTIONS:
        octets = b""
    else:
        octets = integer_octets(plain)
    return wrap(TAGS[kind], octets)


def unwrap(octets, start=0):
    """Tag and contents of the element at `start`, and where the next one begins."""
    tag, length, begin = octets[start], octets[start + 1], start + 2
    if length & 0x80:
        begin += length & 0x7F
        length = int.from_bytes(octets[start + 2:begin], "big")
    if begin + length > len(octets):
        raise ValueError("an element is longer than the message")
    return tag, octets[begin:begin + length], begin + length


def elements(octets):
    start = 0
    while start < len(octets):
        tag, contents, start = unwrap(octets, start)
        yield tag, contents


def oid_of(octets):
    arcs, arc = [], 0
    for octet in octets:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - 40 * first, *arcs[1:])


def decode(tag, octets):
    kind = TYPES[tag]
    if kind in ("octets", "address", "opaque"):
        return Value(kind, octets)
    if kind == "oid":
        return Value(kind, oid_of(octets))
    if kind == "null" or kind in EXCEPTIONS:
        return Value(kind, None)
    return Value(kind, int.from_bytes(octets, "big", signed=kind == "integer"))


def encode_message(community, command, fields, bindings):
    """A message of version 2c. `fields` are request-id and the two numbers after it."""
    listed = b"".join(wrap(SEQUENCE, encode(Value("oid", oid)) + encode(value))
                      for oid, value in bindings)
    pdu = b"".join(wrap(0x02, integer_octets(field)) for field in fields) + wrap(SEQUENCE, listed)
    return wrap(SEQUENCE, wrap(0x02, b"\1") + wrap(0x04, community.encode()) + wrap(command, pdu))


def decode_message(octets):
    """Command, the three numbers, and the bindings of a message of version 2c."""
    _, message, _ = unwrap(octets)
    (_, version), _, (command, pdu) = elements(message)
    if version != b"\1":
        raise ValueError("not of version 2c")
    *numbers, (_, listed) = elements(pdu)
    bindings = []
    for _, binding in elements(listed):
        (_, name), (tag, value) = elements(binding)
        bindings.append(Binding(oid_of(name), decode(tag, value)))
    return command, [int.from_bytes(number, "big", signed=True) for _, number in numbers], bindings


class Manager:
    """Asks one agent with one community. A SET is sent once, all else again after a second."""

    requests = itertools.count(1)

    def __init__(self, address, community):
        self.community = community
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.connect(address)

    def message(self, command, bindings, first=0, second=0):
        """A message with a new request-id, and that id."""
        number = next(self.requests)
        fields = (number, first, second)
        return number, encode_message(self.community, command, fields, bindings)

    def send(self, message):
        try:
            self.socket.send(message)
        except ConnectionRefusedError:
            self.socket.send(message)

    def receive(self, number, seconds):
        """The response to the request `number`; answers to others are passed over."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                break
            try:
                _, numbers, bindings = decode_message(self.socket.recv(65536))
            except ConnectionRefusedError:
                time.sleep(0.01)
                continue
            if numbers[0] == number:
                return Response(ERRORS[numbers[1]], numbers[2], bindings)
        raise NoAnswer

    def ask(self, command, bindings, first=0, second=0, tries=10, seconds=1.0):
        number, message = self.message(command, bindings, first, second)
        for _ in range(tries):
            self.send(message)
            try:
                return self.receive(number, seconds)
            except NoAnswer:
                continue
        raise NoAnswer

    def get(self, *oids, **options):
        """Values of these instances."""
        response = self.ask(GET, [(oid, NULL) for oid in oids], **options)
        if response.error != "noError":
            raise ValueError(f"GET: {response.error} at {response.index}")
        return [binding.value for binding in response.bindings]

    def set(self, *bindings, seconds=10.0):
        """One SET, sent once. The response says error and index."""
        return self.ask(SET, bindings, tries=1, seconds=seconds)

    def _walk(self, root, step, **options):
        last = root
        while True:
            bindings = step(last, **options)
            for oid, value in bindings:
                if value.type == "endOfMibView" or oid[:len(root)] != root:
                    return
                if oid <= last:
                    raise ValueError(f"{oid} comes after {last}")
                yield Binding(oid, value)
                last = oid

    def _next(self, oid, **options):
        return self._good("GETNEXT", oid, self.ask(GETNEXT, [(oid, NULL)], **options))

    def _bulk(self, oid, **options):
        return self._good("GETBULK", oid, self.ask(GETBULK, [(oid, NULL)], 0, 25, **options))

    @staticmethod
    def _good(what, oid, response):
        if response.error != "noError" or not response.bindings:
            raise ValueError(f"{what} after {oid}: {response.error}, {len(response.bindings)} bindings")
        return response.bindings

    def walk(self, root, **options):
        """All instances below an identifier, one GETNEXT each. They must come in rising order."""
        return list(self._walk(root, self._next, **options))

    def bulk_walk(self, root, **options):
        """The same by GETBULK."""
        return list(self._walk(root, self._bulk, **options))


class Receiver:
    """Takes notifications below an identifier at a port, in the order in which they come."""

    def __init__(self, address, root):
        self.root = root
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(address)
        self.news = threading.Condition()
        self.notifications = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        while True:
            message = self.socket.recv(65536)
            received = time.monotonic()
            command, _, bindings = decode_message(message)
            if command != TRAP or bindings[1].oid != SNMP_TRAP_OID:
                continue
            name = bindings[1].value.value
            if name[:len(self.root)] == self.root:
                self._note(Notification(name, bindings[0].value.value, bindings[2:], received))

    def _note(self, notification):
        with self.news:
            self.notifications.append(notification)
            self.news.notify_all()

    def mark(self):
        """How many have come so far: where to look for new ones."""
        with self.news:
            return len(self.notifications)

    def since(self, mark):
        with self.news:
            return self.notifications[mark:]

    def wait(self, mark, count, seconds, oid=None):
        """Those after `mark`, as soon as `count` of them (of one identifier) are there, or after
        `seconds`."""
        def wanted():
            return [n for n in self.notifications[mark:] if oid in (None, n.oid)]

        with self.news:
            self.news.wait_for(lambda: len(wanted()) >= count, seconds)
            return wanted()
