"""Main effects and two-way interactions of a full factorial, on the log scale.

Costs multiply: an eager fork makes forking so many times dearer whichever timer ticks. So effects
are ratios, of geometric means over all combinations of the other factors; and an interaction of 1
says that two choices do not care for each other. Levels are told against the base's.
"""

import dataclasses
import itertools
import math

from .rounds import ALPHA
from .statistics import median, sign_flip


@dataclasses.dataclass(frozen=True)
class Effect:
    """`levels` in place of the base's, of one factor or two. Of one: what the figure is multiplied
    by, on average. Of two: what the first one's effect is multiplied by where the second holds."""

    factors: tuple[str, ...]
    levels: tuple[str, ...]
    ratio: float
    low: "float | None" = None          # the interval, where there are rounds to make one of
    high: "float | None" = None
    exact: bool = True

    @property
    def name(self) -> str:
        return " \N{MULTIPLICATION SIGN} ".join(self.levels)

    @property
    def is_shown(self) -> bool:
        """Whether it is more than chance would make of the rounds."""
        return self.exact or (self.low is not None and not self.low <= 1 <= self.high)


class Factorial:
    def __init__(self, factors: "list[str]", cells: "dict[str, tuple[str, ...]]"):
        """`cells`: each column's levels, in the order of the factors; the base's first."""
        self.factors, self.cells = tuple(factors), cells
        self.base = next(iter(cells.values()))
        self.levels = [list(dict.fromkeys(cell[place] for cell in cells.values()))
                       for place in range(len(factors))]

    @property
    def is_full(self) -> bool:
        """Whether every combination is there, once."""
        return sorted(self.cells.values()) == sorted(itertools.product(*self.levels))

    def order(self, column: str) -> "tuple[int, ...]":
        """To sort columns by; what is not of the product comes last."""
        if column not in self.cells:
            return tuple(map(len, self.levels))
        return tuple(levels.index(level) for levels, level in zip(self.levels, self.cells[column]))

    def effects(self, values: "dict[str, float]") -> "list[Effect]":
        """The main effects, then the interactions. `values` by column, all above 0."""
        logs = {cell: math.log(values[name]) for name, cell in self.cells.items()}
        places = range(len(self.factors))
        return [effect for count in (1, 2) for chosen in itertools.combinations(places, count)
                for effect in self._contrasts(logs, chosen)]

    def _contrasts(self, logs, chosen):
        """One for each combination of levels that are not the base's."""
        others = [levels for place, levels in enumerate(self.levels) if place not in chosen]
        for levels in itertools.product(*(self.levels[place][1:] for place in chosen)):
            total = count = 0
            for rest in itertools.product(*others):
                total += self._contrast(logs, chosen, levels, rest)
                count += 1
            yield Effect(tuple(self.factors[place] for place in chosen), levels,
                         math.exp(total / count))

    def _contrast(self, logs, chosen, levels, rest):
        """The difference, or the difference of differences, where the others are at `rest`."""
        total = 0
        for taken in itertools.product((False, True), repeat=len(chosen)):
            fixed = dict(zip(chosen, (level if take else self.base[place] for place, level, take
                                      in zip(chosen, levels, taken))))
            left = iter(rest)
            cell = tuple(fixed[place] if place in fixed else next(left)
                         for place in range(len(self.factors)))
            total += (-1) ** (len(chosen) - sum(taken)) * logs[cell]
        return total


def over_rounds(factorial: Factorial, rounds: "list[dict[str, float]]") -> "list[Effect]":
    """The median of each effect over the rounds, each of which has all columns, and its interval:
    by itself, not adjusted for how many effects there are."""
    found = []
    for same in zip(*(factorial.effects(values) for values in rounds)):
        logs = [math.log(effect.ratio) for effect in same]
        estimate = median(logs)
        low, high = None, None
        if interval := sign_flip(logs).interval(1 - ALPHA):
            low, high = math.exp(interval[0]), math.exp(interval[1])
        found.append(Effect(same[0].factors, same[0].levels, math.exp(estimate), low, high, False))
    return found
