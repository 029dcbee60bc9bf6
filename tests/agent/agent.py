# What the agent tests share: a private network, snmpd, a DRBD that is played, the daemon, checks.
# SPDX-License-Identifier: BSD-2-Clause
"""A test is a script that hands its main() to run(): there it makes a Stage and checks. It runs as
root in namespaces of its own (network, mounts, processes), so nothing of it outlives it, or meets
the machine's own snmpd.

environment: BUILD     folder with ha-agentxd, ha-executor, hactl, tests/mib/print-objects (.)
             SNMPD     snmpd to use, else that of
             LAB_ROOT  a Debian root as tests/lab/root-build makes it, else the machine's
             KEEP      set: the folder of the test stays, and its name is printed
"""
import contextlib
import fcntl
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import snmp
from checks import PATIENCE, Tally, check, check_equal, elapsed, promise, until

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.environ.get("BUILD", "."))
DATA = os.path.join(HERE, "..", "data", "drbd84")
USER = "nobody"
AGENT, TRAPS = ("127.0.0.1", 161), ("127.0.0.1", 162)
SYS_UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
SYS_CONTACT = (1, 3, 6, 1, 2, 1, 1, 4, 0)
# An object of snmpd itself: it takes a SET of it, and fails to commit.
FALSE_FRIEND = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 1)
SKIP = 77


# ---- a test ----

STAGES = []


def finish():
    """Take down what was put up, tell the numbers, end."""
    for stage in STAGES:
        stage.close()
    name = os.path.basename(sys.argv[0])
    print(f"{name}: {Tally.passed} passed, {Tally.failed} failed", flush=True)
    os._exit(Tally.status())


def run(main):
    """Run a test's main() in namespaces of its own; what it raises is a failure."""
    if os.getpid() != 1:
        enter_namespaces()
    os.umask(0o022)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    try:
        main()
    except Exception:  # whatever it is, the numbers are told
        Tally.failed += 1
        print(f"FAILED  {traceback.format_exc()}", flush=True)
    finish()


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def enter_namespaces():
    if os.geteuid() != 0:
        skip("needs root")
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
                          "--mount-proc", sys.executable, "-B", *sys.argv])


# ---- processes ----

def processes():
    """Those that have not ended: pid to argv."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{entry}/stat", "rb") as file:
                state = file.read().rsplit(b")", 1)[1].split()[0]
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                if state not in (b"Z", b"X"):
                    found[int(entry)] = file.read().decode(errors="replace").split("\0")[:-1]
    return found


def status_of(pid):
    """The fields of /proc/PID/status."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def end(process, number=signal.SIGTERM, seconds=10):
    """Signal a Popen and wait for its end; the seconds it took, or None when it did not end."""
    start = time.monotonic()
    process.send_signal(number)
    return elapsed(start) if until(lambda: process.poll() is not None, seconds) else None


# ---- the MIB ----

class Object:
    """A line of print-objects."""

    def __init__(self, line):
        (self.name, oid, self.kind, self.access, self.syntax, bounds, _, objects,
         labels) = line.rstrip("\n").split("\t")
        self.oid = tuple(map(int, oid.split(".")))
        self.range = None if bounds == "-" else tuple(map(int, bounds.split("..")))
        self.list = [] if objects == "-" else objects.replace("IMPLIED ", "").split()
        self.labels = {int(number): label
                       for label, number in re.findall(r"(\S+)\((-?\d+)\)", labels)}
        self.readable = (self.access in ("readonly", "readwrite")
                         and self.kind in ("column", "scalar"))


class Mib:
    """HA-AGENTX-MIB as the programs under test have it."""

    def __init__(self):
        text = subprocess.run([f"{BUILD}/tests/mib/print-objects"], check=True, text=True,
                              capture_output=True).stdout
        self.objects = {o.name: o for o in map(Object, text.splitlines())}
        self.by_oid = {o.oid: o for o in self.objects.values()}
        self.root = min(self.by_oid, key=len)

    def oid(self, name, *index):
        """An instance. Texts of an index become their length and their octets."""
        oid = self.objects[name].oid
        for part in index:
            oid += (len(part), *part.encode()) if isinstance(part, str) else (part,)
        return oid

    def find(self, oid):
        """The object an instance is of, and its index."""
        for length in range(len(oid), len(self.root), -1):
            if oid[:length] in self.by_oid:
                return self.by_oid[oid[:length]], oid[length:]
        raise KeyError(oid)

    def number(self, name, label):
        """Value of an enumeration's label."""
        return next(n for n, word in self.objects[name].labels.items() if word == label)

    def plain(self, oid, value):
        """A value as a person reads it: a label, a text, a number; None for an exception."""
        if value.type in snmp.EXCEPTIONS:
            return None
        labels = self.find(oid)[0].labels
        if value.type == "integer" and labels:
            return labels.get(value.value, value.value)
        if value.type == "octets":
            return value.value.decode(errors="replace")
        return value.value


# ---- DRBD, played ----

IDENTITIES = {"resource": ("name",), "connection": ("name", "peer-node-id"),
              "device": ("name", "volume"), "peer-device": ("name", "peer-node-id", "volume")}


def recorded(section):
    """What events2 showed of this node in a recorded state, without "exists -"."""
    snapshot = re.search(rf"^##### {section} .*?(?=^#####|\Z)", read(f"{DATA}/snapshots.n1.txt"),
                         re.MULTILINE | re.DOTALL)[0]
    return re.findall(r"^exists (?!-).*$", snapshot, re.MULTILINE)


class World:
    """The folder that fake-drbd plays in: r0 with two volumes and r1 are up and Secondary, both
    UpToDate and connected, as DRBD 8.4 showed such; r2 is configured and not up."""

    def __init__(self, folder):
        self.folder = folder
        os.mkdir(folder)
        for name in ("drbdadm", "drbdsetup"):
            shutil.copy(f"{HERE}/fake-drbd", f"{folder}/{name}")
        shutil.copy(f"{HERE}/dump.xml", folder)
        for name in ("calls", "stream", "lock"):
            write(f"{folder}/{name}", "")
        os.chmod(f"{folder}/calls", 0o666)
        write(f"{folder}/drbd.conf", "")
        write(f"{folder}/proc", "version: 8.4.11 (api:1/proto:86-101)\n")
        shown = [line.replace("role:Primary", "role:Secondary")
                 for line in recorded("04-primary-secondary-uptodate")]
        second = [line.replace("volume:0", "volume:1").replace("minor:0", "minor:1")
                  for line in shown if " volume:0" in line]
        third = [line.replace("name:r0", "name:r1").replace("minor:0", "minor:2") for line in shown]
        write(f"{folder}/state", "".join(f"{line}\n" for line in shown + second + third))

    def path(self, name):
        return f"{self.folder}/{name}"

    def behave(self, verb, script):
        """What primary, secondary or events2 does from now on; None: what it should."""
        if script is None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path(verb))
        else:
            write(self.path(f"{verb}.new"), script + "\n")
            os.rename(self.path(f"{verb}.new"), self.path(verb))

    def calls(self, verb=""):
        """How often drbdadm was called to switch a role."""
        verb = verb or "primary|secondary"
        return len(re.findall(rf"^drbdadm (?:{verb}) ", read(self.path("calls")), re.MULTILINE))

    def happen(self, *changes):
        """Let things change: "resource name:r0 role:Primary", as events2 tells it."""
        with open(self.path("lock"), encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lines = read(self.path("state")).splitlines()
            for change in changes:
                lines = [self._changed(line, change) for line in lines]
            write(self.path("state.new"), "".join(f"{line}\n" for line in lines))
            os.rename(self.path("state.new"), self.path("state"))
            stamp = time.strftime("%FT%T.000000+00:00", time.gmtime())
            with open(self.path("stream"), "a", encoding="ascii") as stream:
                stream.write("".join(f"{stamp} change {change}\n" for change in changes))

    @staticmethod
    def _changed(line, change):
        words, news = line.split(), change.split()
        keys = dict(word.split(":", 1) for word in words[2:])
        new = dict(word.split(":", 1) for word in news[1:])
        if words[1] != news[0] or any(keys[k] != new.get(k) for k in IDENTITIES[news[0]]):
            return line
        return " ".join(words[:2] + [f"{key}:{value}" for key, value in (keys | new).items()])

    def role(self, resource="r0"):
        return re.search(rf"^exists resource name:{resource} role:(\w+)", read(self.path("state")),
                         re.MULTILINE)[1]


# ---- snmpd ----

SNMPD_CONF = """
agentAddress udp:{address}:{port}
master agentx
agentXSocket {socket}
agentXPerms 0660 0755 {user} root
trap2sink {address}:{traps} public
pass .{friend} {folder}/refuse
view all included .1
view act included .1.3.6.1.2.1.1
view act included .{friend}
view act included .{action}
view force included .{action}
view force included .{force}
view partner included .{root}
view partner excluded .{force}
com2sec watcher default public
com2sec operator default operate
com2sec administrator default force
com2sec partner default partner
com2sec root default root
group watchers v2c watcher
group operators v2c operator
group administrators v2c administrator
group partners v2c partner
group roots v2c root
access watchers "" any noauth exact all none none
access operators "" any noauth exact all act none
access administrators "" any noauth exact all force none
access partners "" any noauth exact partner none none
access roots "" any noauth exact all all none
"""

# The protocol of snmpd.conf(5)'s pass: an object that can be read, and never be set.
REFUSE = """#!/bin/sh
case $1 in
-s) echo commit-failed ;;
-g) printf '%s\\ninteger\\n1\\n' "$2" ;;
esac
"""


def find_program(name, given=None):
    """A program as a list of words; one in a root of its own runs with that root's libraries."""
    root = os.environ.get("LAB_ROOT", "")
    paths = [given, f"{root}/usr/sbin/{name}", f"{root}/usr/bin/{name}"]
    path = next((p for p in paths if p and os.access(p, os.X_OK)), None)
    if not path:
        skip(f"needs {name}: name a root of tests/lab/root-build in LAB_ROOT")
    root = re.sub(r"/usr/s?bin/[^/]*$", "", path)
    loaders = glob.glob(f"{root}/lib*/ld-linux*.so*") if root not in ("", path) else []
    libraries = glob.glob(f"{root}/usr/lib/*-linux-gnu*") + glob.glob(f"{root}/lib/*-linux-gnu*")
    return [loaders[0], "--library-path", ":".join(libraries), path] if loaders else [path]


def dotted(oid):
    return ".".join(map(str, oid))


class Snmpd:
    def __init__(self, folder, mib):
        self.folder, self.mib, self.process = folder, mib, None
        os.mkdir(f"{folder}/snmpd")
        os.mkdir(f"{folder}/agentx")
        write(f"{folder}/refuse", REFUSE)
        os.chmod(f"{folder}/refuse", 0o755)
        self.configure(f"{folder}/agentx/master", USER)

    def configure(self, socket, user):
        """Write snmpd.conf: where subagents connect, and the user that may."""
        write(f"{self.folder}/snmpd.conf", SNMPD_CONF.format(
            address=AGENT[0], port=AGENT[1], traps=TRAPS[1], folder=self.folder, socket=socket,
            user=user, friend=dotted(FALSE_FRIEND), root=dotted(self.mib.root),
            action=dotted(self.mib.oid("haAction")), force=dotted(self.mib.oid("haForce"))))

    def start(self):
        environment = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": f"{self.folder}/snmpd"}
        self.process = subprocess.Popen(
            [*find_program("snmpd", os.environ.get("SNMPD")), "-f", "-Lf",
             f"{self.folder}/snmpd.log", "-C", "-c", f"{self.folder}/snmpd.conf", "-I", "-smux"],
            env=environment)

    def stop(self, number=signal.SIGTERM):
        if self.process:
            if end(self.process, number) is None:
                end(self.process, signal.SIGKILL)
            self.process = None


# ---- the daemon ----

class Daemon:
    def __init__(self, folder, world):
        self.folder, self.world, self.process = folder, world, None
        self.log, self.conf = f"{folder}/daemon.log", f"{folder}/ha-agentx.conf"
        self.socket = f"{folder}/run/hub"

    def configure(self, agent=None, drbd=None, switchable=("r0",), dns=""):
        """Write the configuration; the dictionaries add options to the sections. `dns` is what
        stands in that section, else it knows no servers: the machine's own are none of a test."""
        options = {
            "agent": {"node": "n1", "user": USER, "agentx": f"{self.folder}/agentx/master",
                      "socket": self.socket, "state": f"{self.folder}/state",
                      "executor": f"{BUILD}/ha-executor",
                      # Nothing is held back: tests look for the notification of each event.
                      "burst": 0, **(agent or {})},
            # The kernel that runs the tests may have an r0 of its own.
            "drbd": {"netlink": "no", "drbdadm": self.world.path("drbdadm"),
                     "drbdsetup": self.world.path("drbdsetup"), "state": self.world.path("proc"),
                     "config": self.world.path("drbd.conf"), "deadline": 4, **(drbd or {})},
        }
        text = ""
        for section, values in options.items():
            text += f"{section} {{\n" + "".join(f'\t{k} = "{v}"\n' for k, v in values.items())
            for name in switchable if section == "drbd" else ():
                text += f"\tresource {name} {{ switchable = true }}\n"
            text += "}\n"
        if not dns:
            write(f"{self.folder}/resolv.conf", "")
            dns = f'\tresolver {{ file = "{self.folder}/resolv.conf" }}\n'
        write(self.conf, f"{text}dns {{\n{dns}}}\n")

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([f"{BUILD}/ha-agentxd", "-c", self.conf], stderr=log,
                                            stdin=subprocess.DEVNULL)

    def stop(self, seconds=20):
        """SIGTERM to the keeper; the seconds until it had ended, None when it did not."""
        took = end(self.process, seconds=seconds) if self.process else 0
        if took is None:
            end(self.process, signal.SIGKILL)
        self.process = None
        return took

    def children(self):
        """Name to pid of what the keeper runs."""
        found = {}
        for pid, argv in processes().items():
            if argv[:1] == ["ha-agentxd:"]:
                found[argv[1]] = pid
            elif argv[:1] == ["ha-executor"]:
                with contextlib.suppress(OSError):
                    if status_of(pid)["Name"] == "ha-executor":  # not ha-aside, its child
                        found["executor"] = pid
        return found

    def kill(self, name, number=signal.SIGKILL):
        """Signal a child; its pid."""
        pid = self.children()[name]
        os.kill(pid, number)
        return pid

    def hactl(self, *words, **options):
        """Run hactl; CompletedProcess with texts."""
        return subprocess.run([f"{BUILD}/hactl", "-s", self.socket, *words], text=True, timeout=60,
                              capture_output=True, check=False, **options)

    def start_hactl(self, *words):
        """Start a hactl that goes on; Popen with its output as text."""
        return subprocess.Popen([f"{BUILD}/hactl", "-s", self.socket, *words], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)


# ---- all of it ----

class Stage:
    """snmpd, the daemon and its world in a folder of their own, with a receiver of notifications,
    and with managers that may read (watch), read but haForce (partner), write haAction (act), that
    and haForce (force), or anything (all)."""

    def __init__(self, start=True, **configuration):
        STAGES.append(self)
        self.folder = tempfile.mkdtemp(prefix="ha-agentx-")
        os.chmod(self.folder, 0o755)
        self.mib = Mib()
        self.world = World(f"{self.folder}/world")
        self.snmpd = Snmpd(self.folder, self.mib)
        self.daemon = Daemon(self.folder, self.world)
        self.daemon.configure(**configuration)
        self.receiver = snmp.Receiver(TRAPS, self.mib.root)
        self.watch, self.act, self.force, self.partner, self.all = (
            snmp.Manager(AGENT, name) for name in ("public", "operate", "force", "partner", "root"))
        if start:
            self.snmpd.start()
            self.daemon.start()
            self.ready()

    def close(self):
        """End everything and look for what the sanitizers found."""
        self.daemon.stop()
        self.snmpd.stop()
        log = read(self.daemon.log) if os.path.exists(self.daemon.log) else ""
        promise("no process of the daemon broke down", not re.search(
            r"Sanitizer|runtime error|Assertion .* failed|ended by signal (?!9\b|15\b)", log),
            "see the log")
        if Tally.failed:
            print(f"---- log of the daemon ----\n{log[-6000:]}----")
        if "KEEP" in os.environ:
            print(f"files: {self.folder}")
        else:
            shutil.rmtree(self.folder)

    # ---- reading ----

    def get(self, name, *index, manager=None):
        """The value of an instance as a person reads it; None when there is none."""
        oid = self.mib.oid(name, *index)
        return self.mib.plain(oid, (manager or self.watch).get(oid)[0])

    def reads(self, wanted, name, *index):
        """Whether it reads `wanted` now; an agent that is away reads nothing."""
        try:
            return self.get(name, *index) == wanted
        except snmp.NoAnswer:
            return False

    def wait_for(self, wanted, name, *index, seconds=PATIENCE):
        """Wait until it reads `wanted`; whether it did."""
        return until(lambda: self.reads(wanted, name, *index), seconds)

    def column(self, name):
        """Index to value, as a person reads it, of a column."""
        root = self.mib.oid(name)
        return {oid[len(root):]: self.mib.plain(oid, value)
                for oid, value in self.watch.bulk_walk(root)}

    def ready(self):
        """Wait until the source and, if there are actions, the executor deliver."""
        if not self.wait_for("running", "haSourceState", "drbd", seconds=60):
            raise RuntimeError("the source does not start: "
                               f"{self.get('haSourceLastError', 'drbd')}")
        if not self.wait_for("connected", "haDrbdPeerConnection", "r0", 0):
            raise RuntimeError("the rows do not come")
        self.all_started()
        if self.get("haAgentActionsEnabled", 0) == "true":
            self.wait_for("running", "haSourceState", "executor")

    def all_started(self):
        """Wait until each source has said how it is: nothing of the start is told any more."""
        until(lambda: "starting" not in self.column("haSourceState").values())

    def sequences(self, mark=0):
        """haEventSequence of the notifications received since `mark`, as they came."""
        return [n.bindings[0].value.value for n in self.receiver.since(mark)]

    def mark(self):
        """Wait until all that has happened was received; where the receiver then is, and the
        sequence of the next event."""
        until(lambda: self.sequences()[-1:] == [self.get("haEventNewest", 0)])
        return self.receiver.mark(), self.get("haEventNewest", 0) + 1

    # ---- acting ----

    def lock(self, force=False):
        return self.get("haForceLock" if force else "haActionLock", 0)

    def bind(self, name, *index, value, kind="integer"):
        """A binding of a SET; a label stands for its number."""
        if isinstance(value, str) and kind == "integer":
            value = self.mib.number(name, value)
        return snmp.Binding(self.mib.oid(name, *index), snmp.Value(kind, value))

    def request(self, role, resource="r0", force=False):
        """The two bindings of a request, with the lock as it is now."""
        part = "Force" if force else "Action"
        return [self.bind(f"ha{part}Lock", 0, value=self.lock(force)),
                self.bind(f"ha{part}DrbdRequest", resource, value=role)]

    def jobs(self):
        """Numbers of the jobs there are."""
        return sorted(index[0] for index in self.column("haActionState"))

    def wait_for_job(self, number, seconds=PATIENCE):
        """Its last state."""
        def ended():
            state = self.get("haActionState", number)
            return state not in (None, "waiting", "running", "verifying", "rollingBack") and state

        return until(ended, seconds)
