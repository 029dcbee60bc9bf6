# What the tests of the DNS source share: its configuration, its rows, what it notifies.
# SPDX-License-Identifier: BSD-2-Clause
import calendar

import nameservers
from agent import PATIENCE, Stage, read, until, write
from snmp import NoAnswer


def quoted(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "{ " + ", ".join(map(quoted, value)) + " }"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


def options(values):
    """Options of a section, a line each; `_` in a name stands for `-`."""
    return "".join(f"\t\t{name.replace('_', '-')} = {quoted(value)}\n"
                   for name, value in values.items())


def section(kind, title=None, **values):
    heading = f"{kind} {quoted(title)}" if title else kind
    return f"\t{heading} {{\n{options(values)}\t}}\n"


def moment(octets):
    """Seconds since 1970 of a DateAndTime, None of one that says never."""
    if len(octets) != 11:
        return None
    year = int.from_bytes(octets[:2], "big")
    seconds = calendar.timegm((year, *octets[2:7], 0, 0, 0)) + octets[7] / 10
    offset = (octets[9] * 60 + octets[10]) * 60
    return seconds - offset if octets[8:9] == b"+" else seconds + offset


class DnsStage(Stage):
    """The daemon watches name servers and nothing else. `parts` are sections of the
    configuration; `defaults` say how all servers are asked. resolv.conf is a file of the test."""

    def __init__(self, parts="", defaults=None, agent=None):
        super().__init__(start=False)
        self.agent = agent
        self.resolv_conf = f"{self.folder}/resolv.conf"
        self.defaults = {"interval": 0.5, "timeout": 0.3, "tries": 2, **(defaults or {})}
        self.resolver = {"file": self.resolv_conf, "interval": 600}
        self.servers = []  # what must end with the test
        write(self.resolv_conf, "")
        nameservers.add_addresses()
        self.configure(parts)

    def configure(self, parts):
        text = options(self.defaults) + section("resolver", **self.resolver) + parts
        self.daemon.configure(self.agent, {"watch": "no"}, (), text)

    def serve(self, kind, name, *arguments, **keywords):
        """A name server, started."""
        server = kind(f"{self.folder}/{name}", *arguments, **keywords)
        self.servers.append(server)
        server.start()
        return server

    def close(self):
        for server in self.servers:
            server.stop()
        super().close()

    def ready(self):
        if not self.wait_for("running", "haSourceState", "dns", seconds=60):
            raise RuntimeError(f"the source does not start: {read(self.daemon.log)[-2000:]}")
        self.all_started()

    def begin(self):
        self.snmpd.start()
        self.daemon.start()
        self.ready()

    def restart(self, parts=None):
        """With another configuration, when there is one."""
        if parts is not None:
            self.configure(parts)
        self.daemon.stop()
        self.daemon.start()
        self.ready()

    # ---- rows ----

    def value(self, oid, value):
        """As a person reads it: names of bits as a set, times in seconds since 1970."""
        thing = self.mib.find(oid)[0]
        if value.type != "octets":
            return self.mib.plain(oid, value)
        if thing.syntax == "bits":
            return {label for number, label in thing.labels.items()
                    if number // 8 < len(value.value)
                    and value.value[number // 8] & 0x80 >> number % 8}
        if thing.name.endswith(("Time", "LastGood")) and len(value.value) in (8, 11):
            return moment(value.value)
        if thing.name.endswith("Address"):
            return value.value
        return value.value.decode(errors="replace")

    def columns(self, prefix):
        """Readable objects whose name begins so, by the rest of it."""
        return {name.removeprefix(prefix): thing for name, thing in self.mib.objects.items()
                if name.startswith(prefix) and thing.readable}

    def row(self, prefix, *index, parts=()):
        """All of a row (haDnsServer, haDnsZone, haDnsGate), or some columns of it, as it is at one
        moment. None for what is absent."""
        oids = {name: self.mib.oid(f"{prefix}{name}", *index) for name in self.columns(prefix)
                if not parts or name in parts}
        values = self.watch.get(*oids.values())
        return {name: self.value(oid, value)
                for (name, oid), value in zip(oids.items(), values, strict=True)}

    def server(self, name, *parts):
        """Columns of haDnsServerTable by what follows haDnsServer in their names; one alone as it
        is."""
        row = self.row("haDnsServer", name, parts=parts)
        return row[parts[0]] if len(parts) == 1 else row

    def zone(self, zone, server, *parts):
        row = self.row("haDnsZone", zone, server, parts=parts)
        return row[parts[0]] if len(parts) == 1 else row

    def verdict(self, name):
        row = self.server(name, "State", "Reason")
        return row["State"], row["Reason"]

    def wait_verdict(self, name, state, reason, seconds=PATIENCE):
        return until(lambda: self.verdict_now(name) == (state, reason), seconds)

    def verdict_now(self, name):
        """None while the agent is away."""
        try:
            return self.verdict(name)
        except NoAnswer:
            return None

    def settled(self, names, seconds=PATIENCE):
        """Wait until each of these servers was checked."""
        return until(lambda: all(self.server(name, "State") not in (None, "unknown")
                                 for name in names), seconds)

    # ---- notifications and alarms ----

    def told(self, mark, name, subject=None):
        """Notifications of a kind since `mark`, as dictionaries of their objects."""
        kind = self.mib.oid(name)
        found = []
        for notification in self.receiver.since(mark):
            if notification.oid == kind:
                said = {self.mib.find(oid)[0].name: self.value(oid, value)
                        for oid, value in notification.bindings}
                said["indexes"] = [self.mib.find(oid)[1] for oid, _ in notification.bindings]
                said["objects"] = [self.mib.find(oid)[0].name for oid, _ in notification.bindings]
                said["received"] = notification.received
                if subject in (None, said["haEventSubject"]):
                    found.append(said)
        return found

    def wait_told(self, mark, name, subject, count=1, seconds=PATIENCE):
        until(lambda: len(self.told(mark, name, subject)) >= count, seconds)
        return self.told(mark, name, subject)

    def alarms(self, subject=None):
        """What is wrong now: pairs of kind and subject, or the kinds of one subject."""
        kinds, subjects = self.column("haAlarmKind"), self.column("haAlarmSubject")
        pairs = {(kind, subjects.get(index)) for index, kind in kinds.items()}
        return {kind for kind, of in pairs if of == subject} if subject else pairs


def index_of(*parts):
    """Texts as they stand in an index."""
    return tuple(arc for part in parts for arc in (len(part), *part.encode()))
