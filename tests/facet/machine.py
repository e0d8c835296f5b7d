"""One emulated PC: a QEMU process, what its serial line prints, and what is typed at it.

No machine outlives its test: each has a limit in seconds, the `boot` fixture closes it, and the
kernel of the host kills it with the process that started it. All that a machine printed stays in
a log file, and its end is part of every failure.
"""

import ctypes
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest

from facet.build import Build
from facet.qmp import Qmp

QEMU = "qemu-system-x86_64"
# Debian 12 has both, later ones the first.
OVMF = ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd")
LIMIT_S = 120
TAIL_LINES = 40
PR_SET_PDEATHSIG = 1
CTRL_C, CTRL_D = "\x03", "\x04"

# Instructions are nanoseconds, and time that nothing needs is skipped: the same run every time.
INSTRUCTIONS = ("-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
                "-rtc", "base=2026-01-01,clock=vm")
REAL_TIME = ("-accel", "tcg")
REAL_TIME_ONE_THREAD = ("-accel", "tcg,thread=single")


class MachineError(AssertionError):
    """A machine did not do what the test waited for."""


@dataclass(frozen=True)
class Hardware:
    """What the PC is made of; the defaults are those of `make run`, under counted instructions."""

    machine: str = "pc"
    cpu: str = "max"
    memory: str = "128M"
    clock: tuple[str, ...] = INSTRUCTIONS
    extra: tuple[str, ...] = ()
    serial: bool = True         # without it nothing can be read or typed

    def arguments(self) -> list[str]:
        serial = (["-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial"]
                  if self.serial else ["-serial", "none"])
        return ["-machine", self.machine, "-cpu", self.cpu, "-m", self.memory, *self.clock,
                "-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot",
                "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
                *serial, *self.extra]


@dataclass(frozen=True)
class Ending:
    """How a machine ended, and all that it printed."""

    status: int
    text: str
    log: Path = field(repr=False)

    @property
    def value(self) -> "int | None":
        """What the kernel wrote to the exit device: QEMU ends with twice that and one."""
        return self.status >> 1 if self.status & 1 else None


def tail(text: str, lines: int = TAIL_LINES) -> str:
    return "\n".join(text.replace("\r", "").splitlines()[-lines:])


def direct(build: Build, append: str = "", archive: "Path | None" = None,
           debug_exit: bool = True) -> list[str]:
    """QEMU's words to load the kernel itself. `archive` stands in for the build's own; with
    `debug_exit` a panic ends QEMU, and one need not wait for the limit."""
    initrd = archive or build.initrd
    words = ("console=ttyS0", "debug_exit" if debug_exit else "", append)
    return ["-kernel", str(build.kernel), "-append", " ".join(filter(None, words)),
            *(["-initrd", str(initrd)] if initrd else [])]


def from_image(image: Path) -> list[str]:
    """QEMU's words to boot a CD image."""
    return ["-cdrom", str(image), "-boot", "d"]


def uefi() -> tuple[str, ...]:
    """QEMU's words for UEFI in the place of its BIOS; skips the test where there is none."""
    code = next((path for path in OVMF if Path(path).exists()), None)
    if not code:
        pytest.skip("needs OVMF (Debian: ovmf)")
    return ("-drive", f"if=pflash,format=raw,readonly=on,file={code}")


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Machine:
    """A running PC. What it prints is matched without carriage returns being of any account."""

    def __init__(self, boot: list[str], hardware: Hardware, log: Path, limit_s: float = LIMIT_S):
        self.deadline = time.monotonic() + limit_s
        self.log = log
        self.scratch = Path(tempfile.mkdtemp(prefix="facet-"))
        self._qmp: "Qmp | None" = None
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_file = open(log, "w", encoding="utf-8", newline="")
        self.child = self._start(boot, hardware)
        self.child.delaybeforesend = None
        self.child.logfile_read = self._log_file

    def _start(self, boot: list[str], hardware: Hardware) -> pexpect.spawnbase.SpawnBase:
        """Starts the emulator and returns the machine's serial line."""
        arguments = [*hardware.arguments(), "-qmp",
                     f"unix:{self.scratch / 'qmp'},server=on,wait=off", *boot]
        self._note(f"{QEMU} {' '.join(arguments)}")
        return pexpect.spawn(QEMU, arguments, encoding="utf-8", codec_errors="replace",
                             maxread=65536, preexec_fn=die_with_parent)

    def _note(self, command: str) -> None:
        """The log's first line: what was started."""
        self._log_file.write(f"{command}\n")
        self._log_file.flush()

    def _seconds_left(self) -> float:
        return max(self.deadline - time.monotonic(), 0.1)

    @property
    def qmp(self) -> Qmp:
        if self._qmp is None:
            self._qmp = Qmp(self.scratch / "qmp")
        return self._qmp

    def sent(self) -> bytes:
        """All that the machine has sent so far, as far as it was listened to."""
        if not self._log_file.closed:
            self._log_file.flush()
        return self.log.read_bytes().partition(b"\n")[2]

    def printed(self) -> str:
        """The same as text, lines ended by a newline alone."""
        return self.sent().decode("utf-8", errors="replace").replace("\r", "")

    def listen(self, seconds: float) -> None:
        """Takes what the machine sends for a while. What is expected later may be in it."""
        self.child.expect([pexpect.TIMEOUT, pexpect.EOF], timeout=seconds)

    def error(self, what: str) -> MachineError:
        return MachineError(f"{what}\n--- the end of {self.log} ---\n{tail(self.printed())}")

    def expect(self, pattern: str, limit_s: "float | None" = None):
        """Waits until `pattern` is printed, in DOTALL mode; returns the match. \\n in the pattern
        stands for any line end, so it has no place between brackets."""
        __tracebackhide__ = True
        left = self._seconds_left()
        limit = left if limit_s is None else min(left, limit_s)
        try:
            self.child.expect(pattern.replace(r"\n", r"\r*\n"), timeout=limit)
        except pexpect.TIMEOUT:
            raise self.error(f"waited {limit:.0f} s in vain for {pattern!r}") from None
        except pexpect.EOF:
            raise self.error(f"the machine ended before {pattern!r}") from None
        return self.child.match

    def finish(self) -> Ending:
        """Waits for the machine to end by itself."""
        __tracebackhide__ = True
        try:
            self.child.expect(pexpect.EOF, timeout=self._seconds_left())
        except pexpect.TIMEOUT:
            raise self.error("the machine did not end in time") from None
        self.child.close()
        if self.child.signalstatus:
            raise self.error(f"QEMU was killed by signal {self.child.signalstatus}")
        return Ending(self.child.exitstatus, self.printed(), self.log)

    def type(self, text: str) -> None:
        self.child.send(text)

    def _stop(self) -> None:
        if self.child.isalive():
            self.child.kill(signal.SIGKILL)
            self.child.wait()
        self.child.close()

    def close(self) -> None:
        """Ends the machine, whatever it is doing. May be called twice."""
        if self._qmp:
            self._qmp.close()
            self._qmp = None
        self._stop()
        self._log_file.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
