"""One text on screens of many sizes and depths, by each firmware: what is typed is on the screen,
pixel by pixel as the font has it."""

import time
from pathlib import Path

from facet import keyboard
from facet.build import build
from facet.framebuffer import Mode, differences, image_of, render
from facet.machine import REAL_TIME, Hardware, from_image, uefi
from facet.screen import Picture, take_picture
from facet.terminal import Cell

LIMIT_S = 20
RED, BLUE, GREY, BLACK = 1, 4, 7, 0
TYPED = "clear; cat pic\r"
PICTURE = r"\033[31mred\303\244\033[0;44m box \342\224\214\342\224\200\342\224\220\033[m\n"
ROWS = [
    [("redä", RED, BLACK), (" box ┌─┐", GREY, BLUE)],
    [("# ", GREY, BLACK), (" ", BLACK, GREY)],      # and the cursor
]


def written() -> list[list[Cell]]:
    return [[Cell(ord(character), foreground, background)
             for text, foreground, background in pieces for character in text] for pieces in ROWS]


def start(shell, machine: str, by: str, mode: Mode, folder: Path, *extra: str,
          clock: tuple[str, ...] = REAL_TIME):
    """A shell on such a screen, by "BIOS" or "UEFI", with the file `pic` where it stands."""
    firmware = uefi() if by == "UEFI" else ()
    card = ("-vga", "none", "-device",
            f"VGA,vgamem_mb=64,xres={mode.width},yres={mode.height}")
    hardware = Hardware(machine=machine, clock=clock, extra=(*firmware, *card, *extra))
    product = build("baremetal_defconfig", ("baremetal_defconfig",))
    session = shell(from_image(image_of(product, mode, folder)), hardware)
    session.run(f"cd /tmp; printf '{PICTURE}' > pic")
    return session


def await_picture(machine, expected: Picture) -> None:
    deadline = time.monotonic() + LIMIT_S
    while (found := differences(expected, take_picture(machine.qmp, machine.scratch))):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def check(shell, machine: str, by: str, name: str, folder: Path) -> None:
    """Types at a screen of that mode and looks at it."""
    mode = Mode.parse(name)
    session = start(shell, machine, by, mode, folder)
    keyboard.press(session.machine.qmp, TYPED)
    await_picture(session.machine, render(written(), mode))
