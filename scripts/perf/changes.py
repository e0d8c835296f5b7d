"""What has become of the figures, and whether it is too much."""

import fnmatch
import itertools
from dataclasses import dataclass

# Both must be exceeded.
GROWTH = 0.01
INSTRUCTIONS = 1


@dataclass(frozen=True)
class Change:
    """Of one figure, by the same amount in all of these shapes."""

    figure: str
    before: int
    after: int
    shapes: tuple[str, ...]

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def matters(self) -> bool:
        return abs(self.difference) > max(INSTRUCTIONS, GROWTH * self.before)

    @property
    def too_much(self) -> bool:
        return self.matters and self.difference > 0

    def line(self, names: list[str]) -> str:
        """`names` are all shapes."""
        return f"{self.figure:<16} {self.before:>7,} -> {self.after:>7,}  {self.difference:+,} " \
               f"({self.difference / self.before:+.1%})  in {pattern(self.shapes, names)}"


def pattern(some: "tuple[str, ...]", names: list[str]) -> str:
    """rr-*-lapic-* for all shapes with these members; else one by one."""
    if len(some) == len(names):
        return f"all {len(names)} shapes"
    parts = [sorted(set(part)) for part in zip(*(name.split("-") for name in some))]
    found = "-".join(part[0] if len(part) == 1 else "*" for part in parts)
    matching = {name for name in names if fnmatch.fnmatchcase(name, found)}
    return found if matching == set(some) else ", ".join(some)


def changes(before: dict, after: dict) -> list[Change]:
    """Of figures {figure: {shape: instructions}} that are in both and are not the same."""
    found = []
    for figure, values in after.items():
        then = before.get(figure, {})
        moved = sorted((then[shape], value, shape) for shape, value in values.items()
                       if then.get(shape, value) != value)
        found += [Change(figure, *pair, tuple(shape for *_, shape in group))
                  for pair, group in itertools.groupby(moved, lambda each: each[:2])]
    return found


def unrecorded(before: dict, after: dict) -> list[str]:
    """Figures that the record lacks, in some shape at least."""
    return [figure for figure, values in after.items() if values.keys() - before.get(figure, {})]
