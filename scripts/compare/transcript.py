"""Reads what a machine printed while it ran `bench --raw`, and believes nothing that is damaged.

    bench: NAME MEDIAN UNIT min=N mode=N rounds=N   the summary, when a measure is done
    samples: NAME UNIT V[:I] V[:I] ...              each round's value, and the interrupts in it
    series: NAME LABEL X:Y X:Y ...                  a curve
    activity: NAME KEY=DELTA ...                    what /proc/stat counted across the measure
    counters: NAME KEY=DELTA ...                    the kernel's own counters, likewise
    bench-skip: NAME REASON                         it is not possible here

In several passes (bench -p) all of this comes several times over: samples are put together,
what was counted is added up, and of curves and reasons those of the first pass stay.

The kernel writes to the same serial line, so anything may stand between these lines. What stands
within one is an error: a figure that lost a digit looks like a figure. Lines that were lost as a
whole are found as well, because each summary must follow from the samples before it, and each pass
must be there.
"""

import re
from dataclasses import dataclass, field

from .statistics import mode

NUMBER = r"-?\d+(?:\.\d+)?"
WORD = r"[\w.+-]+"
KEYWORD = re.compile(r"(?:bench|samples|series|activity|counters|bench-skip): ")
FORMS = {
    "bench": re.compile(rf"bench: ({WORD}) ({NUMBER}) (\w+)((?: {WORD}={NUMBER})*)"),
    "samples": re.compile(rf"samples: ({WORD}) (\w+)((?: {NUMBER}(?::\d+)?)+)"),
    "series": re.compile(rf"series: ({WORD}) ({WORD})((?: {NUMBER}:{NUMBER})+)"),
    "activity": re.compile(rf"activity: ({WORD})((?: {WORD}={NUMBER})+)"),
    "counters": re.compile(rf"counters: ({WORD})((?: {WORD}={NUMBER})+)"),
    "bench-skip": re.compile(r"bench-skip: ([\w.+-]+) (\S.*)"),
}
KERNEL_LINE = re.compile(r"\[ *\d+\.\d+\] ")
BOOT_STAGE = re.compile(r"\bboot: (\d+) us from (\S.*)$")
PANIC = "---- kernel panic ----"
# The firmware clears the screen, which is the serial line, just before the kernel's first line.
ESCAPE = re.compile(r"\x1b(?:\[[0-9;?=]*[A-Za-z]|c)")


class TranscriptError(Exception):
    """A line that cannot be believed: its number from 1, the line, and what is wrong."""

    def __init__(self, number: int, line: str, fault: str):
        super().__init__(f"line {number}: {fault}: {line!r}")
        self.number, self.line, self.fault = number, line, fault


@dataclass
class Samples:
    unit: str
    values: list = field(default_factory=list)
    interrupts: list[int] = field(default_factory=list)     # in each value's window


@dataclass(frozen=True)
class Summary:
    value: float
    unit: str
    details: dict[str, float]


@dataclass
class Transcript:
    """All that was printed, by the names of the metrics."""

    summaries: dict[str, Summary] = field(default_factory=dict)
    samples: dict[str, Samples] = field(default_factory=dict)
    series: dict[str, dict[str, list]] = field(default_factory=dict)    # by name, then by label
    activity: dict[str, dict[str, float]] = field(default_factory=dict)
    counters: dict[str, dict[str, float]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)               # the reason
    boot: dict[str, int] = field(default_factory=dict)                  # us, by "A to B"
    panic: "str | None" = None                                          # the cause

    def missing(self, names: "list[str]") -> "list[str]":
        """Those that were neither measured nor skipped: the machine ended before they did."""
        return [name for name in names if name not in self.samples and name not in self.skipped]

    def as_run(self) -> dict:
        """This part of a run, as the journal holds it."""
        return {"samples": {name: vars(samples) for name, samples in self.samples.items()},
                "series": self.series, "activity": self.activity, "counters": self.counters,
                "skipped": self.skipped, "boot": self.boot}


def number(text: str) -> "int | float":
    return float(text) if "." in text else int(text)


def pairs(text: str) -> "dict[str, int | float]":
    """Of " key=1 other=2"."""
    return {key: number(value) for key, value in (word.split("=") for word in text.split())}


class Reader:
    """Takes one line after another; a method for each keyword."""

    def __init__(self, passes: int):
        self.found = Transcript()
        self.passes = passes
        self.done: dict[str, int] = {}                  # passes, by metric
        self.under_way: dict[str, Samples] = {}         # of passes whose summary is still to come
        self.counted: dict[tuple[str, str], int] = {}   # passes, by keyword and metric
        self.place: dict[str, tuple[int, str]] = {}     # where a metric's samples began

    def done_once_more(self, name):
        self.done[name] = self.done.get(name, 0) + 1
        if self.done[name] > self.passes:
            raise ValueError(f"{name} stands here once too often")

    def bench(self, name, value, unit, details):
        self.done_once_more(name)
        summary = Summary(number(value), unit, pairs(details))
        part = self.under_way.pop(name, None)
        if part:
            self.compare(summary, part)
            samples = self.found.samples.setdefault(name, Samples(part.unit))
            if samples.unit != part.unit:
                raise ValueError(f"{name} is in {samples.unit} above")
            samples.values += part.values
            samples.interrupts += part.interrupts
        elif self.passes > 1:
            raise ValueError(f"the samples of {name} are missing")
        self.found.summaries[name] = summary

    @staticmethod
    def compare(summary: Summary, samples: Samples):
        """The summary must be that of the samples: one that was lost or damaged shows here."""
        ordered = sorted(samples.values)
        follows = {"rounds": len(ordered), "min": ordered[0], "mode": mode(samples.values)[0]}
        stated = {"median": summary.value, "unit": summary.unit, **summary.details}
        follows = {"median": ordered[len(ordered) // 2], "unit": samples.unit, **follows}
        for key in follows:
            if key in stated and stated[key] != follows[key]:
                raise ValueError(f"{key} is {follows[key]} by the samples")

    def sample_line(self, name, unit, words):
        if self.done.get(name, 0) == self.passes:
            raise ValueError(f"samples of {name} after it was done")
        samples = self.under_way.setdefault(name, Samples(unit))
        if unit != samples.unit:
            raise ValueError(f"{name} is in {samples.unit} above")
        for word in words.split():
            value, _, interrupts = word.partition(":")
            samples.values.append(number(value))
            samples.interrupts.append(int(interrupts or 0))

    def series(self, name, label, words):
        if name in self.done:
            return
        curve = self.found.series.setdefault(name, {}).setdefault(label, [])
        curve += [[number(part) for part in word.split(":")] for word in words.split()]

    def add_up(self, keyword, found, name, words):
        place = keyword, name
        self.counted[place] = self.counted.get(place, 0) + 1
        if self.counted[place] > self.passes:
            raise ValueError(f"{keyword}: {name} stands here once too often")
        sums = found.setdefault(name, {})
        for key, value in pairs(words).items():
            sums[key] = sums.get(key, 0) + value

    def activity(self, name, words):
        self.add_up("activity", self.found.activity, name, words)

    def counters(self, name, words):
        self.add_up("counters", self.found.counters, name, words)

    def skip(self, name, reason):
        self.done_once_more(name)
        self.under_way.pop(name, None)          # those before it gave up
        self.found.skipped.setdefault(name, reason)

    def keep_what_is_whole(self):
        """A machine may have ended in the middle of the passes, and a measure that was skipped in
        one of them has no figure."""
        for name, count in self.done.items():
            if count < self.passes or name in self.found.skipped:
                self.found.samples.pop(name, None)
            if count < self.passes:
                self.found.summaries.pop(name, None)
                self.found.skipped.pop(name, None)

    METHODS = {"bench": bench, "samples": sample_line, "series": series, "activity": activity,
               "counters": counters, "bench-skip": skip}

    def line(self, count: int, line: str):
        keyword = KEYWORD.search(line)
        if not keyword:
            stage = BOOT_STAGE.search(line) if KERNEL_LINE.match(line) else None
            if stage:
                self.found.boot[stage[2]] = int(stage[1])
            return
        if keyword.start() > 0:
            raise TranscriptError(count, line, "one line runs into another")
        name = keyword[0][:-2]
        match = FORMS[name].fullmatch(line)
        if not match or len(KEYWORD.findall(line)) > 1:
            raise TranscriptError(count, line, f"not a whole '{name}' line")
        try:
            self.METHODS[name](self, *match.groups())
        except ValueError as error:
            raise TranscriptError(count, line, str(error)) from None
        if name == "samples":
            self.place.setdefault(match[1], (count, line))


def read(text: str, passes: int = 1) -> Transcript:
    """Reads a whole transcript. TranscriptError names the first line that is not to be believed."""
    reader = Reader(passes)
    lines = [ESCAPE.sub("", line).strip("\r") for line in text.split("\n")]
    for count, line in enumerate(lines, 1):
        if line == PANIC:
            reader.found.panic = lines[count] if count < len(lines) else ""
        if count == len(lines) and KEYWORD.match(line):
            raise TranscriptError(count, line, "the last line has no end")
        reader.line(count, line)
    if reader.found.panic is None:
        for name in reader.under_way:
            raise TranscriptError(*reader.place[name], f"{name} has no 'bench:' line after it")
    reader.keep_what_is_whole()
    return reader.found
