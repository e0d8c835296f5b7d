"""What is typed on each PC of the table, and what it must answer."""

import re
import shutil
import time

import pytest

from facet.bochs import BOCHS, BochsHardware
from facet.build import Build, build
from facet.machine import direct, uefi
from facet.session import Session
from facet.stick import image
from machines import table

LIMIT_S = 240
UNITS = {"M": 1, "G": 1024}
# Of the memory, the firmware, the loader's archive, and what describes it all.
KEPT_SHARE, KEPT_MIB = 0.04, 24
CLOCK_OFF_S = 10
BOCHS_CLOCK_OFF_S = 60
STANDS_STILL = "no ACPI to turn the machine off"
TESTS = ("exec", "fork", "fpu", "mmap", "pipe", "signals", "wait")


def kernel() -> Build:
    """For a PC."""
    return build("baremetal_defconfig", ("baremetal_defconfig",))


def drive() -> list[str]:
    """QEMU's words for the image as what a medium of the table holds."""
    return ["-drive", f"if=none,id=medium,format=raw,snapshot=on,file={image()}"]


def words(row: table.Row) -> list[str]:
    """What the emulator is told, to boot so."""
    if row.firmware == table.DIRECT:
        return direct(kernel(), debug_exit=False)
    if row.firmware == table.BOCHS:
        return [str(image())]
    found = [*drive(), *row.medium]
    if row.firmware == table.OVMF:
        found += uefi()
    return found


def mebibytes(hardware) -> int:
    if isinstance(hardware, BochsHardware):
        return hardware.memory
    return int(hardware.memory[:-1]) * UNITS[hardware.memory[-1]]


def ask_system(session: Session) -> None:
    answer = session.run("uname -srm").text
    assert re.fullmatch(r"Linux \S+-facet x86_64\n", answer), answer


def ask_memory(session: Session, row: table.Row) -> None:
    size = mebibytes(row.hardware)
    answer = session.run("free -m").text
    total = int(re.search(r"^Mem: +(\d+)", answer, re.M)[1])
    assert size * (1 - KEPT_SHARE) - KEPT_MIB <= total <= size, answer


def ask_date(session: Session, row: table.Row, started: float) -> None:
    """Bochs's time starts with the host's and then is that of its instructions: what the guest
    measured of it, and the firmware's share."""
    date = int(session.run("date +%s").text)
    expected, limit = time.time(), CLOCK_OFF_S
    if row.firmware == table.BOCHS:
        expected = started + float(session.run("cat /proc/uptime").text.split()[0])
        limit = BOCHS_CLOCK_OFF_S
    assert abs(date - expected) <= limit, f"the clock is {date - expected:.0f} s off"


def ask_programs(session: Session) -> None:
    done = session.run(f"testrun {' '.join(TESTS)}", LIMIT_S)
    passed = f"facet-tests: {len(TESTS)} passed, 0 failed"
    assert done.status == 0 and passed in done.text, done.text


def turn_off(session: Session, row: table.Row) -> None:
    session.line("poweroff")
    if row.turns_off:
        ending = session.machine.finish()
        assert ending.status == 0, f"the emulator ended with {ending.status}"
    else:
        session.machine.expect(STANDS_STILL)


def converse(row: table.Row, shell) -> None:
    """Boots a row's PC with the `shell` fixture, and talks to it until it is off."""
    if row.firmware == table.BOCHS and not shutil.which(BOCHS):
        pytest.skip("needs Bochs (Debian: bochs, bochs-term)")
    told, started = words(row), time.time()
    session = shell(told, row.hardware, LIMIT_S)
    ask_system(session)
    ask_memory(session, row)
    ask_date(session, row, started)
    ask_programs(session)
    turn_off(session, row)
