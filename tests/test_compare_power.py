"""How often `make compare` is right: false verdicts, and differences that are found."""

import json
import math
import random

import pytest

from facet import ROOT
from compare import registry, rounds
from compare.judge import judge
from test_compare_judge import ENTRY, ONE, TEN, made_run

# Runs in time of qemu_defconfig, linked in eight orders, one after the other on a virtual machine
# of two processors, at times with a compiler beside it and always with others on its host; of each
# metric the one value that a run gives (judge.one_value).
POOL = ROOT / "tests" / "data" / "compare-pool.json"


def noise(draw, spread=0.02, wild=0.02):
    """Log-normal, and now and then a run in which the host did something else."""
    return draw.gauss(0, spread) + (draw.expovariate(4) if draw.random() < wild else 0)


def made_pool(draw, names, size=400, **how):
    """Runs of one kernel on a host that drifts. The metrics of a run share half of its noise."""
    drift, pool = 0.0, []
    for _ in range(size):
        drift += draw.gauss(0, 0.01)
        shared = noise(draw, **how)
        pool.append({name: 1e4 * math.exp(drift + shared + noise(draw, **how)) for name in names})
    return pool


def drawn(draw, pool, count, slowdown=1.0):
    """Disjoint windows of the pool: neighbours are a round, and chance says which is the base."""
    start = draw.randrange(len(pool) - 2 * count + 1)
    for number in range(count):
        pair = pool[start + 2 * number:start + 2 * number + 2]
        draw.shuffle(pair)
        for column, values, factor in zip(("base", "other"), pair, (1, slowdown)):
            yield made_run(column, number, {name: [value * factor]
                                            for name, value in values.items()})


def real_pool():
    """The recorded runs' values by metric, and a registry in which all of these are primary."""
    runs = json.loads(POOL.read_text())
    return runs, "".join(ENTRY.format(name=name, primary="true") for name in runs[0])


@pytest.mark.parametrize("source", ["made-up", "recorded"])
def test_same_kernel_twice_shows_a_difference_in_under_5_percent(source):
    """Any rejection of "no difference" in any of the metrics counts, however small: a verdict asks
    for a material size besides."""
    draw = random.Random(8)
    text = TEN
    if source == "recorded":
        pool, text = real_pool()
    metrics = registry.parse(text)
    if source == "made-up":
        pool = made_pool(draw, metrics, spread=0.05, wild=0.05)
    count = rounds.rounds_planned("time", rounds.comparisons(["base", "other"], metrics, "time"))
    rejected = false = 0
    for _ in range(1000):
        results = judge(["base", "other"], metrics, drawn(draw, pool, count))
        rejected += any(result.p_holm <= rounds.ALPHA for result in results)
        false += any(result.verdict in ("better", "worse", "differs") for result in results)
    assert false <= rejected < 50


def verdicts(slowdown, draws, text=TEN, **how):
    """The verdicts on these metrics, from fresh pools, with extra rounds where they are wanted."""
    draw, metrics = random.Random(3), registry.parse(text)
    first, most = rounds.rounds_planned("time", len(metrics)), rounds.MOST_ROUNDS
    for _ in range(draws):
        runs = list(drawn(draw, made_pool(draw, metrics, 2 * most, **how), most, slowdown))
        done, wanted = 0, first
        while done < wanted:
            done = wanted
            results = judge(["base", "other"], metrics, runs[:2 * done])
            wanted = rounds.rounds_wanted(results, done, most)
        yield from (result.verdict for result in results)


def test_extra_rounds_do_not_make_verdicts():
    found = list(verdicts(1.0, 300, ONE, spread=0.04, wild=0.02))
    assert found.count("better") + found.count("worse") < 0.05 * len(found)


def test_slowdown_of_ten_percent_is_nearly_always_found_in_time():
    found = list(verdicts(1.10, 30, spread=0.015, wild=0.002))
    assert found.count("worse") > 0.95 * len(found)
    assert "better" not in found and "equal" not in found


def test_slowdown_of_ten_percent_is_nearly_always_found_on_a_real_host():
    """And where it is not, the verdict is unclear, and nothing else."""
    draw, (pool, text) = random.Random(4), real_pool()
    metrics, most = registry.parse(text), rounds.MOST_ROUNDS
    found = [result.verdict for _ in range(100) for result in
             judge(["base", "other"], metrics, list(drawn(draw, pool, most, 1.10)))]
    assert found.count("worse") > 0.95 * len(found) and set(found) <= {"worse", "unclear"}


def test_equal_kernels_on_a_quiet_host_are_found_equal():
    found = list(verdicts(1.0, 20, spread=0.01, wild=0))
    assert found.count("equal") > 0.95 * len(found)
