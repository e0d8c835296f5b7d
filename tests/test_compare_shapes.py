"""The table of usr/scripts/compare_shapes, where its kernels do not agree."""

from facet.build import build
from facet.machine import REAL_TIME, Hardware, direct
from facet.stick import rows_of, table


def test_clocks_that_differ_are_said(shell):
    """The figures of a boot that had another clock to measure the TSC by are in the log."""
    kernel = build("baremetal_defconfig", ("baremetal_defconfig",))
    session = shell(direct(kernel), Hardware(clock=REAL_TIME))
    for line in ("1 shape one", "1 null_call 77 tsc", "1 TSC_kHz 2000000 ACPI PM timer"):
        session.run(f"echo '<7>compare: {line}' > /dev/kmsg")
    session.line("compare_shapes 2 2 two")
    session.machine.expect(r"Measuring two, 2 of 2 \.\.\.")
    lines = table(session.machine, "Enter: a shell")
    assert any(line.startswith("TSC_kHz, clocks differ ") for line in lines), lines
    rows = rows_of(lines)
    assert rows["TSC_kHz"][0] == "2000000" and rows["null_call"][0] == "77"
    assert any(line.startswith("wake_write_8, ns ") for line in lines)
