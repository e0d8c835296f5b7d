"""A comparison from the request to the result: build, check, measure, judge.

Each step hands on only the columns that came through it. Whatever stops it early, what is measured
stays in the journal, and a result is made of what there is.
"""

import dataclasses
import hashlib
import tempfile
from pathlib import Path

from sizes import compare as compare_sizes
from sizes import read_sizes

from . import (check, configurations, explain, gate, host, judge, linux, registry, rounds, schedule,
               store)
from .build import Builder, BuildError
from .hosts import Farm, Hosts
from .machine import Image, sha256_of
from .model import COMPLETE, INSTRUCTIONS, SCHEMA, TIME, VIRTUAL, RequestError, ToolError
from .report.words import KIND_TITLES, several
from .request import LINUX, Column, Request, expand, is_controlled
from .store import Journal

INTERRUPTED = "interrupted"
MOST_LETTERS = 100                      # of a folder's name
SYMBOLS = 40                            # of each column, those that changed most


def folder_of(request: Request) -> Path:
    """OUT=, or one by the words that say what is compared."""
    if "OUT" in request.words:
        return Path(request.words["OUT"])
    parts = [f"{key.lower()}-{value}" for key, value in request.words.items()
             if key not in store.FREE]
    name = "".join(letter if letter.isalnum() or letter in "-_=." else "-"
                   for letter in "-".join(parts))
    if len(name) > MOST_LETTERS:
        name = f"{name[:MOST_LETTERS]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return Path(request.source) / "build" / "compare" / name


def counted(progress, total: int, what: str):
    """To be told each name that is done. That they begin is said before: the first takes long."""
    done = []
    if total:
        progress(0, total, f"{what}: begun")

    def tell(name: str):
        done.append(name)
        progress(len(done), total, f"{what} {name}")
    return tell


class Comparison:
    """One run of `make compare`. `say` prints a line, `progress` is told (done, total, text)."""

    def __init__(self, request: Request, say):
        self.request, self.say = request, say
        self.host, self.source = host.host_facts(), host.source_facts(request.source)
        self.columns: list[Column] = expand(request)
        self.metrics = registry.select(registry.load(), list(request.benches))
        self.metrics = {name: metric for name, metric in self.metrics.items()
                        if set(metric.kinds) & set(request.kinds)}
        if not self.metrics:
            raise RequestError("none of these benchmarks is measured in this kind")
        self.baseline = self.load_baseline()
        request.notes += self.too_few_rounds()
        self.out = folder_of(request)
        self.make_folder()
        shared = Path(request.source) / "build" / "compare"
        self.builder = Builder(Path(request.source), shared, self.out / "images", request.jobs)
        self.linux_folder = shared / LINUX
        self.images: dict[str, Image] = {}
        self.tests: dict[str, check.Verdict] = {}
        self.failures: dict[str, str] = {}      # by column, why it is not measured
        self.errors: list[str] = []             # contradictions
        self.faults: list[str] = []             # of machines beside the measurement
        self.explanations: list[dict] = []
        self.timelines: dict[str, list[dict]] = {}
        self.sizes: list[dict] = []
        self.kernel_bytes: dict[str, int] = {}  # by column, what is loaded, without the archive
        self.measurement: "schedule.Measurement | None" = None
        self.stopped = "not begun"
        self.rounds_ended: "str | None" = None

    @property
    def base(self) -> Column:
        return self.columns[0]

    def make_folder(self):
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.out):
                pass
        except OSError as error:
            raise RequestError(f"OUT={self.out}: {error.strerror}") from None

    def load_baseline(self) -> "dict | None":
        if "BASELINE" not in self.request.words:
            return None
        titles = {column.name: column.title for column in self.columns}
        return gate.load(self.request.words["BASELINE"], self.host,
                         gate.asked(titles, self.metrics, self.request.kinds))

    def too_few_rounds(self) -> list[str]:
        """That ROUNDS= makes every verdict impossible is known before anything is measured."""
        names, asked = [column.name for column in self.columns], self.request.rounds
        notes = []
        for kind in (VIRTUAL, TIME):
            count = rounds.comparisons(names, self.metrics, kind)
            needed = rounds.rounds_needed(count)
            if asked and asked < needed and count and kind in self.request.kinds:
                notes.append(f"{KIND_TITLES[kind]}: with {several(asked, 'round')} and "
                             f"{several(count, 'test')} no difference can be shown; "
                             f"{needed} are needed")
        return notes

    def sound(self) -> list[Column]:
        return [column for column in self.columns if column.name not in self.failures]

    def run(self, progress):
        """Everything. KeyboardInterrupt comes through; finish() makes the result in any case."""
        try:
            with Journal(self.out, self.request.words) as journal:
                self.build(progress)
                self.check(journal, progress)
                if self.base.name in self.failures or len(self.sound()) < 2:
                    self.stopped = "too few columns came through the build and the tests"
                    return
                self.measure(journal, progress)
            self.stopped = COMPLETE
        except KeyboardInterrupt:
            self.stopped = INTERRUPTED
            raise
        except ToolError as error:
            self.stopped = str(error)

    def build(self, progress):
        for place, column in enumerate(self.columns):
            progress(place, len(self.columns), f"build {column.name}")
            try:
                self.images[column.name] = self.image(column)
            except BuildError as error:
                self.failures[column.name] = str(error)
                self.say(f"{column.name}: {error}")
        self.compare_sizes()

    def image(self, column: Column, seed: "int | None" = None) -> Image:
        if column.system == LINUX:
            if self.base.name in self.failures:
                raise BuildError(f"it boots the archive of {self.base.name}, which is not built")
            archive = self.builder.archive(self.base.configuration)
            return linux.image(self.linux_folder, archive)
        return self.builder.image(column.configuration, seed)

    def compare_sizes(self):
        built = [column for column in self.sound() if column.system != LINUX]
        if not built or built[0] is not self.base:
            return
        sizes = {column.name: read_sizes(str(self.images[column.name].kernel)) for column in built}
        self.kernel_bytes = {name: each.total() for name, each in sizes.items()}
        for column in built[1:]:
            change = compare_sizes(sizes[self.base.name], sizes[column.name])
            largest = sorted(change.changes, key=lambda each: -abs(each.delta))[:SYMBOLS]
            self.sizes.append({
                "column": column.name, "total": [change.total.before, change.total.after],
                "archive": [change.archive.before, change.archive.after],
                "symbols": [{"name": each.name, "file": each.file, "before": each.before,
                             "after": each.after}
                            for each in sorted(largest, key=lambda each: -each.delta)]})

    def check(self, journal, progress):
        """The functional user tests, on the very images that are measured."""
        images = {column.name: self.images[column.name] for column in self.facets(self.sound())}
        known = {name: check.Verdict(**journal.tested[image.sha256])
                 for name, image in images.items() if image.sha256 in journal.tested}
        asked = {name: image for name, image in images.items() if name not in known}
        fresh = check.check(asked, self.request.jobs, self.out / "tests",
                            counted(progress, len(asked), "test"))
        for name, verdict in fresh.items():
            if verdict.good:            # a failure may be this host's: it is tried again
                journal.append_test(images[name].sha256, dataclasses.asdict(verdict))
        self.tests = {name: {**known, **fresh}[name] for name in images}
        for name, verdict in self.tests.items():
            if not verdict.good:
                self.failures[name] = verdict.why
                self.say(f"{name}: {verdict.why}")

    @staticmethod
    def facets(columns) -> list[Column]:
        return [column for column in columns if column.system != LINUX]

    def plan(self, kinds, columns, counts=None) -> schedule.Plan:
        names = [column.name for column in columns]
        planned, phases = {}, {}
        for kind in kinds:
            count = rounds.comparisons(names, self.metrics, kind)
            planned[kind] = rounds.rounds_planned(kind, count)
            if kind != INSTRUCTIONS and self.request.rounds:
                planned[kind] = self.request.rounds
        if not self.request.rounds:
            phases = rounds.phases_of(self.metrics)
        return schedule.Plan(tuple(names), schedule.groups_of(self.metrics, kinds),
                             counts or planned, self.request.seed, phases=phases,
                             accel=self.request.words.get("ACCEL", "tcg"))

    def measure(self, journal, progress):
        columns = {column.name: column for column in self.sound()}
        names = list(columns)

        def image_for(name, kind, count):
            column = columns[name]
            if kind != TIME or column.system == LINUX:
                return self.images[name]
            return self.image(column, seed=self.request.seed * 1000 + count)

        def more_rounds(done):
            if self.request.rounds:
                self.rounds_ended = f"{done} were asked for"
                return done
            results = judge.judge(names, self.metrics, self.measurement.runs())
            self.rounds_ended = rounds.why_no_more(results, done)
            return rounds.rounds_wanted(results, done, rounds.MOST_ROUNDS)

        farm = self.farm()
        try:
            self.measurement = schedule.Measurement(
                self.plan(self.request.kinds, list(columns.values())), image_for, journal,
                farm, self.request.jobs, more_rounds, progress)
            self.measurement.run()
        finally:
            if others := farm.facts():
                self.host["hosts"] = others
            farm.close()
        self.explain(columns, progress)

    def farm(self) -> Farm:
        hosts = self.request.words.get("HOSTS")
        return Hosts(self.out / "work", Path(hosts)) if hosts else Farm(self.out / "work")

    def explain(self, columns, progress):
        """Why beside how much: explain.py."""
        kinds = tuple(kind for kind in (INSTRUCTIONS, VIRTUAL) if kind in self.request.kinds)
        facets = self.facets(columns.values())
        if not kinds:
            return
        images = {}
        for place, column in enumerate(facets):
            progress(place, len(facets), f"build {column.name} with counters and trace")
            configuration = configurations.read(self.request.source,
                                                explain.goals(column.words))
            images[column.name] = self.builder.image(configuration)
        plan = self.plan(kinds, facets, dict.fromkeys(kinds, 1))
        self.explanations, self.faults = explain.counters(
            plan, images, self.out / "why", self.request.words, self.request.jobs, progress)
        if VIRTUAL in kinds and explain.TRACED_GROUPS & {each.group for each in
                                                         self.metrics.values()}:
            self.timelines, faults = explain.timelines(
                images, self.request.jobs, counted(progress, len(images), "trace"))
            self.faults += faults

    # --- the result -----------------------------------------------------------------------------

    def results(self, runs) -> list[dict]:
        names = [column.name for column in self.sound()]
        if len(names) < 2 or names[0] != self.base.name:
            return []
        try:
            return [dataclasses.asdict(each) for each in judge.judge(names, self.metrics, runs)]
        except ToolError as error:
            self.errors.append(str(error))
            return []

    def finish(self) -> dict:
        """The result, of whatever there is."""
        runs = self.measurement.runs() if self.measurement else []
        self.faults = store.faults(runs) + self.faults
        results = self.results(runs)
        request = self.request
        result = {
            "schema": SCHEMA, "controlled": is_controlled(self.columns),
            "command": request.command(),
            "request": {"words": request.words, "kinds": list(request.kinds),
                        "benches": list(request.benches), "rounds": request.rounds,
                        "seed": request.seed, "jobs": request.jobs, "notes": request.notes},
            "columns": [self.column(column) for column in self.columns], "sizes": self.sizes,
            "host": self.host, "source": {**self.source, "changed":
                                          host.source_facts(request.source) != self.source},
            "seed": request.seed,
            "registry": {name: {**dataclasses.asdict(metric), "kinds": list(metric.kinds),
                                "extra": list(metric.extra)}
                         for name, metric in self.metrics.items()},
            "runs": runs, "results": results, "explanations": self.explanations,
            "stopped": self.stopped, "rounds_ended": self.rounds_ended,
            "errors": self.errors, "faults": self.faults, "gate": None}
        if self.baseline:
            result["gate"] = gate.report(self.request.words["BASELINE"], self.baseline, result,
                                         self.metrics)
        return result

    def column(self, column: Column) -> dict:
        verdict = self.tests.get(column.name)
        configuration = column.configuration
        return {"name": column.name, "title": column.title, "system": column.system,
                "goals": list(column.words),
                "config": configuration.values if configuration else {},
                "config_hash": configuration.hash if configuration else None,
                "image": self.image_facts(column), "requested": column.requested,
                "induced": column.induced, "unrelated": column.unrelated,
                "tests": dataclasses.asdict(verdict) if verdict else None,
                "failure": self.failures.get(column.name),
                **({"timeline": self.timelines[column.name]} if column.name in self.timelines
                   else {})}

    def image_facts(self, column: Column) -> "dict | None":
        image = self.images.get(column.name)
        if not image:
            return None
        source = self.base if column.system == LINUX else column
        archive = self.builder.archive(source.configuration)
        kernel_bytes = self.kernel_bytes.get(column.name, image.kernel.stat().st_size)
        return {"sha256": image.sha256, "kernel_bytes": kernel_bytes,
                "archive_bytes": archive.stat().st_size, "archive_sha256": sha256_of(archive)}
