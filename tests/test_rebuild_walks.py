"""An incremental build ends with the same bytes as a clean one, by whatever way it came there.

A walk goes through a few states, each a configuration and a set of edits, drawn by the walk's seed
from a fixed list; builds are killed on the way. At every stop the kernel is held byte by byte
against a clean build of that state, which is made once for all walks. Two lines of walks, one for
each processor, each with a tree of its own: a walk begins where the one before in its line ended.
"""

import functools
import os
import random
from dataclasses import dataclass

import pytest

from facet.build import locked
from facet.shapes import all_shapes
from facet.tree import copy_tree

WALKS, LINES, STOPS, STATES = 30, 2, 2, 6
SEEDS = [pytest.param(seed, marks=pytest.mark.xdist_group(f"walks-{seed % LINES}"))
         for seed in range(WALKS)]

OPTIONS = (("HZ_100=y", "HZ_250=y", "HZ_1000=y"), ("LOG_LEVEL=4", "LOG_LEVEL=7"),
           ("SCHED_QUANTUM_MS=20", "SCHED_QUANTUM_MS=50"), ("PROCESSES_MAX=40", "PROCESSES_MAX=99"),
           ("CONSOLE_VGA=y", "CONSOLE_VGA=n"))

# What the debugging information tells, and what moves the offsets that assembly uses; a name that
# another file hides, and one that is gone.
LINE_EDITS = ("kernel/debug/symbol_table.h", "kernel/sched/core.c", "fs/walk.c", "lib/string.c",
              "arch/x86_64/entry/switch.asm", "drivers/tty.c", "kernel/syscall/table.def")
TEXT_EDITS = (
    ("arch/x86_64/include/arch/trap_frame.h", "\tuint64_t r15", "\tuint64_t planted;\n"),
    ("include/facet/thread.h", "\tuint32_t work;", "\tuint32_t planted[4];\n"),
    ("arch/x86_64/entry/switch.asm", "section .text", "section .rodata\n\tdd CONFIG_HZ\n"),
    ("arch/x86_64/kernel.ld", "ENTRY(", "PLANTED = 1;\n"),
    ("usr/init.c", "#include", "static volatile int planted;\n"),
    ("fs/Makefile", "obj-y", "obj-y += planted.o\n"))


@dataclass(frozen=True)
class State:
    """What is built: a configuration, and the files that are not as in the source tree."""

    goals: tuple[str, ...]
    edits: tuple[tuple[str, str], ...]


def inserted(text: str, before: str, new: str) -> str:
    head, mark, tail = text.partition(before)
    assert mark, before
    return head + new + mark + tail


def states(original: dict[str, str]) -> list[State]:
    """The fixed list, from the text of the unedited files."""
    drawn = []
    for number in range(STATES):
        chance = random.Random(f"state {number}")
        goals = ["qemu_defconfig", *chance.choice(all_shapes()).fragments,
                 *(f"CONFIG_{chance.choice(option)}" for option in OPTIONS)]
        edits = {}
        for path in chance.sample(LINE_EDITS, 2):
            edits[path] = "\n" + original[path]
        path, before, new = TEXT_EDITS[number % len(TEXT_EDITS)]
        edits[path] = inserted(edits.get(path, original[path]), before, new)
        if "planted.o" in new:
            edits["fs/planted.c"] = '#include "planted.h"\n'
            edits["fs/planted.h"] = "extern const int planted;\nconst int planted = 1;\n"
        drawn.append(State(tuple(goals), tuple(sorted(edits.items()))))
    return drawn


class Line:
    """A tree that walks change, and what its files were and are."""

    def __init__(self, folder, shared):
        self.tree = copy_tree(folder)
        self.original = {path: (self.tree.source / path).read_text()
                         for path in (*LINE_EDITS, *(edit[0] for edit in TEXT_EDITS))}
        self.states = states(self.original)
        self.edited: dict[str, str] = {}
        self.shared = shared

    def take_on(self, state: State, chance: random.Random):
        """Edits the tree; a file may be older than what was made of the one before."""
        edits = dict(state.edits)
        for path in sorted({*edits, *self.edited}):
            file, text = self.tree.source / path, edits.get(path, self.original.get(path))
            if text is None:
                file.unlink()
            elif not file.exists() or file.read_text() != text:
                file.write_text(text)
                if chance.random() < 0.3:
                    os.utime(file, (10 ** 9, 10 ** 9))
        self.edited = edits

    def clean_kernel(self, state: State) -> bytes:
        """Built by the line that needs it first."""
        kept = self.shared / f"state-{self.states.index(state)}.elf"
        with locked(kept):
            if not kept.exists():
                kept.write_bytes(self.tree.clean_kernel("walk"))
        return kept.read_bytes()


@functools.lru_cache(maxsize=None)
def line(number: int, folder) -> Line:
    return Line(folder / f"line-{number}", folder)


@pytest.fixture(scope="session")
def shared(tmp_path_factory, worker_id):
    """A folder for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "walks"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_ends_where_a_clean_build_does(seed, shared):
    walked = line(seed % LINES, shared)
    chance = random.Random(seed)
    for state in chance.sample(walked.states, STOPS):
        walked.take_on(state, chance)
        if chance.random() < 0.5:
            walked.tree.killed("walk", *state.goals, "facet.elf", after=chance.randint(1, 20))
        walked.tree.make("walk", *state.goals, "facet.elf")
        assert walked.tree.kernel("walk") == walked.clean_kernel(state)
