# Real name servers for the agent tests, in the test's own network, with their own tree of names.
# SPDX-License-Identifier: BSD-2-Clause
"""Each has an IPv4 and an IPv6 address of the loopback interface, port 53:

    1  nsd      primary of every zone, the root included, but for the one that knot has
    2  named    secondary of pair.example and stale.example; primary of split.example and
                ahead.example, which are others here than on nsd
    3  unbound  resolver, validates from the root down
    4  named    resolver, the same
    5  knotd    signs auto.example by itself
    9  rogue-dns answers every name below rogue. as badly as the name says

zones, all below example.: pair (in sync), stale (nsd transfers it to nobody), split (same serial,
other records), ahead (newer on the secondary); signed, brief (its signature ends soon), expired,
bogus (the parent has another key's DS), tampered (changed after it was signed), stripped (of its
signatures, though the parent has a DS), large (signed with so many keys that they go over TCP);
lost (nsd finds no file). optout. is signed with NSEC3 and opt-out, and has plain.optout below it,
which is not signed.

The programs come from LAB_ROOT, see agent.py. What a server says is in its folder, file log.
"""
import contextlib
import os
import re
import signal
import string
import subprocess
import sys

import dnswire
from agent import HERE, find_program, read, write
from checks import until

DATA = f"{HERE}/dns"
DAY = 86400
CHILDREN = ("pair", "stale", "split", "ahead")
SIGNED = ("signed", "brief", "expired", "bogus", "tampered", "stripped",
          "large")
TRANSFERRED = ("pair.example", "stale.example")
NSD, SECONDARY, UNBOUND, RESOLVER, KNOT, ROGUE = (f"127.0.1.{n}" for n in (1, 2, 3, 4, 5, 9))


def second_address(address):
    """The IPv6 address of the server that has this IPv4 address."""
    return f"fd00:53::{address.rsplit('.', 1)[1]}"


def add_addresses():
    """Those of IPv4, too, for named listens at none that no interface has."""
    for address in (NSD, SECONDARY, UNBOUND, RESOLVER, KNOT, ROGUE):
        for prefix in (f"{address}/32", f"{second_address(address)}/128"):
            subprocess.run(["ip", "address", "add", prefix, "dev", "lo"], check=True)


def filled(name, **fields):
    return string.Template(read(f"{DATA}/{name}")).substitute(fields)


def run_program(name, *words, **options):
    """Run one of the programs to its end; its output."""
    return subprocess.run([*find_program(name), *words], check=True, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout


# ---- zones ----

def owner_of(name):
    return f"{name}.example"


class Tree:
    """Zone files, each named like its zone, with keys that are made anew for each test."""

    def __init__(self, folder):
        self.folder, self.keys, self.ds = folder, {}, {}
        os.mkdir(folder)
        write(f"{folder}/hints", read(f"{DATA}/hints.zone"))
        for name in (*map(owner_of, SIGNED), "other.example", "example", "optout", "root"):
            self.make_keys(name, 9 if name == owner_of("large") else 1)

    def path(self, zone):
        return f"{self.folder}/{zone}"

    def make_keys(self, name, count=1):
        """Keys that each sign all of a zone, and the DS of the first, without an owner."""
        zone = "." if name == "root" else name
        self.keys[name] = [f"{self.folder}/" + run_program(
            "dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", self.folder,
            zone).strip() for _ in range(count)]
        words = run_program("dnssec-dsfromkey", "-2", f"{self.keys[name][0]}.key").split()
        self.ds[name] = " ".join(words[words.index("DS") + 1:])

    def anchor(self, name):
        """The DS record of a zone as a trust anchor."""
        return f"{'.' if name == 'root' else name + '.'} DS {self.ds[name]}"

    def make_all(self, auto_ds):
        """Every zone; `auto_ds` is the DS of the one that knot signs."""
        for name in (*CHILDREN, "stripped"):
            self.make_child(owner_of(name))
        self.make_child("plain.optout")
        for name in ("signed", "brief", "bogus", "tampered", "large"):
            self.make_child(owner_of(name), ends=20 * DAY)
        self.make_child(owner_of("expired"), ends=-2 * DAY)
        self.tamper(owner_of("tampered"))
        delegations = {f"ds_{name}": self.ds[owner_of(name)] for name in (*SIGNED, "other")}
        self.make("example", "example.zone", ends=20 * DAY, ds_auto=auto_ds, **delegations)
        self.make("optout", "optout.zone", ends=20 * DAY, options=("-3", "-", "-A", "-H", "0"))
        self.make("root", "root.zone", ends=20 * DAY, ds_example=self.ds["example"],
                  ds_optout=self.ds["optout"])

    def make_child(self, zone, serial=100, ends=None, path=None, **fields):
        """Write a zone that has none below it; `fields` are www, refresh and retry."""
        self.make(zone, "child.zone", ends, serial=serial, path=path,
                  **{"www": "192.0.2.80", "refresh": 3600, "retry": 600, **fields})

    def make(self, zone, template, ends=None, options=(), serial=100, path=None, **fields):
        """Write a zone; with `ends`, sign it with signatures that end so many seconds from now."""
        path = path or self.path(zone)
        text = filled(template, serial=serial, **fields)
        if ends is None:
            write(f"{path}.new", text)
        else:
            keys = self.keys[zone]
            write(f"{path}.plain", text + "".join(read(f"{key}.key") for key in keys))
            run_program("dnssec-signzone", "-q", "-P", "-z", "-o", "." if zone == "root" else zone,
                        "-s", f"now{ends - 30 * DAY:+d}", "-e", f"now{ends:+d}", "-d", self.folder,
                        "-f", f"{path}.new", *options, f"{path}.plain", *keys)
        os.rename(f"{path}.new", path)

    def tamper(self, zone):
        """Raise its serial behind the back of its signature."""
        text, count = re.subn(r"(SOA\s.*?\s)(\d+)(\s*; serial)", r"\g<1>101\3",
                              read(self.path(zone)), count=1, flags=re.DOTALL)
        if not count:
            raise RuntimeError(f"no SOA in {self.path(zone)}")
        write(self.path(zone), text)


# ---- servers ----

class Server:
    """A program that serves DNS at one IPv4 and one IPv6 address, in a process group of its own."""

    def __init__(self, folder, address, ready):
        self.folder, self.address, self.address6 = folder, address, second_address(address)
        self.ready_name = ready  # that it answers when it is ready
        self.process = None
        os.mkdir(folder)
        os.chmod(folder, 0o755)

    def command(self):
        """What is run, as a list of words."""
        raise NotImplementedError

    def answers(self):
        answer = dnswire.ask(self.address, self.ready_name)
        return answer is not None and not answer.flags & 0xF and bool(answer.records)

    def start(self, wait=True):
        with open(f"{self.folder}/log", "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        if wait:
            self.wait()

    def wait(self, seconds=30):
        if not until(self.answers, seconds):
            raise RuntimeError(f"{self.folder} does not answer {self.ready_name}: "
                               f"{read(f'{self.folder}/log')[-2000:]}")

    def signal(self, number):
        """To all of its processes."""
        os.killpg(self.process.pid, number)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """It crashes."""
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self):
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                self.kill()


class Nsd(Server):
    def __init__(self, folder, tree):
        super().__init__(folder, NSD, ".")
        self.tree, self.blocked = tree, {"stale.example"}
        self.zones = sorted(["root", "example", "optout", "plain.optout", "lost.example",
                             *map(owner_of, CHILDREN + SIGNED)])
        self.configure()

    def configure(self):
        serves = ""
        for zone in self.zones:
            serves += (f"zone:\n\tname: {'.' if zone == 'root' else zone}\n"
                       f"\tzonefile: {zone}\n")
            if zone in TRANSFERRED:
                serves += (f"\tnotify: {SECONDARY} NOKEY\n"
                           f"\toutgoing-interface: {self.address}\n")
                if zone not in self.blocked:
                    serves += f"\tprovide-xfr: {SECONDARY} NOKEY\n"
        write(f"{self.folder}/conf", filled(
            "nsd.conf", address=self.address, address6=self.address6, folder=self.folder,
            zones=self.tree.folder, nsid="nsd-1", serves=serves))

    def command(self):
        return [*find_program("nsd"), "-d", "-c", f"{self.folder}/conf"]

    def control(self, *words):
        run_program("nsd-control", "-c", f"{self.folder}/conf", *words)

    def load(self, zone):
        """Read a zone file again; secondaries are notified of a new serial."""
        self.control("reload", "." if zone == "root" else zone)

    def block(self, zone, blocked=True):
        """Transfer a zone no more, or again."""
        (self.blocked.add if blocked else self.blocked.discard)(zone)
        self.configure()
        self.control("reconfig")

    def remove(self, zone):
        """Serve a zone no more."""
        self.zones.remove(zone)
        self.configure()
        self.control("reconfig")

    def add(self, zone):
        self.zones.append(zone)
        self.configure()
        self.control("reconfig")


class NamedSecondary(Server):
    def __init__(self, folder, tree):
        super().__init__(folder, SECONDARY, "split.example")
        self.tree = tree
        for name, fields in (("split", {"www": "192.0.2.99"}), ("ahead", {"serial": 105}),
                             ("stale", {"serial": 100})):
            tree.make_child(owner_of(name), path=f"{folder}/{owner_of(name)}", **fields)
        write(f"{folder}/conf", filled(
            "named-secondary.conf", address=self.address, address6=self.address6, folder=folder,
            nsid="named-2", serves="".join(map(self.zone_text, ("pair", "stale", "split",
                                                                "ahead")))))

    @staticmethod
    def zone_text(name):
        zone = owner_of(name)
        if zone in TRANSFERRED:
            kind = f"type secondary; masterfile-format text; primaries {{ {NSD}; }}"
        else:
            kind = "type primary; notify no"
        return f'zone "{zone}" {{ {kind}; file "{zone}"; }};\n'

    def command(self):
        return [*find_program("named"), "-f", "-n", "1", "-c", f"{self.folder}/conf",
                "-L", f"{self.folder}/log"]

    def load(self):
        """Read its own zone files again."""
        self.signal(signal.SIGHUP)


class Resolver(Server):
    """It starts from the root of the tree, and validates from there."""

    def __init__(self, folder, tree, address, template, nsid, anchor):
        super().__init__(folder, address, "www.example")
        write(f"{folder}/conf", filled(template, address=self.address, address6=self.address6,
                                       folder=folder, nsid=nsid, hints=tree.path("hints"),
                                       anchor=anchor))

    def answers(self):
        answer = dnswire.ask(self.address, self.ready_name, "A")
        return answer is not None and bool(answer.records)


class NamedResolver(Resolver):
    def __init__(self, folder, tree):
        *numbers, digest = tree.ds["root"].split(maxsplit=3)
        super().__init__(folder, tree, RESOLVER, "named-resolver.conf", "named-4",
                         f'{" ".join(numbers)} "{digest}"')

    def command(self):
        return [*find_program("named"), "-f", "-n", "1", "-c", f"{self.folder}/conf",
                "-L", f"{self.folder}/log"]


class Unbound(Resolver):
    def __init__(self, folder, tree):
        super().__init__(folder, tree, UNBOUND, "unbound.conf", "unbound-3", tree.ds["root"])

    def command(self):
        return [*find_program("unbound"), "-d", "-c", f"{self.folder}/conf"]


class Knot(Server):
    """Its keys exist before it starts: their DS goes into the parent."""

    def __init__(self, folder, tree):
        super().__init__(folder, KNOT, "auto.example")
        self.tree = tree
        tree.make_child("auto.example")
        write(f"{folder}/conf", filled("knot.conf", address=self.address, address6=self.address6,
                                       folder=folder, zones=tree.folder, nsid="knot-5"))
        self.keymgr("generate", "algorithm=ecdsap256sha256", "ksk=yes", "zsk=yes")
        line = next(line for line in self.keymgr("ds").splitlines() if " 2 " in line)
        self.ds = line.split(" DS ", 1)[1]

    def keymgr(self, *words):
        return run_program("keymgr", "-c", f"{self.folder}/conf", "auto.example", *words)

    def command(self):
        return [*find_program("knotd"), "-c", f"{self.folder}/conf"]


class Rogue(Server):
    """rogue-dns, at `places`: see there."""

    def __init__(self, folder, address=ROGUE, places=()):
        super().__init__(folder, address, "rogue")
        self.places = places or (f"{self.address}@53", f"{self.address6}@53")

    def command(self):
        return [sys.executable, "-B", f"{HERE}/rogue-dns", self.folder, *self.places]

    def behave(self, name, words):
        """What the names with the label as-NAME do from now on."""
        write(f"{self.folder}/{name}.new", words + "\n")
        os.rename(f"{self.folder}/{name}.new", f"{self.folder}/{name}")

    def asked(self, label, address=None):
        """Questions so far for names with this first label, at one of the places: (when, protocol,
        id, port of who asked)."""
        found = []
        for line in read(f"{self.folder}/log").splitlines():
            words = line.split()
            if (len(words) == 7 and words[6].split(".")[0].lower() == label.lower()
                    and address in (None, words[5])):
                found.append((float(words[0]), words[1], int(words[2]), int(words[4])))
        return found
