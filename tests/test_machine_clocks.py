"""Which clock the kernel measures its own by, on PCs that lack one or the other."""

import re

import pytest

from facet import shapes
from facet.build import build, build_shape
from facet.machine import Hardware, direct
from facet.transcript import panic_cause

SECOND_IN_KHZ = 1_000_000       # under counted instructions both counters are nanoseconds
ERROR_MAX = 0.0005

REFERENCES = {
    "pc": "HPET",
    "q35": "HPET",
    "q35,pit=off": "HPET",
    "pc,hpet=off": "ACPI PM timer",
    "q35,hpet=off,pit=off": "ACPI PM timer",
    "pc,acpi=off": "PIT",
    "pc,acpi=off,hpet=off": "PIT",
    "microvm": "PIT",
}


@pytest.fixture(scope="module")
def kernel():
    return build("qemu_defconfig", ("qemu_defconfig",))


@pytest.mark.parametrize("machine", REFERENCES)
def test_reference(kernel, boot, machine):
    text = boot(direct(kernel, 'run="true"'), Hardware(machine=machine)).finish().text
    line = re.search(r"time: TSC (\d+) kHz, local APIC (\d+) kHz by the (.*?),", text)
    assert line, text
    assert line[3] == REFERENCES[machine]
    assert "disagree" not in text
    for khz in line.group(1, 2):
        assert abs(int(khz) / SECOND_IN_KHZ - 1) < ERROR_MAX, line[0]


def test_no_clock_is_refused(kernel, boot):
    ending = boot(direct(kernel), Hardware(machine="pc,acpi=off,pit=off")).finish()
    assert "nothing to measure time with" in panic_cause(ending.text)


def test_tick_without_its_timer_is_refused(boot):
    shape = next(shape for shape in shapes.all_shapes() if shape.boot_line["timer"] == "pit")
    ending = boot(direct(build_shape(shape)), Hardware(machine="q35,pit=off")).finish()
    assert "this machine has no PIT" in panic_cause(ending.text)
