"""What bench prints about itself, about every measure of the kernel, and again: it is the ruler.

A measure that silently does nothing, a window whose interrupts are not seen, or a run that differs
from the same run before it would all look like figures. The transcript's own checks come on top:
the summaries must follow from the samples.
"""

import functools
import re
import subprocess

import pytest

from facet import BUILD, shapes
from facet.build import build, build_shape
from facet.machine import Hardware, Machine, direct
from compare import registry
from compare.transcript import Transcript, read

MEMORY = "256M"
ROUNDS = 3
# What does not fit into that memory twice.
SKIPPED = {f"fork_{what}_{size}": "set-up: Out of memory"
           for what in ("call", "exit_wait", "tenth", "half", "write") for size in ("256m", "1g")}
SKIPPED |= {name: "set-up: Out of memory" for name in ("yield_10000", "ring_10000")}
GROUPS = ("fork", "memory", "programs", "calls", "switch", "pipe")
SIZES = ("64k", "256k", "1m", "4m", "16m", "64m")
WRITES = ("exit_wait", "tenth", "half", "write")
# Each long enough, 101 times, for several ticks.
SEEDED = "null_call fork_exit_wait_4m exec_large_warm"


def run_text(words: str, checks: bool = False, cpu: str = "max") -> str:
    """What a machine prints that runs bench with these words."""
    name = words.replace(" ", "_").replace("@", "")[:60]
    return run_line(f"bench {words}", f"{name}-{cpu}", checks, cpu)


def run_line(line: str, name: str, checks: bool = False, cpu: str = "max") -> str:
    built = (build_shape(shapes.all_shapes()[0]) if checks
             else build("qemu_defconfig", ("qemu_defconfig",)))
    machine = Machine(direct(built, f'run="{line}"'), Hardware(memory=MEMORY, cpu=cpu),
                      BUILD / "logs" / "bench" / f"{name}.log")
    try:
        return machine.finish().text
    finally:
        machine.close()


@functools.lru_cache(maxsize=None)
def run(words: str, checks: bool = False) -> Transcript:
    return read(run_text(words, checks))


def everything() -> Transcript:
    return run(f"--raw -r {ROUNDS} {' '.join('@' + group for group in GROUPS)}")


@functools.lru_cache(maxsize=None)
def listed() -> dict[str, str]:
    """Each measure's group, as bench lists them: it is a program of Linux too."""
    build("qemu_defconfig", ("qemu_defconfig",))
    done = subprocess.run([BUILD / "usr" / "bin" / "bench", "--list"], text=True, check=True,
                          capture_output=True)
    rows = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert all(len(row) == 3 and row[1].startswith("@") for row in rows), done.stdout
    return {name: group.removeprefix("@") for name, group, _ in rows}


def test_list_and_registry_agree():
    metrics = registry.load()
    assert listed() == {name: metric.group for name, metric in metrics.items()
                        if name in listed()}


@pytest.mark.xdist_group("bench")
def test_every_measure_is_done_or_skipped_as_expected():
    found = everything()
    names = [name for name, group in listed().items() if group in GROUPS]
    assert len(names) > len(GROUPS)
    assert found.missing(names) == []
    assert found.skipped == SKIPPED
    metrics = registry.load()
    for name, samples in found.samples.items():
        assert samples.unit == metrics[name].unit, name
        assert all(value > 0 for value in samples.values), f"{name}: {samples.values}"


def strictly_rising(values: list[float]) -> bool:
    return all(one < next_one for one, next_one in zip(values, values[1:]))


@pytest.mark.xdist_group("bench")
def test_more_memory_and_more_writes_cost_more():
    summaries = everything().summaries
    for write in WRITES:
        costs = [summaries[f"fork_{write}_{size}"].value for size in SIZES]
        assert strictly_rising(costs), f"fork_{write} by size: {costs}"
    for size in SIZES:
        costs = [summaries[f"fork_{write}_{size}"].value for write in WRITES]
        assert strictly_rising(costs), f"forks of {size} by what the child writes: {costs}"


@pytest.mark.parametrize("cpu, smis", [("max", "SMIs are not counted"),
                                       ("Nehalem", "0 SMIs meanwhile")])
def test_people_are_told_what_the_counter_is_worth(cpu, smis):
    """QEMU's AMD processor has no counter of SMIs, its Intel ones do. None is invariant."""
    text = run_text("null_call", cpu=cpu)
    assert re.search(rf"^bench: null_call .*\n# clock: TSC (999|1000)\d{{3}} kHz by the HPET, "
                     rf"not invariant; {smis}$", text, re.M), text
    assert "# clock" not in run_text("--raw null_call", cpu=cpu)


# Before, and while one is measured that takes a second.
CLOCK = ("tsc_khz 5", "reference HPET", "invariant 1", "smis 1", "cycles 1000", "ticks 100",
         "too_hot 3")
CLOCK_THEN = ("tsc_khz 5", "reference HPET", "invariant 1", "smis 3", "cycles 2310", "ticks 1100",
              "too_hot 4")


def test_people_are_told_what_no_emulator_counts():
    """Of a file that is made up, in a root of its own."""
    write = "; ".join(f"(echo {'; echo '.join(lines)}) >{name}"
                      for name, lines in (("clock", CLOCK), ("then", CLOCK_THEN)))
    text = run_line("mkdir -p /r/proc/facet /r/bin; cp /bin/bench /r/bin; "
                    f"cd /r/proc; >stat; cd facet; {write}; (usleep 200000; mv then clock) & "
                    "chroot /r bench interrupts_busy; wait; chroot /r bench null_call", "clock")
    assert re.findall("# clock: TSC 5 kHz by the HPET, invariant; (.*)", text) == [
        "2 SMIs meanwhile, 1.31 cycles a tick, too hot and slowed down", "0 SMIs meanwhile"], text


@pytest.mark.xdist_group("bench")
def test_curves_are_whole():
    found = everything().series
    assert [x for x, _ in found["fork_parent_worst"]["page"]] == list(range(256))
    used = found["fork_frames_16m"]["used_kib_by_ns"]
    assert used == sorted(used[:-1]) + used[-1:], "time and memory only grow"
    assert used[-2][1] >= 16 * 1024 and used[-1][1] < 1024, "until the child has ended"
    stages = [ns for curve in found["boot_free"].values() for _, ns in curve]
    assert len(stages) > 3 and stages == sorted(stages)


@pytest.mark.xdist_group("bench")
def test_window_longer_than_a_tick_has_interrupts():
    """Of 4 ms: the forks of 64 MiB take several, and 1,000 calls far less than one."""
    samples = everything().samples
    assert all(count >= 2 for count in samples["fork_half_64m"].interrupts)
    assert 0 in samples["null_call"].interrupts


@pytest.mark.xdist_group("bench")
def test_counters_explain_a_fork():
    counters = run(f"--raw -r {ROUNDS} fork_write_1m null_call", checks=True).counters
    fork = counters["fork_write_1m"]
    pages = ROUNDS * 1024 // 4
    assert fork["forks"] == ROUNDS
    key = "fork_frames_shared" if "fork_frames_shared" in fork else "fork_frames_copied"
    assert fork[key] >= pages
    assert "forks" not in counters["null_call"], "what did not change is not printed"


def test_limit_of_more_than_four_seconds_is_that_long():
    """In 32 bits 5 s would be 0.7, and 8 sleeps of 100 ms too many."""
    build("qemu_defconfig", ("qemu_defconfig",))
    done = subprocess.run([BUILD / "usr" / "bin" / "bench", "-l", "5", "-r", "8",
                           "sleep_error_100"], text=True, check=True, capture_output=True)
    assert "bench: sleep_error_100 " in done.stdout, done.stdout


@pytest.mark.xdist_group("bench")
def test_passes_go_through_all_names_again_with_fewer_rounds():
    found = read(run_text("--raw -p 3 -r 4 null_call fork_call_64m"), passes=3)
    assert len(found.samples["null_call"].values) == 3 * 4
    assert len(found.samples["fork_call_64m"].values) == 3 * 1, "no more than it has by itself"


@pytest.mark.xdist_group("bench")
def test_same_seed_gives_the_same_and_another_moves_the_ticks():
    """Two seeds may well put their few ticks into the same repetitions, three hardly."""
    texts = [run_text(f"--raw -r 101 {words}{SEEDED}")
             for words in ("-s 1 ", "-s 1 ", "-s 2 ", "-s 3 ")]
    assert texts[0] == texts[1]
    first, *others = map(read, texts[1:])
    for name, samples in first.samples.items():
        assert any(samples.interrupts != other.samples[name].interrupts for other in others), name
    for name in ("null_call", "fork_exit_wait_4m"):
        assert len({each.summaries[name].details["mode"] for each in (first, *others)}) == 1, name
