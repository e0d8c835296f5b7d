"""The load averages rise while somebody works, and fall again: getloadavg(3)."""

import re

import pytest

from facet.build import build
from facet.machine import INSTRUCTIONS, Hardware, direct

# An instruction takes 128 ns: a minute's work is soon done.
SLOW = tuple("shift=7,sleep=off" if word.startswith("shift=") else word for word in INSTRUCTIONS)
WORK = "timeout {} sh -c 'while :; do :; done'"
WORKERS, BUSY_S, IDLE_S = 2, 30, 400


def test_load_averages_rise_and_fall(boot):
    work = " & ".join([WORK.format(BUSY_S)] * WORKERS)
    steps = f"cat /proc/loadavg; {work}; wait; cat /proc/loadavg; sleep {IDLE_S}; cat /proc/loadavg"
    kernel = build("qemu_defconfig", ("qemu_defconfig",))
    text = boot(direct(kernel, f'run="{steps}"'), Hardware(clock=SLOW)).finish().text
    lines = re.findall(r"^(\d\.\d\d) (\d\.\d\d) (\d\.\d\d) (\d+)/(\d+) \d+\r?$", text, re.M)
    before, busy, idle = ([float(each) for each in line[:3]] for line in lines)
    assert before == [0, 0, 0]
    for value, minutes in zip(busy, (1, 5, 15)):
        assert value == pytest.approx(WORKERS * (1 - 2.71828 ** (-BUSY_S / 60 / minutes)),
                                      rel=0.25, abs=0.02)
    assert idle[0] == 0 and idle[1] < busy[1] / 2
