"""Processors that lack what the kernel needs are refused, by the serial line and on the screen; of
those that have it, old and new ones boot."""

import time

import pytest

from facet.build import build
from facet.machine import Hardware, direct

VGA_TEXT, VGA_TEXT_SIZE = 0xb8000, 80 * 25 * 2
ON_SCREEN_S = 10

LACKING = {
    "qemu64,-nx": "this processor has no NX bit, or the firmware has it off",
    "qemu64,-lm": "this processor has no long mode; a 64-bit one is needed",
    "qemu64,-pae": "this processor has no PAE; a 64-bit one is needed",
    "qemu32": "this processor has no long mode; a 64-bit one is needed",
    "qemu64,-syscall": "this processor has no SYSCALL instruction",
    "qemu64,-apic": "this processor has no local APIC",
}
ENOUGH = ("Nehalem", "Haswell", "EPYC")


@pytest.fixture(scope="module")
def kernel():
    return build("baremetal_defconfig", ("baremetal_defconfig",))


def on_screen(machine) -> str:
    """The characters of VGA's text."""
    memory = machine.qmp.memory(VGA_TEXT, VGA_TEXT_SIZE, machine.scratch / "screen")
    return memory[::2].decode("cp437")


@pytest.mark.parametrize("cpu", LACKING)
def test_lacking_processor_is_refused(kernel, boot, cpu):
    machine = boot(direct(kernel, "console=tty0", debug_exit=False), Hardware(cpu=cpu))
    machine.expect(LACKING[cpu])
    deadline = time.monotonic() + ON_SCREEN_S
    while LACKING[cpu] not in on_screen(machine):
        assert time.monotonic() < deadline, on_screen(machine)


@pytest.mark.parametrize("cpu", ENOUGH)
def test_processor_is_enough(kernel, boot, cpu):
    text = boot(direct(kernel, 'run="echo it runs"'), Hardware(cpu=cpu)).finish().text
    assert "\nit runs\n" in text
