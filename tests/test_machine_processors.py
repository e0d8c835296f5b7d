"""Processors that lack what the kernel needs are refused, by the serial line and on the screen; of
those that have it, old and new ones boot."""

import time

import pytest

from facet import screen
from facet.build import build
from facet.machine import Hardware, direct

ON_SCREEN_S = 10

LACKING = {
    "qemu64,-nx": "this processor has no NX bit, or the firmware has it off",
    "qemu64,-lm": "this processor has no long mode; a 64-bit one is needed",
    "qemu64,-pae": "this processor has no PAE; a 64-bit one is needed",
    "qemu32": "this processor has no long mode; a 64-bit one is needed",
    "qemu64,-syscall": "this processor has no SYSCALL instruction",
    "qemu64,-apic": "this processor has no local APIC",
}
# The last is what firmware makes of it that limits CPUID.
ENOUGH = ("Nehalem", "Haswell", "EPYC", "Haswell,level=3")


@pytest.fixture(scope="module")
def kernel():
    return build("baremetal_defconfig", ("baremetal_defconfig",))


@pytest.mark.parametrize("cpu", LACKING)
def test_lacking_processor_is_refused(kernel, boot, cpu):
    machine = boot(direct(kernel, "console=tty0", debug_exit=False), Hardware(cpu=cpu))
    machine.expect(LACKING[cpu])
    deadline = time.monotonic() + ON_SCREEN_S
    while LACKING[cpu] not in (shown := "\n".join(screen.read_lines(machine))):
        assert time.monotonic() < deadline, shown
    assert ord("\r") not in {character for character, _ in screen.read_cells(machine)}


@pytest.mark.parametrize("cpu", ENOUGH)
def test_processor_is_enough(kernel, boot, cpu):
    text = boot(direct(kernel, 'run="echo it runs"'), Hardware(cpu=cpu)).finish().text
    assert "\nit runs\n" in text
