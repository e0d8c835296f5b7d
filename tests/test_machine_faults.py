"""What a PC may throw at the kernel beside its devices: NMIs, machine checks, a line that does not
stop to interrupt, too little memory."""

import re

import pytest

from facet import shapes
from facet.build import build, build_shape
from facet.machine import Hardware, direct
from facet.transcript import panic_cause

PHYSICAL = 0x8C                     # what the address of a machine check is


@pytest.fixture(scope="module")
def kernel():
    return build("qemu_defconfig", ("qemu_defconfig",))


@pytest.fixture(scope="module")
def checked_kernel():
    return build_shape(next(shape for shape in shapes.all_shapes()
                            if shape.boot_line["timer"] == "lapic"))


def test_nmi_is_said_and_survived(kernel, shell):
    session = shell(direct(kernel))
    for _ in range(5):
        session.machine.qmp.monitor("nmi")
        session.run("true")
    assert re.findall(r"nmi: (\d+) so far", session.run("dmesg").text) == ["1", "2", "4"]


def test_machine_check_panics_with_its_bank(kernel, shell):
    session = shell(direct(kernel))
    session.machine.qmp.machine_check(0x12345000, PHYSICAL)
    cause = panic_cause(session.machine.finish().text)
    assert re.search(r"machine check: bank 2: cache error, .*, address 0x12345000", cause), cause


@pytest.mark.parametrize("machine", ["pc", "pc,acpi=off"], ids=["IOAPIC", "8259"])
def test_storm_is_masked(checked_kernel, boot, machine):
    """Of 600,000 interrupts a second no more come than the bound and those under way."""
    run = 'plant=interrupt_storm run="sleep 0.4; grep intr /proc/stat"'
    text = boot(direct(checked_kernel, run), Hardware(machine=machine)).finish().text
    assert "irq: line 0 (storm) does not stop to interrupt and was masked" in text
    assert 100_000 < int(re.search(r"^intr (\d+)", text, re.M)[1]) < 110_000


def test_kernel_beyond_the_memory_is_refused(kernel, boot):
    """The lower end of the kernel is there, so that it can say so; its stack is not."""
    boot(direct(kernel), Hardware(memory="4M")).expect("less memory than the kernel is long")


def test_programs_larger_than_the_memory(kernel, boot):
    text = boot(direct(kernel), Hardware(memory="8M")).finish().text
    assert "boot: the root archive does not fit into this machine's memory" in text
    assert panic_cause(text).startswith("boot: no init"), text
