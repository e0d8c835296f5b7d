"""The PC on which everything is measured: QEMU's words for it, the same for all columns.

What differs between two runs of a round is the image, and nothing else.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .model import TIME, VIRTUAL

FACET, LINUX = SYSTEMS = ("facet", "linux")
QEMU = "qemu-system-x86_64"
MEMORY = "3G"           # a fork of 1 GiB that copies all of it; what is not touched costs nothing
# All that the emulator has, so the same on every host. Without ERMS Linux copies by words, which
# the emulator does several times faster than by bytes; Facet does so with or without it. Chance
# would make two passes differ.
CPU = "max,-erms,-rdrand,-rdseed"
# An instruction is a nanosecond, and time in which nothing runs is skipped.
COUNTED = ("-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
           "-rtc", "base=2026-01-01,clock=vm")
PC = ("-machine", "pc", "-cpu", CPU, "-smp", "1", "-display", "none", "-monitor", "none",
      "-nic", "none", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
      "-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial")
WORDS = {FACET: ("console=ttyS0", "debug_exit"),
         LINUX: ("console=ttyS0", "quiet", "mitigations=off", "panic=-1", "nokaslr",
                 "norandmaps")}
# What QEMU ends with if the machine was powered off: Facet's goes through the exit device.
POWERED_OFF = {FACET: 1, LINUX: 0}
# In time, what else the host does makes a machine slow for a part of a second: so each measure is
# done in several places of a run, and with fewer rounds in each.
TIME_PASSES, TIME_ROUNDS = 3, 5
# So many seconds of the machine's clock may a measure take; none of Facet's takes 2. With 1,000
# processes and more Linux is fair to each of them first, for longer than anybody waits.
LONGEST_COUNTED_S, LONGEST_TIME_S = 4, 60
PHASES_US = 10_000      # whole ticks, at 100, 250 and 1,000 of them a second


def sha256_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Image:
    """What a machine is started with."""

    kernel: Path
    initrd: "Path | None"
    words: tuple[str, ...]          # more of them for the kernel's command line
    system: str
    kernel_sha256: str
    initrd_sha256: "str | None"

    @classmethod
    def of(cls, kernel: Path, initrd: "Path | None" = None, words: tuple[str, ...] = (),
           system: str = FACET) -> "Image":
        """The image that these files are now."""
        return cls(kernel, initrd, words, system, sha256_of(kernel),
                   sha256_of(initrd) if initrd else None)

    @property
    def sha256(self) -> str:
        """Of everything in it: two that have the same do the same."""
        parts = (self.kernel_sha256, self.initrd_sha256 or "", self.system, *self.words)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def clock(kind: str, accel: str = "tcg") -> list[str]:
    """What time is to the machine; `accel` is asked for by the user and only for time."""
    return ["-accel", accel] if kind == TIME else list(COUNTED)


def passes(kind: str) -> int:
    return TIME_PASSES if kind == TIME else 1


def boot(image: Image, command: str, ticks: "list[str] | tuple[str, ...]" = COUNTED, *,
         memory: str = MEMORY, words: tuple[str, ...] = ()) -> list[str]:
    """QEMU's words, without its name, for a machine that runs this command and ends."""
    line = " ".join([*WORDS[image.system], *image.words, *words, f'run="{command}"'])
    return [*PC, "-m", memory, *ticks, "-kernel", str(image.kernel),
            *(["-initrd", str(image.initrd)] if image.initrd else []), "-append", line]


def arguments(kind: str, image: Image, benches: tuple[str, ...], seed: int, *, phase_us: int = 0,
              memory: str = MEMORY, accel: str = "tcg") -> list[str]:
    """As boot(), for these benchmarks.

    phase_us is how much later the first timer tick comes: under the virtual clock it is what tells
    one run from another. Linux has no such word; there -s SEED alone moves the work.
    """
    assert phase_us == 0 or kind == VIRTUAL
    words = (f"tick_phase_us={phase_us}",) if phase_us and image.system == FACET else ()
    limits = f"-l {LONGEST_TIME_S} -p {TIME_PASSES} -r {TIME_ROUNDS}" if kind == TIME else \
        f"-l {LONGEST_COUNTED_S}"
    return boot(image, f"bench --raw {limits} -s {seed} {' '.join(benches)}", clock(kind, accel),
                memory=memory, words=words)
