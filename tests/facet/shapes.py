"""The shapes: every combination of one member of each choice.

Kconfig says which there are, so a new policy with its fragment takes part in the tests by itself.
"""

import itertools
import os
from dataclasses import dataclass

from policies import policies

from facet import ROOT

MEMBERS = {policy.name: policy.members for policy in policies(ROOT)}
CHOICES = tuple(MEMBERS)


@dataclass(frozen=True)
class Shape:
    """One member of each choice, in the order of CHOICES."""

    members: tuple[str, ...]

    @property
    def name(self) -> str:
        return "-".join(self.members)

    @property
    def fragments(self) -> tuple[str, ...]:
        return tuple(f"{choice}-{member}.config" for choice, member in self.boot_line.items())

    @property
    def boot_line(self) -> dict[str, str]:
        """What the kernel must say of itself when it boots."""
        return dict(zip(CHOICES, self.members))


def all_shapes() -> list[Shape]:
    return [Shape(combination) for combination in itertools.product(*MEMBERS.values())]


def selected() -> list[Shape]:
    """All shapes, or the one that FACET_SHAPE names."""
    shapes = all_shapes()
    wanted = os.environ.get("FACET_SHAPE")
    if not wanted:
        return shapes
    found = [shape for shape in shapes if shape.name == wanted]
    if not found:
        names = "\n  ".join(shape.name for shape in shapes)
        raise LookupError(f"there is no shape {wanted}; there are\n  {names}")
    return found
