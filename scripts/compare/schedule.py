"""What is run, where, and in which order; and going on where it was left.

The unit is a block: all columns, one after the other on one host, for one round of one group of
benchmarks; in time these are together. So whatever a host does to figures it does to whole pairs.
Every order and every seed follows from the request's SEED, and so does not depend on how many
blocks run at once, on which host is the fastest, or on how often the measurement was
interrupted.

    instructions    two passes, which must agree
    virtual         a phase a round: another seed, the first timer tick at another place
    time            all benchmarks together, columns in random order within each round, each linked
                    anew; one machine at a time on a host, nothing else that belongs to us

A block is done when the journal has a run of each of its columns, of the images and with QEMU's
words of now. Whatever is missing when parallel has ended (a host died, somebody pressed Ctrl-C) is
run again.
"""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from . import machine, store, transcript
from .hosts import Farm
from .machine import Image
from .model import INSTRUCTIONS, KINDS, TIME, VIRTUAL, Metric, ToolError
from .store import Journal

LIMIT_S = 1800              # of a machine, on a host that others use too
TOGETHER = "together"           # the one group of time


@dataclass(frozen=True)
class Block:
    kind: str
    group: str
    round: int                      # from 1
    columns: tuple[str, ...]        # in the order in which they run
    benches: tuple[str, ...]
    seed: int
    phase_us: int

    @property
    def name(self) -> str:
        return block_name({"kind": self.kind, "group": self.group, "round": self.round})


def block_name(key: dict) -> str:
    return f"{key['kind']}-{key['group']}-{key['round']}"


@dataclass(frozen=True)
class Plan:
    """What is to be measured."""

    columns: tuple[str, ...]                            # the base first
    groups: dict[str, dict[str, tuple[str, ...]]]       # by kind, by group: the benchmarks
    rounds: dict[str, int]                              # by kind, to begin with
    seed: int
    memory: str = machine.MEMORY
    accel: str = "tcg"
    phases: dict[str, int] = field(default_factory=dict)    # by group: fewer rounds of virtual
    limit_s: float = LIMIT_S


def groups_of(metrics: dict[str, Metric], kinds: tuple[str, ...]) -> dict:
    """By kind, by group: the benchmarks that the metrics are of, in the registry's order."""
    # One boot for all in time: a measure's passes lie far apart (machine.TIME_PASSES), and there
    # are more rounds for the same patience.
    found: dict[str, dict[str, tuple[str, ...]]] = {kind: {} for kind in kinds}
    for metric in metrics.values():
        for kind in set(kinds) & set(metric.kinds):
            group = TOGETHER if kind == TIME else metric.group
            found[kind][group] = (*found[kind].get(group, ()), metric.name)
    return found


def make_block(plan: Plan, kind: str, group: str, count: int) -> Block:
    """Passes of instructions have the same seed. All columns of a round share one."""
    chance = random.Random(f"{plan.seed}/{kind}/{0 if kind == INSTRUCTIONS else count}")
    seed = chance.randrange(2 ** 31)
    phase_us = chance.randrange(1, machine.PHASES_US) if kind == VIRTUAL else 0
    columns = list(plan.columns)
    if kind == TIME:
        random.Random(f"{plan.seed}/order/{group}/{count}").shuffle(columns)
    return Block(kind, group, count, tuple(columns), plan.groups[kind][group], seed, phase_us)


def make_blocks(plan: Plan, kind: str, counts: range) -> list[Block]:
    """The blocks of these rounds, a round after the other."""
    return [make_block(plan, kind, group, count)
            for count in counts for group in plan.groups.get(kind, ())]


def fault_of(run: dict, block: Block, system: str, found: transcript.Transcript) -> "str | None":
    """Why a run that could be read does not count."""
    if found.panic is not None:
        return f"kernel panic: {found.panic}"
    if run["status"] is None:
        return f"it did not end within {run['seconds']:.0f} s"
    if run["status"] != machine.POWERED_OFF[system]:
        return f"QEMU ended with status {run['status']}"
    missing = found.missing(list(block.benches))
    return f"neither measured nor skipped: {', '.join(missing)}" if missing else None


@dataclass
class Measurement:
    """Runs a plan.

    image_for(column, kind, round)  the Image to be run; called before the round, once for each
    more_rounds(done)               how many rounds of time there should be in the end, given that
                                    so many are done; called until it says no more than that
    progress(done, total, what)     runs that are done, and what has just ended
    """

    plan: Plan
    image_for: Callable[[str, str, int], Image]
    journal: Journal
    farm: Farm
    jobs: int = 1
    more_rounds: Callable[[int], int] = lambda done: done
    progress: Callable[[int, int, str], None] = lambda done, total, what: None
    faults: Path = Path("faults")       # below the journal's folder: what faulty machines printed
    images: dict = field(default_factory=dict)
    blocks: dict = field(default_factory=dict)      # by name
    found: dict = field(default_factory=dict)       # by name, then by place: the columns that ran
    total: int = 0

    def run(self):
        """All of it. Raises what image_for raises, and ToolError if blocks cannot be run at all."""
        self.faults = self.journal.path.parent / self.faults
        first = {kind: make_blocks(self.plan, kind, range(1, self.plan.rounds[kind] + 1))
                 for kind in KINDS if kind in self.plan.groups}
        phases = self.plan.phases
        first[VIRTUAL] = [block for block in first.get(VIRTUAL, ())
                          if block.round <= phases.get(block.group, block.round)]
        self.total = sum(len(block.columns) for blocks in first.values() for block in blocks)
        self.run_blocks(first.get(INSTRUCTIONS, []) + first[VIRTUAL], self.jobs)
        if TIME in first:
            self.run_blocks(first[TIME], 1)
            self.run_extra_rounds()

    def run_extra_rounds(self):
        done = self.plan.rounds[TIME]
        while (wanted := self.more_rounds(done)) > done:
            extra = make_blocks(self.plan, TIME, range(done + 1, wanted + 1))
            self.total += sum(len(block.columns) for block in extra)
            self.run_blocks(extra, 1)
            done = wanted

    def run_blocks(self, blocks: list[Block], jobs: int):
        """Until the journal has all of them."""
        for block in blocks:
            self.blocks[block.name] = block
            for column in block.columns:
                self.image(column, block.kind, block.round)
        names = {block.name for block in blocks}
        for run in self.journal.runs[:self.journal.old]:
            # What went wrong before this command is tried again by it, and only once.
            if block_name(run["key"]) in names and self.is_current(run) and not run.get("excluded"):
                self.note(run)
        pending = {block.name: columns for block in blocks if (columns := self.missing(block))}
        if pending:
            self.report("measure: begun")
        while pending:
            for name, columns in pending.items():
                self.write_job(self.blocks[name], columns)
            before = len(self.journal.runs)
            for line in self.farm.run(list(pending), jobs):
                self.take(line)
            self.journal.sync()
            if len(self.journal.runs) == before:
                raise ToolError(f"{len(pending)} blocks do not run: {self.farm.why()}")
            pending = {name: columns for name in pending
                       if (columns := self.missing(self.blocks[name]))}

    def image(self, column: str, kind: str, count: int) -> Image:
        place = column, kind, count
        if place not in self.images:
            self.images[place] = self.farm.take(self.image_for(*place))
        return self.images[place]

    def arguments(self, block: Block, column: str) -> list[str]:
        """QEMU's words for one run of a block."""
        image = self.image(column, block.kind, block.round)
        return machine.arguments(block.kind, image, block.benches, block.seed,
                                 phase_us=block.phase_us, memory=self.plan.memory,
                                 accel=self.plan.accel)

    def is_current(self, run: dict) -> bool:
        """Whether this plan would do the same: older tools may have had another machine, or
        another list of benchmarks."""
        key = run["key"]
        block, column = self.blocks.get(block_name(key)), key["column"]
        return block is not None and column in block.columns \
            and run["image"] == self.image(column, block.kind, block.round).sha256 \
            and run["arguments"] == self.arguments(block, column)

    def note(self, run: dict):
        """Counts a run as done."""
        places = self.found.setdefault(block_name(run["key"]), {})
        places.setdefault(store.place_of(run), set()).add(run["key"]["column"])

    def missing(self, block: Block) -> tuple[str, ...]:
        """Which columns a block still has to run. All of them where they must be back to back (a
        place in time is one attempt), or where nobody knows which host will take it (the farm has
        no name): neither has a place here."""
        places = self.found.get(block.name, {})
        if any(len(columns) == len(block.columns) for columns in places.values()):
            return ()
        here = places.get((block.kind, block.group, block.round, self.farm.name, None), ())
        return tuple(column for column in block.columns if column not in here)

    def write_job(self, block: Block, columns: tuple[str, ...]):
        runs = []
        for column in columns:
            image = self.image(column, block.kind, block.round)
            runs.append({"key": {"kind": block.kind, "group": block.group, "round": block.round,
                                 "column": column},
                         "image": image.sha256, "seed": block.seed, "phase_us": block.phase_us,
                         "order": block.columns.index(column) + 1,
                         "arguments": self.arguments(block, column),
                         "limit_s": self.plan.limit_s})
        job = {"qemu": self.farm.qemu, "host": self.farm.name, "runs": runs}
        path = self.farm.folder / "jobs" / f"{block.name}.json"
        path.write_text(json.dumps(job), encoding="utf-8")

    def take(self, line: str):
        """A line that a block printed. One that was cut short, or is a host's greeting, is none:
        the run is missing then, and the block is repeated."""
        try:
            run = json.loads(line)
            key, text = run["key"], run.pop("text")
            block = self.blocks[block_name(key)]
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        self.read(run, block, text)
        self.journal.append(run)
        self.note(run)
        if not self.missing(block):
            self.journal.sync()
        self.report(f"{key['kind']}, {key['group']}, round {key['round']}: {key['column']} on "
                    f"{key['host']}")

    def read(self, run: dict, block: Block, text: str):
        """Adds what the machine printed to its run; what is not to be believed, to `faults`."""
        system = self.image(run["key"]["column"], block.kind, block.round).system
        found = transcript.Transcript()
        try:
            found = transcript.read(text, machine.passes(block.kind))
            fault = fault_of(run, block, system, found)
        except transcript.TranscriptError as error:
            # What a machine was printing when it was ended is cut off, and that is not the cause.
            fault = str(error) if run["status"] is not None else fault_of(run, block, system, found)
        run.update(found.as_run())
        if fault:
            self.faults.mkdir(exist_ok=True)
            column = run["key"]["column"].replace("/", "-")     # it may be an option's value
            path = self.faults / f"{block.name}-{column}.txt"
            path.write_text(text, encoding="utf-8")
            run["excluded"] = f"{fault}; see {path}"

    def report(self, what: str):
        done = sum(max(map(len, places.values()))
                   for name, places in self.found.items() if name in self.blocks)
        self.progress(done, max(self.total, done), what)

    def runs(self) -> list[dict]:
        """What the journal has of this plan, one run a key."""
        return store.settle([run for run in self.journal.runs if self.is_current(run)],
                            self.plan.columns)
