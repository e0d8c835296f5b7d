"""The image of several kernels, and what its menu does by itself."""

import re
from pathlib import Path

from facet.build import build
from facet.machine import Machine
from facet.session import Session

OWN = "prio-cow-lapic-initrd"
BESIDE = ("rr-cow-lapic-initrd", "prio-eager-lapic-initrd", "prio-cow-pit-initrd")
DOWN = "\x1b[B"
MEASURED = r"\n(\w+) (\d+) (tsc|ns)(?=\n)"
COLUMNS, ROWS, LABEL = 80, 24, 22


def image() -> Path:
    """The image that the manual says to make; its first kernel is baremetal_defconfig's."""
    return build("stick", (), ("image", "CONFIG=baremetal_defconfig")).stick


def measured(machine: Machine) -> dict[str, str]:
    """What a kernel prints while it is measured."""
    text = machine.expect(r"(.*)\x1b\[2J").group(1).replace("\r", "")
    return {name: value for name, value, _ in re.findall(MEASURED, text)}


def compare(machine: Machine, kernels: tuple[str, ...] = (OWN, *BESIDE), panics: int = 0) -> None:
    """Starts it by the one key that it needs, and holds the table against what was printed on the
    way. `panics` is the step of a kernel that is made to, while it is measured."""
    machine.expect("Screen only")
    for _ in kernels:
        machine.type(DOWN)
    machine.expect(rf"\*Compare {len(kernels)} kernels")
    machine.type("\r")
    figures = {}
    for step, name in enumerate(kernels, start=1):
        machine.expect(rf"Measuring {name}, {step} of {len(kernels)} ...")
        if step == panics:
            machine.expect("null_call")
            machine.qmp.machine_check()
            machine.expect("---- kernel panic ----")
        else:
            figures[step] = measured(machine)
    table = machine.expect(r"(.*)Enter: a shell").group(1).replace("\r", "").splitlines()
    rows = {line[:LABEL].split(",")[0].strip(): line[LABEL:].split() for line in table}
    assert len(figures[1]) == 14
    for step, column in figures.items():
        assert {name: rows[name][step - 1] for name in figures[1]} == column, step
        assert any(f"{step} {kernels[step - 1]}" in line for line in table)
    if panics:
        assert rows["fork_exec_wait"][panics - 1] == "-"
    assert len(table) < ROWS and max(map(len, table)) <= COLUMNS
    machine.type("\r")
    session = Session(machine)
    session.prompt()
    assert session.run("cat /proc/facet/next_boot").text == "0\n", "what is next counts once"
