"""The statistics of a comparison, from first principles, so that a verdict can be checked by hand.

Everything rests on one idea. Each round measures both kernels under the same conditions and gives
one difference d. If the kernels were equal, nothing but chance would say which of them got the
larger value: d could as well have had the other sign. That is the sign-flip (randomisation)
argument. It asks for differences that are independent of each other and as often above the true one
as below, and for nothing else: no normal distribution, no equal variances, no large samples. Of
equal kernels that are run in random order this holds by construction, whatever the noise.

Where a function says "exact" it counts all cases that chance could have made. Nothing is simulated
and nothing is approximated by a normal distribution.
"""

import bisect
import math
from dataclasses import dataclass
from typing import Callable

# Values nearer to each other than this part of the largest (or of 1) are tied: sums are rounded.
TIE = 1e-12


# --- summaries of one sample ------------------------------------------------------------------


def median(values: list[float]) -> float:
    """The sample median: the middle value, or the mean of the two in the middle. Half of the
    values may be arbitrarily wrong before it is (a breakdown point of 50%)."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def mode(values: list[int]) -> tuple[int, int]:
    """The mode, the most frequent value, and how often it stands there; the lowest of several that
    are equally frequent. It is what an operation costs when nothing unusual happens; it says
    nothing about the rest, and nothing at all if no value stands there twice."""
    count: dict[int, int] = {}
    for value in values:
        count[value] = count.get(value, 0) + 1
    value = min(count, key=lambda value: (-count[value], value))
    return value, count[value]


def quantiles(values: list[float], probabilities: list[float]) -> list[float]:
    """Sample quantiles by the inverse of the empirical distribution function (nearest rank; type 1
    of Hyndman and Fan, 1996). Each is a value that did occur, so the 99% quantile of 50 values is
    their maximum. No assumption; for the tail of a distribution take many values."""
    ordered = sorted(values)
    # n*p in binary may lie a hair above a whole number: 100 * 0.07 is 7.000000000000001.
    ranks = [math.ceil(len(ordered) * p - 1e-9) for p in probabilities]
    return [ordered[min(max(rank, 1), len(ordered)) - 1] for rank in ranks]


def jain_index(shares: list[float]) -> float:
    """Jain's fairness index (Jain, Chiu and Hawe, 1984): the squared sum over n times the sum of
    squares. 1 if all shares are equal, 1/n if one has everything, k/n if k share it equally.
    Without anything to share there is no fairness: that is an error."""
    if any(share < 0 for share in shares) or not any(shares):
        raise ValueError(f"Jain's index needs shares of at least 0, one of them above: {shares}")
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


# --- where is the centre of n differences? ----------------------------------------------------


@dataclass(frozen=True)
class Location:
    """What n differences say about the centre of their distribution: a confidence distribution.

    `points` are sorted candidates for the centre, made from the differences. Were the true centre
    at t, the number of points at or below t would have a distribution that is known exactly,
    whatever the noise. `tail(j)` is the probability that this number is at most j; by symmetry it
    is also that of at most j at or above t. So tests and intervals are nothing but counting.

    A point that equals t is counted on both sides. So ties make a p-value larger, an interval wider
    and never the other way round (Noether, 1967): with ties the results are conservative.
    """

    points: list[float]
    tail: Callable[[int], float]

    @property
    def slack(self) -> float:
        return TIE * max(1.0, -self.points[0], self.points[-1])

    def p_above(self, t: float) -> float:
        """One-sided p-value of "the centre is at most t": small means that it lies above t."""
        return self.tail(bisect.bisect_right(self.points, t + self.slack))

    def p_below(self, t: float) -> float:
        """One-sided p-value of "the centre is at least t": small means that it lies below t."""
        return self.tail(len(self.points) - bisect.bisect_left(self.points, t - self.slack))

    def p_differs(self, t: float = 0.0) -> float:
        """Two-sided p-value of "the centre is t": twice the smaller of the one-sided ones."""
        return min(1.0, 2 * min(self.p_above(t), self.p_below(t)))

    def p_equal(self, band: float) -> float:
        """The two one-sided tests of equivalence (TOST; Schuirmann, 1987): the p-value of "the
        centre lies at -band or below, or at band or above". Small means that it lies between. A
        difference that was not found is no proof of equality; this is one."""
        return max(self.p_above(-band), self.p_below(band))

    def interval(self, confidence: float) -> "tuple[float, float, float] | None":
        """The shortest interval of at least this confidence, by inverting the two-sided test: all
        centres that it does not reject. Returns its ends and the confidence that it does have,
        which moves in steps; None if there are too few differences for any."""
        cut = 0
        while cut < len(self.points) // 2 and 2 * self.tail(cut) <= 1 - confidence + TIE:
            cut += 1
        if cut == 0:
            return None
        return self.points[cut - 1], self.points[-cut], 1 - 2 * self.tail(cut - 1)


def sign_flip(differences: list[float]) -> Location:
    """The exact sign-flip test of the median, inverted.

    Were t the true median, each difference would lie above it with probability one half: how many
    lie below is how many heads n coins show. So the points are the differences themselves, and the
    interval ends at the k-th smallest and the k-th largest of them. A wild round weighs no more
    than any other, however wild it is; flipping the signs of the sum, or of ranks, would let the
    few rounds in which the host did something else outweigh all others. Differences independent,
    with the same median; nothing is asked of their spread or shape, not even symmetry. For any n.
    """
    n = len(differences)
    cumulative, total = [], 0
    for count in range(n + 1):
        total += math.comb(n, count)
        cumulative.append(total / 2 ** n)
    return Location(sorted(differences), cumulative.__getitem__)


# --- many comparisons -------------------------------------------------------------------------


def holm(p_values: list[float]) -> list[float]:
    """p-values adjusted for their number (Holm, 1979): reject those that are at most 5%, and the
    chance of even one false rejection among all (the family-wise error rate) is at most 5%. The
    p-values may depend on each other in any way. The smallest is multiplied by their number, the
    next by one less, and so on; none comes out below one that was smaller."""
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    ascending = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank, index in enumerate(ascending):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
