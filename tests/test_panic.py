"""Faults planted in the kernel: each is caught, says what it is, and ends the machine once.

kernel/debug/plant.c commits the fault that plant=NAME on the command line names, in builds with
CONFIG_KERNEL_TESTS.
"""

import re
from dataclasses import dataclass

import pytest

from facet import shapes
from facet.build import build_shape
from facet.machine import Ending, direct
from facet.transcript import PANIC

# The cause that the screen must name, and a function that the backtrace must.
PLANTS = {
    "assert": (r"broken: ", "plant_"),
    "lock_order": (r"order", "plant_"),
    "spinlock_switch": (r"spinlock|lock", "schedule"),
    "bad_free": (r"frame|freed|count", "plant_"),
    "frame_poison": (r"poison|written", "plant_"),
    "null_read": (r"page fault|null", "plant_"),
    "divide": (r"divide", "plant_"),
    "stack_overflow": (r"stack", "plant_"),
    "ubsan": (r"overflow|undefined|shift", "plant_"),
    "panic_in_panic": (r".", "plant_"),
}
REGISTERS = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "rip", "cr2", "cr3")
SILENCE = "the screen stands still"


@dataclass(frozen=True)
class Screen:
    """The parts of a panic's screen."""

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
        return re.findall(r"\b([a-z_]\w+)\+0x[0-9a-f]+", self.text)


@pytest.fixture(scope="module")
def kernel():
    shape = next(shape for shape in shapes.all_shapes() if "embedded" in shape.members)
    return build_shape(shape)


@pytest.fixture
def plant(kernel, boot):
    """Boots with a planted fault and returns the screen on which that must end."""
    return lambda name: Screen(boot(direct(kernel, f"plant={name} debug_exit"), limit_s=30).finish())


@pytest.mark.parametrize("name", PLANTS)
def test_planted_fault_is_caught(name, plant):
    cause, function = PLANTS[name]
    panic = plant(name)
    assert re.search(cause, panic.cause, re.I), panic.text
    assert any(found.startswith(function) for found in panic.backtrace), panic.text
    assert panic.ending.value not in (None, 0), "the machine ends, and not as if all were well"


def test_screen_says_all_there_is_to_know(plant, kernel):
    """Cause, registers, backtrace with names, configuration, last lines of the log: in this
    order."""
    text = plant("null_read").text.lower()
    for register in REGISTERS:
        assert re.search(rf"\b{register}\b[ =:]+(0x)?[0-9a-f]{{16}}", text), f"no {register}"
    places = [text.index(part) for part in ("panic:", "rax", "backtrace", "sched=", "log")]
    assert places == sorted(places)
    assert len(plant("null_read").backtrace) >= 3
    for member in ("sched", "fork", "timer", "programs"):
        assert f"{member}=" in text


def test_fault_in_panic_does_not_loop(plant):
    """A second fault is named and ends it; the first cause was already on the screen."""
    text = plant("panic_in_panic").text
    assert text.lower().count("panic") <= 4
    assert len(text.splitlines()) < 200
