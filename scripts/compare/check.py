"""Runs the functional user tests on a kernel: one that fails is reported, and never timed."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

from . import machine, single
from .machine import FACET, POWERED_OFF, Image
from .transcript import ESCAPE

LAST_LINE = re.compile(r"^facet-tests: (\d+) passed, (\d+) failed$", re.M)
FAILED = re.compile(r"^not ok - (.+)", re.M)      # a program's name, and why
COMMAND = "testrun"
MEMORY = "256M"
LIMIT_S = 1200              # some seconds; much more on a host that others use too
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


def read(text: str, status: "int | None", seconds: float) -> Verdict:
    """From all that the machine printed. The last line has to be there, once, and the machine has
    to power off after it."""
    lines = ESCAPE.sub("", text.replace("\r", ""))
    last = LAST_LINE.findall(lines)
    if len(last) != 1:
        tail = "\n".join(lines.splitlines()[-TAIL_LINES:])
        return Verdict(0, 0, seconds,
                       f"the tests did not come to an end (status {status}):\n{tail}")
    passed, failed = map(int, last[0])
    why = ""
    if failed:
        why = f"{failed} failed: {'; '.join(FAILED.findall(lines))}"
    elif not passed:
        why = "no test ran"
    elif status != POWERED_OFF[FACET]:
        why = f"all tests passed, and then the machine did not power off (status {status})"
    return Verdict(passed, failed, seconds, why)


def check(images: dict[str, Image], jobs: int, folder: Path,
          done: Callable[[str], None] = lambda name: None) -> dict[str, Verdict]:
    """Boots them under the virtual clock, where the tests come out the same on every host. What a
    kernel that fails printed stays in the folder."""
    wanted = {name: machine.boot(image, COMMAND, memory=MEMORY) for name, image in images.items()}
    verdicts = {}
    for name, ended in single.run_all(wanted, jobs, LIMIT_S, done).items():
        verdicts[name] = read(ended.text, ended.status, ended.seconds)
        if not verdicts[name].good:
            folder.mkdir(parents=True, exist_ok=True)
            log = folder / f"{name}.log"
            log.write_text(ended.text, encoding="utf-8")
            verdicts[name] = replace(verdicts[name], why=f"{verdicts[name].why}\n({log})")
    return verdicts
