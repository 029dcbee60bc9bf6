# The pair that serves NFS as the lab's tests see it: clients that write, what each node has, its group.
# SPDX-License-Identifier: BSD-2-Clause
"""group/ has the configuration of the pair, `lab group' starts it; `lab byhand' starts one without agents.

environment: SHARP  set: the times that a group has by default, on a machine that has nothing else to do
"""
import collections
import contextlib
import os
import subprocess
import threading
import time

from orders import Subject, succeeded
from testing import LAB, becomes, check, check_equal, overlaps, promise, until
import snmp  # testing.py says where it is

ADDRESS, NAME = "10.77.0.100", "nfs"
HOLD = "/run/ha-hold/VI_1"
VERSIONS = ("v3", "v4")
ACTIVE = {"primary", "address", "serving"}
WORN = 0.5  # seconds between two looks after which nothing is known of the time between
REST = 2.0  # seconds for which a node serves before it is said to have won
PATIENT = "SHARP" not in os.environ
CRASH = 40.0 if PATIENT else 8.0  # seconds that clients wait at most when a node dies; bench-group measures
SWITCH = 40.0 if PATIENT else 6.0  # and when it moves on request
DOUBT = 2.0  # seconds between what a node sees of that and what clients do


# ---- programs in the nodes that tell something all the time ----

class Teller:
    """A program in a node; its lines as they come. It is started again when the node has been off."""

    def __init__(self, node, *command):
        self.command = [LAB, "exec", "-i", "-t", "7200", node, *command]
        self.child, self.ending, self.news = None, False, threading.Condition()
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        while not self.ending:
            with subprocess.Popen(self.command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL) as self.child:
                self.begin()
                for line in self.child.stdout:
                    arrived = time.time()
                    with self.news:
                        self.take(arrived, line.split())
                        self.news.notify_all()
            time.sleep(0.2)

    def begin(self):
        """The program starts, perhaps again."""

    def end(self):
        self.ending = True
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        self.thread.join(20)


Line = collections.namedtuple("Line", "number began ended heard")


class Writer(Teller):
    """Writes to a file `name' of the pair from c1, line by line, as long as it lives: group/writer. `began' and
    `ended' are of the client's clock, `heard' is time.time() here."""

    def __init__(self, version, name):
        self.name, self.lines, self.errors = name, [], []
        super().__init__("c1", "/lab/src/group/writer", f"/mnt/{version}/{name}")

    def take(self, arrived, words):
        if words[0] == "error":
            self.errors.append(" ".join(words))
        else:
            self.lines.append(Line(int(words[0]), float(words[1]), float(words[2]), arrived))

    def mark(self):
        """Where to look for gaps: at the last line."""
        with self.news:
            return max(0, len(self.lines) - 1)

    def gap(self, mark):
        """The longest time between two lines since then, by the client's clock."""
        with self.news:
            lines = self.lines[mark:]
        return max((late.ended - early.ended for early, late in zip(lines, lines[1:])), default=0.0)

    def writes(self, seconds=60):
        """Whether a line is acknowledged from now on."""
        with self.news:
            count = len(self.lines)
            return self.news.wait_for(lambda: len(self.lines) > count, seconds)


class Watcher(Teller):
    """Looks at a node many times a second: group/watcher. A life is what one run of it saw."""

    def __init__(self, node):
        self.lives = []
        super().__init__(node.name, "/lab/src/group/watcher", ADDRESS)

    def begin(self):
        with self.news:
            self.lives.append([])

    def take(self, arrived, words):
        self.lives[-1].append((float(words[0]), frozenset(words[1:]), arrived))

    def now(self):
        """What the node has, if that is known."""
        with self.news:
            last = self.lives[-1][-1:] if self.lives else []
            return last[0][1] if last and time.time() - last[0][2] < WORN else None

    def spans(self, *facts):
        """The times, by our clock, throughout which the node had all of these."""
        with self.news:
            lives = [list(life) for life in self.lives if life]
        return [span for life in lives for span in self.spans_of(life, set(facts))]

    @staticmethod
    def spans_of(life, facts):
        offset, spans, last = min(arrived - told for told, _, arrived in life), [], None
        for told, seen, _ in life:
            now = told + offset
            if facts <= seen and last is not None and now - last < WORN:
                spans[-1][1] = now
            elif facts <= seen:
                spans.append([now, now])
            last = now if facts <= seen else None
        return spans


class Hand:
    """A shell that waits in a node: what it is told there it begins at once."""

    def __init__(self, node):
        self.child = subprocess.Popen([LAB, "exec", "-i", "-t", "7200", node.name, "sh"], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def do(self, line):
        """A line for the shell; nobody hears what comes of it."""
        with contextlib.suppress(OSError):
            self.child.stdin.write(f"{line}\n")
            self.child.stdin.flush()

    def end(self):
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        self.child.wait(20)


# ---- requests ----

class Group(Subject):
    """The group as an operator sees it at one of the nodes."""

    def __init__(self, node):
        super().__init__(node, "Group", NAME)
        self.expected = None

    def bindings(self, value, seconds, lock, subtree):
        bindings = super().bindings(value, None, lock, subtree)
        if self.expected is not None:
            name = f"ha{subtree}GroupExpectedActive"
            bindings.append((self.node.mib.instance(name, NAME), snmp.Value("octets", self.expected.encode())))
        return bindings

    def switchover(self, active, **options):
        """Ask for one, away from the node that is active: error and number of the job."""
        self.expected = active.name
        try:
            return self.submit("switchover", **options)
        finally:
            self.expected = None


def rows_of(node, entry):
    """A table; empty while the agent's processes are started again (then snmpd says genErr)."""
    try:
        return node.rows(entry)
    except ValueError:
        return {}


def job_row(node, number):
    return rows_of(node, "haActionEntry").get((number,), {})


def group_row(node):
    row = rows_of(node, "haGroupEntry").get((NAME,), {})
    return {name.removeprefix("haGroup"): value for name, value in row.items()}


def member_rows(node):
    """By name of the member."""
    return {name: {column.removeprefix("haGroupMember"): value for column, value in row.items()}
            for (group, _, name), row in rows_of(node, "haGroupMemberEntry").items() if group == NAME}


def group_is(what, node, seconds=15, **wanted):
    """These columns of the group's row at a node."""
    good = becomes(f"{what}: {node}'s group", lambda: {name: group_row(node).get(name) for name in wanted}, wanted,
                   seconds)
    if not good:
        print(f"        {node.run(f'hactl explain {NAME}; hactl status; hactl jobs; hactl events | tail -n 60')[1]}")
    return good


def current_step(node, number):
    """Of a job: the number of the step that it is at; 0 when it has not begun, or nobody says."""
    return node.get("haActionCurrentStep", number, tries=1, seconds=0.3) or 0


def has_ended(node, number):
    return job_row(node, number).get("haActionState") in ("succeeded", "failed", "rolledBack", "cancelled")


# ---- the pair ----

class Served:
    """The pair with two clients that write all the time, and everything that must be true of it at its end."""

    def __init__(self, lab, *way):
        self.lab, self.n1, self.n2 = lab, *lab.nodes
        lab.do(*way)
        self.watchers = {node.name: Watcher(node) for node in lab.nodes}
        self.writers = {version: Writer(version, f"{way[0]}-{version}") for version in VERSIONS}
        self.marks = {}
        until(self.active)
        check("the pair serves", self.active() is not None and all(writer.writes() for writer in self.writers.values()))

    def has(self, node):
        return self.watchers[node.name].now()

    def active(self):
        """The node that serves, if it is one and the other neither is Primary nor serves; one that is off does
        not. An address may be left on a node whose keepalived was killed."""
        seen = {node: self.has(node) or frozenset() for node in (self.n1, self.n2)}
        serving = [node for node, facts in seen.items() if facts >= ACTIVE]
        idle = [node for node, facts in seen.items() if not facts & {"primary", "serving"}]
        return serving[0] if len(serving) == 1 and len(idle) == 1 else None

    def roles(self, seconds=30):
        """The node that serves, and the other."""
        active = until(self.active, seconds)
        if active is None:
            raise RuntimeError(f"nobody serves, or both: {[self.has(node) for node in (self.n1, self.n2)]}")
        return active, self.n2 if active is self.n1 else self.n1

    def mark(self):
        """From here on gaps are counted."""
        self.marks = {version: writer.mark() for version, writer in self.writers.items()}

    def gaps(self):
        """The longest gap of each client since the mark."""
        for writer in self.writers.values():
            writer.writes()
        return {version: writer.gap(self.marks[version]) for version, writer in self.writers.items()}

    def told_gaps(self, what, limit=None):
        gaps = self.gaps()
        words = ", ".join(f"NFS{version} {gap:.2f} s" for version, gap in gaps.items())
        check(f"{what}: longest gap of the clients: {words}", limit is None or max(gaps.values()) < limit, limit)
        return gaps

    def serves(self, what, node, seconds=30):
        """It is this node that serves, and the clients write."""
        becomes(f"{what}: it is served by", lambda: str(self.active()), str(node), seconds)
        for version, writer in self.writers.items():
            check(f"{what}: NFS{version} writes", writer.writes())

    # -- what must be true in the end --

    def kept(self, what):
        """Whatever was acknowledged is in the file, on the node that serves; no line is torn, none comes twice."""
        active, _ = self.roles()
        for version, writer in self.writers.items():
            with writer.news:
                acknowledged = [line.number for line in writer.lines]
            text = active.sh(f"cat /srv/nfs/{writer.name}", 60).split("\n")
            numbers = [int(line) for line in text if len(line) == 11 and line.isdigit()]
            torn = [line for line in text if line and (len(line) != 11 or not line.isdigit())]
            lost = sorted(set(acknowledged) - set(numbers))
            promise(f"{what}: NFS{version}: 0 of {len(acknowledged)} acknowledged lines are lost", not lost, lost[:20])
            check_equal(f"{what}: NFS{version}: no line is torn or comes twice",
                        (torn[:3], len(numbers)), ([], len(set(numbers))))
            check_equal(f"{what}: NFS{version}: no call has failed", writer.errors, [])

    def one(self, what, *facts):
        """Never have both nodes had all of these at the same time."""
        both = overlaps(*(watcher.spans(*facts) for watcher in self.watchers.values()))
        return promise(f"{what}: never {' and '.join(facts)} on both nodes", not both, both[:3])

    def sound(self, what):
        """All of that."""
        self.kept(what)
        self.one(what, "primary")
        self.one(what, "address", "serving")

    def end(self):
        for teller in (*self.writers.values(), *self.watchers.values()):
            teller.end()


# ---- what is so between the parts ----

def settled(served, what, node, seconds=60):
    """The node serves, the other could take over, and both say so."""
    other = served.n2 if node is served.n1 else served.n1
    served.serves(what, node, seconds)
    group_is(what, node, seconds, Role="active", ActiveNode=node.name, SwitchReady="yes", SwitchBlockers="",
             MembersFailed=0)
    group_is(what, other, seconds, Role="standbyHot", ActiveNode=node.name, SwitchReady="yes", SwitchBlockers="")
    check_equal(f"{what}: {other} has nothing of it", served.has(other), frozenset())


def sound(served, what, node, seconds=60):
    settled(served, what, node, seconds)
    served.sound(what)


def winner_of(served, what, seconds=120):
    """The node that serves in the end: the same one for some seconds."""
    def stays():
        first = served.active()
        time.sleep(REST)
        return first if first is served.active() else None

    winner = until(stays, seconds)
    check(f"{what}: served by {winner}", winner is not None, [served.has(node) for node in (served.n1, served.n2)])
    return winner or served.n1


def gives_up(served, what, node, seconds=30):
    """The node is not Primary any more, and serves nothing."""
    return becomes(f"{what}: {node} has given it up",
                   lambda: (served.has(node) or frozenset()) & {"primary", "serving"}, frozenset(), seconds)


def is_whole(node):
    return node.run("drbdadm cstate r0 | sort -u; drbdadm dstate r0 | sort -u")[1].split() == \
        ["Connected", "UpToDate/UpToDate"]


def no_split_brain(served, what):
    for node in (served.n1, served.n2):
        becomes(f"{what}: {node}'s mirror is whole", lambda: is_whole(node), True, 60)  # noqa: B023


def told_duration(what, node, gaps):
    """The row says how long nobody served it. A node hears of the other one once a second, and clients go on
    some time after they are served again."""
    longest = max(gaps.values())

    def shown():
        return (group_row(node).get("LastSwitchDuration") or 0) / 1000

    until(lambda: abs(shown() - longest) < DOUBT, 5)
    check(f"{what}: {node} saw nobody serve for {shown():.2f} s", abs(shown() - longest) < DOUBT, longest)


def moved(served, what, asked, active, other):
    """Ask one of the nodes by SNMP: the other one serves, and the job says so."""
    served.mark()
    error, number = Group(asked).switchover(active)
    check_equal(f"{what}: accepted", error, "noError")
    job = asked.finished(number, 60)
    succeeded(what, job)
    check_equal(f"{what}: verb, subject", (job.get("haActionVerb"), job.get("haActionSubject")),
                ("groupSwitchover", NAME))
    gaps = served.told_gaps(what, SWITCH)
    sound(served, what, other)
    told_duration(what, asked, gaps)
    row = group_row(asked)
    check_equal(f"{what}: the row tells it", (row.get("LastSwitchResult"), row.get("LastSwitchReason")),
                ("succeeded", "none"))
