"""Measurements without a kernel: a QEMU that is a shell script, and what it is given for a kernel
says what it does. So machines that hang, die or lie can be had, and within milliseconds.
"""

import contextlib
import dataclasses
import os
import time
from pathlib import Path

from compare import hosts, schedule, store
from compare.machine import Image
from compare.model import INSTRUCTIONS, TIME, VIRTUAL

# What both false QEMUs begin with: their options, in `kernel` and `append`; and what the machine is
# to measure, all passes of it, in `names`.
FAKE_OPTIONS = r"""#!/bin/bash
while [ $# -gt 0 ]; do
	case $1 in
	-kernel) kernel=$2 ;;
	-append) append=$2 ;;
	--version) echo "a false QEMU"; exit ;;
	esac
	shift
done
[[ $append =~ -p\ ([0-9]+) ]] && passes=${BASH_REMATCH[1]} || passes=1
names=${append#*-s }
names=${names#* }
names=$(for ((i = 0; i < passes; i++)); do echo "${names%\"}"; done)
"""
FAKE_QEMU = FAKE_OPTIONS + r"""
answer() {
	for name in $names; do
		echo "samples: $name tsc 5 7 7"
		echo "bench: $name 7 tsc min=5 mode=7 rounds=3"
	done
}
. "./$kernel"
"""
GOOD = "answer; exit 1"
SLOW = "sleep 0.15; answer; exit 1"
HANG = "answer; while :; do sleep 0.1; done"
NAMES = ("base", "other", "third")
GROUPS = {INSTRUCTIONS: {"calls": ("null_call",)}, VIRTUAL: {"calls": ("null_call",)},
          TIME: {"calls": ("null_call", "fault"), "switch": ("yield_2",)}}
ROUNDS = {INSTRUCTIONS: 2, VIRTUAL: 3, TIME: 3}
PLAN = schedule.Plan(NAMES, GROUPS, ROUNDS, seed=1, limit_s=20)
SMALL = dataclasses.replace(PLAN, rounds={INSTRUCTIONS: 2, TIME: 1},
                            groups={kind: GROUPS[kind] for kind in (INSTRUCTIONS, TIME)})


@contextlib.contextmanager
def fake_qemu(folder: Path):
    """The false QEMU. No machine may be left of it in the end."""
    path = folder / "bin" / "qemu"
    path.parent.mkdir()
    path.write_text(FAKE_QEMU)
    path.chmod(0o755)
    yield path
    wait_for(lambda: not processes(str(path)), "machines are left running")


def processes(word: str) -> dict[int, str]:
    """Those with this in their command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if word in line and int(folder.name) != os.getpid():
                found[int(folder.name)] = line
    return found


def wait_for(what, failure: str, limit_s: float = 10):
    end = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end, failure
        time.sleep(0.02)


def images(folder: Path, **does: str) -> dict[str, Image]:
    """An image for each column, which does that."""
    folder.mkdir(exist_ok=True)
    found = {}
    for name in NAMES:
        path = folder / name
        path.write_text(f"# {name}\n{does.get(name, GOOD)}\n")
        found[name] = Image.of(path)
    return found


@contextlib.contextmanager
def measuring(out: Path, farm, ready: dict[str, Image], plan=PLAN, **more):
    with store.Journal(out, {"A": "a", "B": "b"}) as journal:
        yield schedule.Measurement(plan, lambda column, kind, count: ready[column], journal, farm,
                                   jobs=2, **more)


def measure(out: Path, fake: Path, ready: dict[str, Image], plan=PLAN, **more):
    with measuring(out, hosts.Farm(out / "work", str(fake)), ready, plan, **more) as measurement:
        measurement.run()
        return measurement


def only(kind: str, **changes) -> schedule.Plan:
    return dataclasses.replace(PLAN, groups={kind: GROUPS[kind]}, **changes)


def key_of(run: dict) -> tuple:
    key = run["key"]
    return key["kind"], key["group"], key["round"], key["column"]


def all_keys(plan=PLAN) -> list[tuple]:
    return sorted((kind, group, count, column) for kind, groups in plan.groups.items()
                  for group in groups for count in range(1, plan.rounds[kind] + 1)
                  for column in plan.columns)


def attempts_of_blocks(runs: list[dict]) -> set[int]:
    """In how many goes the blocks were run, and on how many hosts."""
    found = {}
    for run in runs:
        found.setdefault(key_of(run)[:3], set()).add((run["attempt"], run["key"]["host"]))
    return set(map(len, found.values()))
