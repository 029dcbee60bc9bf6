# Requests as an operator makes them by SNMP, and what came of them: bonds, real servers, VRRP.
# SPDX-License-Identifier: BSD-2-Clause
from testing import check, check_equal, until
import snmp  # testing.py says where it is


class Subject:
    """Something of a node that requests are about: its column, and its index in the table of requests."""

    def __init__(self, node, kind, *index):
        self.node, self.kind, self.index = node, kind, index
        self.column = "ActivePort" if kind == "Bond" else "Request"

    def read(self, name):
        return self.node.get(f"haAction{self.kind}{name}", *self.index)

    def bindings(self, value, seconds, lock, subtree):
        mib = self.node.mib
        name = f"ha{subtree}{self.kind}{self.column}"
        request = snmp.Value("octets", value.encode()) if self.kind == "Bond" else \
            snmp.Value("integer", mib.number(name, value))
        bindings = [(mib.instance(f"ha{subtree}Lock"), snmp.Value("integer", lock)),
                    (mib.instance(name, *self.index), request)]
        if seconds is not None:
            bindings.append((mib.instance(f"haAction{self.kind}Seconds", *self.index), snmp.Value("unsigned", seconds)))
        return bindings

    def set(self, value, seconds=None, forced=False, lock=None):
        """The SET: its error."""
        subtree = "Force" if forced else "Action"
        if lock is None:
            lock = self.node.get(f"ha{subtree}Lock")
        manager = self.node.administrator if forced else self.node.operator
        return manager.set(*self.bindings(value, seconds, lock, subtree)).error

    def submit(self, value, seconds=None, forced=False):
        """The SET's error and the number of the job, None without one."""
        before = self.read("LastJob")
        error = self.set(value, seconds, forced)
        if error != "noError":
            return error, None
        until(lambda: self.read("LastJob") not in (before, None))
        return error, self.read("LastJob")

    def ask(self, value, seconds=None, forced=False):
        """Ask, and wait for the end: the row of the job."""
        error, number = self.submit(value, seconds, forced)
        if error != "noError":
            return {"haActionState": error, "haActionReason": self.node.refusal()[0],
                    "haActionMessage": self.node.refusal()[1]}
        return self.node.finished(number)


def ended(what, job, state, reason, *words):
    """The job ended so, and its sentence tells these words."""
    check_equal(f"{what}: the job", (job.get("haActionState"), job.get("haActionReason")), (state, reason))
    missing = [word for word in words if word not in job.get("haActionMessage", "")]
    check(f"{what}: its sentence{' tells ' + ' and '.join(words) if words else ''}: {job.get('haActionMessage')}",
          not missing and job.get("haActionMessage"), job)


def succeeded(what, job, *words):
    ended(what, job, "succeeded", "none", *words)


def refused(what, subject, value, reason, *words, **options):
    """The request fails with inconsistentValue, the reason and a sentence; there is no job."""
    node = subject.node
    before = node.get("haActionRefusals"), subject.read("LastJob")
    error = subject.set(value, **options)
    found, sentence = node.refusal()
    check_equal(f"{what}: refused", (error, found), ("inconsistentValue", reason))
    missing = [word for word in words if word not in (sentence or "")]
    check(f"{what}: the reason: {sentence}", sentence and not missing, missing)
    check_equal(f"{what}: counted, and no job", (node.get("haActionRefusals"), subject.read("LastJob")),
                (before[0] + 1, before[1]))


def killed(subject, process, value, seconds=None):
    """Ask, and kill a process of the agent while the job is on its way: the executor is frozen first, so that
    it surely is. The row of the job, once it has ended."""
    node = subject.node
    executor = node.processes()["executor"]
    node.sh(f"kill -STOP {executor}")
    error, number = subject.submit(value, seconds)
    check_equal(f"{process} is killed: the request is accepted", error, "noError")
    node.sh(f"kill -KILL {node.processes()[process]}")
    if process != "executor":
        # It ends with the hub, once it has done what it was asked.
        node.run(f"kill -CONT {executor}")
    until(lambda: node.processes().get(process), 20)
    return node.finished(number, 40)
