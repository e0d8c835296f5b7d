"""The framebuffer console on a few screens; tests/machines/test_screens.py has the others."""

import pytest

from facet.screen_modes import check


@pytest.mark.parametrize("machine, firmware, mode", [
    ("pc", "UEFI", "1024x768x32"),
    ("q35", "BIOS", "640x480x16"),
    ("pc", "BIOS", "2560x1440x24"),     # the large font
])
def test_screen_shows_the_font_s_pixels(machine, firmware, mode, shell, tmp_path):
    check(shell, machine, firmware, mode, tmp_path)
