"""The framebuffer console's screen: what its pixels must be, and images that boot to one."""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import font

from facet.build import Build
from facet.screen import Picture
from facet.terminal import Cell

FONTS = "/usr/share/consolefonts/Uni2-Terminus{}.psf.gz"
SMALL_FONT_WIDTH = 1920
BLANK = Cell(ord(" "))
# The colours of a VGA in the order of ECMA-48, then the bright ones.
PALETTE = [(0x00, 0x00, 0x00), (0xAA, 0x00, 0x00), (0x00, 0xAA, 0x00), (0xAA, 0x55, 0x00),
           (0x00, 0x00, 0xAA), (0xAA, 0x00, 0xAA), (0x00, 0xAA, 0xAA), (0xAA, 0xAA, 0xAA),
           (0x55, 0x55, 0x55), (0xFF, 0x55, 0x55), (0x55, 0xFF, 0x55), (0xFF, 0xFF, 0x55),
           (0x55, 0x55, 0xFF), (0xFF, 0x55, 0xFF), (0x55, 0xFF, 0xFF), (0xFF, 0xFF, 0xFF)]


@dataclass(frozen=True)
class Mode:
    """A screen, as GRUB's gfxpayload names it: 1024x768x32."""

    width: int
    height: int
    bits: int

    @classmethod
    def parse(cls, name: str) -> "Mode":
        return cls(*map(int, name.split("x")))

    def __str__(self):
        return f"{self.width}x{self.height}x{self.bits}"

    @property
    def face(self) -> font.Font:
        return face(16 if self.width <= SMALL_FONT_WIDTH else "32x16")

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of text."""
        return self.height // self.face.height, self.width // self.face.width


@cache
def face(name: "int | str") -> font.Font:
    return font.read_font(FONTS.format(name))


def shown(value: int, channel: int, bits: int) -> int:
    """What of a channel's 8 bits QEMU shows of a screen that has fewer. Of 16 bits it repeats the
    upper ones in the lower, of 15 it does not."""
    if bits > 16:
        return value
    left = 6 if channel == 1 and bits == 16 else 5
    kept = value * ((1 << left) - 1) // 255
    return kept << (8 - left) | (kept >> (2 * left - 8) if bits == 16 else 0)


@cache
def draw(cell: Cell, mode: Mode) -> list[bytes]:
    """One character's lines of pixels."""
    look = mode.face
    colors = [bytes(shown(value, channel, mode.bits)
                    for channel, value in enumerate(PALETTE[color]))
              for color in (cell.background, cell.foreground)]
    # Like the kernel: what the font does not have is U+FFFD, or at least a question mark.
    known = next(code for code in (cell.code, 0xFFFD, ord("?")) if code in look.codes)
    glyph, row_bytes = look.glyphs[look.codes[known]], (look.width + 7) // 8
    lines = []
    for line in range(look.height):
        dots = int.from_bytes(glyph[line * row_bytes:(line + 1) * row_bytes], "big")
        if cell.underlined and line == look.height - look.height // 8:
            dots = -1
        lines.append(b"".join(colors[dots >> (8 * row_bytes - 1 - dot) & 1]
                              for dot in range(look.width)))
    return lines


def render(rows: list[list[Cell]], mode: Mode) -> Picture:
    """The picture of some rows of text at the top of an empty screen."""
    count, columns = mode.size
    edge = bytes(3 * (mode.width - columns * mode.face.width))
    pixels = bytearray()
    for row in range(count):
        cells = rows[row] if row < len(rows) else []
        pieces = [draw(cell, mode) for cell in [*cells, *[BLANK] * (columns - len(cells))]]
        for line in zip(*pieces):
            pixels += b"".join(line) + edge
    below = bytes(3 * mode.width * mode.height - len(pixels))
    return Picture(mode.width, mode.height, bytes(pixels) + below)


def differences(expected: Picture, picture: Picture) -> str:
    """Where two pictures differ first, in words; empty: they are equal."""
    if (expected.width, expected.height) != (picture.width, picture.height):
        return f"{picture.width} x {picture.height} pixels"
    if expected.pixels == picture.pixels:
        return ""
    at = next(i for i, (a, b) in enumerate(zip(expected.pixels, picture.pixels)) if a != b)
    y, x = divmod(at // 3, expected.width)
    return f"pixel {x}, {y}: {picture.pixels[at]:#x} and not {expected.pixels[at]:#x}"


def image_of(build: Build, mode: "Mode | str", folder: Path,
             archive: "Path | None" = None, words: str = "") -> Path:
    """An image that boots, by BIOS and UEFI, in a mode of our choice."""
    grub = folder / "tree" / "boot" / "grub"
    grub.mkdir(parents=True)
    subprocess.run(["objcopy", "--strip-debug", build.kernel, grub.parent / "facet.elf"],
                   check=True)
    (grub.parent / "root.cpio").write_bytes((archive or build.archive).read_bytes())
    (grub / "grub.cfg").write_text(
        f"insmod all_video\nmultiboot2 /boot/facet.elf {words}\nmodule2 /boot/root.cpio\n"
        f"set gfxpayload={mode}\nboot\n")
    subprocess.run(["grub-mkrescue", "-o", folder / "image", folder / "tree"], check=True,
                   capture_output=True)
    return folder / "image"
