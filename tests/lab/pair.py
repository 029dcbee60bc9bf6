# The pair of name servers as the lab's tests see it: a client of its address, its nodes, its faults.
# SPDX-License-Identifier: BSD-2-Clause
"""dns/ has the configuration of the pair, `lab dns' starts it."""
import collections
import contextlib
import itertools
import socket
import threading
import time

from testing import Sampler, covered, until
import dnswire  # testing.py says where it is

ADDRESS, PORT, ZONE = "10.77.0.100", 53, "ha.test"
GATE = "/run/ha-agentx/dns.gate"
NOERROR, SERVFAIL = dnswire.RCODES["noerror"], dnswire.RCODES["servfail"]
PAUSE = 0.1  # seconds between two questions of the client
GIVEN_UP = 1.0  # seconds after which it listens to no answer


# ---- the client ----

Answer = collections.namedtuple("Answer", "received address rcode authoritative server")


class Client:
    """Asks the shared address and those of the nodes ten times a second, whether it is answered or not, and keeps
    each answer. Times are those of time.time(), as they are compared with those of the nodes."""

    def __init__(self, nodes):
        self.addresses = [ADDRESS, *(node.address for node in nodes)]
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.asked, self.answers, self.lock = {}, [], threading.Lock()
        for work in (self.ask, self.listen):
            threading.Thread(target=work, daemon=True).start()

    def ask(self):
        """For the SOA of the zone, and the name of the server (RFC 5001)."""
        options, due = dnswire.opt_octets(1232, [(dnswire.NSID, b"")]), time.monotonic()
        for number in itertools.cycle(range(65536)):
            self.asked[number] = time.time()
            for address in self.addresses:
                with contextlib.suppress(OSError):
                    self.socket.sendto(dnswire.query_octets(number, ZONE, dnswire.TYPES["SOA"], 0, options),
                                       (address, PORT))
            due += PAUSE
            time.sleep(max(0, due - time.monotonic()))

    def listen(self):
        while True:
            octets, (address, _) = self.socket.recvfrom(4096)
            message, received = dnswire.read_message(octets), time.time()
            server = message.options.get(dnswire.NSID, b"").decode()
            if received - self.asked[message.id] < GIVEN_UP:
                answer = Answer(received, address, message.flags & 0xF, bool(message.flags & dnswire.AA), server)
                with self.lock:
                    self.answers.append(answer)

    def good(self, start, address=ADDRESS):
        """Good answers that have come from there since then."""
        with self.lock:
            return [answer for answer in self.answers if answer.received >= start and answer.address == address and
                    answer.rcode == NOERROR and answer.authoritative]

    def servers(self, start):
        """Who has given a good answer since then."""
        return {answer.server for answer in self.good(start)}

    def server(self):
        """Who gives good answers now; None when nobody does."""
        recent = self.good(time.time() - 5 * PAUSE)
        return recent[-1].server if recent else None

    def waits(self, start, address=ADDRESS):
        """The spans from one good answer to the next since then."""
        times = [start, *(answer.received for answer in self.good(start, address)), time.time()]
        return list(zip(times, times[1:]))

    def gap(self, start):
        """The longest time without a good answer since then: its begin and end."""
        return max(self.waits(start), key=lambda span: span[1] - span[0])

    def excess(self, start, node):
        """How much longer it waited for the shared address, at the worst, than for the node itself at that time."""
        own = self.waits(start, node.address)
        return max(end - begin - max(covered([wait], begin, end) for wait in own) for begin, end in self.waits(start))


# ---- the nodes ----

class Pair:
    """The two nodes as a pair that has been started, with a client that asks it. `pulses' are those of its
    machines, for a test with limits of time."""

    def __init__(self, lab, pulses=None):
        self.lab, self.pulses, self.serial, self.client = lab, pulses, 1, Client(lab.nodes)
        self.offsets = {node.name: self.compare_clocks(node) for node in lab.nodes}

    @staticmethod
    def compare_clocks(node):
        sampler = Sampler(node)
        sampler.finish()
        return sampler.offset

    def start(self, variant):
        """A variant of keepalived's configuration; who holds the address, and the other."""
        self.lab.do("dns", variant)
        until(lambda: sorted(self.state(node) for node in self.lab.nodes) == ["BACKUP", "MASTER"], 10)
        return self.roles()

    def roles(self):
        """The node that answers at the address, and the other."""
        n1, n2 = self.lab.nodes
        return (n1, n2) if until(self.client.server) == "n1" else (n2, n1)

    # -- what a node says --

    def gate(self, node):
        """What keepalived reads."""
        return node.run(f"cat {GATE}")[1]

    def gate_time(self, node):
        """When that was written, by our clock."""
        return float(node.sh(f"stat -c %.9Y {GATE}")) - self.offsets[node.name]

    @staticmethod
    def states(node):
        """The states that keepalived has entered, from its log."""
        return node.run("sed -n 's/.* Entering \\([A-Z]*\\) STATE.*/\\1/p' /var/log/keepalived.log")[1].split()

    def state(self, node):
        return next(reversed(self.states(node)), "")

    # -- faults; each returns when it began, by our clock --

    def do(self, node, command):
        """A shell line in a node that is the fault."""
        return float(node.sh(f"read -r pid </run/named.pid; date +%s.%N; {command}")) - self.offsets[node.name]

    def hang(self, node):
        return self.do(node, "kill -STOP $pid")

    def wake(self, node):
        return self.do(node, "kill -CONT $pid")

    def crash(self, node):
        return self.do(node, "kill -KILL $pid")

    def restart(self, node):
        return self.do(node, "/lab/src/guest/daemon restart named")

    def serve(self, *expire):
        """The primary has a newer zone."""
        self.serial += 1
        began = time.time()
        self.lab.do("zone", str(self.serial), *expire)
        return began

    def make_stale(self, *nodes):
        """The zone changes, and these do not get it."""
        for node in nodes:
            self.lab.do("fault", "transfer", node.name, "cut")
        return self.serve()

    def transfer(self, *nodes):
        for node in nodes:
            self.lab.do("fault", "transfer", node.name, "heal")

    def expire(self, node):
        """The node loses its primary for longer than the zone may live: it answers SERVFAIL. The others keep it."""
        self.serve("3")
        until(lambda: self.served(node) == self.serial)
        self.lab.do("fault", "answer", node.name, "cut")
        until(lambda: self.rcode(node) == SERVFAIL)
        return time.time()

    def revive(self, node):
        """It finds its primary again, and the zone lives long."""
        self.lab.do("fault", "answer", node.name, "heal")
        self.serve()

    @staticmethod
    def rcode(node):
        """How the node itself answers for the zone; None when it does not."""
        answer = dnswire.ask(node.address, ZONE)
        return answer.flags & 0xF if answer else None

    @staticmethod
    def served(node):
        """The serial number that the node itself serves."""
        return dnswire.serial_of(node.address, ZONE)
