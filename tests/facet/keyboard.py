"""Typing at the machine's own keyboard, key by key, as QEMU names them; the layout is US."""

import re
import string

from facet.qmp import Qmp

PLAIN = {
    **{character: character for character in string.ascii_lowercase + string.digits},
    " ": "spc", "\r": "ret", "\t": "tab", "\x1b": "esc", "-": "minus", "=": "equal",
    "[": "bracket_left", "]": "bracket_right", ";": "semicolon", "'": "apostrophe",
    "`": "grave_accent", "\\": "backslash", ",": "comma", ".": "dot", "/": "slash",
}
SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./"))


def keys(text: str):
    """The keys to press together for each character of `text`; <down> is the key of that name."""
    for name, character in re.findall(r"<(\w+)>|(.)", text, re.S):
        if name:
            yield (name,)
        elif character in PLAIN:
            yield (PLAIN[character],)
        elif character in SHIFTED:
            yield ("shift", PLAIN[SHIFTED[character]])
        elif character.isupper():
            yield ("shift", character.lower())
        else:
            yield ("ctrl", chr(ord(character) | 0x60))


def press(qmp: Qmp, text: str) -> None:
    for together in keys(text):
        qmp.press(*together)
