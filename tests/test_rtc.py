"""The date that the machine begins with, against what QEMU's battery-backed clock was set to.

Each run also waits for the next second, which is the next day, month or century: what comes of the
clock's registers is tests/host/test_rtc.c's.
"""

import pytest

from facet.build import build
from facet.machine import Hardware, direct

FORMAT = "%Y-%m-%d %H:%M:%S"
NEXT_SECOND = {
    "1999-12-31T23:59:59": "2000-01-01 00:00:00",
    "2026-11-22T12:34:56": "2026-11-22 12:34:57",
    "2038-01-19T03:14:07": "2038-01-19 03:14:08",       # 2^31 s since 1970
    "2100-02-28T23:59:59": "2100-03-01 00:00:00",       # no leap year
}


@pytest.fixture(scope="module")
def kernel():
    return build("qemu_defconfig", ("qemu_defconfig",))


@pytest.mark.parametrize("base", NEXT_SECOND)
def test_date_is_the_clock_s(kernel, boot, base):
    clock = ("-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
             "-rtc", f"base={base},clock=vm")
    run = f'run="date -u \'+is {FORMAT}\'; sleep 1; date -u \'+is {FORMAT}\'"'
    text = boot(direct(kernel, run), Hardware(clock=clock)).finish().text
    assert f"is {base.replace('T', ' ')}\nis {NEXT_SECOND[base]}\n" in text
