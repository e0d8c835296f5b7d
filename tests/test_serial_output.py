"""What programs print on the serial line arrives, however slow its reader is; ^S stops even what is
on its way, and ^C throws it away. A port that is no console neither speaks nor listens."""

import fcntl
import os
import re
import select
import time

import pytest

from facet import archive, keyboard, screen
from facet.build import build
from facet.machine import CTRL_C, REAL_TIME, Hardware, direct

PAUSE_S = 3                     # a kernel that polls the transmitter would long have given up
LINES = 20000                   # more than a pseudo-terminal of the host takes
XON, XOFF = "\x11", "\x13"
ENTRIES = 99                    # more than there is room for
PIPE_SIZE = 4096                # the smallest


@pytest.fixture(scope="module")
def kernel():
    return build("qemu_defconfig", ("qemu_defconfig",))


@pytest.fixture
def session(kernel, shell):
    return shell(direct(kernel), Hardware(clock=REAL_TIME))


def numbers(last: int) -> list[str]:
    return [str(number) for number in range(1, last + 1)]


def until_done(session) -> str:
    session.machine.expect(r"=done=\n", 60)
    return session.machine.child.before.replace("\r", "")


def stop_while_it_writes(session) -> int:
    """Returns how much had come when nothing more did."""
    session.line("yes")
    time.sleep(PAUSE_S)         # so that all room for it is full
    session.machine.type(XOFF)
    time.sleep(1)               # before the reader makes any
    session.machine.listen(1)
    return len(session.machine.sent())


def test_nothing_is_lost_while_nobody_reads(session):
    session.line(f"seq {LINES}; echo =do''ne=")
    time.sleep(PAUSE_S)
    assert until_done(session).split() == numbers(LINES)
    session.prompt()


def test_log_goes_on_while_a_program_waits(session):
    """It has room of its own, and may not wait."""
    session.run("dmesg -n 8")
    session.line(f"seq {LINES} & sleep 1; for i in $(seq {ENTRIES}); do echo entry $i >/dev/kmsg; "
                 "done; wait; echo =do''ne=")
    time.sleep(2 * PAUSE_S)
    until_done(session)
    session.prompt()
    found = re.findall(r"\[ *([0-9.]+)\] entry \d+", session.run("dmesg").text)
    assert len(found) == ENTRIES and float(found[-1]) - float(found[0]) < PAUSE_S, found


def test_what_is_written_at_once_stays_together(session):
    """Also where the writer has to wait in the middle of it, or is preempted."""
    session.run("long=$(printf %3000s | tr ' ' x)")
    session.line("for name in a b; do for i in $(seq 100); do echo $name$long; done & done; wait; "
                 "echo =do''ne=")
    assert len(re.findall(r"^[ab]x{3000}$", until_done(session), re.M)) == 200


def test_xoff_holds_what_waits(session):
    held = stop_while_it_writes(session)
    session.machine.listen(1)
    assert len(session.machine.sent()) == held
    session.machine.type(XON)
    session.machine.expect(r"(y\n){10000}")
    session.interrupt()


@pytest.mark.parametrize("setting", ["-noflsh", "noflsh"])
def test_interrupt_throws_away_what_waits_and_ends_xoff(session, setting):
    session.run(f"stty {setting}")
    held = stop_while_it_writes(session)
    session.machine.type(CTRL_C)
    session.machine.expect(r"\^C\n# ", 10)
    waited = session.machine.sent()[held:].count(b"y")
    assert waited > 100 if setting == "noflsh" else waited == 0


class Line:
    """A serial line whose reader takes what comes when he wants to: until then a pipe of the
    smallest size fills, and then the kernel waits."""

    def __init__(self, folder, irq: int = 4):
        for name in ("line.in", "line.out"):
            os.mkfifo(folder / name)
        self.end = os.open(folder / "line.out", os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self.end, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self.hardware = Hardware(clock=REAL_TIME, serial=False, extra=(
            "-chardev", f"pipe,id=line,path={folder / 'line'}",
            "-device", f"isa-serial,iobase=0x3f8,irq={irq},chardev=line"))

    def read(self, machine, until: str = "") -> str:
        """What comes until then, or until the machine is off."""
        text = b""
        while not until or until.encode() not in text:
            assert time.monotonic() < machine.deadline, text
            if select.select([self.end], [], [], 1)[0]:
                some = os.read(self.end, PIPE_SIZE)
                if not some and not machine.child.isalive():
                    break
                text += some
        return text.decode().replace("\r", "")

    def close(self):
        os.close(self.end)


@pytest.fixture
def line(tmp_path):
    line = Line(tmp_path)
    yield line
    line.close()


def test_last_words_wait_for_a_slow_reader(kernel, boot, line):
    """The machine is off only when all has been read, also what waited in the kernel for that."""
    machine = boot(direct(kernel, 'run="echo go; sleep 1; seq 999"'), line.hardware)
    line.read(machine, "go\r\n")
    time.sleep(PAUSE_S + 1)     # 4,887 bytes come: the pipe is full, the program ended
    assert machine.child.isalive()
    *shown, last = line.read(machine).splitlines()
    assert shown == numbers(999)
    assert last.endswith("reboot: power down")


def test_calls_about_unsent_output_say_what_is_so(boot, line, tmp_path):
    """One may ask how much it is, wait for it, and throw it away: ioctl_tty(2), tcdrain(3)."""
    kernel = build("initrd", ("qemu_defconfig", "programs-initrd.config"))
    root = archive.make_archive(tmp_path / "unsent.cpio",
                                {"/bin/unsent": archive.compile_program("unsent")})
    machine = boot(direct(kernel, 'run="echo go; sleep 1; unsent"', root), line.hardware)
    line.read(machine, "go\r\n")
    time.sleep(PAUSE_S + 1)
    text = line.read(machine)
    assert ("\nfull 1, drain Interrupted system call, set Interrupted system call, flushed 1\n"
            "at the end 0, then 0\n") in text


def test_port_whose_interrupt_never_comes_is_polled(kernel, boot, tmp_path):
    """Who does not read in time loses some, and nobody waits for ever."""
    line = Line(tmp_path, irq=10)
    machine = boot(direct(kernel, 'run="echo go; sleep 1; seq 3000"'), line.hardware, 30)
    line.read(machine, "go\r\n")
    time.sleep(PAUSE_S)
    assert line.read(machine).split()[:500] == numbers(500)
    line.close()


def test_port_that_is_no_console_is_left_alone(kernel, boot):
    machine = boot(["-kernel", str(kernel.kernel), "-append", "console=tty0 debug_exit"],
                   Hardware(clock=REAL_TIME))
    while "#" not in (row.strip() for row in screen.read_lines(machine)):
        assert time.monotonic() < machine.deadline
        machine.listen(0.2)
    machine.type("poweroff -f\r")
    machine.listen(PAUSE_S)
    assert machine.child.isalive()
    keyboard.press(machine.qmp, "poweroff -f\r")
    assert machine.finish().text == ""
