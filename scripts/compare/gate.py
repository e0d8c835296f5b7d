"""Holds a comparison against an earlier one: which columns became worse.

Only what does not depend on the host is held against a baseline: instructions exactly, virtual time
by its material size. Time is emulator time of one afternoon, and says nothing about another one.
The same kernel built by another compiler is another kernel, so other tools are refused.
"""

import json
from dataclasses import dataclass

from .model import INSTRUCTIONS, VIRTUAL, Metric, RequestError

SCHEMA = "facet-compare/1"
TOOLS = ("gcc", "nasm", "musl", "qemu")


@dataclass(frozen=True)
class Change:
    """A figure that is not what it was."""

    kind: str
    metric: str
    column: str
    before: float
    after: float
    regression: bool


def load(path: str, host: dict) -> dict:
    """An older result, of the tools that this host has."""
    try:
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
    except OSError as error:
        raise RequestError(f"BASELINE={path}: {error.strerror}") from None
    except ValueError as error:
        raise RequestError(f"BASELINE={path}: not a result: {error}") from None
    if not isinstance(result, dict) or result.get("schema") != SCHEMA:
        raise RequestError(f"BASELINE={path}: not a result of this version ({SCHEMA})")
    check_tools(result["host"], host)
    return result


def check_tools(*hosts: dict):
    tools = [host["tools"] for host in hosts]
    other = [f"{name}: {tools[0].get(name)}, now {tools[1].get(name)}" for name in TOOLS
             if tools[0].get(name) != tools[1].get(name)]
    if other:
        raise RequestError("the baseline was measured with other tools: " + "; ".join(other))


def figures(result: dict) -> dict:
    """{(kind, metric, column): value}; the base's own are in every other column's results."""
    base = result["columns"][0]["name"]
    found = {}
    for each in result["results"]:
        if each["kind"] in (INSTRUCTIONS, VIRTUAL):
            for column, value in ((base, each["base"]), (each["column"], each["value"])):
                if value is not None:
                    found[each["kind"], each["metric"], column] = value
    return found


def compare(baseline: dict, result: dict, metrics: "dict[str, Metric]") -> list[Change]:
    """What changed by a material size, in columns and metrics that both have."""
    before, after = figures(baseline), figures(result)
    shared = before.keys() & after.keys()
    if not shared:
        raise RequestError("the baseline and this comparison have no figure in common")
    changes = []
    for kind, name, column in sorted(shared):
        metric, old, new = metrics[name], before[kind, name, column], after[kind, name, column]
        if abs(new - old) > metric.material_size(kind, old):
            changes.append(Change(kind, name, column, old, new,
                                  metric.direction(new - old) == "worse"))
    return changes


def report(path: str, baseline: dict, result: dict, metrics: "dict[str, Metric]") -> dict:
    """As the result holds it."""
    found = [change for change in compare(baseline, result, metrics) if change.regression]
    return {"baseline": path, "checked": len(figures(baseline).keys() & figures(result).keys()),
            "regressions": [{"kind": each.kind, "metric": each.metric, "column": each.column,
                             "before": each.before, "after": each.after,
                             "note": f"{each.before:g} -> {each.after:g}"} for each in found]}
