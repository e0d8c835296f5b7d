"""Measures the shapes that are built and holds them against the record, or writes it.

    perf check|update --shapes DIR --programs DIR --work DIR [--jobs N]

DIR is the folder of `make shapes`, of its user programs (U=), and one in which the last recorded
commit may be built. Ends with 0, with 1 where a figure has grown or an object depends on a choice
that is not its own, and with 77 where there is nothing to compare with.
"""

import argparse
import os
import sys
from pathlib import Path

from compare.transcript import TranscriptError

from . import PerfError, Unavailable, objects, record, recorded, shapes
from .changes import changes, unrecorded
from .measure import measure
from .tools import tools, workload

SKIPPED = 77                # as automake's test programs say it


def arguments():
    parser = argparse.ArgumentParser(prog="perf")
    parser.add_argument("what", choices=("check", "update"))
    parser.add_argument("--source", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--shapes", type=Path, required=True)
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return parser.parse_args()


def show(before: dict, after: dict, names: list[str]) -> bool:
    """Says what has changed; whether something has grown by too much."""
    found = changes(before["figures"], after["figures"])
    bad = [each for each in found if each.too_much]
    good = [each for each in found if each.matters and not each.too_much]
    small = [each for each in found if not each.matters]
    for title, some in (("Grown:", bad), ("Improved (`make perf-update` keeps it):", good),
                        ("Changed by no more than 1% or one instruction:", small)):
        if some:
            print(title, *(f"  {each.line(names)}" for each in some), sep="\n")
    missing = unrecorded(before["figures"], after["figures"])
    if missing:
        print(f"Not recorded yet (`make perf-update`): {', '.join(missing)}")
    if not found and not missing:
        print("Not one instruction has changed.")
    if before["configurations"] != after["configurations"]:
        print("The configurations are not those of the record: options have been added, removed "
              "or changed since.")
    return bool(bad)


def without_record(given, names: list[str], records: list[dict], here: dict) -> dict:
    """Figures of the last recorded commit, made with these tools and this program."""
    known = any(each["tools"] == here["tools"] for each in records)
    print("The program that measures is not the recorded one." if known
          else "These tools have no record.")
    commit = recorded.last_commit(given.source)
    print(f"Comparing with commit {commit[:12]}, built and measured with the same.", flush=True)
    folder = recorded.build(given.source, commit, given.work, given.programs, names)
    return measure(folder, names, given.jobs)


def check(given, names: list[str]) -> int:
    faults = objects.faults(given.shapes, names)
    print(*faults, sep="\n", end="\n" if faults else "")
    after = measure(given.shapes, names, given.jobs)
    records = record.load(given.source)
    here = {"tools": tools(given.shapes / names[0] / "facet.elf"),
            "workload": workload(given.programs)}
    try:
        before = record.find(records, **here) or without_record(given, names, records, here)
    except Unavailable as reason:
        print(f"\nNO COST WAS COMPARED: {reason}")
        return 1 if faults else SKIPPED
    grown = show(before, after, names)
    if grown:
        print("If it is worth that, `make perf-update` records it, and the commit says why.")
    return 1 if faults or grown else 0


def update(given, names: list[str]) -> int:
    after = measure(given.shapes, names, given.jobs)
    records = record.load(given.source)
    here = {"tools": tools(given.shapes / names[0] / "facet.elf"),
            "workload": workload(given.programs)}
    before = next((each for each in records if each["tools"] == here["tools"]), None)
    if before:
        if before["workload"] != here["workload"]:
            print("The program that measures is another one, so not all of this is the kernel's "
                  "doing; `make perf-check` tells.")
        show(before, after, names)
    record.save(given.source, records, {**here, **after})
    print(f"{record.FILE} is written: {len(names)} shapes, {len(after['figures'])} figures each.")
    return 0


def main() -> int:
    given = arguments()
    names = list(shapes.fragments(given.source))
    try:
        return (check if given.what == "check" else update)(given, names)
    except (PerfError, TranscriptError, OSError) as error:
        print(f"perf: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
