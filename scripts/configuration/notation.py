"""The notation of configuration files: which line assigns what, and which texts are values.

Linux's: `CONFIG_NAME=value`, `# CONFIG_NAME is not set`, comments. Nothing here asks whether a
value takes effect; reading by hand (assignments.py) and with patience (dotconfig.py) both start
from it.
"""

import re
from typing import NamedTuple, Optional

import kconfiglib
from kconfiglib import BOOL, HEX, INT, STRING, TRISTATE, TYPE_TO_STR

ASSIGNMENT = re.compile(r"CONFIG_(\w+)=(.*)", re.ASCII | re.DOTALL)
UNSET = re.compile(r"# CONFIG_(\w+) is not set", re.ASCII)
QUOTED = re.compile(r'"((?:[^\\"]|\\.)*)"')
# int() of Python takes more than Linux does: 1_000, +5, 007.
NUMBER = {INT: re.compile(r"-?(0|[1-9][0-9]*)"), HEX: re.compile(r"(0[xX])?[0-9a-fA-F]+")}
BASE = {INT: 10, HEX: 16}
SHOWN = 60


class Line(NamedTuple):
    """One line that is neither blank nor a comment; without a name where it assigns nothing."""

    number: int
    text: str
    name: Optional[str] = None
    value: Optional[str] = None    # None: "is not set"


def parse_line(number, raw):
    """The Line of some bytes, or None for a blank line and a comment."""
    try:
        text = raw.decode().rstrip()
    except UnicodeDecodeError:
        return Line(number, raw.decode("latin-1"))
    unset, assigned = UNSET.fullmatch(text), ASSIGNMENT.fullmatch(text)
    if unset:
        return Line(number, text, unset.group(1))
    if assigned:
        return Line(number, text, *assigned.groups())
    return Line(number, text) if text and not text.startswith("#") else None


def parse(data):
    """The lines of a file's bytes. Only newlines end one, so that the numbers are the editor's."""
    lines = (parse_line(number, raw) for number, raw in enumerate(data.split(b"\n"), 1))
    return [line for line in lines if line]


def printable(text):
    """Text of unknown origin for a message: one line, and nothing that a terminal obeys."""
    safe = "".join(char if " " <= char <= "~" else f"\\x{ord(char):02x}" for char in text)
    return safe if len(safe) <= SHOWN else safe[:SHOWN] + "..."


def value_of(symbol, text):
    """The value in kconfiglib's notation, or None where the text is no value of the type."""
    kind = symbol.orig_type
    if kind == STRING:
        match = QUOTED.fullmatch(text or "")
        return kconfiglib.unescape(match.group(1)) if match else None
    if kind in NUMBER:
        if not NUMBER[kind].fullmatch(text or ""):
            return None
        # One spelling of a number, so that .config and its hash tell of values alone.
        return text if kind == INT else hex(int(text, 16))
    if text is None:
        return "n"
    return text if text in {BOOL: ("n", "y"), TRISTATE: ("n", "m", "y")}[kind] else None


def misfit(symbol, text):
    """What to say where value_of() has no value."""
    kind = TYPE_TO_STR[symbol.orig_type]
    if text is None:
        return f"CONFIG_{symbol.name} is of type {kind}, so it cannot be unset"
    fault = f"{printable(text) or 'an empty text'} is no value for CONFIG_{symbol.name} ({kind})"
    if symbol.orig_type == BOOL:
        fault += ": it wants y or n"
    if symbol.orig_type == STRING:
        fault += ": it wants double quotes, with \\\" and \\\\ inside"
    return fault


def same(symbol, one, other):
    """Whether two texts are one value: 0x1F and 1f are."""
    if symbol.orig_type in BASE and one and other:
        return int(one, BASE[symbol.orig_type]) == int(other, BASE[symbol.orig_type])
    return one == other


def written(symbol, value):
    """An assignment as it stands in a file."""
    if symbol.orig_type == STRING:
        value = f'"{kconfiglib.escape(value)}"'
    return f"CONFIG_{symbol.name}={value}"
