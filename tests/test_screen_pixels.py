"""The framebuffer console on a few screens; tests/machines/test_screens.py has the others. And what
it costs to fill one again and again."""

import pytest

from facet.framebuffer import Mode
from facet.machine import INSTRUCTIONS
from facet.screen_modes import check, start

LINES, LIMIT_S = 10_000, 0.2            # an instruction is a nanosecond


@pytest.mark.parametrize("machine, firmware, mode", [
    ("pc", "UEFI", "1024x768x32"),
    ("q35", "BIOS", "640x480x16"),
    ("pc", "BIOS", "2560x1440x24"),     # the large font
])
def test_screen_shows_the_font_s_pixels(machine, firmware, mode, shell, tmp_path):
    check(shell, machine, firmware, mode, tmp_path)


def busy_s(session) -> float:
    """How long the processor has had something to do."""
    up, idle = session.run("cat /proc/uptime").text.split()
    return float(up) - float(idle)


def test_many_lines_cost_little(shell, tmp_path):
    session = start(shell, "pc", "BIOS", Mode.parse("1024x768x32"), tmp_path, clock=INSTRUCTIONS)
    before = busy_s(session)
    session.machine.type(f"seq {LINES}; sleep 1\r")
    session.prompt()
    assert 0 < busy_s(session) - before <= LIMIT_S
