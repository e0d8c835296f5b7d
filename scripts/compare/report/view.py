"""A result.json as reports look at it: what belongs into which table, what to call out first."""

import functools
import math

from .. import effects, judge, registry
from ..model import COMPLETE, INSTRUCTIONS, KIND_NOTES, KINDS, KVM_NOTE, TIME, VIRTUAL, Metric
from ..samples import Samples
from . import words

BIG = math.log(1.1)             # from here on the kernel's counters are shown beside a difference
MOST_COUNTERS = 4
MOST_HIGHLIGHTS = 4             # of each column and kind
MOST_FAULTS = 3
MANY = 6                        # columns: more are shown as a matrix


class View:
    def __init__(self, result: dict):
        self.result = result
        self.columns = result["columns"]
        self.base = self.columns[0]
        self.others = self.columns[1:]
        self.metrics: dict[str, Metric] = {
            name: registry.make_metric(name, entry) for name, entry in result["registry"].items()}
        self.results = {(each["kind"], each["metric"], each["column"]): each
                        for each in result["results"]}
        self.runs = [run for run in result["runs"] if not run.get("excluded")]

    @property
    def names(self):
        return [column["name"] for column in self.columns]

    @property
    def is_wide(self):
        return len(self.columns) > MANY

    @property
    def title(self) -> str:
        asked = self.result["request"].get("words", {})
        of = " ".join(asked[key].strip("'\"") for key in ("CHOICE", "OPT") if key in asked)
        ours = sum(column["system"] == "facet" for column in self.columns)
        if of:
            return f"{of}: {words.several(ours, 'kernel')}" \
                + (" and Linux" if ours < len(self.columns) else "")
        return " against ".join(column["title"] for column in self.others + [self.base])

    def is_kvm(self, kind) -> bool:
        asked = self.result["request"].get("words", {})
        return kind == TIME and asked.get("ACCEL") == "kvm"

    def kind_title(self, kind) -> str:
        return words.KIND_TITLES[kind] + (" under KVM" if self.is_kvm(kind) else "")

    def in_words(self, kind) -> str:
        """Within a sentence."""
        title = self.kind_title(kind)
        return title[0].lower() + title[1:]

    def kind_note(self, kind) -> str:
        note = KVM_NOTE if self.is_kvm(kind) else KIND_NOTES[kind]
        return f"{note[0].upper()}{note[1:]}."

    def kinds(self) -> list[str]:
        return [kind for kind in KINDS if any(each == kind for each, _, _ in self.results)]

    def metrics_in(self, kind) -> list[str]:
        return [name for name in self.metrics
                if any((kind, name, each) in self.results for each in self.names)]

    def sections(self, kind) -> "list[tuple[str, list[str]]]":
        """The primary metrics, and the others by their groups."""
        names = self.metrics_in(kind)
        primary = [name for name in names if self.metrics[name].primary]
        found = [("primary", primary)] if primary else []
        groups = dict.fromkeys(self.metrics[name].group for name in names)
        for group in groups:
            rest = [name for name in names
                    if self.metrics[name].group == group and name not in primary]
            found += [(group, rest)] if rest else []
        return found

    def unit(self, kind, name) -> str:
        return self.metrics[name].unit_in(kind)

    def base_value(self, kind, name):
        return next((each["base"] for column in self.names
                     if (each := self.results.get((kind, name, column)))
                     and each["base"] is not None), None)

    def results_of(self, kind, name) -> list[dict]:
        """In the order of the columns."""
        return [self.results[kind, name, column] for column in self.names
                if (kind, name, column) in self.results]

    def value(self, kind, name, column):
        if column == self.base["name"]:
            return self.base_value(kind, name)
        result = self.results.get((kind, name, column))
        return result["value"] if result else None

    def problems(self) -> list[str]:
        """What a reader has to know before any figure."""
        found = [f"The measurement contradicts itself: {error}"
                 for error in self.result.get("errors", ())]
        for column in self.columns:
            if column["unrelated"]:
                changes = ", ".join(self.change(*change) for change in column["unrelated"])
                found.append(f"Not controlled: {column['name']} differs from {self.base['name']} "
                             f"in more than one choice ({changes}). No figure here can be put "
                             "down to one of them.")
        if not self.result["controlled"] and not any(each["unrelated"] for each in self.columns):
            found.append("Not controlled: the columns differ in more than what was asked for.")
        for column in self.columns:
            tests = column["tests"]
            if tests and tests["failed"]:
                found.append(f"{column['name']} fails {words.several(tests['failed'], 'test')} and "
                             f"was not measured: {tests['why']}")
            elif column.get("failure"):
                found.append(f"{column['name']} was not measured: {column['failure']}")
        faults = self.result.get("faults", ())
        found += [f"A machine failed: {fault}" for fault in faults[:MOST_FAULTS]]
        if len(faults) > MOST_FAULTS:
            found.append(f"So did {len(faults) - MOST_FAULTS} more.")
        if self.result["source"].get("changed"):
            found.append("The source changed meanwhile: kernels that were built late (time, "
                         "counters) may be of the new one.")
        if len({*self.workloads().values()}) > 1:
            found.append("The columns ran different workloads: their archives are not equal.")
        gate = self.result.get("gate")
        found += [f"Regression against {gate['baseline']}: {each['metric']} of {each['column']} "
                  f"({self.in_words(each['kind'])}): {each['note']}"
                  for each in (gate["regressions"] if gate else ())]
        if self.result["stopped"] != COMPLETE:
            found.append(f"Not finished: {self.result['stopped']}. The command takes it up again.")
        return found

    def workloads(self) -> "dict[str, str]":
        """The archive's hash by column."""
        return {column["name"]: column["image"]["archive_sha256"] for column in self.columns
                if column["image"] and column["image"].get("archive_sha256")}

    @staticmethod
    def change(option, base, value) -> str:
        return f"{option}: {base or 'absent'} \N{RIGHTWARDS ARROW} {value or 'absent'}"

    @functools.cached_property
    def counters(self) -> dict:
        """{(kind, metric, column): counters}: of kernels that do nothing but explain, or else of
        the first run that has them."""
        found = {(each["kind"], each["metric"], each["column"]): each["counters"]
                 for each in self.result.get("explanations", ())}
        for run in self.runs:
            for name, counts in run.get("counters", {}).items():
                found.setdefault((run["key"]["kind"], name, run["key"]["column"]), counts)
        return found

    def why(self, result: dict) -> str:
        """What the kernels counted, where a difference is big: the counters that differ most."""
        if not result["ratio"] or abs(math.log(result["ratio"])) < BIG:
            return ""
        base, other = (self.counters.get((result["kind"], result["metric"], column), {})
                       for column in (self.base["name"], result["column"]))
        pairs = {name: (base[name], other[name]) for name in base.keys() & other.keys()
                 if base[name] != other[name]}
        order = sorted(pairs, key=lambda name: (-abs(math.log((pairs[name][1] + 1)
                                                              / (pairs[name][0] + 1))), name))
        return ", ".join(f"{words.counter(name)} {words.digits(pairs[name][0])} "
                         f"\N{RIGHTWARDS ARROW} {words.digits(pairs[name][1])}"
                         for name in order[:MOST_COUNTERS])

    @functools.cached_property
    def factorial(self) -> "effects.Factorial | None":
        """The product of several choices, or None."""
        asked = self.result["request"].get("words", {})
        factors = asked.get("CHOICE", "").strip("'\"").replace(",", " ").split()
        factors += [word.partition("=")[0] for word in asked.get("OPT", "").strip("'\"").split()]
        cells = {column["name"]: tuple(column["title"].split()) for column in self.columns
                 if column["system"] == "facet"}
        if len(factors) < 2 or any(len(cell) != len(factors) for cell in cells.values()):
            return None
        factorial = effects.Factorial(factors, cells)
        return factorial if factorial.is_full else None

    def ratios(self, kind, name) -> "dict[str, float]":
        """By column; the base's is 1. Without those that have none."""
        found = {self.base["name"]: 1.0}
        for column in self.others:
            result = self.results.get((kind, name, column["name"]))
            if result and result["ratio"]:
                found[column["name"]] = result["ratio"]
        return found

    @functools.cache
    def effects(self, kind, name) -> "list[effects.Effect]":
        """Main effects and interactions, where all columns have figures."""
        if not self.factorial or name not in self.metrics:
            return []
        columns = self.factorial.cells
        if kind == INSTRUCTIONS:
            ratios = self.ratios(kind, name)
            return self.factorial.effects(ratios) if ratios.keys() >= columns.keys() else []
        places = {column: self.samples.by_place(kind, name, column) for column in columns}
        rounds = [{column: judge.one_value(kind, places[column][place]) for column in columns}
                  for place in sorted(set.intersection(*map(set, places.values())))]
        if self.metrics[name].scale == "difference" or any(min(each.values()) <= 0
                                                           for each in rounds):
            return []
        return effects.over_rounds(self.factorial, rounds)

    @functools.cached_property
    def samples(self) -> Samples:
        return Samples(self.runs, self.metrics)

    def is_shown(self, kind, name, column) -> bool:
        """Whether a difference is more than chance: what is not, has no colour."""
        result = self.results.get((kind, name, column))
        if not result or result["ratio"] is None or result["verdict"] in ("unclear", "equal"):
            return False
        return result["low"] is None or not result["low"] <= 1 <= result["high"]

    def is_measured(self, kind, column) -> bool:
        return any(words.has_figure(each) for each in self.results.values()
                   if each["kind"] == kind and each["column"] == column)

    def highlights(self, kind, column) -> list[dict]:
        """The largest material differences of a column in the primary metrics."""
        found = [each for name in self.metrics_in(kind) if self.metrics[name].primary
                 and (each := self.results.get((kind, name, column))) and each["ratio"]
                 and each["material"] and each["verdict"] in ("better", "worse", "differs")]
        found.sort(key=lambda each: -abs(math.log(each["ratio"])))
        return found[:MOST_HIGHLIGHTS]

    def rounds(self, kind) -> str:
        """How many rounds there were, in words."""
        counts = [each["rounds"] for each in self.results.values()
                  if each["kind"] == kind and each["rounds"]]
        if not counts:
            return "no complete round"
        noun = {TIME: "round", VIRTUAL: "seeded phase"}.get(kind, "undisturbed window")
        least, most = min(counts), max(counts)
        return f"{least:,} to {words.several(most, noun)}" if least < most \
            else words.several(most, noun)
