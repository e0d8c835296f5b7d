"""The words of a comparison, shared by all of its parts.

column  one configuration of the comparison, by its name; the first is the base of all others.
kind    how a figure was gained: see KINDS. Figures of different kinds are never put together.
metric  one figure that a run gives, by its name; registry.toml says what it is.
run     one boot of one column: a dict, as the journal holds it, with its place in `key`.
round   one pass over all columns. Its runs are compared with each other and with no others.
"""

import dataclasses

SCHEMA = "facet-compare/1"              # of result.json: schema.json
COMPLETE = "complete"                   # why a measurement ended, if nothing cut it short
INSTRUCTIONS, VIRTUAL, TIME = KINDS = ("instructions", "virtual", "time")

# What each kind is, and what it cannot see: said wherever a figure of the kind stands.
KIND_NOTES = {
    INSTRUCTIONS: "exact counts under a virtual clock of one tick an instruction (-icount); "
                  "blind to TLB, caches and devices",
    VIRTUAL: "time of that virtual clock, idle waiting included; one deterministic run is one "
             "sample; an instruction takes 1 ns whatever it does",
    TIME: "time of the emulator on this host; not what a processor would take",
}
KVM_NOTE = "time of a real processor, that of the host, under KVM; not the emulator's"

# What `bench` prints behind a value. The time stamp counter counts instructions under -icount.
UNITS = ("tsc", "ns", "us", "bytes", "percent", "count", "ratio_ppm")
BETTER = ("lower", "higher", "none")
SCALES = ("ratio", "difference")

# What can be said about a column and a metric, against the base.
VERDICTS = {
    "better": "differs in the good direction; in time and virtual time by a material size",
    "worse": "differs in the bad direction; in time and virtual time by a material size",
    "differs": "differs, and neither direction is good",
    "equal": "shown to differ by less than a material size",
    "same": "instructions only: exactly the same figure",
    "unclear": "neither a difference nor equality is shown",
    "descriptive": "not a primary metric: an interval, and no test",
}


class ToolError(Exception):
    """The measurement contradicts itself, so that nothing that it says can be trusted."""


class RequestError(Exception):
    """What was asked for, or a file that goes with it, makes no sense."""


@dataclasses.dataclass(frozen=True)
class Metric:
    """An entry of registry.toml, which explains the fields."""

    name: str
    what: str
    group: str
    kinds: tuple[str, ...]
    unit: str
    better: str
    material_relative: dict[str, float]         # by kind
    material_absolute: float                    # in `unit`
    primary: bool = False
    scale: str = "ratio"
    phases: "int | None" = None                 # virtual: so many rounds are enough
    extra: tuple[str, ...] = ()                 # kinds in which it is run only if it is named

    def unit_in(self, kind: str) -> str:
        """The unit as a reader knows it."""
        if self.unit != "tsc":
            return self.unit
        return {INSTRUCTIONS: "instructions", VIRTUAL: "ns", TIME: "cycles"}[kind]

    def material_size(self, kind: str, base: float) -> float:
        """In the metric's unit: a difference that is no larger does not matter."""
        return max(self.material_relative[kind] * abs(base), self.material_absolute)

    def direction(self, difference: float) -> str:
        """The verdict on a difference that was shown."""
        if self.better == "none":
            return "differs"
        return "better" if (difference < 0) == (self.better == "lower") else "worse"


@dataclasses.dataclass
class Result:
    """What is said about one metric of one column against the base, in one kind."""

    kind: str
    metric: str
    column: str
    verdict: str
    note: str = ""
    base: "float | None" = None         # the figures, in the metric's unit
    value: "float | None" = None
    scale: str = "ratio"                # what low, high and band are: "ratio" or "difference"
    ratio: "float | None" = None        # value by base
    difference: "float | None" = None   # value less base, in the metric's unit
    low: "float | None" = None          # the interval of ratio, or of difference
    high: "float | None" = None
    confidence: "float | None" = None   # that the interval has, by itself
    band: "float | None" = None         # material: beyond 1 + band or 1 / (1 + band), or +-band
    material: "bool | None" = None      # is the difference of that size?
    p: "float | None" = None            # of "there is no difference"
    p_holm: "float | None" = None       # the same, adjusted for all comparisons of the kind
    p_equal: "float | None" = None      # of "there is a material difference"
    p_equal_holm: "float | None" = None
    rounds: int = 0                     # complete pairs; of instructions, undisturbed windows
