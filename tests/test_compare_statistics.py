"""The statistics of `make compare`, held against values found by hand and by counting all cases."""

import itertools
import math
import random

import pytest

from compare.statistics import holm, jain_index, median, mode, quantiles, sign_flip

# Sizes of differences whose signs chance decides: different ones, equal ones, and none at all.
MAGNITUDES = [
    (1.0, 2.5, 3.1, 4.7, 7.9, 8.3, 20.0),
    (1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0),
    (0.0, 0.0, 0.1, 0.1, 0.2, 0.3, 0.3),
    (1.0,) * 7,
    (0.0,) * 7,
]


def all_signs(magnitudes):
    """Under "there is no difference" each of these is equally likely."""
    return [[sign * size for sign, size in zip(signs, magnitudes)]
            for signs in itertools.product((1, -1), repeat=len(magnitudes))]


def test_median_is_the_middle():
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
    assert median([1, 2, 1e9]) == 2


def test_mode_is_the_most_frequent_value_and_the_lowest_of_several():
    assert mode([84, 83, 83, 90]) == (83, 2)
    assert mode([9, 9, 4, 4, 5]) == (4, 2)
    assert mode([7, 6, 5]) == (5, 1)


def test_quantile_is_a_value_that_occurred():
    hundred = list(range(1, 101))
    assert quantiles(hundred, [0, 0.07, 0.5, 0.99, 1]) == [1, 7, 50, 99, 100]
    assert quantiles([5.0, 1.0], [0.5, 0.51]) == [1.0, 5.0]


def test_jain_index():
    assert jain_index([3, 3, 3]) == 1
    assert jain_index([1, 0, 0, 0]) == 0.25
    assert jain_index([1, 1, 0, 0]) == 0.5
    assert jain_index([1, 2, 3]) == pytest.approx(36 / (3 * 14))
    for shares in ([0, 0], [], [1, -1]):
        with pytest.raises(ValueError):
            jain_index(shares)


@pytest.mark.parametrize("centre", [0.0, 0.9, -2.25])
def test_p_value_is_the_part_of_all_flips_that_is_as_extreme(centre):
    observed = [1.3, -0.4, 2.6, 3.9, -5.1, 0.7, 8.2]
    shifted = [difference - centre for difference in observed]
    flips = [sum(each > 0 for each in flip) for flip in all_signs([abs(each) for each in shifted])]
    above = sum(each > 0 for each in shifted)
    location = sign_flip(observed)
    assert location.p_above(centre) == sum(flip >= above for flip in flips) / len(flips)
    assert location.p_below(centre) == sum(flip <= above for flip in flips) / len(flips)
    p = 2 * min(location.p_above(centre), location.p_below(centre))
    assert location.p_differs(centre) == min(1, p)


@pytest.mark.parametrize("magnitudes", MAGNITUDES)
def test_no_p_value_is_reached_more_often_than_it_says(magnitudes):
    """The definition of a valid test, over every case that chance can make, ties included."""
    locations = [sign_flip(differences) for differences in all_signs(magnitudes)]
    for p_values in ([location.p_above(0) for location in locations],
                     [location.p_below(0) for location in locations],
                     [location.p_differs(0) for location in locations]):
        for p in set(p_values):
            assert sum(other <= p for other in p_values) / len(p_values) <= p


def test_interval_holds_just_what_the_test_does_not_reject():
    draw = random.Random(4)
    for n in (6, 9, 12, 30):
        location = sign_flip([draw.gauss(1, 1) for _ in range(n)])
        low, high, confidence = location.interval(0.95)
        assert confidence >= 0.95
        for inside, outside in ((low, low - 1e-6), (high, high + 1e-6)):
            assert location.p_differs(inside) > 1 - confidence
            assert location.p_differs(outside) <= 1 - confidence + 1e-12


def test_a_wild_round_weighs_no_more_than_any_other():
    calm, wild = [0.1] * 17 + [-0.1] * 3, [0.1] * 17 + [-1e6] * 3
    assert sign_flip(calm).p_differs() == sign_flip(wild).p_differs() < 0.003
    assert sign_flip(wild).interval(0.95)[:2] == (0.1, 0.1)


def test_six_rounds_give_the_whole_range_and_five_give_none():
    differences = [0.1, 0.4, 0.2, 0.6, 0.3, 0.5]
    assert sign_flip(differences).interval(0.95) == (0.1, 0.6, 1 - 2 / 64)
    assert sign_flip(differences).p_differs() == 2 / 64
    assert sign_flip(differences[:5]).interval(0.95) is None


def test_equivalence_is_shown_by_two_one_sided_tests():
    location = sign_flip([0.01, -0.01, 0.02, -0.02, 0.01, 0.0])
    assert location.p_equal(0.05) == 1 / 64         # all are above -0.05, all are below 0.05
    assert location.p_equal(0.015) == max(location.p_above(-0.015), location.p_below(0.015))
    assert location.p_equal(0.0) > 0.3
    assert sign_flip([0.06] * 6).p_equal(0.05) == 1


def test_equal_differences_without_noise_are_judged():
    assert sign_flip([0.0] * 9).p_differs() == 1
    assert sign_flip([0.0] * 9).interval(0.95)[:2] == (0, 0)
    assert sign_flip([0.1] * 9).p_differs() == 2 / 512
    assert sign_flip([2e9 + 0.1] * 9).p_differs(2e9 + 0.1) == 1


def test_ties_are_seen_in_any_unit():
    """Sums of large numbers are rounded, and what is equal comes out unequal."""
    differences = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    for centre in (0.2, 0.3, 0.4, 0.5, 0.6):
        for unit in (1e9, 1e9 / 7, 3e12 / 11):
            scaled = sign_flip([each * unit for each in differences])
            assert scaled.p_above(centre * unit) == sign_flip(differences).p_above(centre)
            assert scaled.p_below(centre * unit) == sign_flip(differences).p_below(centre)


def student(draw):
    """Student's t with 2 degrees of freedom: symmetric, and without a variance."""
    return draw.gauss(0, 1) / math.sqrt(draw.expovariate(1))


@pytest.mark.parametrize("n, confidence", [(6, 1 - 2 / 64), (9, 1 - 20 / 512), (20, None)])
def test_interval_covers_as_often_as_it_says(n, confidence):
    """Heavy tails, and each round with a spread of its own: neither matters. The limits are three
    standard errors of the simulation."""
    draw, draws, covered = random.Random(n), 1500, 0
    for _ in range(draws):
        low, high, stated = sign_flip([5 + (1 + i % 3) * student(draw)
                                       for i in range(n)]).interval(0.95)
        covered += low <= 5 <= high
    assert confidence is None or stated == confidence
    assert 0.95 <= stated < 0.98
    assert covered / draws == pytest.approx(stated, abs=3 * math.sqrt(0.95 * 0.05 / draws))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.001]) == pytest.approx([0.5, 0.002])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


def test_holm_is_the_closed_test_of_bonferroni():
    """A hypothesis is rejected if every set that holds it is: the largest of their p-values."""
    draw = random.Random(2)
    for _ in range(50):
        p_values = [draw.random() ** 3 for _ in range(5)]
        for index, adjusted in enumerate(holm(p_values)):
            closed = max(min(1, size * min(p_values[i] for i in chosen))
                         for size in range(1, 6)
                         for chosen in itertools.combinations(range(5), size) if index in chosen)
            assert adjusted == pytest.approx(closed)
