"""What operations cost in instructions, without checks, and how soon user mode starts.

The limits are those that the project has set itself. LINUX holds what Linux 6.1 takes on the same
emulated machine; where no limit of its own stands, half of that is one.
"""

import functools
import re

import pytest

from facet import BUILD
from facet.build import build
from facet.machine import Hardware, Machine, direct
from facet.transcript import Measure, read_bench

LIMITS = {
    "null_call": 90,
    "yield_2": 250,
    "fork_exit_wait": 20_000,
    "fork_exec_wait": 60_000,
    "first_touch": 900,
    "pipe_round_trip": 2_500,
    "child_memory": 48 * 1024 - 1,
}
LINUX = {
    "vfork_exit_wait": 39_721,
    "ring_2": 5_038,
    "ring_256": 6_468,
    "mmap_munmap": 12_969,
    "read_file_4k": 1_833,
    "write_file_4k": 2_233,
    "poll_none_100": 13_149,
    "poll_wait_100": 47_093,
    "fork_call_64m": 2_106_224,
    "fork_write_16m": 22_599_634,
}
LIMITS.update({name: cost // 2 for name, cost in LINUX.items()})
# Not half of Linux's 786: two copies of each byte, in words of 8, are 260 of these already.
LIMITS["pipe_stream"] = 480
# A child of 64 MiB next to its parent of 64 MiB is refused where there is no room for both.
MEMORY = {"fork_call_64m": "256M"}
ENTRY_TO_USER_US = 5_000
NAMES = " ".join([*(name for name in LIMITS if name not in MEMORY), "yield_1000"])
GROWTH_AT_1000 = 1.10           # a switch among 1,000 may cost so much of one among two


@functools.lru_cache(maxsize=None)
def run_bench(names: str = NAMES, memory: str = "128M") -> str:
    """What a machine prints that runs these benchmarks; the same on every host."""
    built = build("qemu_defconfig", ("qemu_defconfig",))
    machine = Machine(direct(built, f'run="bench {names}"'), Hardware(memory=memory),
                      BUILD / "logs" / "figures" / f"bench-{memory}.log")
    try:
        return machine.finish().text
    finally:
        machine.close()


def measures() -> dict[str, Measure]:
    """All of them, each on a machine that has the memory for it."""
    found = read_bench(run_bench())
    for name, memory in MEMORY.items():
        found.update(read_bench(run_bench(name, memory)))
    return found


@pytest.mark.xdist_group("figures")
@pytest.mark.parametrize("name", LIMITS)
def test_figure(name, record_property):
    measure = measures().get(name)
    assert measure, f"{name} was not measured: {sorted(measures())}"
    record_property("value", measure.value)
    assert measure.value <= LIMITS[name], f"{measure.value:.0f} {measure.unit}, at most " \
                                          f"{LIMITS[name]} wanted"


@pytest.mark.xdist_group("figures")
def test_user_mode_starts_soon():
    line = re.search(r"boot: (\d+) us from entry to the first process", run_bench())
    assert line and 0 < int(line[1]) < ENTRY_TO_USER_US


@pytest.mark.xdist_group("figures")
def test_switch_does_not_depend_on_how_many_could_run():
    few, many = measures()["yield_2"].value, measures()["yield_1000"].value
    assert many <= few * GROWTH_AT_1000
