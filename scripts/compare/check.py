"""Runs the functional user tests on a kernel: one that fails is reported, and never timed."""

import re
import time
from dataclasses import dataclass

LAST_LINE = re.compile(r"^facet-tests: (\d+) passed, (\d+) failed$", re.M)
FAILED = re.compile(r"^not ok - (\S+)", re.M)
COMMAND = "testrun"
TAIL_LINES = 15


@dataclass(frozen=True)
class Verdict:
    """What the tests of one column came to."""

    passed: int
    failed: int
    seconds: float
    why: str = ""

    @property
    def good(self) -> bool:
        return not self.why


def read(text: str, status: int, seconds: float) -> Verdict:
    """From all that the machine printed. The last line has to be there, once."""
    lines = text.replace("\r", "")
    last = LAST_LINE.findall(lines)
    if len(last) != 1:
        tail = "\n".join(lines.splitlines()[-TAIL_LINES:])
        return Verdict(0, 0, seconds, f"the tests did not come to an end (status {status}):\n{tail}")
    passed, failed = map(int, last[0])
    why = ""
    if failed:
        why = f"{failed} failed: {' '.join(FAILED.findall(lines))}"
    elif not passed:
        why = "no test ran"
    return Verdict(passed, failed, seconds, why)


def check(image, run_machine) -> Verdict:
    """`run_machine(image, command) -> (text, status)` boots it and runs one command."""
    begun = time.monotonic()
    text, status = run_machine(image, COMMAND)
    return read(text, status, time.monotonic() - begun)
