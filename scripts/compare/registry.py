"""Reads registry.toml, the list of all that is measured, and finds whatever is wrong in it.

What counts as a material difference and which metrics are primary is written down there before
anything is measured. A reader can so be sure that neither was picked to suit a result.
"""

import dataclasses
import fnmatch
import re
import tomllib
from pathlib import Path

from .model import BETTER, INSTRUCTIONS, KINDS, SCALES, UNITS, VIRTUAL, Metric, RequestError
from .rounds import LEAST_ROUNDS

PATH = Path(__file__).with_name("registry.toml")
# Each further one makes every other one harder to show: see Holm in statistics.py.
MOST_PRIMARY = 10

NAME = re.compile(r"[a-z][a-z0-9_]*")
REQUIRED = ("what", "group", "kinds", "unit", "better", "material_relative", "material_absolute")
OPTIONAL = ("primary", "scale", "phases", "extra")


def is_size(value) -> bool:
    return type(value) in (int, float) and 0 <= value < float("inf")


def faults_of_kinds(kinds) -> "list[str]":
    if not isinstance(kinds, list) or not kinds:
        return ["kinds: a list of at least one is wanted"]
    return [f"kinds: '{kind}' is none of {', '.join(KINDS)}" for kind in kinds
            if kind not in KINDS] + (["kinds: one stands there twice"]
                                     if len({*map(str, kinds)}) < len(kinds) else [])


def faults_of_cost(entry: dict) -> "list[str]":
    """Of phases and extra, which keep what is dear from being run too often."""
    phases, extra, found = entry.get("phases"), entry.get("extra", []), []
    if phases is not None and (type(phases) is not int or phases < LEAST_ROUNDS
                               or VIRTUAL not in entry["kinds"]):
        found.append(f"phases: a number of at least {LEAST_ROUNDS} is wanted, of what is measured "
                     "in virtual time")
    if not isinstance(extra, list) or not set(map(str, extra)) <= set(map(str, entry["kinds"])):
        found.append("extra: some of its kinds are wanted")
    if entry.get("primary") and extra:
        found.append("extra: what is primary is always run")
    return found


def faults_of_sizes(entry: dict) -> "list[str]":
    """Of material_relative (a number, or one for each kind), material_absolute and scale."""
    relative, absolute, kinds = (entry[key] for key in REQUIRED[-2:] + ("kinds",))
    found = []
    if not is_size(absolute):
        found.append("material_absolute: a number of at least 0 is wanted")
    if isinstance(relative, dict):
        if sorted(relative) != sorted(map(str, kinds)):
            found.append(f"material_relative: the kinds there are {', '.join(sorted(relative))}")
        relative = list(relative.values())
    else:
        relative = [relative]
    if not all(is_size(size) and size < 1 for size in relative):
        found.append("material_relative: a number from 0 up to below 1 is wanted")
    if found:
        return found
    if entry.get("scale") == "difference":
        if any(relative) or not absolute:
            found.append("scale = difference: material_absolute above 0 and material_relative = 0 "
                         "are wanted")
    elif not all(relative):
        found.append("material_relative: no difference at all would be material")
    return found


def faults_of_entry(name: str, entry) -> "list[str]":
    if not isinstance(entry, dict):
        return ["a table is wanted"]
    found = [] if NAME.fullmatch(name) else ["a name has small letters, digits and _ only"]
    found += [f"{key}: missing" for key in REQUIRED if key not in entry]
    found += [f"{key}: unknown key" for key in entry if key not in REQUIRED + OPTIONAL]
    if found:
        return found
    found += faults_of_kinds(entry["kinds"])
    for key, words in (("unit", UNITS), ("better", BETTER), ("scale", SCALES)):
        value = entry.get(key, SCALES[0])
        if value not in words:
            found.append(f"{key}: '{value}' is none of {', '.join(words)}")
    if not isinstance(entry["what"], str) or not entry["what"].strip():
        found.append("what: a text is wanted")
    if not isinstance(entry["group"], str) or not NAME.fullmatch(entry["group"]):
        found.append("group: a name of small letters, digits and _ is wanted")
    if type(entry.get("primary", False)) is not bool:
        found.append("primary: true or false is wanted")
    if not found and entry.get("primary") and entry["kinds"] == [INSTRUCTIONS]:
        found.append("primary: instructions are exact, each is judged")
    return found or faults_of_sizes(entry) + faults_of_cost(entry)


def make_metric(name: str, entry: dict) -> Metric:
    relative = entry["material_relative"]
    if not isinstance(relative, dict):
        relative = dict.fromkeys(entry["kinds"], relative)
    return Metric(**{**entry, "name": name, "kinds": tuple(entry["kinds"]),
                     "extra": tuple(entry.get("extra", ())), "material_relative": relative})


def parse(text: str, source: str = PATH.name) -> "dict[str, Metric]":
    """The metrics by name, in the order of the file. RequestError names all faults at once."""
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RequestError(f"{source}: {error}") from None
    found = [f"{source}: {name}: {fault}" for name, entry in entries.items()
             for fault in faults_of_entry(name, entry)]
    if not found:
        for kind in KINDS[1:]:
            primary = [name for name, entry in entries.items()
                       if entry.get("primary") and kind in entry["kinds"]]
            if len(primary) > MOST_PRIMARY:
                found.append(f"{source}: {len(primary)} metrics are primary in {kind}, at most "
                             f"{MOST_PRIMARY} may be: {', '.join(primary)}")
    if found:
        raise RequestError("\n".join(found))
    return {name: make_metric(name, entry) for name, entry in entries.items()}


def load(path: Path = PATH) -> "dict[str, Metric]":
    return parse(path.read_text(encoding="utf-8"), path.name)


def select(metrics: "dict[str, Metric]", words: "list[str]") -> "dict[str, Metric]":
    """Those that BENCH= names, by their names, patterns of names or groups; all without a word.
    Kinds in which one is extra stay only where it is named itself."""
    groups = {metric.group for metric in metrics.values()}
    unknown = [word for word in words if word not in groups and not fnmatch.filter(metrics, word)]
    if unknown:
        raise RequestError(f"no benchmark or group is called {', '.join(unknown)}; there are the "
                           f"groups {', '.join(sorted(groups))}")
    found = {}
    for name, metric in metrics.items():
        if any(fnmatch.fnmatchcase(name, word) for word in words):
            found[name] = metric
        elif not words or metric.group in words:
            kinds = tuple(kind for kind in metric.kinds if kind not in metric.extra)
            if kinds:
                found[name] = dataclasses.replace(metric, kinds=kinds)
    return found
