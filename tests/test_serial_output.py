"""What programs print on the serial line arrives, however slow its reader is; ^S stops even what is
on its way, and ^C throws it away. A port that is no console neither speaks nor listens."""

import fcntl
import os
import re
import time

import pytest

from facet import keyboard, screen
from facet.build import build
from facet.machine import CTRL_C, REAL_TIME, Hardware, direct

PAUSE_S = 3                     # a kernel that polls the transmitter would long have given up
LINES = 20000                   # more than a pseudo-terminal of the host takes
XON, XOFF = "\x11", "\x13"
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
    session.line(f"seq {LINES} & for i in $(seq 9); do echo entry $i >/dev/kmsg; done; wait; "
                 "echo =do''ne=")
    time.sleep(PAUSE_S)
    until_done(session)
    session.prompt()
    assert session.run("dmesg | grep -c 'entry [1-9]'").text == "9\n"


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


def test_last_words_wait_for_a_slow_reader(kernel, boot, tmp_path):
    """The machine is off only when all has been read, also what waited in the kernel for that."""
    for name in ("line.in", "line.out"):
        os.mkfifo(tmp_path / name)
    line = os.open(tmp_path / "line.out", os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(line, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    port = ("-chardev", f"pipe,id=line,path={tmp_path / 'line'}",
            "-device", "isa-serial,iobase=0x3f8,irq=4,chardev=line")
    machine = boot(direct(kernel, 'run="echo go; sleep 1; seq 999"'),
                   Hardware(clock=REAL_TIME, serial=False, extra=port))
    os.set_blocking(line, True)
    text = b""
    while b"go\r\n" not in text:
        assert machine.child.isalive()
        text += os.read(line, PIPE_SIZE)
    time.sleep(PAUSE_S + 1)     # 4,887 bytes come: the pipe is full, the program ended
    assert machine.child.isalive()
    while some := os.read(line, PIPE_SIZE):
        text += some
    os.close(line)
    _, _, after = text.decode().replace("\r", "").partition("go\n")
    *shown, last = after.splitlines()
    assert shown == numbers(999)
    assert last.endswith("reboot: power down")


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
