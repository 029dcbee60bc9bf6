# Facts that a test checks, one line each, and how it waits for them.
# SPDX-License-Identifier: BSD-2-Clause
"""Used by the tests with a real snmpd and by those of the lab."""
import time

PATIENCE = 20.0


class Tally:
    passed = failed = 0


def check(what, good, detail=""):
    """One line for one fact; returns whether it holds. `detail` explains a failure."""
    good = bool(good)
    Tally.passed += good
    Tally.failed += not good
    print(f"ok      {what}" if good else f"FAILED  {what}: {detail}", flush=True)
    return good


def check_equal(what, found, wanted):
    return check(what, found == wanted, f"{found!r}, not {wanted!r}")


def until(question, seconds=PATIENCE):
    """The first true answer, or the last one when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer
