"""The framebuffer console: what is typed is on the screen, pixel by pixel as the font has it.

Under OVMF, where there is no text screen. GRUB sets the mode; the picture that QEMU shows is
compared with one that is drawn here, by the same fonts, of the text that must be there.
"""

import subprocess
import time

import font
import pytest

from facet import ROOT
from facet.build import build
from facet.machine import REAL_TIME, Hardware, from_image
from facet.screen import Picture, take_picture

OVMF = ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_CODE_4M.fd")
FONTS = "/usr/share/consolefonts/Uni2-Terminus{}.psf.gz"
MODES = ("640x480x24", "1024x768x32", "1920x1080x32", "2560x1600x32")
GREY, RED, BLUE, BLACK = (0xAA, 0xAA, 0xAA), (0xAA, 0, 0), (0, 0, 0xAA), (0, 0, 0)
LIMIT_S = 20

# Typed, and the rows that are then to be seen: pieces of text, foreground and background.
TYPED = [*"clear", "semicolon", "spc", *"cat", "spc", *"pic", "ret"]
PICTURE = r"\033[31mred\303\244\033[0;44m box \342\224\214\342\224\200\342\224\220\033[m\n"
ROWS = [
    [("redä", RED, BLACK), (" box ┌─┐", GREY, BLUE)],
    [("# ", GREY, BLACK), (" ", BLACK, GREY)],      # and the cursor
]


def render(rows, mode: str) -> Picture:
    """The picture of some rows of text at the top of an empty screen."""
    width, height, bits = (int(number) for number in mode.split("x"))
    face = font.read_font(FONTS.format(16 if width <= 1920 else "32x16"))
    pixels = bytearray(width * height * 3)
    row_bytes = (face.width + 7) // 8
    for row, pieces in enumerate(rows):
        column = 0
        for text, foreground, background in pieces:
            for character in text:
                glyph = face.glyphs[face.codes[ord(character)]]
                for line in range(face.height):
                    dots = int.from_bytes(glyph[line * row_bytes:(line + 1) * row_bytes], "big")
                    at = ((row * face.height + line) * width + column * face.width) * 3
                    for dot in range(face.width):
                        lit = dots >> (8 * row_bytes - 1 - dot) & 1
                        color = foreground if lit else background
                        pixels[at + 3 * dot:at + 3 * dot + 3] = bytes(
                            shown(value, channel, bits) for channel, value in enumerate(color))
                column += 1
    return Picture(width, height, bytes(pixels))


def shown(value: int, channel: int, bits: int) -> int:
    """What of a channel's 8 bits comes back of a screen that has fewer."""
    if bits > 16:
        return value
    left = 6 if channel == 1 and bits == 16 else 5
    kept = value * ((1 << left) - 1) // 255
    return kept << (8 - left) | kept >> (2 * left - 8)


def differences(expected: Picture, picture: Picture) -> str:
    """Where two pictures differ first, in words; empty: they are equal."""
    if (expected.width, expected.height) != (picture.width, picture.height):
        return f"{picture.width} x {picture.height} pixels"
    if expected.pixels == picture.pixels:
        return ""
    at = next(i for i, (a, b) in enumerate(zip(expected.pixels, picture.pixels)) if a != b)
    y, x = divmod(at // 3, expected.width)
    return f"pixel {x}, {y}: {picture.pixels[at]:#x} and not {expected.pixels[at]:#x}"


def image_of(product, mode: str, folder):
    """An image that boots by UEFI in a mode of our choice."""
    grub = folder / "tree" / "boot" / "grub"
    grub.mkdir(parents=True)
    subprocess.run(["objcopy", "--strip-debug", product.kernel, grub.parent / "facet.elf"],
                   check=True)
    (grub.parent / "root.cpio").write_bytes(product.archive.read_bytes())
    (grub / "grub.cfg").write_text(
        f"set timeout=0\ninsmod all_video\nset gfxpayload={mode}\n"
        "menuentry Facet {\nmultiboot2 /boot/facet.elf\nmodule2 /boot/root.cpio\nboot\n}\n")
    subprocess.run(["grub-mkrescue", "-o", folder / "image", folder / "tree"], check=True,
                   capture_output=True)
    return folder / "image"


@pytest.mark.parametrize("mode", MODES)
def test_screen_shows_the_font_s_pixels(mode, tmp_path, shell):
    code = next((path for path in OVMF if (ROOT / path).exists()), None)
    if not code:
        pytest.skip("needs OVMF (Debian: ovmf)")
    hardware = Hardware(clock=REAL_TIME, extra=(
        "-drive", f"if=pflash,format=raw,readonly=on,file={code}", "-vga", "none",
        "-device", "VGA,vgamem_mb=32"))
    product = build("baremetal_defconfig", ("baremetal_defconfig",))
    session = shell(from_image(image_of(product, mode, tmp_path)), hardware)
    session.run(f"cd /tmp; printf '{PICTURE}' > pic")
    machine = session.machine
    for key in TYPED:
        machine.qmp.press(key)
    machine.expect(r"# (?:\x1b\[6n)?\Z")
    expected, deadline = render(ROWS, mode), time.monotonic() + LIMIT_S
    while (found := differences(expected, take_picture(machine.qmp, machine.scratch))):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
