"""The journal of a comparison: a line for each run, on the disk as soon as the run has ended.

It is what makes a measurement survive: Ctrl-C, a crash or a full disk lose the runs that were under
way and nothing else, and the same command goes on from there. What the functional tests came to
stands there too, so an image that has passed does not do them again. The first line says what was
asked for, so that a journal is never continued with another question.
"""

import fcntl
import json
import os
from pathlib import Path

from .model import TIME, RequestError, ToolError

SCHEMA = "facet-compare-journal/1"
NAME = "journal.jsonl"
# Words of the request that do not change what is measured.
FREE = ("OUT", "JOBS", "HOSTS", "BASELINE", "GATE")


def identity(words: dict[str, str]) -> dict[str, str]:
    """What must be the same for a journal to be continued."""
    return {key: value for key, value in sorted(words.items()) if key not in FREE}


class Journal:
    """OUT/journal.jsonl, open for one process at a time. `runs` is all that stands in it, in order;
    the first `old` of them are from before."""

    def __init__(self, folder: Path, words: dict[str, str]):
        self.path = folder / NAME
        self.runs: list[dict] = []
        self.tested: dict[str, dict] = {}       # by image, what the functional tests came to
        folder.mkdir(parents=True, exist_ok=True)
        self._file = open(self.path, "a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise RequestError(f"{self.path}: another comparison is writing there") from None
        self._load(identity(words))
        self.old = len(self.runs)

    def _load(self, asked: dict[str, str]):
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):                   # the last line was cut short, and so was its run
            self._file.truncate(whole)
        lines = data[:whole].splitlines()
        if not lines:
            self._write({"schema": SCHEMA, "request": asked})
            return
        header, *entries = (self._parse(*each) for each in enumerate(lines, 1))
        if header.get("schema") != SCHEMA:
            raise RequestError(f"{self.path}: this is no journal of the schema {SCHEMA}; another "
                               f"OUT= begins a new one")
        if header["request"] != asked:
            before = " ".join(f"{key}={value}" for key, value in header["request"].items())
            raise RequestError(f"{self.path}: this is the journal of another comparison "
                               f"({before}); another OUT= begins a new one")
        for entry in entries:
            if "tested" in entry:
                self.tested[entry["tested"]] = entry["verdict"]
            else:
                self.runs.append(entry)

    def _parse(self, number: int, line: bytes) -> dict:
        try:
            entry = json.loads(line)
            if isinstance(entry, dict):
                return entry
        except ValueError:
            pass
        raise RequestError(f"{self.path}:{number}: this line is damaged, so nothing here can be "
                           "trusted; another OUT= begins anew")

    def _write(self, entry: dict):
        self._file.write(json.dumps(entry).encode() + b"\n")
        self._file.flush()

    def append(self, run: dict):
        self._write(run)
        self.runs.append(run)

    def append_test(self, image: str, verdict: dict):
        self._write({"tested": image, "verdict": verdict})
        self.tested[image] = verdict

    def sync(self):
        """After this even a power cut loses nothing."""
        os.fsync(self._file.fileno())

    def close(self):
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def place_of(run: dict) -> tuple:
    """What must be whole for its runs to be compared. Time asks for runs that were back to back;
    under the virtual clock it makes no difference when a run was made."""
    key = run["key"]
    return (key["kind"], key["group"], key["round"], key["host"],
            run["attempt"] if key["kind"] == TIME else None)


UNFINISHED = "its block was not finished"


def settle(runs: list[dict], columns: tuple[str, ...]) -> list[dict]:
    """One run for each key. Those of a block that has not all of its columns say so, and do not
    count: another host has repeated it, or it is not finished."""
    places: dict[tuple, dict[str, dict]] = {}
    for run in runs:
        if run["key"]["column"] not in columns:
            raise ToolError(f"a run of {run['key']['column']}, which is no column here")
        places.setdefault(place_of(run), {})[run["key"]["column"]] = run
    found: dict[tuple, dict[str, dict]] = {}
    for place, block in places.items():
        if len(block) == len(columns):
            found[place[:4]] = block
    for place, block in places.items():
        if place[:4] not in found:
            found[place[:4]] = {
                column: {**run, "excluded": run.get("excluded") or UNFINISHED}
                for column, run in block.items()}
    return [run for block in found.values() for run in block.values()]


def faults(runs: list[dict]) -> list[str]:
    """Which machines did not do what they should. One whose block was not finished did."""
    return ["{column}, {kind}, {group}, round {round}, on {host}: ".format(**run["key"])
            + run["excluded"] for run in runs if run.get("excluded") not in (None, UNFINISHED)]
