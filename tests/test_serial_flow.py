"""The serial line takes what it is sent: at full speed while the machine is busy, and from a sender
that waits when it is told to, by ^S or by RTS. What nobody reads and nobody held back is lost. A ^Q
is taken however much waits before it."""

import hashlib
import random
import re

import pexpect
import pytest

from facet.build import build
from facet.machine import REAL_TIME, Hardware, direct

XON, XOFF = "\x11", "\x13"
RING = 4096                     # what the terminal keeps unread, drivers/tty_private.h
PIECE = 512                     # sent on after ^S: the serial port's ring has room for it
STOPPED, GOES_ON = 0x09, 0x0b   # the 16550's modem control: DTR and OUT2, without and with RTS
MODEM = re.compile(r"serial_write \S+ addr 0x04 val 0x([0-9a-f]+)\n")


@pytest.fixture(scope="module")
def kernel():
    return build("qemu_defconfig", ("qemu_defconfig",))


def text_of(size: int) -> str:
    """The same each run, of characters that no terminal does anything about."""
    return "".join(random.Random(size).choices("0123456789abcdefghijklmnopqrstuvwxyz", k=size))


def start_reader(session, settings: str, text: str, first: str = ":") -> None:
    session.start(f"stty {settings} -echo; echo started; {first}; head -c {len(text)} | "
                  "sha256sum; stty -raw echo -ixoff -crtscts")


def expect_all(session, text: str) -> None:
    """Waits for the reader's sum: of what it got."""
    found = session.machine.expect(r"([0-9a-f]{64})  -", 60)
    assert found[1] == hashlib.sha256(text.encode()).hexdigest()


def test_nothing_is_lost_while_the_machine_is_busy(kernel, shell):
    session = shell(direct(kernel))
    text = text_of(8 * RING)
    session.run("while :; do :; done & busy=$!")
    start_reader(session, "raw", text)
    for start in range(0, len(text), PIECE):
        session.machine.type(text[start:start + PIECE])
    expect_all(session, text)


@pytest.mark.parametrize("settings, line", [("raw ixoff", 3 * RING), ("ixoff", 100)])
def test_sender_waits_for_xon(kernel, shell, settings, line):
    session = shell(direct(kernel), Hardware(clock=REAL_TIME))
    text, stops = text_of(3 * RING), 0
    text = "".join(text[at:at + line - 1] + "\n" for at in range(0, len(text), line))
    start_reader(session, settings, text, "sleep 2")
    for start in range(0, len(text), PIECE):
        session.machine.type(text[start:start + PIECE])
        if session.machine.child.expect([XOFF, pexpect.TIMEOUT], timeout=0.1) == 0:
            stops += 1
            session.machine.expect(XON)
    expect_all(session, text)
    assert stops


def test_xon_passes_what_nobody_reads(kernel, shell):
    """The reader waits to write what it has read, and more follows than there is room for."""
    session = shell(direct(kernel), Hardware(clock=REAL_TIME))
    session.start("stty -icanon -isig -echo min 0 time 20; echo started; cat; echo; stty sane")
    session.machine.type(XOFF)
    session.machine.type(text_of(2 * RING))
    session.machine.listen(1)
    session.machine.type(XON)
    session.prompt(20)


def test_rts_stops_the_sender(kernel, shell, tmp_path):
    trace = tmp_path / "trace"
    session = shell(direct(kernel), Hardware(clock=REAL_TIME, extra=(
        "-trace", "serial_write", "-D", str(trace))))
    text = text_of(2 * RING)
    start_reader(session, "raw crtscts", text, "sleep 1")
    session.machine.type(text)
    expect_all(session, text)
    session.machine.close()
    values = [int(value, 16) for value in MODEM.findall(trace.read_text())]
    assert STOPPED in values[1:] and values[-1] == GOES_ON, values
