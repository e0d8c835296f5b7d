"""Faults planted in the kernel: each is caught, says what it is, and ends the machine once.

kernel/debug/plant.c commits the fault that plant=NAME on the command line names, in builds with
CONFIG_KERNEL_TESTS.
"""

import re
from dataclasses import dataclass

import pytest

from facet import ROOT, shapes
from facet.build import build_shape
from facet.machine import REAL_TIME, Ending, Hardware, MachineError, direct
from facet.transcript import PANIC, PANIC_END, boot_line

PLANT_SOURCE = ROOT / "kernel" / "debug" / "plant.c"

# The cause that the screen must name, and the function of plant.c that the backtrace must.
PLANTS = {
    "lock_order": (r"lock order: page cache taken in climb under frames, held since climb",
                   "climb"),
    "lock_twice": (r"lock order: page cache taken again in take_twice, held since take_twice",
                   "take_twice"),
    "spinlock_switch": (r"lock order: a switch with page cache held, since switch_with_spinlock",
                        "switch_with_spinlock"),
    "spinlock_sleep": (r"lock order: file taken in sleep_with_spinlock under page cache, held "
                       r"since sleep_with_spinlock", "sleep_with_spinlock"),
    "bad_free": (r"frames: page 0x[0-9a-f]+ lost a reference that it did not have", "free_twice"),
    "bad_object_free": (r"slab: object 0x[0-9a-f]+ of \S+ was freed twice", "free_object_twice"),
    "frame_poison": (r"frames: page 0x[0-9a-f]+ was written after it was freed",
                     "write_after_free"),
    "null_read": (r"page fault: the kernel read 0$", "read_null"),
    "write_text": (r"page fault: the kernel wrote f{8}80[0-9a-f]{6}$", "write_text"),
    "run_data": (r"page fault: the kernel ran code at f{8}80[0-9a-f]{6}$", "run_data"),
    "divide": (r"divide error in the kernel", "divide"),
    "stack_overflow": (r"kernel stack overflow: the guard page was touched", "overflow"),
    "assert": (r"kernel/debug/plant\.c:\d+: broken: hidden == 1$", "assertion"),
    "ubsan": (r"kernel/debug/plant\.c:\d+:\d+: 1 shifted by 64, in '[a-z ]+'$", "undefined_shift"),
    "panic_in_panic": (r"the first of two$", "panic_in_panic"),
}
REGISTERS = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "rip", "r8", "r15", "cr2",
             "cr3")


@dataclass(frozen=True)
class Screen:
    """What a panic printed, and how the machine ended after it."""

    ending: Ending

    @property
    def text(self) -> str:
        match = PANIC.search(self.ending.text)
        assert match, f"there is no panic in\n{self.ending.text[-2000:]}"
        return self.ending.text[match.start():]

    @property
    def cause(self) -> str:
        return PANIC.search(self.text)[1]

    @property
    def backtrace(self) -> list[str]:
        """Names of functions, the innermost first."""
        return re.findall(r"^  \[<[0-9a-f]{16}>\] (\w+)", self.text, re.M)


@pytest.fixture(scope="module")
def kernel():
    shape = next(shape for shape in shapes.all_shapes() if "embedded" in shape.members)
    return build_shape(shape)


@pytest.fixture
def plant(kernel, boot):
    """Boots with a planted fault and returns the screen on which that must end."""
    return lambda name: Screen(boot(direct(kernel, f"plant={name}")).finish())


def test_every_fault_of_the_kernel_is_tried():
    names = re.findall(r'^\t\{ "(\w+)", \w+ \},$', PLANT_SOURCE.read_text(), re.M)
    assert sorted(names) == sorted(PLANTS)


@pytest.mark.parametrize("name", PLANTS)
def test_planted_fault_is_caught(name, plant):
    cause, function = PLANTS[name]
    panic = plant(name)
    assert re.search(cause, panic.cause), panic.text
    assert function in panic.backtrace, panic.text
    assert "plant_fault" in panic.backtrace, panic.text
    assert panic.ending.value not in (None, 0), "the machine ends, and not as if all were well"


def test_screen_says_all_there_is_to_know(plant, kernel):
    """Cause, last lines of the log, configuration, registers, backtrace with names, in this order;
    and the cause again, for a screen of 25 lines."""
    panic = plant("null_read")
    for register in REGISTERS:
        assert re.search(rf"\b{register} +[0-9a-f]{{16}}\b", panic.text), f"no {register}"
    parts = (panic.cause, "\nlast messages:", "\nfacet: ", "\nrip ", "\nbacktrace:",
             panic.cause + "\n" + PANIC_END)
    places = [panic.text.index(part) for part in parts]
    assert places == sorted(places), panic.text
    assert boot_line(panic.text).items() >= boot_line(panic.ending.text).items()
    assert len(panic.backtrace) >= 3
    assert len(panic.text[places[1]:places[2]].splitlines()) > 5


def test_fault_in_panic_does_not_loop(plant):
    """The second is named, in a line or two, and ends it; the first stands above it."""
    panic = plant("panic_in_panic")
    assert len(PANIC.findall(panic.text)) == 1
    assert panic.text.count("another panic, while this one was printed") == 1
    assert len(panic.text.splitlines()) < 100


def test_without_the_exit_device_it_stands_still(kernel, boot):
    """For whoever sits before the screen: it stays readable, and nothing more happens."""
    machine = boot(direct(kernel, "plant=null_read", debug_exit=False),
                   Hardware(clock=REAL_TIME))
    machine.expect(PANIC_END)
    with pytest.raises(MachineError, match="in vain"):
        machine.expect(r"\S", limit_s=2)
