"""Judges instructions: exact figures, after it is shown that they are.

Under the virtual clock the same image does the same on every run and every host. Each is run twice,
and whatever differs between the passes is an error of the tool: then no figure is to be trusted.
Between two columns any difference is one, and its size decides whether it matters.
"""

from . import statistics
from .model import INSTRUCTIONS, Metric, Result
from .rounds import PASSES
from .samples import Samples

REPETITIONS = 101           # so many windows are run
LEAST_WINDOWS = 11          # so many must have no interrupt in them


def disagreements(metric: Metric, column: str, samples: Samples) -> list[str]:
    """What is not the same in all passes of this column, in words."""
    passes = samples.by_place(INSTRUCTIONS, metric.name, column)
    reason = samples.skipped(INSTRUCTIONS, metric.name, column)
    if reason and passes:
        return [f"{metric.name} in {column}: measured in one pass, skipped in another: {reason}"]
    if not passes:
        return []
    (first, expected), *others = sorted(passes.items())
    return [f"{metric.name} in {column}: round {first[2]} on {first[0]} and round {place[2]} on "
            f"{place[0]} disagree: {first_difference(expected, other)}"
            for place, other in others if other != expected]


def first_difference(one: dict, other: dict) -> str:
    windows = [list(zip(each["values"], each["interrupts"])) for each in (one, other)]
    for window, (a, b) in enumerate(zip(*windows), 1):
        if a != b:
            return f"window {window} took {a[0]} with {a[1]} interrupts, and {b[0]} with {b[1]}"
    return f"{len(windows[0])} windows, and {len(windows[1])}"


def figure(metric: Metric, passes: dict) -> "tuple[int | None, int, str]":
    """The figure; how many windows it is the mode of; and why there is none, or ''. An interrupt
    adds instructions that are not the operation's; to bytes and counts it adds nothing."""
    if len(passes) < PASSES:
        return None, 0, f"{len(passes)} pass, {PASSES} are needed"
    samples = next(iter(passes.values()))
    values = samples["values"]
    if metric.unit == "tsc":
        if len(values) < REPETITIONS:
            return None, 0, f"{len(values)} repetitions, {REPETITIONS} are needed"
        values = [value for value, interrupts in zip(values, samples["interrupts"])
                  if interrupts == 0]
        if len(values) < LEAST_WINDOWS:
            return None, len(values), f"too few undisturbed windows: {len(values)} of " \
                f"{len(samples['values'])} are without an interrupt, {LEAST_WINDOWS} are needed"
    value, times = statistics.mode(values)
    if times == 1 and len(values) > 1:
        return None, len(values), f"no value stands in two of the {len(values)} windows"
    return value, len(values), ""


def judge(metric: Metric, base: str, column: str, samples: Samples) -> Result:
    """Same, or better or worse by however little; `material` says whether it matters."""
    figures = [figure(metric, samples.by_place(INSTRUCTIONS, metric.name, each))
               for each in (base, column)]
    result = Result(INSTRUCTIONS, metric.name, column, "unclear", scale=metric.scale,
                    base=figures[0][0], value=figures[1][0],
                    rounds=min(windows for _, windows, _ in figures))
    faults = [f"{each}: {fault}" for each, (_, _, fault) in zip((base, column), figures) if fault]
    if faults:
        result.note = "; ".join(faults)
        return result
    result.difference = result.value - result.base
    size = metric.material_size(INSTRUCTIONS, result.base)
    if metric.scale == "difference":
        result.band = size
    elif result.base > 0:
        result.ratio, result.band = result.value / result.base, size / result.base
    result.material = abs(result.difference) > size
    result.verdict = metric.direction(result.difference) if result.difference else "same"
    if result.difference and not result.material:
        result.note = "less than material"
    return result
