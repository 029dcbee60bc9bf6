# DNS messages octet by octet, as a test wants them: questions, answers, and a look into them.
# SPDX-License-Identifier: BSD-2-Clause
"""For the name server that misbehaves, and for asking the others what they serve (RFC 1035, RFC
6891). Nothing here is checked: the programs under test do that."""
import collections
import itertools
import socket
import struct

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "TXT": 16, "AAAA": 28, "OPT": 41,
         "DS": 43, "RRSIG": 46, "DNSKEY": 48}
RCODES = {"noerror": 0, "formerr": 1, "servfail": 2, "nxdomain": 3, "notimp": 4, "refused": 5}
QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010
NSID = 3
IN = 1

Record = collections.namedtuple("Record", "name type rrclass ttl data at")
Message = collections.namedtuple("Message", "id flags question records options edns_size octets")


def name_octets(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def name_at(message, at):
    """The name that begins there, without a final dot, and where what follows it begins."""
    labels, after = [], None
    while length := message[at]:
        if length & 0xC0 == 0xC0:
            after = after or at + 2
            at = struct.unpack_from("!H", message, at)[0] & 0x3FFF
        else:
            labels.append(message[at + 1:at + 1 + length].decode("latin-1"))
            at += 1 + length
    return ".".join(labels), after or at + 1


def question_octets(name, qtype, qclass=IN):
    return name_octets(name) + struct.pack("!HH", qtype, qclass)


def record_octets(name, rtype, data, ttl=60, rrclass=IN):
    """`name` as text, or as octets."""
    owner = name if isinstance(name, bytes) else name_octets(name)
    return owner + struct.pack("!HHIH", rtype, rrclass, ttl, len(data)) + data


def opt_octets(size, options=(), flags=0):
    """An OPT record; the options are pairs of number and octets."""
    data = b"".join(struct.pack("!HH", code, len(octets)) + octets for code, octets in options)
    return b"\0" + struct.pack("!HHIH", TYPES["OPT"], size, flags, len(data)) + data


def header_octets(number, flags, *counts):
    """Counts of questions, answers, authority and additional records."""
    return struct.pack("!6H", number, flags, *counts)


def query_octets(number, name, qtype, flags=RD, edns=None):
    """`edns`: the octets of an OPT record."""
    return (header_octets(number, flags, 1, 0, 0, 1 if edns else 0) + question_octets(name, qtype)
            + (edns or b""))


def read_message(octets):
    """What a message says, with (name, type, class) as its question; its options as a dictionary.
    An error of struct or an IndexError when it is not whole."""
    number, flags, questions, *counts = struct.unpack_from("!6H", octets)
    at, question = 12, None
    for _ in range(questions):
        name, at = name_at(octets, at)
        question = (name, *struct.unpack_from("!HH", octets, at))
        at += 4
    records, options, size = [], {}, 0
    for _ in range(sum(counts)):
        name, at = name_at(octets, at)
        rtype, rrclass, ttl, length = struct.unpack_from("!HHIH", octets, at)
        at += 10
        data = octets[at:at + length]
        records.append(Record(name, rtype, rrclass, ttl, data, at))
        if rtype == TYPES["OPT"]:
            size, options = rrclass, dict(options_of(data))
        at += length
    return Message(number, flags, question, records, options, size, octets)


def options_of(data):
    while data:
        code, length = struct.unpack_from("!HH", data)
        yield code, data[4:4 + length]
        data = data[4 + length:]


NUMBERS = itertools.count(1)


def ask(address, name, qtype="SOA", seconds=0.5, flags=RD, port=53, tcp=False, edns=None):
    """The answer of a name server, None when there is none in time."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    number = next(NUMBERS) & 0xFFFF
    query = query_octets(number, name, TYPES[qtype], flags, edns)
    with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as asked:
        asked.settimeout(seconds)
        try:
            asked.connect((address, port))
            asked.sendall(struct.pack("!H", len(query)) + query if tcp else query)
            octets = receive_framed(asked) if tcp else asked.recv(65535)
        except OSError:
            return None
    answer = read_message(octets)
    return answer if answer.id == number else None


def receive_framed(stream):
    """A message as it comes over TCP; what has come, when the stream ends before it does."""
    octets = b""
    while len(octets) < 2 or len(octets) < 2 + struct.unpack_from("!H", octets)[0]:
        more = stream.recv(65535)
        if not more:
            break
        octets += more
    return octets[2:]


def serial_of(address, zone, **options):
    """The serial number of a zone as a server has it, None when it does not answer for it with
    authority."""
    answer = ask(address, zone, "SOA", **options)
    if answer is None or not answer.flags & AA or answer.flags & 0xF:
        return None
    for record in answer.records:
        if record.type == TYPES["SOA"]:
            return struct.unpack_from("!I", record.data, len(record.data) - 20)[0]
    return None
