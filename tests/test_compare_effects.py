"""Main effects and interactions on made-up figures whose answer is known beforehand."""

import itertools
import random

import pytest

from compare.effects import Factorial, over_rounds

LEVELS = (("cow", "eager"), ("lapic", "pit"), ("ms5", "ms10", "ms20"))
CELLS = {"-".join(cell): cell for cell in itertools.product(*LEVELS)}
# What each level multiplies the figure by, and what two of them together do beyond that.
MAIN = {"eager": 15.0, "pit": 0.5, "ms10": 1.0, "ms20": 1.2}
BOTH = {("eager", "ms20"): 1.5}


def made_figure(cell, both=()):
    found = 1000.0
    for level in cell:
        found *= MAIN.get(level, 1)
    for pair, factor in dict(both).items():
        found *= factor if set(pair) <= set(cell) else 1
    return found


def ratios(both=()):
    factorial = Factorial(["FORK", "TIMER", "QUANTUM"], CELLS)
    values = {name: made_figure(cell, both) for name, cell in CELLS.items()}
    return {effect.levels: effect.ratio for effect in factorial.effects(values)}


def test_effects_that_only_multiply_have_no_interactions():
    found = ratios()
    assert {levels: ratio for levels, ratio in found.items() if len(levels) == 1} == {
        (level,): pytest.approx(factor) for level, factor in MAIN.items()}
    pairs = [ratio for levels, ratio in found.items() if len(levels) == 2]
    assert pairs == [pytest.approx(1)] * 5


def test_interaction_is_found_where_it_is():
    found = ratios(BOTH)
    assert found.pop(("eager", "ms20")) == pytest.approx(1.5)
    # It is in a third of eager's cells, and in half of those with 20 ms.
    assert found.pop(("eager",)) == pytest.approx(15 * 1.5 ** (1 / 3))
    assert found.pop(("ms20",)) == pytest.approx(1.2 * 1.5 ** 0.5)
    assert [ratio for levels, ratio in found.items() if len(levels) == 2] \
        == [pytest.approx(1)] * 4


def test_effects_are_told_against_the_first_column():
    cells = dict(sorted(CELLS.items(), key=lambda each: each[1] != ("eager", "pit", "ms5")))
    values = {name: made_figure(cell) for name, cell in cells.items()}
    found = {effect.levels: effect.ratio for effect in
             Factorial(["FORK", "TIMER", "QUANTUM"], cells).effects(values)}
    assert found["cow",] == pytest.approx(1 / 15) and found["lapic",] == pytest.approx(2)


def test_product_with_a_missing_kernel_is_not_full():
    assert Factorial(["FORK", "TIMER", "QUANTUM"], CELLS).is_full
    some = dict(list(CELLS.items())[:-1])
    assert not Factorial(["FORK", "TIMER", "QUANTUM"], some).is_full


def test_columns_are_ordered_by_their_levels():
    factorial = Factorial(["FORK", "TIMER", "QUANTUM"], CELLS)
    shuffled = random.Random(1).sample([*CELLS, "linux"], len(CELLS) + 1)
    assert sorted(shuffled, key=factorial.order) == [*CELLS, "linux"]


def test_rounds_show_effects_and_nothing_in_noise():
    draw = random.Random(3)
    factorial = Factorial(["FORK", "TIMER", "QUANTUM"], CELLS)
    rounds = []
    for _ in range(32):
        load = draw.lognormvariate(0, 0.3)      # of the whole round: it cancels
        rounds.append({name: load * made_figure(cell, BOTH) * draw.lognormvariate(0, 0.03)
                       for name, cell in CELLS.items()})
    found = {effect.levels: effect for effect in over_rounds(factorial, rounds)}
    assert {levels for levels, effect in found.items() if effect.is_shown} == {
        ("eager",), ("pit",), ("ms20",), ("eager", "ms20")}
    for levels, true in ((("pit",), 0.5), (("eager", "ms20"), 1.5)):
        assert found[levels].low <= true <= found[levels].high
        assert found[levels].ratio == pytest.approx(true, rel=0.03)


def test_few_rounds_show_nothing():
    factorial = Factorial(["FORK", "TIMER", "QUANTUM"], CELLS)
    rounds = [{name: made_figure(cell) for name, cell in CELLS.items()}] * 3
    assert not any(effect.is_shown for effect in over_rounds(factorial, rounds))
