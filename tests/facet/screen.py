"""The VGA screen: what the machine's text memory says, and what QEMU would show.

The two are compared without knowing the font: on the picture, cells with the same character and
colours must look the same, and those with different ones must not.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from facet.machine import Machine
from facet.qmp import Qmp

TEXT_MEMORY = 0xB8000
COLUMNS, ROWS = 80, 25
# Characters that some fonts draw alike.
BLANK = (0x00, 0x20, 0xFF)


@dataclass(frozen=True)
class Picture:
    """A PPM picture: three bytes a pixel."""

    width: int
    height: int
    pixels: bytes

    def cell(self, column: int, row: int, width: int, height: int) -> bytes:
        """The pixels of one character's place."""
        start, stride = (row * height * self.width + column * width) * 3, self.width * 3
        return b"".join(self.pixels[start + line * stride:start + line * stride + width * 3]
                        for line in range(height))


def parse_ppm(data: bytes) -> Picture:
    header = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    if not header:
        raise ValueError("not a PPM picture of 24 bits")
    picture = Picture(int(header[1]), int(header[2]), data[header.end():])
    if len(picture.pixels) != picture.width * picture.height * 3:
        raise ValueError("the picture is cut off")
    return picture


def take_picture(qmp: Qmp, scratch: Path) -> Picture:
    path = scratch / "screen.ppm"
    qmp.execute("screendump", filename=str(path))
    return parse_ppm(path.read_bytes())


def read_cells(machine: Machine) -> list[tuple[int, int]]:
    """Character and attribute of each cell in a machine's text memory."""
    memory = machine.qmp.memory(TEXT_MEMORY, 2 * COLUMNS * ROWS, machine.scratch / "memory")
    return list(zip(memory[0::2], memory[1::2]))


def text_lines(cells: list[tuple[int, int]]) -> list[str]:
    characters = "".join(chr(character) if 32 <= character < 127 else " " for character, _ in cells)
    return [characters[row * COLUMNS:(row + 1) * COLUMNS].rstrip() for row in range(ROWS)]


def read_lines(machine: Machine) -> list[str]:
    return text_lines(read_cells(machine))


def disagreements(cells: list[tuple[int, int]], picture: Picture) -> list[str]:
    """Where the picture does not show the text. One cell may: the cursor's."""
    width, height = picture.width // COLUMNS, picture.height // ROWS
    looks: dict[tuple[int, int], dict[bytes, list[int]]] = {}
    for place, (character, attribute) in enumerate(cells):
        kind = (0x20 if character in BLANK else character, attribute)
        pixels = picture.cell(place % COLUMNS, place // COLUMNS, width, height)
        looks.setdefault(kind, {}).setdefault(pixels, []).append(place)

    found, usual = [], {}
    for (character, attribute), pictures in looks.items():
        most, *others = sorted(pictures, key=lambda pixels: -len(pictures[pixels]))
        odd = [place for pixels in others for place in pictures[pixels]]
        found += [f"{chr(character)!r} at column {place % COLUMNS}, row {place // COLUMNS} looks "
                  f"like no other" for place in odd]
        twin = usual.setdefault((most, attribute), character)
        if twin != character:
            found.append(f"{chr(character)!r} and {chr(twin)!r} look the same")
    return found
