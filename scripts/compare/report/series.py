"""The curves that a workload prints: what their labels say of their axes.

    WHAT_UNIT           y in UNIT over the nanoseconds since the measure began
    WHAT_UNIT_by_X      y in UNIT over X
    X                   y in the metric's unit over the number of X, such as `page`
"""

import dataclasses
import re

SHOWN = re.compile(r"(?:(.+?)_)?(ppm|ns|cpu_us|us|percent|frames|kib|bytes)")
MIB = 2 ** 20
# What to multiply by, what is shown then, which direction is good.
UNITS = {"ppm": (1e-6, "index, 1 is the best", "higher"), "ns": (1e-6, "ms", "lower"),
         "us": (1e-3, "ms", "lower"), "cpu_us": (1e-3, "ms of CPU", "none"),
         "percent": (1, "percent", "none"),
         "frames": (4096 / MIB, "MiB", "lower"), "kib": (1024 / MIB, "MiB", "lower"),
         "bytes": (1 / MIB, "MiB", "lower")}
MEMORY = ("frames", "kib", "bytes")
MOST_POINTS = 400               # more are not seen


@dataclasses.dataclass(frozen=True)
class Axes:
    """Curves with the same axes go into one picture."""

    metric: str
    unit: str                   # of UNITS, or '': the metric's own
    over: str

    @property
    def over_time(self) -> bool:
        return self.over == "ns"

    @property
    def x(self) -> "tuple[float, str]":
        return (1e-6, "ms of the machine's clock") if self.over_time \
            else (1, f"{self.over.replace('_', ' ')}, number")


def read(metric: str, label: str) -> "tuple[Axes, str]":
    """The axes, and what is shown on them."""
    shown, _, over = label.partition("_by_")
    match = SHOWN.fullmatch(shown)
    if not match:
        return Axes(metric, "", over or label), ""
    what, unit = match.groups()
    return Axes(metric, unit, over or "ns"), (what or unit).replace("_", " ")


def of_kind(view, kind) -> "dict[Axes, dict[str, dict[str, list]]]":
    """{axes: {column: {what: points}}}, of each column's first run that has them. A single point
    is no curve."""
    found = {}
    for run in view.runs:
        for metric, curves in run.get("series", {}).items():
            for label, points in curves.items():
                if run["key"]["kind"] == kind and len(points) > 1:
                    axes, what = read(metric, label)
                    column = found.setdefault(axes, {}).setdefault(run["key"]["column"], {})
                    column.setdefault(what, points)
    return found


def together(names: "set[str]") -> str:
    """In few words: those that only differ in a number at the end are said as a range."""
    stems = {}
    for name in sorted(names):
        match = re.fullmatch(r"(.+) (\d+)", name)
        stem, number = match.groups() if match else (name, None)
        stems.setdefault(stem, []).append(number)
    return ", ".join(f"{stem} {numbers[0]} to {numbers[-1]}" if len(numbers) > 1
                     else f"{stem} {numbers[0]}" if numbers[0] else stem
                     for stem, numbers in stems.items())


def thinned(points):
    """Of each stretch that would fall together, the highest point."""
    step = -(-len(points) // MOST_POINTS)
    return [max(points[first:first + step], key=lambda point: point[1])
            for first in range(0, len(points), step)]
