"""The keyboard's layouts against those of the X Keyboard Extension, which QEMU has as plain text.

drivers/keymap_*.c are built for this machine and typed on, key by key. QEMU's files come from
xkeyboard-config: each line names a character, its scan code, and what is held down with it.
"""

import ctypes
import re
import subprocess
from pathlib import Path

import pytest

from facet import ROOT

QEMU_FILES = {"us": "/usr/share/qemu/keymaps/en-us", "de": "/usr/share/qemu/keymaps/de"}
LINE = re.compile(r"^(\S+) 0x([0-9a-f]{2})((?: shift| altgr)*)$", re.M)
CODES = [*range(0x02, 0x0E), *range(0x10, 0x1C), *range(0x1E, 0x2A), *range(0x2B, 0x36), 0x56]
SHIFT, ALTGR, SPACE = 0x2A, (0xE0, 0x38), 0x39
# Linux's dead acute is an apostrophe where it stands alone; QEMU's file is without dead keys.
ALONE = {"´": "'"}
# What a German keyboard shows below AltGr. XKB has more there, which no key shows.
PRINTED = set("²³{[]}\\@€~µ|")


class Keyboard:
    """A keyboard with one of the layouts; each has its own memory, all zeros at first."""

    def __init__(self, library: Path):
        self.take = ctypes.CDLL(str(library)).scancode_take
        self.state = ctypes.create_string_buffer(64)

    def type(self, *codes: int) -> bytes:
        text, size, typed = ctypes.create_string_buffer(8), ctypes.c_size_t(), b""
        for code in codes:
            self.take(self.state, ctypes.c_uint8(code), text, ctypes.byref(size))
            typed += text.raw[:size.value]
        return typed


def characters(path: str):
    """What the file says: {(code, shift, altgr): character}."""
    xkb, found = ctypes.CDLL("libxkbcommon.so.0"), {}
    for name, code, held in LINE.findall(Path(path).read_text(encoding="utf-8")):
        value = xkb.xkb_keysym_to_utf32(xkb.xkb_keysym_from_name(name.encode(), 0))
        found[int(code, 16), "shift" in held, "altgr" in held] = chr(value)
    return found


@pytest.fixture(params=QEMU_FILES)
def layout(request, tmp_path):
    """A keyboard maker, and the characters that QEMU's file has for the layout."""
    library = tmp_path / "keyboard.so"
    subprocess.run(["gcc", "-std=gnu17", "-shared", "-fPIC", "-Iinclude", "-Idrivers",
                    "drivers/scancodes.c", f"drivers/keymap_{request.param}.c", "-o", library],
                   cwd=ROOT, check=True)
    return lambda: Keyboard(library), characters(QEMU_FILES[request.param])


def typed(keyboard: Keyboard, code: int, shift: bool, altgr: bool) -> str:
    """The character of a key. A dead one, of which nothing comes, is made to stand alone."""
    keyboard.type(*[SHIFT] * shift, *ALTGR * altgr)
    text = keyboard.type(code)
    keyboard.type(SHIFT | 0x80, 0xE0, 0xB8)
    return (text or keyboard.type(SPACE).removesuffix(b" ")).decode()


@pytest.mark.parametrize("shift", (False, True))
def test_every_key_has_its_character(layout, shift):
    make, expected = layout
    wanted = {code: expected[code, shift, False] for code in CODES}
    found = {code: typed(make(), code, shift, False) for code in CODES}
    assert found == {code: ALONE.get(text, text) for code, text in wanted.items()}


@pytest.mark.parametrize("layout", ["de"], indirect=True)
def test_altgr_has_what_the_keys_show(layout):
    make, expected = layout
    wanted = {code: text for code in CODES
              if (text := expected.get((code, False, True))) in PRINTED}
    assert {code: text for code in CODES if (text := typed(make(), code, False, True))} == wanted
