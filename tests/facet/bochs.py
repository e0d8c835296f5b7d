"""A PC emulated by Bochs, with its own BIOS and devices, talked to as facet.machine does to QEMU's.

Its serial line is one end of a pseudo-terminal, of which the test has the other. Its screen is
drawn on another one, which Bochs makes itself; unread it would fill up, and Bochs stand still.
"""

import os
import pty
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pexpect
from pexpect import fdpexpect

from facet.machine import Ending, Machine, die_with_parent

BOCHS = "bochs"
FIRMWARE = Path("/usr/share/bochs")
SCREEN = re.compile(r'^Bochs connected to screen "(.*)"$', re.M)
POWERED_OFF = "ACPI control: soft power off"
CONFIGURATION = """\
config_interface: textconfig
display_library: term
cpu: model={cpu}, count=1, ips=50000000, reset_on_triple_fault=0
memory: guest={memory}, host={memory}
romimage: file={firmware}/BIOS-bochs-latest
vgaromimage: file={firmware}/VGABIOS-lgpl-latest
ata0-master: {drive}
boot: {boot}
com1: enabled=1, mode=term, dev={serial}
log: {folder}/bochs.log
panic: action=fatal
clock: sync=none, time0=utc
"""


@dataclass(frozen=True)
class BochsHardware:
    """What the PC is made of: a processor that Bochs knows by name, MiB, a drive."""

    cpu: str
    memory: int = 128
    drive: str = "cdrom"        # or disk


class BochsMachine(Machine):
    """A running Bochs. Its debugger, which Debian's has, is told to go on."""

    def _start(self, boot: list[str], hardware: BochsHardware):
        master, slave = pty.openpty()
        image, = boot
        drive = {"cdrom": f"type=cdrom, path={image}, status=inserted",
                 "disk": f"type=disk, path={image}, mode=volatile"}[hardware.drive]
        (self.scratch / "bochsrc").write_text(CONFIGURATION.format(
            cpu=hardware.cpu, memory=hardware.memory, firmware=FIRMWARE, drive=drive,
            boot=hardware.drive, serial=os.ttyname(slave), folder=self.scratch))
        (self.scratch / "commands").write_text("continue\n")
        arguments = [BOCHS, "-q", "-f", self.scratch / "bochsrc", "-rc", self.scratch / "commands"]
        self._note(" ".join(map(str, arguments)))
        self._process = self._spawn(arguments, "said", TERM="xterm")
        self._reader = self._spawn(["cat", self._wait_for_screen()], "screen")
        self._slave = slave     # without it the line would be at its end until Bochs has opened it
        return fdpexpect.fdspawn(master, encoding="utf-8", codec_errors="replace", maxread=65536)

    def _spawn(self, arguments: list, output: str, **environment: str) -> subprocess.Popen:
        with open(self.scratch / output, "wb") as file:
            return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=file,
                                    stderr=subprocess.STDOUT, env={**os.environ, **environment},
                                    preexec_fn=die_with_parent)

    def _said(self) -> str:
        return (self.scratch / "said").read_text(encoding="utf-8", errors="replace")

    def _wait_for_screen(self) -> str:
        """The name of the terminal on which Bochs draws."""
        while not SCREEN.search(self._said()):
            if self._process.poll() is not None or time.monotonic() > self.deadline:
                self._process.kill()
                raise self.error(f"Bochs does not start: {self._said()[-1000:]}")
            time.sleep(0.02)
        return SCREEN.search(self._said())[1]

    def finish(self) -> Ending:
        """Waits for the machine to be powered off."""
        __tracebackhide__ = True
        try:
            self._process.wait(timeout=self._seconds_left())
        except subprocess.TimeoutExpired:
            raise self.error("the machine did not end in time") from None
        self._give_line_back()
        self.child.expect(pexpect.EOF)
        if POWERED_OFF not in self._said():
            raise self.error(f"Bochs ended with {self._process.returncode}: {self._said()[-1000:]}")
        return Ending(0, self.printed(), self.log)

    def _give_line_back(self) -> None:
        if self._slave is not None:
            os.close(self._slave)
            self._slave = None

    def _stop(self) -> None:
        for process in (self._process, self._reader):
            process.kill()
            process.wait()
        self._give_line_back()
        self.child.close()
