"""From the runs of a comparison to what may be said about it.

Instructions are exact (exact.py). Time and virtual time are samples: a round, or a phase, gives one
difference between a column and the base, and statistics.py says what the differences are worth.
The rules:

better, worse   "no difference" is rejected, after Holm, and the median is of a material size
equal           "a material difference" is rejected, after Holm (two one-sided tests)
unclear         everything else: never read it as equal

Holm counts all columns and all primary metrics of one kind. So the chance that a kind shows any
difference where there is none is at most ALPHA; so is the chance that it shows any false equality.
An interval has its confidence by itself, whatever else is compared: it can leave out zero where the
verdict is unclear, and that is no contradiction.
"""

import math

from . import exact, statistics
from .model import INSTRUCTIONS, KINDS, TIME, Metric, Result, ToolError
from .rounds import ALPHA, LEAST_ROUNDS
from .samples import Samples

WARM_UP = 10                # one in so many samples of a run in time is dropped, the first ones


def one_value(kind: str, samples: dict) -> float:
    """What a run says. In time the least of what is left without the warm-up: all that a host does
    besides makes a machine slower, and never faster. On a host that is shared the medians of equal
    runs differ by half where their least values differ by a hundredth. A run under the virtual
    clock has no warm-up, and is disturbed by nothing: its median."""
    values = samples["values"]
    return min(values[len(values) // WARM_UP:]) if kind == TIME else statistics.median(values)


def paired(kind: str, name: str, base: str, column: str, samples: Samples) -> dict:
    """(base, column) by place, of rounds that are complete: both on one host, back to back."""
    bases, columns = (samples.by_place(kind, name, each) for each in (base, column))
    return {place: (one_value(kind, bases[place]), one_value(kind, columns[place]))
            for place in sorted(bases.keys() & columns.keys())}


def judge_sampled(kind: str, metric: Metric, base: str, column: str, samples: Samples) -> Result:
    """All but the verdict, which depends on the other comparisons of the kind."""
    result = Result(kind, metric.name, column, "unclear" if metric.primary else "descriptive",
                    scale=metric.scale)
    pairs = paired(kind, metric.name, base, column, samples)
    result.rounds = len(pairs)
    if not pairs:
        result.note = "no round has both columns"
        return result
    bases, values = zip(*pairs.values())
    base_figure = statistics.median(bases)
    # The virtual clock is the same on every host.
    if kind != TIME or len({host for host, _, _ in pairs}) == 1:
        result.base, result.value = base_figure, statistics.median(values)
    else:
        result.note = "from several hosts, whose times are not pooled: differences only"
    if metric.scale == "difference":
        result.band = metric.material_size(kind, base_figure)
        describe(result, [value - base for base, value in pairs.values()])
    elif min(bases + values) > 0:
        result.band = metric.material_size(kind, base_figure) / base_figure
        describe(result, [math.log(value / base) for base, value in pairs.values()])
    else:
        result.note = "a figure of 0 or below has no ratio"
    return result


def describe(result: Result, differences: list[float]):
    """The median, its interval and the p-values. Ratios are judged as their logarithms, so that
    twice and half are equally far from 1."""
    ratio = result.scale == "ratio"
    band = math.log1p(result.band) if ratio else result.band
    estimate = statistics.median(differences)
    location = statistics.sign_flip(differences)
    interval = location.interval(1 - ALPHA)
    if interval:
        ends = interval[:2]
        result.low, result.high = map(math.exp, ends) if ratio else ends
        result.confidence = interval[2]
    else:
        result.note = f"complete rounds: {len(differences)}; {LEAST_ROUNDS} are the least"
    if ratio:
        result.ratio = math.exp(estimate)
    else:
        result.difference = estimate
    result.material = abs(estimate) > band
    if result.verdict != "descriptive":
        result.p = location.p_differs()
        result.p_equal = location.p_equal(band)


def decide(results: list[Result], metrics: dict[str, Metric]):
    """The verdicts on the primary metrics of one kind, together."""
    tested = [result for result in results if result.p is not None]
    adjusted = zip(tested, statistics.holm([result.p for result in tested]),
                   statistics.holm([result.p_equal for result in tested]))
    for result, result.p_holm, result.p_equal_holm in adjusted:
        if result.p_holm <= ALPHA and result.material:
            difference = result.difference if result.ratio is None else result.ratio - 1
            result.verdict = metrics[result.metric].direction(difference)
        elif result.p_equal_holm <= ALPHA and not result.material:
            result.verdict = "equal"
        elif result.p_holm <= ALPHA:
            result.note = result.note or "differs; by how much it matters is not shown"


def compare(kind: str, metric: Metric, base: str, column: str, samples: Samples) -> Result:
    missing = [each for each in (base, column) if not samples.by_place(kind, metric.name, each)]
    if missing:
        reasons = [f"{each}: {samples.skipped(kind, metric.name, each) or 'not measured'}"
                   for each in missing]
        tested = metric.primary or kind == INSTRUCTIONS
        return Result(kind, metric.name, column, "unclear" if tested else "descriptive",
                      "; ".join(reasons), scale=metric.scale)
    if kind == INSTRUCTIONS:
        return exact.judge(metric, base, column, samples)
    return judge_sampled(kind, metric, base, column, samples)


def judge(columns: list[str], metrics: dict[str, Metric], runs: list[dict]) -> list[Result]:
    """Judges each column against the first, in each metric and kind in which anything was tried.
    ToolError if passes of instructions disagree: it names each metric, column and value."""
    samples = Samples(runs, metrics)
    faults = [fault for metric in metrics.values() for column in columns
              for fault in exact.disagreements(metric, column, samples)]
    if faults:
        raise ToolError("\n".join(faults))
    results = []
    for kind in KINDS:
        judged = [compare(kind, metric, columns[0], column, samples)
                  for metric in metrics.values() for column in columns[1:]
                  if any(samples.tried(kind, metric.name, each) for each in (columns[0], column))]
        decide(judged, metrics)
        results += judged
    return results
