"""Holds a comparison against an earlier one: which columns became worse.

Only what does not depend on the host is held against a baseline: instructions exactly, virtual time
by its material size. Time is emulator time of one afternoon, and says nothing about another one.
The same kernel built by another compiler is another kernel, so other tools are refused.

A figure is known by its kind, its metric, and its column's name and title: "5" alone may be the
value of another option.
"""

import json

from .model import COMPLETE, INSTRUCTIONS, SCHEMA, VIRTUAL, Metric, RequestError

TOOLS = ("gcc", "nasm", "musl", "qemu")
HELD = (INSTRUCTIONS, VIRTUAL)


def load(path: str, host: dict, wanted: set) -> dict:
    """An older result, of the tools that this host has, with some of the wanted figures."""
    try:
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
    except OSError as error:
        raise RequestError(f"BASELINE={path}: {error.strerror}") from None
    except ValueError as error:
        raise RequestError(f"BASELINE={path}: not a result: {error}") from None
    if not isinstance(result, dict) or result.get("schema") != SCHEMA:
        raise RequestError(f"BASELINE={path}: not a result of this version ({SCHEMA})")
    try:
        check_tools(result["host"]["tools"], host["tools"])
        found = figures(result)
    except (KeyError, TypeError, AttributeError, IndexError):
        raise RequestError(f"BASELINE={path}: not a whole result") from None
    if not found.keys() & wanted:
        raise RequestError(f"BASELINE={path}: it has no figure in common with this comparison")
    return result


def check_tools(before: dict, now: dict):
    other = [f"{name}: {before.get(name)}, now {now.get(name)}" for name in TOOLS
             if before.get(name) != now.get(name)]
    if other:
        raise RequestError("the baseline was measured with other tools: " + "; ".join(other))


def asked(titles: "dict[str, str]", metrics: "dict[str, Metric]", kinds) -> set:
    """The figures that these columns (title by name) are to give."""
    return {(kind, metric.name, *column) for metric in metrics.values() for kind in metric.kinds
            if kind in kinds and kind in HELD for column in titles.items()}


def titles_of(result: dict) -> "dict[str, str]":
    return {column["name"]: column["title"] for column in result["columns"]}


def figures(result: dict) -> "dict[tuple, float]":
    """Those that there are; the base's own are in every other column's results."""
    titles, base = titles_of(result), result["columns"][0]["name"]
    return {(each["kind"], each["metric"], column, titles[column]): value
            for each in result["results"] if each["kind"] in HELD
            for column, value in ((base, each["base"]), (each["column"], each["value"]))
            if value is not None}


def regressions(before: dict, after: dict, metrics: "dict[str, Metric]"):
    """As the result holds them. A figure that is not there any more is one: it may be so dear now
    that it was skipped."""
    for figure in sorted(before):
        kind, name, column, _ = figure
        found = {"kind": kind, "metric": name, "column": column, "before": before[figure]}
        if figure not in after:
            yield {**found, "note": f"{before[figure]:g} -> no figure"}
            continue
        change = after[figure] - before[figure]
        if abs(change) > metrics[name].material_size(kind, before[figure]) \
                and metrics[name].direction(change) == "worse":
            yield {**found, "after": after[figure],
                   "note": f"{before[figure]:g} -> {after[figure]:g}"}


def report(path: str, baseline: dict, result: dict, metrics: "dict[str, Metric]") -> dict:
    """As the result holds it. What was not finished, or contradicts itself, has no figures for that
    reason alone."""
    before, after = figures(baseline), figures(result)
    wanted = asked(titles_of(result), metrics, result["request"]["kinds"])
    if result["stopped"] != COMPLETE or result["errors"]:
        wanted &= after.keys()
    before = {figure: value for figure, value in before.items() if figure in wanted}
    return {"baseline": path, "checked": len(before),
            "regressions": list(regressions(before, after, metrics))}
