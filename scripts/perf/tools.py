"""What a figure depends on besides the kernel's source: the tools, and the program that measures.

The compiler and the assembler are what the kernel itself says it was made by, whatever is first on
the path.
"""

import hashlib
import re
import subprocess
from pathlib import Path

from compare.machine import CPU, QEMU

from . import PerfError

MUSL = "/lib/ld-musl-x86_64.so.1"       # fixed by the ABI; run without words, it names its version


def output(*command) -> str:
    """What a tool says of itself, on whichever output."""
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False).stdout
    except OSError as error:
        raise PerfError(f"{command[0]}: {error.strerror}") from None


def first_line(*command) -> str:
    return output(*command).partition("\n")[0]


def found(pattern: str, text: str, what: str) -> str:
    """All that the pattern finds, once each."""
    matches = sorted(set(re.findall(pattern, text)))
    if not matches:
        raise PerfError(f"{what}: no {pattern!r} there")
    return ", ".join(matches)


def tools(kernel: Path) -> dict[str, str]:
    """Of a kernel that was just built."""
    comment = output("readelf", "-p", ".comment", kernel)
    return {"compiler": found(r"\[ *[0-9a-f]+\] +(\S.*)", comment, kernel),
            "assembler": found(r"NASM \d[\w.]*", kernel.read_bytes().decode("latin-1"), kernel),
            "binutils": first_line("ld", "--version"),
            "musl": found(r"Version (\S+)", output(MUSL), MUSL),
            "qemu": first_line(QEMU, "--version"),
            "cpu": CPU}


def workload(programs: Path) -> str:
    """Names the program that measures. It is part of the figures: a fork copies its pages."""
    return hashlib.sha256((programs / "bin" / "bench").read_bytes()).hexdigest()[:16]
