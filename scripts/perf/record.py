"""perf/instructions.json: a figure and a shape a line, so that a change of cost is one line.

{"records": [{"tools": {...}, "workload": HASH, "configurations": {SHAPE: HASH},
              "figures": {FIGURE: {SHAPE: INSTRUCTIONS}}}, ...]}

One record for each set of tools. A record says nothing about figures of other tools, or of another
program that measures: `find` does not return it for these.
"""

import json
from pathlib import Path

from . import PerfError

FILE = "perf/instructions.json"


def load(source: Path) -> list[dict]:
    try:
        return json.loads((source / FILE).read_text(encoding="utf-8"))["records"]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise PerfError(f"{FILE}: {error!r}") from None


def find(records: list[dict], tools: dict, workload: str) -> "dict | None":
    for each in records:
        if each["tools"] == tools and each["workload"] == workload:
            return each
    return None


def save(source: Path, records: list[dict], new: dict):
    """Takes the place of what the same tools gave before. Other tools' records stay, but none of a
    machine that nobody has any more: its model is part of the source."""
    kept = [each for each in records if each["tools"] != new["tools"]
            and each["tools"]["cpu"] == new["tools"]["cpu"]] + [new]
    kept.sort(key=lambda each: list(each["tools"].values()))
    path = source / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"records": kept}, indent="\t") + "\n", encoding="utf-8")
