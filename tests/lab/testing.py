# What the lab's tests share: a lab of their own, the nodes as the manager sees them, checks.
# SPDX-License-Identifier: BSD-2-Clause
"""A test is a script whose main(lab) checks and which ends with run(main). Each test has a lab of its
own below LAB_DIR, so that several may run at once and one that is up for a person is left alone. The
lab comes up from nothing before main() and is wiped after it, however that ends; main() itself runs
in the manager's network, where the nodes answer and the notifications arrive.

The command line may name the parts to run, else all of them run.

environment: as for `lab`; LAB_INST must hold the installed programs
             KEEP  set: the lab stays up after the test
"""
import calendar
import collections
import contextlib
import ipaddress
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "agent"))
import snmp  # noqa: E402 (found only now)
from checks import BEAT, PATIENCE, PULSE, Tally, check, check_equal, covered, elapsed, promise, until  # noqa: E402,F401

LAB = os.path.join(HERE, "lab")
MANAGER, TRAP_PORT = "10.77.0.254", 1162
SKIP = 77


# ---- checks ----

def becomes(what, question, wanted, seconds=PATIENCE):
    """Check that the answer to a question becomes the wanted one in time."""
    answers = []

    def is_wanted():
        answers[:] = [question()]
        return answers[0] == wanted

    until(is_wanted, seconds)
    return check_equal(what, answers[0], wanted)


def run_parts(lab, *parts):
    """The parts of a test in order, or those that the command line names, and how long each takes."""
    for part in parts:
        if sys.argv[1:] and part.__name__ not in sys.argv[1:]:
            continue
        start = time.monotonic()
        part(lab)
        print(f"        {part.__name__}: {time.monotonic() - start:.1f} s", flush=True)


# ---- the MIB, as the manager's own programs read it ----

class Mib:
    """Names, identifiers and labels, from the tree that snmptranslate prints."""

    Object = collections.namedtuple("Object", "name oid kind convention labels index")
    NODE = re.compile(r"^([ |]*)\+--(?: [-RW]{4} (\w+) +)?(\w+)\((\d+)\)(.*?)(?=^[ |]*\+--|\Z)", re.M | re.S)
    LABEL = re.compile(r"(\w+)\((-?\d+)\)")

    def __init__(self, root, tree):
        self.objects, self.by_oid, path = {}, {}, []
        for indent, kind, name, number, rest in self.NODE.findall(tree):
            path[len(indent) // 3:] = [int(number)]
            self.take(name, (*root[:-1], *path), kind, rest)

    def take(self, name, oid, kind, rest):
        words = rest.replace("|", " ")
        convention = re.search(r"Textual Convention: (\w+)", words)
        labels = re.search(r"Values: (.*)", words, re.S)
        index = re.search(r"Index: (.*)", words, re.S)
        self.objects[name] = self.by_oid[oid] = self.Object(
            name, oid, kind, convention and convention.group(1),
            {int(value): label for label, value in self.LABEL.findall(labels.group(1))} if labels else {},
            re.findall(r"\w+", index.group(1)) if index else [])

    def instance(self, name, *index):
        """Identifier of an instance; texts and numbers are the index, none is a scalar."""
        suffix = []
        for part in index:
            suffix += [len(part), *part.encode()] if isinstance(part, str) else [part]
        return (*self.objects[name].oid, *(suffix or [0]))

    def number(self, name, label):
        return next(value for value, text in self.objects[name].labels.items() if text == label)

    def find(self, oid):
        """The object of an instance, and the numbers that are its index."""
        length = len(oid)
        while length and oid[:length] not in self.by_oid:
            length -= 1
        return (self.by_oid[oid[:length]], oid[length:]) if length else (None, oid)

    def index(self, entry, numbers):
        """The index of a row as texts and numbers."""
        parts, numbers = [], list(numbers)
        for name in self.objects[entry].index:
            if self.objects[name].kind == "String":
                length = numbers.pop(0)
                parts.append(self.plain(self.objects[name], bytes(numbers[:length])))
                del numbers[:length]
            else:
                parts.append(numbers.pop(0))
        return tuple(parts)

    def plain(self, described, value):
        """A value as a test compares it: label, set of labels, text, address as text, seconds since 1970,
        number."""
        if described.kind == "EnumVal":
            return described.labels.get(value, value)
        if described.kind == "BitString":
            return self.bits(described, {8 * i + 7 - bit for i, octet in enumerate(value)
                                         for bit in range(8) if octet >> bit & 1})
        if described.convention == "DateAndTime":
            return seconds_of(value)
        if described.convention == "InetAddress":
            return str(ipaddress.ip_address(value)) if len(value) in (4, 16) else value.hex()
        return value.decode(errors="replace") if isinstance(value, bytes) else value

    def state(self, described, number):
        """What an event's old or new state says of this object."""
        if described.kind == "BitString":
            return self.bits(described, {bit for bit in range(32) if number >> bit & 1})
        return described.labels.get(number, number)

    @staticmethod
    def bits(described, numbers):
        return " ".join(described.labels.get(number, str(number)) for number in sorted(numbers))


def seconds_of(date):
    """DateAndTime (RFC 2579) as seconds since 1970; None when it is `never' or unknown."""
    if len(date) < 8 or not any(date[:8]):
        return None
    zone = (date[9] * 60 + date[10]) * 60 if len(date) == 11 else 0
    zone = -zone if len(date) == 11 and date[8:9] == b"-" else zone
    fields = (int.from_bytes(date[:2], "big"), *date[2:7])
    return calendar.timegm((*fields, 0, 0, 0)) - zone + date[7] / 10


# ---- notifications ----

Event = collections.namedtuple("Event", "node name sequence subject old new values received")


class Ear:
    """What the manager hears, in the order in which it comes."""

    def __init__(self, mib, nodes):
        self.mib, self.nodes = mib, {node.address: node.name for node in nodes}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((MANAGER, TRAP_PORT))
        self.events, self.news = [], threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            message, (address, _) = self.socket.recvfrom(65536)
            event = self.understand(self.nodes.get(address), message, time.monotonic())
            if event:
                with self.news:
                    self.events.append(event)
                    self.news.notify_all()

    def understand(self, node, message, received):
        _, _, bindings = snmp.decode_message(message)
        notification, _ = self.mib.find(bindings[1].value.value)
        if not notification or len(bindings) < 9:
            return None
        told = [(self.mib.find(binding.oid)[0], binding.value.value) for binding in bindings[2:]]
        values = {described.name: self.mib.plain(described, value) for described, value in told}
        # Sequence, time, severity and subject come before the object that has changed.
        changed = told[4][0]
        return Event(node, notification.name, values["haEventSequence"], values["haEventSubject"],
                     self.mib.state(changed, values["haEventOldState"]),
                     self.mib.state(changed, values["haEventNewState"]), values, received)

    def mark(self):
        """How many have come so far: where to look for new ones."""
        with self.news:
            return len(self.events)

    def since(self, mark, node=None):
        with self.news:
            return [event for event in self.events[mark:] if node in (None, event.node)]

    def wait(self, mark, wanted, seconds=PATIENCE):
        """The first event after `mark` that is wanted, or None."""
        def found():
            return next((event for event in self.events[mark:] if wanted(event)), None)

        with self.news:
            self.news.wait_for(found, seconds)
            return found()


# ---- the nodes ----

class Node:
    """One node: its shell, and what its agent tells the manager."""

    def __init__(self, name, number, mib):
        self.name, self.mib = name, mib
        self.address = f"10.77.0.{number}"
        self.reader, self.operator, self.administrator = (
            snmp.Manager((self.address, 161), community) for community in ("public", "operate", "force"))

    def __str__(self):
        return self.name

    @property
    def peer(self):
        return "n2" if self.name == "n1" else "n1"

    def run(self, command, seconds=30):
        """A shell line in the node: status and output."""
        done_ = subprocess.run([LAB, "exec", "-t", str(seconds), self.name, command], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               check=False)
        return done_.returncode, done_.stdout.strip()

    def sh(self, command, seconds=30):
        """The same where a failure is one of the test: the output."""
        status, output = self.run(command, seconds)
        if status:
            raise RuntimeError(f"{self}: {command}: status {status}: {output[-2000:]}")
        return output

    def write(self, path, text):
        """A file in the node, with this text and a line end."""
        self.sh(f"mkdir -p {os.path.dirname(path)} && cat >{path} <<'the end'\n{text}\nthe end")

    def restart(self, daemon="ha-agentxd"):
        self.sh(f"/lab/src/guest/daemon restart {daemon}")

    # -- reading --

    def rows(self, entry, **options):
        """A table: index to columns. Empty while the agent does not know it, or the node does not answer."""
        rows = collections.defaultdict(dict)
        try:
            bindings = self.reader.bulk_walk(self.mib.objects[entry].oid, **options)
        except (snmp.NoAnswer, OSError) as error:
            self.note_silence(entry, error, options)
            bindings = []
        for oid, value in bindings:
            column, numbers = self.mib.find(oid)
            index = self.mib.index(entry, numbers)
            rows[index][column.name] = self.mib.plain(column, value.value)
        return dict(rows)

    def column(self, name):
        """One column: index to value."""
        entry = self.mib.by_oid[self.mib.objects[name].oid[:-1]].name
        return {index: row[name] for index, row in self.rows(entry).items() if name in row}

    def get(self, name, *index, **options):
        """One instance; None while there is none, or no answer."""
        try:
            value = self.reader.get(self.mib.instance(name, *index), **options)[0]
        except (snmp.NoAnswer, ValueError, OSError) as error:
            self.note_silence(name, error, options)
            return None
        if value.type in snmp.EXCEPTIONS:
            return None
        return self.mib.plain(self.mib.objects[name], value.value)

    def note_silence(self, what, error, options):
        """For whoever reads of a failure later: no row was there as nobody answered, after a long time of asking."""
        if isinstance(error, snmp.NoAnswer) and not options:
            print(f"        {self} does not answer: {what}", flush=True)

    def alarms(self):
        """Kind and subject of each active alarm."""
        return {(row.get("haAlarmKind"), row.get("haAlarmSubject"))
                for row in self.rows("haAlarmEntry").values()}

    def source(self, name="drbd"):
        return self.rows("haSourceEntry").get((name,), {})

    def shown(self, entry):
        """A table as hactl shows it in the node, whose network may be cut: its rows."""
        return json.loads(self.sh(f"hactl show --json {entry}"))[entry]

    def noted(self, mark, prefix):
        """What the node has noted since its event `mark', be it heard or not: kind, subject, old and new
        state of each event, of the kinds that begin so."""
        return [(row["haEventKind"], row["haEventSubject"], row["haEventOldLabel"], row["haEventNewLabel"])
                for row in self.shown("haEventEntry")
                if row["haEventSequence"] > mark and row["haEventKind"].startswith(prefix)]

    # -- requests --

    def request(self, role, forced=False, lock=None, resource="r0", manager=None):
        """Ask for a role as an operator does: lock and request in one SET. The SET's error."""
        subtree = "Force" if forced else "Action"
        manager = manager or (self.administrator if forced else self.operator)
        if lock is None:
            lock = self.get(f"ha{subtree}Lock")
        column = f"ha{subtree}DrbdRequest"
        return manager.set(
            (self.mib.instance(f"ha{subtree}Lock"), snmp.Value("integer", lock)),
            (self.mib.instance(column, resource), snmp.Value("integer", self.mib.number(column, role)))).error

    def submit(self, role, forced=False):
        """Ask for a role: the SET's error and the number of the job, which the agent shows a moment later."""
        before = self.last_job()
        error = self.request(role, forced)
        if error == "noError":
            until(lambda: self.last_job() not in (before, None))
        return error, self.last_job()

    def last_job(self):
        return self.get("haActionDrbdLastJob", "r0")

    def job(self, number):
        return self.rows("haActionEntry").get((number,), {})

    def steps(self, number):
        return [row for (job, _), row in sorted(self.rows("haActionStepEntry").items()) if job == number]

    def finished(self, number, seconds=30):
        """The row of a job as soon as it has ended, or as it is when the time is over."""
        until(lambda: self.job(number).get("haActionState") in
              ("succeeded", "failed", "rolledBack", "cancelled"), seconds)
        return self.job(number)

    def refusal(self):
        """Why the last request was refused: reason and sentence."""
        return self.get("haActionLastRefusedReason"), self.get("haActionLastRefusedMessage")

    def processes(self):
        """Those of the agent: name to process id."""
        found = {}
        for line in self.sh("ps -eo pid=,comm=,args=").splitlines():
            pid, command, name = line.split(None, 2)
            if name.startswith("ha-agentxd: "):
                found[name.split()[1]] = int(pid)
            elif command == "ha-executor":  # not ha-aside, its child
                found["executor"] = int(pid)
            elif name == "ha-agentxd":
                found["keeper"] = int(pid)
            elif name.startswith("drbdsetup events2 --timestamps"):  # with --now, it soon ends
                found["events2"] = int(pid)
        return found

    def hold_open(self, path):
        """Start a process that has this file open; its number, as soon as it has."""
        pid = self.sh(f"setsid sh -c 'exec sleep 1000 3<>{path}' >/dev/null 2>&1 </dev/null & echo $!")
        check(f"{self}: {path} is open", until(lambda: self.run(f"readlink /proc/{pid}/fd/3") == (0, path)))
        return pid

    def role(self):
        """Role of r0 as drbdadm says it."""
        return self.run("drbdadm role r0")[1].split("/")[0]


# ---- the nodes' own time ----

class Sampler:
    """Looks at a node and its /proc/drbd every few milliseconds: tests/lab/sampler, with its clock set
    against ours."""

    CLOCK_TRIES = 20

    def __init__(self, node, interval=0.008):
        self.child = subprocess.Popen([LAB, "exec", "-i", "-t", "3600", node.name, f"/lab/src/sampler {interval}"],
                                      text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.primary, self.late, self.replies, self.gap = [], [], [], 0.0
        self.news = threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()
        self.offset, self.error = self.compare_clocks()

    def listen(self):
        for line in self.child.stdout:
            kind, *numbers = line.split()
            with self.news:
                if kind == "clock":
                    self.replies.append(float(numbers[0]))
                elif kind == "gap":
                    self.gap = max(self.gap, float(numbers[0]))
                else:
                    spans = self.primary if kind == "primary" else self.late
                    spans.append((float(numbers[0]), float(numbers[1])))
                self.news.notify_all()

    def ask_clock(self):
        before = time.time()
        with self.news:
            self.replies.clear()
            self.child.stdin.write("\n")
            self.child.stdin.flush()
            if not self.news.wait_for(lambda: self.replies, PATIENCE):
                raise RuntimeError("the sampler does not answer")
        after = time.time()
        return self.replies[0] - (before + after) / 2, (after - before) / 2

    def compare_clocks(self):
        """The node's clock minus ours, from the quickest of some answers, and how wrong that can be."""
        return min((self.ask_clock() for _ in range(self.CLOCK_TRIES)), key=lambda pair: pair[1])

    def finish(self):
        """End it; the spans of our time in which the node was seen Primary throughout."""
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        self.child.wait(PATIENCE)
        return self.in_our_time(self.primary)

    def in_our_time(self, spans):
        with self.news:
            return [(first - self.offset, last - self.offset) for first, last in spans]

    def stalls(self):
        """The spans in which the node stood still; with its answer all have come."""
        self.ask_clock()
        return self.in_our_time(self.late)


class Pulses:
    """Tells when nodes or this machine stood still: what a test measures in that time took longer, too."""

    def __init__(self, *nodes):
        self.samplers = [Sampler(node, BEAT) for node in nodes]

    def share(self, begin, end):
        """Seconds of a time of time.time() in which any of them did so."""
        ours = time.time() - time.monotonic()
        spans = [(first + ours, last + ours) for first, last in PULSE.since(begin - ours)]
        return covered(sum((sampler.stalls() for sampler in self.samplers), spans), begin, end)

    def finish(self):
        for sampler in self.samplers:
            sampler.finish()


# ---- two primaries ----

def overlaps(one, other):
    """Pairs of spans that share a moment."""
    return [(a, b) for a in one for b in other if a[0] <= b[1] and b[0] <= a[1]]


@contextlib.contextmanager
def no_two_primaries(lab):
    """Whatever happens inside, the two nodes are never Primary at the same time."""
    samplers = [Sampler(node) for node in lab.nodes]
    try:
        yield
    finally:
        seen = [sampler.finish() for sampler in samplers]
        gap = max(sampler.gap for sampler in samplers)
        check("the samplers saw a Primary", any(seen), seen)
        promise(f"never two primaries ({len(seen[0])} and {len(seen[1])} times Primary, "
                f"longest time not looked: {gap * 1000:.0f} ms)", not overlaps(*seen), overlaps(*seen))


# ---- the lab ----

class Lab:
    """The lab as main() gets it: nodes n1 and n2, and the ear."""

    def __init__(self):
        root = [int(arc) for arc in self.tool("snmptranslate", "-On", "HA-AGENTX-MIB::haAgentxMIB").split(".") if arc]
        self.mib = Mib(root, self.tool("snmptranslate", "-Tp", "HA-AGENTX-MIB::haAgentxMIB"))
        self.nodes = [Node(name, number, self.mib) for number, name in ((1, "n1"), (2, "n2"))]
        self.n1, self.n2 = self.nodes
        self.ear = Ear(self.mib, self.nodes)

    @staticmethod
    def do(*command):
        """A command of `lab`; its output."""
        return subprocess.run([LAB, *command], check=True, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE).stdout

    def tool(self, *command):
        """One of the manager's own programs."""
        return self.do("manager", *command)

    def both(self, command):
        """The same shell line in both nodes at once."""
        threads = [threading.Thread(target=node.sh, args=(command,)) for node in self.nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def heard_once(self):
        """Each node's events have come one after the other, without a gap and none twice."""
        for node in self.nodes:
            newest = node.get("haEventNewest")
            self.ear.wait(0, lambda event: event.node == node.name and event.sequence >= newest)  # noqa: B023
            numbers = [event.sequence for event in self.ear.since(0, node.name) if event.sequence <= newest]
            check_equal(f"{node}: each notification came once and in order", numbers,
                        list(range(numbers[0], newest + 1)) if numbers else [])


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def prepare():
    """Choose the lab's folders, and what its nodes have besides the usual: a second manager."""
    base = os.path.abspath(os.environ.get("LAB_DIR", "./lab.d"))
    mine = os.path.join(base, os.path.basename(sys.argv[0]))
    os.environ.setdefault("LAB_ROOT", os.path.join(base, "root"))
    os.environ.setdefault("LAB_INST", os.path.join(base, "inst"))
    os.environ.update(LAB_DIR=mine, LAB_CONF=os.path.join(mine, "conf-test"), LAB_TEST="inside")
    if os.geteuid() != 0:
        skip("needs root")
    if not os.path.exists(os.path.join(os.environ["LAB_INST"], "usr/sbin/ha-agentxd")):
        skip(f"no ha-agentxd is installed in {os.environ['LAB_INST']}: make install DESTDIR=")
    write(os.path.join(os.environ["LAB_CONF"], "etc/snmp/snmpd.local.conf"),
          "# snmpd.local.conf: the test listens, too\n# SPDX-License-Identifier: BSD-2-Clause\n"
          f"trap2sink {MANAGER} public {TRAP_PORT}\n")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def stop_on_signal(number, _):
    raise SystemExit(128 + number)


def outside():
    """Put up the lab, run this script again in its manager's network, take the lab down."""
    prepare()
    signal.signal(signal.SIGTERM, stop_on_signal)
    try:
        Lab.do("wipe")
        Lab.do("up")
        status = subprocess.run([LAB, "host", sys.executable, "-B", *sys.argv], check=False).returncode
    finally:
        if "KEEP" not in os.environ:
            Lab.do("wipe")
            shutil.rmtree(os.environ["LAB_CONF"])
    sys.exit(status)


def run(main):
    """Run a test; what it raises is a failure."""
    if "LAB_TEST" not in os.environ:
        outside()
    try:
        main(Lab())
    except Exception:  # whatever it is, the numbers are told
        Tally.failed += 1
        print(f"FAILED  {traceback.format_exc()}", flush=True)
    print(f"{Tally.passed} passed, {Tally.failed} failed", flush=True)
    os._exit(Tally.status())
