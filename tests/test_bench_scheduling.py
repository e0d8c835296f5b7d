"""What bench finds out about scheduling and the timer, held against what the policies promise.

The durations are known: the quantum, the tick, and those that usr/bench states. So each figure has
bounds that follow from the policy, and a workload that measures something else falls out of them.
"""

import functools

import pytest

from facet import BUILD
from facet.build import build
from facet.machine import Hardware, Machine, direct
from compare import registry
from compare.transcript import Transcript, read

MS = 1_000_000                      # ns
TICK, QUANTUM = 4 * MS, 20 * MS     # of qemu_defconfig
SLEEPS = [f"sleep_error_{ms}" for ms in (1, 2, 5, 10, 20, 50, 100)]
GOALS = {"rr": ("qemu_defconfig",), "prio": ("qemu_defconfig", "sched-prio.config")}

pytestmark = pytest.mark.xdist_group("bench_scheduling")


@functools.lru_cache(maxsize=None)
def run_text(policy: str, seed: int, again: bool = False) -> str:
    built = build("qemu_defconfig" if policy == "rr" else "bench-prio", GOALS[policy])
    machine = Machine(direct(built, f'run="bench --raw -s {seed} @scheduling @timer"'),
                      Hardware(memory="128M"),
                      BUILD / "logs" / "bench" / f"scheduling-{policy}-{seed}-{again}.log")
    try:
        return machine.finish().text
    finally:
        machine.close()


def run(policy: str, seed: int = 1) -> Transcript:
    return read(run_text(policy, seed))


def value(policy: str, name: str) -> float:
    return run(policy).summaries[name].value


def values(policy: str, name: str, seed: int = 1) -> list[float]:
    return run(policy, seed).samples[name].values


@pytest.mark.parametrize("policy", GOALS)
def test_all_is_measured_in_the_units_of_the_registry(policy):
    found = run(policy)
    wanted = {name: metric.unit for name, metric in registry.load().items()
              if metric.group in ("scheduling", "timer")}
    assert {name: samples.unit for name, samples in found.samples.items()} == wanted
    assert not found.skipped


def test_same_seed_gives_the_same_bytes_and_another_moves_the_ticks():
    assert run_text("rr", 1) == run_text("rr", 1, again=True)
    for name in ("wake_sleep_8", "response", "fairness", "sleep_error_10", "turnaround"):
        assert values("rr", name) != values("rr", name, seed=2), name


def test_who_wakes_up_waits_for_all_hogs_only_in_turn():
    for name in ("wake_write_8", "wake_sleep_8"):
        assert 7 * QUANTUM < value("rr", name) < 8 * QUANTUM + TICK
        assert value("rr", f"{name}_worst") == max(values("rr", name)) < 8 * QUANTUM + TICK
    for name in ("wake_write_1", "wake_sleep_1"):
        assert 0 < value("rr", name) < max(values("rr", name)) < QUANTUM + TICK
    assert value("rr", "wake_write_0") < 5_000
    assert max(values("rr", "wake_sleep_0")) < TICK + MS


def test_priority_meets_the_deadlines_that_turns_miss():
    assert max(values("prio", "response_urgent")) < 2 * MS + TICK + MS
    assert value("prio", "response_urgent_missed") == 0
    assert value("rr", "response_urgent_missed") > 0
    for policy in GOALS:
        missed = sum(response > 20 * MS for response in values(policy, "response"))
        assert value(policy, "response_missed") == missed
        assert value(policy, "response_worst") == max(values(policy, "response"))


def test_middle_priority_keeps_the_highest_waiting():
    """For all of its 60 ms, where priorities are strict, beyond what the lock's holder needs."""
    added = value("prio", "lock_wait_inverted") - value("prio", "lock_wait")
    assert abs(added - 60 * MS) < TICK
    assert value("prio", "lock_wait") < 20 * MS
    assert value("rr", "lock_wait_inverted") < 2 * QUANTUM


def test_shares_follow_nice_values_where_they_count():
    names = [f"share_nice_{level}" for level in (0, 5, 10)]
    assert all(abs(value("rr", name) - 333_333) < 30_000 for name in names)
    ticks = (5, 3, 2)           # of a round: 20 ms, 75% and 50% of them, rounded down to ticks
    for name, share in zip(names, ticks):
        assert abs(value("prio", name) - share * 100_000) < 20_000, name


def test_equals_share_the_second():
    curves = run("rr").series["fairness"]
    hogs = [dict(map(tuple, curves[f"hog_{i}_cpu_us"])) for i in (1, 2, 3, 4)]
    lag = dict(map(tuple, curves["largest_lag_ns"]))
    assert sorted(lag) == [10 * MS * point for point in range(101)]
    for ns, furthest in lag.items():
        us, ran = ns / 1000, [hog[ns] for hog in hogs]
        assert us - 1_500 <= sum(ran) <= us + 4, "somebody always works"
        assert abs(max(abs(time - us / 4) for time in ran) - furthest / 1000) <= 1
    assert value("rr", "lag_worst") == max(lag.values())
    assert 0.85 < value("rr", "fairness") / 1e6 <= 1
    assert 3 * QUANTUM <= value("rr", "starvation") < 4 * QUANTUM
    assert 0.97e6 < value("rr", "throughput") < 1e6
    assert 1000 // 20 - 4 <= value("rr", "preemptions") <= 1000 // 20 + 8


def test_short_jobs_are_done_before_the_mean():
    assert 30 * MS < value("rr", "turnaround_short") < value("rr", "turnaround") < 190 * MS


def test_sleeps_end_at_the_next_tick():
    for name in SLEEPS:
        errors = values("rr", name)
        assert 0 < min(errors) and max(errors) < TICK + MS // 10, name
        assert max(errors) - min(errors) > TICK / 2, f"{name}: sleeps begin anywhere"


def test_timer_keeps_its_rate():
    assert value("rr", "interrupts_busy") == value("rr", "interrupts_idle") == 250
    assert abs(value("rr", "tick_period") - TICK) < 40
    assert value("rr", "clock_drift") < 50
    costs = values("rr", "tick_cost")
    assert costs.count(value("rr", "tick_cost")) > len(costs) // 2
    assert 50 < value("rr", "tick_cost") < 200
