"""What a screen must show after some bytes: drivers/terminal.c, run on this machine.

It is the kernel's own code, which tests/host/test_terminal.c tests. What is tested by it is all
that comes after: whether the screen has these cells, and each in its place.
"""

import struct
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from facet import BUILD, ROOT
from facet.build import locked

SOURCES = ("tests/host/terminal_shows.c", "drivers/terminal.c", "drivers/terminal_cells.c",
           "drivers/terminal_sequence.c", "lib/bitmap.c")
CODE, COLOR, UNDERLINED = (1 << 21) - 1, 15, 1 << 29
FOREGROUND_SHIFT, BACKGROUND_SHIFT = 21, 25


@dataclass(frozen=True)
class Cell:
    """A character; its colours are ECMA-48's, and bright ones from 8 on."""

    code: int
    foreground: int = 7
    background: int = 0
    underlined: bool = False

    def reversed(self) -> "Cell":
        return Cell(self.code, self.background, self.foreground, self.underlined)


@dataclass(frozen=True)
class Terminal:
    rows: list[list[Cell]]
    cursor: tuple[int, int]         # row, column
    hides_cursor: bool

    @property
    def lines(self) -> list[str]:
        return ["".join(chr(cell.code) for cell in row).rstrip() for row in self.rows]

    def with_cursor(self) -> list[list[Cell]]:
        """The rows, the cursor a reversed cell."""
        rows = [list(row) for row in self.rows]
        if not self.hides_cursor:
            row, column = self.cursor
            rows[row][column] = rows[row][column].reversed()
        return rows


@cache
def program() -> Path:
    target = BUILD / "host" / "terminal_shows"
    with locked(target):
        subprocess.run(["gcc", "-O1", "-fno-builtin", "-Iinclude", "-Idrivers", *SOURCES,
                        "-o", target], cwd=ROOT, check=True)
    return target


def cell_of(word: int) -> Cell:
    return Cell(word & CODE, word >> FOREGROUND_SHIFT & COLOR, word >> BACKGROUND_SHIFT & COLOR,
                bool(word & UNDERLINED))


def shown_by(text: bytes, rows: int, columns: int) -> Terminal:
    """What a new terminal of this size shows once `text` was written to it."""
    done = subprocess.run([program(), str(rows), str(columns)], input=text, check=True,
                          capture_output=True)
    *words, row, column, hidden = struct.unpack(f"={len(done.stdout) // 4}I", done.stdout)
    cells = [cell_of(word) for word in words]
    return Terminal([cells[at:at + columns] for at in range(0, rows * columns, columns)],
                    (row, column), bool(hidden))
