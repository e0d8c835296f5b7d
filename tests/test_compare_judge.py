"""The rules of `make compare`: each verdict on samples whose answer is known beforehand."""

import math
import random

import pytest

from compare import registry, rounds
from compare.judge import judge
from compare.model import ToolError
from compare.statistics import sign_flip

ENTRY = """\
[{name}]
what = "a made-up operation"
group = "made_up"
kinds = ["instructions", "virtual", "time"]
unit = "tsc"
better = "lower"
material_relative = {{ instructions = 0.01, virtual = 0.05, time = 0.05 }}
material_absolute = 1
primary = {primary}
"""
ONE = ENTRY.format(name="cost", primary="true")
TEN = "".join(ENTRY.format(name=f"cost_{i}", primary="true") for i in range(10))



def made_run(column, number, values, kind="time", interrupts=None, unit="tsc", host="local"):
    """A run with these samples by metric."""
    return {"key": {"kind": kind, "group": "made_up", "round": number, "column": column,
                    "host": host},
            "samples": {name: {"unit": unit, "values": list(some),
                               "interrupts": interrupts or [0] * len(some)}
                        for name, some in values.items()},
            "skipped": {}}


def made_rounds(ratios, kind="time", base=10_000.0, host="local"):
    """Each round's two runs, of which the second costs so many times the first."""
    return [made_run(column, number, {"cost": [value]}, kind, host=host)
            for number, ratio in enumerate(ratios)
            for column, value in (("base", base), ("other", base * ratio))]


def judged(runs, metrics=ONE):
    """The only result."""
    result, = judge(["base", "other"], registry.parse(metrics), runs)
    return result


def passes(base, other, interrupts=None):
    return [made_run(column, number, {"cost": values}, "instructions", interrupts)
            for number in (1, 2) for column, values in (("base", base), ("other", other))]


# --- instructions -------------------------------------------------------------------------------


@pytest.mark.parametrize("value, verdict, material", [
    (1000, "same", False), (1001, "worse", False), (1010, "worse", False), (1011, "worse", True),
    (999, "better", False), (970, "better", True), (1030, "worse", True)])
def test_instructions_are_compared_exactly(value, verdict, material):
    result = judged(passes([1000] * 101, [value] * 101))
    assert (result.verdict, result.material) == (verdict, material)
    assert (result.base, result.value, result.difference) == (1000, value, value - 1000)
    assert result.ratio == value / 1000


def test_slowdown_of_three_percent_is_always_found_in_instructions():
    """Among windows that an interrupt lengthened, and others that took another path."""
    draw = random.Random(1)
    for _ in range(200):
        cost = draw.randrange(100, 10_000_000)
        interrupts = [int(draw.random() < 0.3) for _ in range(101)]
        extra = [draw.randrange(1000) if hit or draw.random() < 0.3 else 0 for hit in interrupts]
        slower = math.ceil(cost * 1.03)
        result = judged(passes([cost + each for each in extra], [slower + each for each in extra],
                               interrupts))
        assert (result.verdict, result.material) == ("worse", True)
        assert (result.base, result.value) == (cost, slower)


def test_windows_with_an_interrupt_do_not_count():
    interrupts = [1] * 90 + [0] * 11
    values = [5] * 90 + [7] * 11
    assert judged(passes(values, values, interrupts)).base == 7
    interrupts[-1] = 1
    result = judged(passes(values, values, interrupts))
    assert (result.verdict, result.base) == ("unclear", None)
    assert result.note.startswith("base: too few undisturbed windows: 10 of 101")


def test_bytes_may_be_counted_across_interrupts():
    text = ONE.replace("tsc", "bytes")
    runs = [made_run(column, number, {"cost": [4096] * 5}, "instructions", [3] * 5, "bytes")
            for number in (1, 2) for column in ("base", "other")]
    assert judged(runs, text).verdict == "same"


@pytest.mark.parametrize("values, note", [
    ([83] * 100, "100 repetitions, 101 are needed"),
    (list(range(101)), "no value stands in two of the 101 windows")])
def test_figure_that_cannot_be_trusted_is_none(values, note):
    result = judged(passes(values, values))
    assert (result.verdict, result.value) == ("unclear", None)
    assert note in result.note


def test_single_pass_is_not_enough():
    assert "1 pass, 2 are needed" in judged(passes([83] * 101, [83] * 101)[:2]).note


@pytest.mark.parametrize("key, value, words", [
    ("values", 84, "window 51 took 83 with 0 interrupts, and 84 with 0"),
    ("interrupts", 1, "window 51 took 83 with 0 interrupts, and 83 with 1")])
def test_passes_that_disagree_are_an_error_of_the_tool(key, value, words):
    runs = passes([83] * 101, [83] * 101)
    runs[3]["samples"]["cost"][key][50] = value
    with pytest.raises(ToolError) as caught:
        judged(runs)
    assert str(caught.value) == "cost in other: round 1 on local and round 2 on local disagree: " \
        + words


def test_pass_that_is_shorter_or_skipped_is_an_error_of_the_tool():
    runs = passes([83] * 101, [83] * 101)
    runs[3]["samples"]["cost"] = {"unit": "tsc", "values": [83] * 100, "interrupts": [0] * 100}
    with pytest.raises(ToolError, match="101 windows, and 100"):
        judged(runs)
    runs[3].update(samples={}, skipped={"cost": "fork: no"})
    with pytest.raises(ToolError, match="skipped in another: fork: no"):
        judged(runs)


# --- time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratios, verdict", [
    ([1.08, 1.09, 1.10, 1.11, 1.12, 1.13], "worse"),
    ([0.92, 0.91, 0.90, 0.89, 0.88, 0.87], "better"),
    ([1.01, 0.99, 1.02, 0.98, 1.00, 1.01], "equal"),
    ([1.01, 1.02, 1.02, 1.03, 1.02, 1.01], "equal"),        # a difference, and immaterial
    ([1.02, 1.03, 1.04, 1.04, 1.05, 1.06], "unclear"),      # a difference, of unknown importance
    ([1.08, 1.09, 1.10, 1.11, 1.12, 0.99], "unclear"),      # one round says otherwise
    ([1.30, 0.80, 1.25, 0.90, 1.10, 0.70], "unclear"),
    ([1.50] * 5, "unclear"),                                # five rounds show nothing
])
def test_verdict_on_time(ratios, verdict):
    result = judged(made_rounds(ratios))
    assert result.verdict == verdict
    assert result.rounds == len(ratios)


def test_figures_of_a_verdict():
    result = judged(made_rounds([1.08, 1.09, 1.10, 1.12, 1.13, 1.14]))
    assert result.ratio == pytest.approx(math.sqrt(1.10 * 1.12))
    assert (result.low, result.high) == pytest.approx((1.08, 1.14))
    assert (result.confidence, result.p, result.p_holm) == (1 - 2 / 64, 2 / 64, 2 / 64)
    assert (result.base, result.value) == (10_000, pytest.approx(11_100))
    assert result.band == 0.05


@pytest.mark.parametrize("better, verdict", [("higher", "better"), ("none", "differs")])
def test_direction_is_the_registry_s(better, verdict):
    text = ONE.replace("lower", better)
    assert judged(made_rounds([1.2] * 6), text).verdict == verdict
    assert judged(passes([100] * 101, [200] * 101), text).verdict == verdict


def test_absolute_size_must_be_exceeded_too():
    text = ONE.replace("material_absolute = 1", "material_absolute = 2000")
    assert judged(made_rounds([1.1] * 6)).verdict == "worse"
    result = judged(made_rounds([1.1] * 6), text)
    assert (result.verdict, result.band) == ("equal", 0.2)


def test_warm_up_is_dropped_and_of_the_rest_the_least_counts():
    runs = made_rounds([1.0] * 6)
    for run in runs:
        run["samples"]["cost"] = {"unit": "tsc", "values": [3.0, 4.0] + [9.0] * 9 + [7.0] * 9,
                                  "interrupts": [0] * 20}
    assert judged(runs).base == 7.0


def test_a_host_that_is_slow_for_most_of_a_run_changes_nothing():
    """Nine in ten samples took half as long again, in whichever column it was."""
    runs = made_rounds([1.10] * 8)
    for number, run in enumerate(runs):
        value = run["samples"]["cost"]["values"][0]
        slow = [value * 1.5] * 30 if number % 3 else [value * 1.2] * 30
        run["samples"]["cost"] = {"unit": "tsc", "values": slow[:15] + [value] * 3 + slow[15:],
                                  "interrupts": [0] * 33}
    assert judged(runs).ratio == pytest.approx(1.10)


def test_difference_scale_takes_zero_and_below():
    text = ONE.replace("primary", 'scale = "difference"\nprimary').replace(
        "{ instructions = 0.01, virtual = 0.05, time = 0.05 }", "0")
    runs = [made_run(column, number, {"cost": [value]}) for number in range(6)
            for column, value in (("base", -2), ("other", number + 1))]
    result = judged(runs, text)
    assert (result.verdict, result.difference, result.ratio) == ("worse", 5.5, None)
    assert (result.low, result.high) == (3, 8)
    assert "has no ratio" in judged(runs).note and judged(runs).verdict == "unclear"


def test_rounds_without_their_pair_do_not_count():
    runs = made_rounds([1.1] * 8)
    del runs[-1]
    runs[0]["excluded"] = "the kernel panicked"
    assert judged(runs).rounds == 6


def test_pairs_are_made_on_one_host_only_and_times_of_two_are_not_pooled():
    here = made_rounds([1.1] * 4)
    there = made_rounds([1.1] * 4, base=1e6, host="there")
    result = judged(here + there)
    assert (result.verdict, result.rounds, result.base) == ("worse", 8, None)
    assert result.ratio == pytest.approx(1.1)
    with pytest.raises(ToolError, match="measured twice"):
        judged(here + here[:1])


def test_the_virtual_clock_is_the_same_on_every_host():
    runs = made_rounds([1.1] * 4, "virtual") + made_rounds([1.1] * 4, "virtual", host="there")
    result = judged(runs)
    assert (result.base, result.value, result.note) == (10_000, pytest.approx(11_000), "")


def test_what_was_not_measured_is_said():
    runs = made_rounds([1.0] * 6)
    for run in runs[1::2]:
        run.update(samples={}, skipped={"cost": "fork: no"})
    result = judged(runs)
    assert (result.verdict, result.note) == ("unclear", "other: fork: no")


def test_unit_must_be_the_registry_s():
    with pytest.raises(ToolError, match="the unit is ns, the registry says tsc"):
        judged([made_run("base", 0, {"cost": [1]}, unit="ns")])


def test_metric_that_is_not_primary_is_described_and_not_tested():
    result = judged(made_rounds([1.5] * 9), ENTRY.format(name="cost", primary="false"))
    assert (result.verdict, result.p, result.p_holm) == ("descriptive", None, None)
    assert result.low == pytest.approx(1.5)


def test_holm_counts_columns_and_metrics():
    """Six rounds that agree are enough for one comparison, and not for two."""
    runs = made_rounds([1.1] * 6)
    runs += [made_run("third", number, {"cost": [10_000 + number]}) for number in range(6)]
    results = judge(["base", "other", "third"], registry.parse(ONE), runs)
    assert [(result.p, result.p_holm, result.verdict) for result in results] == [
        (2 / 64, 4 / 64, "unclear"), (14 / 64, 14 / 64, "equal")]


def test_holm_counts_for_equality_too():
    """Six rounds show one to be equal, or three, and not four."""
    for count, verdict in ((3, "equal"), (4, "unclear")):
        columns = [f"column_{i}" for i in range(count)]
        runs = [made_run(column, number, {"cost": [10_000]}) for number in range(6)
                for column in ["base", *columns]]
        results = judge(["base", *columns], registry.parse(ONE), runs)
        assert {(result.p_equal, result.verdict) for result in results} == {(1 / 64, verdict)}


def test_kinds_are_judged_apart():
    runs = made_rounds([1.1] * 6) + made_rounds([1.0] * 32, "virtual")
    runs += passes([9] * 101, [9] * 101)
    results = judge(["base", "other"], registry.parse(ONE), runs)
    assert [(result.kind, result.verdict) for result in results] == [
        ("instructions", "same"), ("virtual", "equal"), ("time", "worse")]


# --- how many rounds ----------------------------------------------------------------------------


def test_rounds_are_enough_for_the_first_step_of_holm():
    assert [rounds.rounds_needed(count) for count in (1, 2, 10, 150)] == [6, 7, 9, 13]
    for count in range(1, 400):
        needed = rounds.rounds_needed(count)
        assert 2 / 2 ** needed <= rounds.ALPHA / count
        assert needed == rounds.LEAST_ROUNDS or 2 / 2 ** (needed - 1) > rounds.ALPHA / count


def test_a_wild_round_in_seven_hides_nothing():
    for count in (1, 2, 10, 150):
        n = rounds.rounds_of_time(count)
        assert n >= rounds.LEAST_ROUNDS
        differences = [0.1 + i / 1e6 for i in range(n)]
        for i in range(n // rounds.WILD):
            differences[i] = -0.5
        assert sign_flip(differences).p_differs() <= rounds.ALPHA / count


def test_comparisons_are_columns_by_primary_metrics():
    metrics = registry.parse(TEN + ENTRY.format(name="other", primary="false"))
    assert rounds.comparisons(["base", "b", "c", "d"], metrics, "time") == 30
    assert rounds.rounds_planned("time", 30) == 18
    assert rounds.rounds_planned("virtual", 30) == 32
    assert rounds.rounds_planned("instructions", 30) == 2


@pytest.mark.parametrize("shift", [0.8, 1.0, 1.25])
def test_rounds_are_added_for_width_and_not_for_a_verdict(shift):
    narrow = [shift * ratio for ratio in (0.96, 0.98, 1.0, 1.0, 1.02, 1.04)]
    wide = [shift * ratio for ratio in (0.94, 0.96, 0.99, 1.01, 1.05, 1.07)]
    assert rounds.rounds_wanted([judged(made_rounds(narrow))], 6, 16) == 6
    wanted = rounds.rounds_wanted([judged(made_rounds(wide))], 6, 16)
    assert wanted == math.ceil(6 * (math.log(1.07 / 0.94) / (2 * math.log(1.05))) ** 2) == 11
    assert rounds.rounds_wanted([judged(made_rounds(wide))], 6, 10) == 10
    assert "are the most" in rounds.why_no_more([judged(made_rounds(wide))], 10)
    assert "is wider" in rounds.why_no_more([judged(made_rounds(narrow))], 6)
    assert rounds.rounds_wanted([judged(made_rounds(wide))], 10, 10) == 10
