"""Runs the functional user tests on a kernel: one that fails is reported, and never timed."""

import re
import subprocess
import time
from dataclasses import dataclass

from .machine import COUNTED, PC, QEMU, WORDS, Image

LAST_LINE = re.compile(r"^facet-tests: (\d+) passed, (\d+) failed$", re.M)
FAILED = re.compile(r"^not ok - (\S+)", re.M)
COMMAND = 'run="testrun"'
MEMORY = "256M"
LIMIT_S = 300
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
    """From all that the machine printed. The last line has to be there, once."""
    lines = text.replace("\r", "")
    last = LAST_LINE.findall(lines)
    if len(last) != 1:
        tail = "\n".join(lines.splitlines()[-TAIL_LINES:])
        return Verdict(0, 0, seconds,
                       f"the tests did not come to an end (status {status}):\n{tail}")
    passed, failed = map(int, last[0])
    why = ""
    if failed:
        why = f"{failed} failed: {' '.join(FAILED.findall(lines))}"
    elif not passed:
        why = "no test ran"
    return Verdict(passed, failed, seconds, why)


def check(image: Image) -> Verdict:
    """Boots it under the virtual clock, where the tests come out the same on every host."""
    words = [QEMU, *PC, "-m", MEMORY, *COUNTED, "-kernel", str(image.kernel),
             *(["-initrd", str(image.initrd)] if image.initrd else []),
             "-append", " ".join([*WORDS[image.system], *image.words, COMMAND])]
    begun = time.monotonic()
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=LIMIT_S, check=False)
        text, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as error:
        text, status = error.stdout or b"", None
    return read(text.decode(errors="replace"), status, time.monotonic() - begun)
