# The pair of routers as the lab's tests see it: what its nodes show, what they note, its faults.
# SPDX-License-Identifier: BSD-2-Clause
"""vrrp/ has the configuration of the pair, `lab vrrp' starts it."""
import collections
import time

from pair import Pair
from testing import becomes, check, elapsed, until

NAMES = ("VI_1", "VI_2", "VI_6")
HOLD = "/run/ha-hold/VI_1"
# What routers.conf says of each: VRID, version, family, interval in ms, nopreempt, priorities, group, addresses.
Router = collections.namedtuple("Router", "vrid version family interval nopreempt group addresses")
ROUTERS = {
    "VI_1": Router(51, 2, "ipv4", 1000, "yes", "", {
        "10.77.0.100": (24, "bond0", False), "10.77.0.101": (24, "bond0", True), "10.77.0.102": (32, "lo", True)}),
    "VI_2": Router(52, 3, "ipv4", 500, "no", "G1", {"10.77.0.110": (24, "bond0", False)}),
    "VI_6": Router(52, 3, "ipv6", 500, "no", "G1", {
        "fe80::77:100": (64, "bond0", False), "fd77::100": (64, "bond0", False)})}
PRIORITY = {"n1": 110, "n2": 100}
SOURCE = {("n1", "ipv4"): "10.77.0.1", ("n2", "ipv4"): "10.77.0.2",
          ("n1", "ipv6"): "fe80::ff:fe00:100", ("n2", "ipv6"): "fe80::ff:fe00:200"}


# ---- what a node shows ----

def plain(row, entry):
    prefix = entry.removesuffix("Entry")
    return {name.removeprefix(prefix): value for name, value in row.items()}


def instances(node):
    return {name: plain(row, "haVrrpInstanceEntry") for (name,), row in node.rows("haVrrpInstanceEntry").items()}


def addresses(node):
    """By instance and address."""
    return {(name, address): plain(row, "haVrrpAddressEntry")
            for (name, _, address), row in node.rows("haVrrpAddressEntry").items()}


def routers(node):
    """By VRID and address."""
    return {(vrid, address): plain(row, "haVrrpRouterEntry")
            for (_, vrid, _, address), row in node.rows("haVrrpRouterEntry").items()}


def some(row, wanted):
    """Those columns of a row that are wanted."""
    return {name: row.get(name) for name in wanted}


def instance_is(what, node, name, seconds=10, **wanted):
    return becomes(f"{what}: {node}'s {name}", lambda: some(instances(node).get(name, {}), wanted), wanted, seconds)


def router_is(what, node, key, seconds=10, **wanted):
    return becomes(f"{what}: {node}'s router {key[0]} {key[1]}", lambda: some(routers(node).get(key, {}), wanted),
                   wanted, seconds)


def on_wire(master, name):
    """The subject of a router that is master, as notifications have it."""
    router = ROUTERS[name]
    return f"{SOURCE[str(master), router.family]} {router.vrid} bond0"


# ---- the pair ----

class Routers:
    """The two nodes as a pair of routers. Each event that a node notes must be one that the test expects
    next, and each must have come when the test goes on: whatever else there is fails what is expected later."""

    def __init__(self, lab):
        self.lab, self.n1, self.n2 = lab, *lab.nodes
        self.offsets = {node.name: Pair.compare_clocks(node) for node in lab.nodes}
        self.read = dict.fromkeys(("n1", "n2"), 0)

    def start(self, variant):
        """A variant of keepalived's configuration; n1 is master of all."""
        self.lab.do("vrrp", variant)
        self.settle(f"{variant}: the pair starts", self.n1, 20, NAMES[1:])
        if not until(lambda: self.verdicts(self.n1)["VI_1"][1] == "master", 5):
            self.bring_home(f"{variant}: the pair starts, n2 was quicker")
        self.settle(f"{variant}: the pair starts", self.n1)
        self.forget()

    # -- states --

    def settle(self, what, master, seconds=15, names=NAMES):
        """One node is master, the other backup, nobody else is heard, and all is well."""
        heard = {(ROUTERS[name].vrid, SOURCE[master.name, ROUTERS[name].family]) for name in names}
        for node in self.lab.nodes:
            state = "master" if node is master else "backup"
            wanted = {name: ("fresh", state, "consistent", 1) for name in names}
            becomes(f"{what}: {node} is {state}", lambda: self.verdicts(node, names), wanted, seconds)  # noqa: B023
            becomes(f"{what}: {node} hears {master}",
                    lambda: self.advertising(node, names), heard, seconds)  # noqa: B023

    @staticmethod
    def advertising(node, names=NAMES):
        """Who is heard to be master of these."""
        return {key for key, row in routers(node).items()
                if row.get("State") == "advertising" and row.get("InstanceName") in names}

    @staticmethod
    def verdicts(node, names=NAMES):
        rows, columns = instances(node), ("RowState", "State", "Consistency", "Masters")
        return {name: tuple(rows.get(name, {}).get(column) for column in columns) for name in names}

    @staticmethod
    def bond_is_whole(what, node):
        becomes(f"{what}: {node}'s bond is whole", lambda: node.get("haBondRedundancy", "bond0"), "full")

    def alarms(self, what, n1=(), n2=()):
        """Exactly these alarms stand, but for those of cables."""
        for node, wanted in ((self.n1, n1), (self.n2, n2)):
            becomes(f"{what}: alarms of {node}", lambda: {
                alarm for alarm in node.alarms() if not alarm[0].startswith("bond")}, set(wanted))  # noqa: B023

    # -- events --

    def forget(self):
        for node in self.lab.nodes:
            self.read[node.name] = node.get("haEventNewest")

    def news(self, node):
        """What it has noted since it was last asked: kind without `vrrp' and `Change', subject, old and new state.
        Not the old state of a router: whether it was silent or had resigned depends on what came before."""
        return sorted((kind.removeprefix("vrrp").removesuffix("Change"), subject, *states[kind == "vrrpRouterChange":])
                      for kind, subject, *states in node.noted(self.read[node.name], ""))

    def told(self, what, n1=(), n2=(), seconds=10):
        """Exactly these events come: kind, subject, old and new state."""
        for node, wanted in ((self.n1, n1), (self.n2, n2)):
            becomes(f"{what}: events of {node}", lambda: self.news(node), sorted(wanted), seconds)  # noqa: B023
        self.forget()

    # -- faults --

    def do(self, node, command):
        """A shell line that is the fault; when it began, by time.monotonic()."""
        began = float(node.sh(f"date +%s.%N; {command}").splitlines()[0])
        return began - self.offsets[node.name] - time.time() + time.monotonic()

    def heard_soon(self, what, node, mark, since, limit, **wanted):
        """The notification comes within so many seconds: name, subject, new state."""
        event = self.lab.ear.wait(mark, lambda event: event.node == node.name and
                                  all(getattr(event, name) == value for name, value in wanted.items()))
        spent = elapsed(since, event.received) if event else None
        check(f"{what}: {node} tells {' '.join(map(str, wanted.values()))} within {limit:g} s "
              f"({spent if spent is None else round(spent, 2)} s)", spent is not None and spent < limit, spent)

    def hold(self, node, on):
        return self.do(node, f"echo {int(on)} >{HOLD}.new; mv {HOLD}.new {HOLD}")

    def keepalived(self, node, command):
        return self.do(node, f"/lab/src/guest/daemon {command} keepalived")

    @staticmethod
    def processes(node):
        """keepalived's: the parent, and the child that speaks VRRP."""
        parent = int(node.sh("cat /run/keepalived.pid"))
        return parent, int(node.sh("cat /run/vrrp.pid"))

    def bring_home(self, what):
        """The instance that does not preempt goes back to n1."""
        self.hold(self.n2, True)
        instance_is(what, self.n1, "VI_1", State="master")
        self.hold(self.n2, False)
