"""How many rounds are run: fixed beforehand by what is to be shown, extended for precision only.

Whoever adds rounds until a difference shows will see one. So extra rounds are added where an
interval is too wide to be of use, and never because of a verdict: all that is looked at is the
width, which says nothing about the direction.

For a number of rounds that is fixed beforehand the tests are exact. That a width decides makes them
nearly so.
"""

import math

from .model import INSTRUCTIONS, TIME, VIRTUAL, Metric, Result

ALPHA = 0.05                # the chance of any false verdict among all of one kind
PASSES = 2                  # instructions: they must agree
PHASES = 32                 # virtual
LEAST_ROUNDS = 6            # time: with fewer, no two-sided p-value reaches 5%
WILD = 7                    # time: one round in so many may be wild, and a difference still shows
MOST_ROUNDS = 24            # time: the end of extra rounds


def comparisons(columns: list[str], metrics: dict[str, Metric], kind: str) -> int:
    """How many tests share ALPHA in this kind."""
    return (len(columns) - 1) * sum(metric.primary and kind in metric.kinds
                                    for metric in metrics.values())


def rounds_needed(count: int) -> int:
    """With n rounds the smallest two-sided p-value is 2 / 2^n. The first step of Holm asks for
    ALPHA / count of it: with fewer rounds no difference, however large, could be shown."""
    return max(LEAST_ROUNDS, math.ceil(math.log2(2 * max(count, 1) / ALPHA)))


def rounds_of_time(count: int) -> int:
    """With so many rounds a difference is shown though one in WILD of them says the opposite, for
    the host did something else meanwhile."""
    n = LEAST_ROUNDS
    while 2 * sum(math.comb(n, wild) for wild in range(n // WILD + 1)) / 2 ** n > ALPHA / count:
        n += 1
    return n


def rounds_planned(kind: str, count: int) -> int:
    """How many rounds to begin with for so many comparisons."""
    if kind == INSTRUCTIONS:
        return PASSES
    if kind == VIRTUAL:
        return max(PHASES, rounds_needed(count))
    return rounds_of_time(max(count, 1))


def phases_of(metrics: dict[str, Metric]) -> dict[str, int]:
    """By group that needs fewer phases: how many."""
    groups: dict[str, list[int]] = {}
    for metric in metrics.values():
        if VIRTUAL in metric.kinds:
            groups.setdefault(metric.group, []).append(metric.phases or PHASES)
    return {group: max(counts) for group, counts in groups.items() if max(counts) < PHASES}


def too_wide(result: Result) -> float:
    """The width of an interval by that of the material band: above 1 it cannot lie within it."""
    if result.scale == "ratio":
        return math.log(result.high / result.low) / (2 * math.log1p(result.band))
    return (result.high - result.low) / (2 * result.band)


def widest(results: list[Result]) -> float:
    """Of the intervals of primary metrics in time, as too_wide() tells it."""
    return max((too_wide(result) for result in results if result.kind == TIME
                and result.verdict != "descriptive" and result.low is not None), default=0)


def rounds_wanted(results: list[Result], done: int, most: int) -> int:
    """How many rounds of time there should be in the end, after `done` of them: more while an
    interval of a primary metric is too wide, by the square-root law. `done` if none is."""
    width = widest(results)
    if width <= 1 or done >= most:
        return done
    return min(most, max(done + 1, math.ceil(done * width ** 2)))


def why_no_more(results: list[Result], done: int) -> str:
    """What ended the rounds of time."""
    if widest(results) <= 1:
        return f"after {done} no interval of a primary metric is wider than its material band"
    return f"{done} are the most, though some interval is still wider than its material band"
