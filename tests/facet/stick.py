"""The image of several kernels, and what its menu does by itself."""

import re
import subprocess
import time
from pathlib import Path

from facet import ROOT
from facet.build import build, good
from facet.machine import Machine
from facet.session import Session

OWN = "prio-cow-lapic-initrd"
BESIDE = ("rr-cow-lapic-initrd", "prio-eager-lapic-initrd", "prio-cow-pit-initrd")
DOWN, XOFF = "\x1b[B", "\x13"
COLUMNS, ROWS, LABEL = 80, 24, 22
MEASURES = 14
LOGS, LOGS_SIZE = 0x90000, 0xC000       # kernel/debug/last_log.c: this boot's and the last one's


def image() -> Path:
    """The image that the manual says to make; its first kernel is baremetal_defconfig's."""
    return build("stick", (), ("image", "CONFIG=baremetal_defconfig")).stick


def pack(folder: Path, menu: str, *files: str, **how) -> Path:
    """A small image of anything: the words of scripts/image behind the menu, and how to run it."""
    (folder / "menu").write_text(menu)
    good(subprocess.run([ROOT / "scripts" / "image", "made", "menu", *files], cwd=folder, text=True,
                        capture_output=True, check=False, **how))
    return folder / "made"


def table(machine: Machine, end: str) -> list[str]:
    """The lines that a kernel shows when it was measured, until `end`."""
    meanwhile, shown = machine.expect(rf"(.*)\x1b\[H\x1b\[2J(.*){end}").groups()
    assert not meanwhile.strip(), "what is printed between two measures is drawn inside of one"
    lines = shown.replace("\r", "").splitlines()
    assert len(lines) < ROWS and max(map(len, lines)) <= COLUMNS, shown
    return lines


def rows_of(lines: list[str]) -> dict[str, list[str]]:
    """The columns of each row, by its name."""
    first = next(i for i, line in enumerate(lines, start=1) if line.startswith("medians"))
    assert lines[-1].startswith("The TSC is "), lines[-1]
    return {line[:LABEL].split(",")[0].strip(): line[LABEL:].split() for line in lines[first:-1]}


def wait_for_figure(machine: Machine, step: int) -> None:
    """Until the kernel of this step has the first of its figures in its log."""
    wanted = re.compile(rf"compare: {step} \w+ \d+ tsc\n".encode())
    while not wanted.search(machine.qmp.memory(LOGS, LOGS_SIZE, machine.scratch / "logs")):
        assert time.monotonic() < machine.deadline, f"kernel {step} is not measured"
        time.sleep(0.1)


def compare(machine: Machine, kernels: tuple[str, ...] = (OWN, *BESIDE), panics: int = 0) -> None:
    """Starts it by the one key that it needs, and holds the table against those on the way.
    `panics` is the step of a kernel that is made to, while it is measured."""
    machine.expect("Screen only")
    for _ in kernels:
        machine.type(DOWN)
    machine.expect(rf"\*Compare {len(kernels)} kernels")
    machine.type("\r")
    tables = {}
    for step, name in enumerate(kernels, start=1):
        machine.expect(rf"Measuring {name}, {step} of {len(kernels)} \.\.\.")
        machine.type(XOFF)      # as noise on the line
        if step == panics:
            wait_for_figure(machine, step)
            machine.qmp.machine_check()
            machine.expect("---- kernel panic ----")
        else:
            tables[step] = table(machine, rf"Kernel {step + 1} of" if step < len(kernels)
                                 else "Enter: a shell")
    last = rows_of(tables[len(kernels)])
    for step, lines in tables.items():
        column = {name: row[step - 1] for name, row in rows_of(lines).items()}
        figures = [value for value in column.values() if value.isdigit()]
        assert len(figures) > MEASURES, (step, column)      # the rate of the TSC is one more
        assert {name: last[name][step - 1] for name in column} == column, step
        assert any(f"{step} {kernels[step - 1]}" in line for line in tables[len(kernels)])
    if panics:
        assert last["null_call"][panics - 1].isdigit() and last["fork_exec_wait"][panics - 1] == "-"
    machine.type("\r")
    session = Session(machine)
    session.prompt()
    assert session.run("cat /proc/facet/next_boot").text == "0\n", "what is next counts once"
    assert session.run("dmesg -p | grep -c 'compare:'").status == 0, "the last boot's log"
