# Facts that a test checks, one line each, how it waits for them, and how slow the machine was.
# SPDX-License-Identifier: BSD-2-Clause
"""Used by the tests with a real snmpd and by those of the lab."""
import threading
import time

PATIENCE = 20.0
BEAT = 0.02  # seconds between two looks at the clock
LATE = 0.01  # seconds by which one must be late to be the machine's fault


class Tally:
    """The status that a test ends with is 1 when checks failed, and BROKEN when a promise did."""
    BROKEN = 2
    passed = failed = broken = 0

    @classmethod
    def status(cls):
        return cls.BROKEN if cls.broken else 1 if cls.failed or not cls.passed else 0


def check(what, good, detail=""):
    """One line for one fact; returns whether it holds. `detail` explains a failure."""
    good = bool(good)
    Tally.passed += good
    Tally.failed += not good
    print(f"ok      {what}" if good else f"FAILED  {what}: {detail}", flush=True)
    return good


def promise(what, good, detail=""):
    """A check of what holds however slow the machine is: no data lost, no two primaries, nothing that
    breaks down. A test that finds it otherwise gets no second try."""
    good = check(what, good, detail)
    Tally.broken += not good
    return good


def check_equal(what, found, wanted):
    return check(what, found == wanted, f"{found!r}, not {wanted!r}")


# ---- time ----

class Pulse:
    """Beats as long as the test lives. A beat that comes late says that the machine stood still, or
    that others had its cores: whatever a test waits for was held up, too. `stalls' are the spans of
    such time, by time.monotonic()."""

    def __init__(self):
        self.stalls, self.due, self.lock = [], time.monotonic() + BEAT, threading.Lock()
        threading.Thread(target=self.beat, daemon=True).start()

    def beat(self):
        while True:
            time.sleep(max(0, self.due - time.monotonic()))
            with self.lock:
                self.stalls += self.open_stall()
                self.due = time.monotonic() + BEAT

    def open_stall(self):
        """What this beat is late by up to now."""
        now = time.monotonic()
        return [(self.due, now)] if now > self.due + LATE else []

    def since(self, begin):
        with self.lock:
            spans = self.open_stall()
            for span in reversed(self.stalls):
                if span[1] < begin:
                    break
                spans.append(span)
        return spans


PULSE = Pulse()


def covered(spans, begin, end):
    """How much of the time from begin to end lies in any of the spans."""
    total, reached = 0.0, begin
    for first, last in sorted(spans):
        first, last = max(first, reached), min(last, end)
        if first < last:
            total, reached = total + last - first, last
    return total


def elapsed(begin, end=None):
    """Seconds from one moment of time.monotonic() to another, or to now, without those in which
    the machine stood still."""
    end = time.monotonic() if end is None else end
    return end - begin - covered(PULSE.since(begin), begin, end)


def until(question, seconds=PATIENCE):
    """The first true answer, or the last one when `seconds` have elapsed."""
    begin = time.monotonic()
    while not (answer := question()) and elapsed(begin) < seconds:
        time.sleep(0.02)
    return answer
