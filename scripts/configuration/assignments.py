"""Files written by hand: defconfigs, fragments, KCONFIG_ALLCONFIG.

kconfiglib is silent on a value that does not take effect. So every assignment is kept with its
file and line, and once all of them are applied each is held against the value that came of it.
"""

import os
import re

import kconfiglib
from kconfiglib import AND, BOOL, expr_str, expr_value, split_expr

from .tree import ConfigError

ASSIGNMENT = re.compile(r"CONFIG_(\w+)=(.*)$")
UNSET = re.compile(r"# CONFIG_(\w+) is not set$")


class Assignment:
    """One line of a file written by hand."""

    def __init__(self, symbol, value, path, line):
        self.symbol, self.value, self.path, self.line = symbol, value, path, line

    def where(self):
        return f"{self.path}:{self.line}"


def display(path, source):
    """The path as the user knows it: relative to the source tree where it lies in it."""
    absolute = os.path.abspath(path)
    inside = os.path.relpath(absolute, source)
    return absolute if inside.startswith("..") else inside


def unquote(value):
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return kconfiglib.unescape(value[1:-1])
    return None


def parse_value(symbol, text):
    """The value in kconfiglib's notation, or None where it is no value of the symbol's type."""
    if symbol.type == kconfiglib.STRING:
        return unquote(text)
    if symbol.type == BOOL:
        return text if text in ("y", "n") else None
    base = 16 if symbol.type == kconfiglib.HEX else 10
    try:
        int(text, base)
    except ValueError:
        return None
    return text


def read_assignments(kconf, path, source):
    """The assignments of a file written by hand, in order; raises on the first bad lines."""
    shown = display(path, source)
    found, errors = [], []
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise ConfigError(f"{shown}: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        where = f"{shown}:{number}"
        line = line.strip()
        match = ASSIGNMENT.match(line)
        unset = UNSET.match(line)
        if match:
            name, text = match.groups()
        elif unset:
            name, text = unset.group(1), "n"
        elif not line or line.startswith("#"):
            continue
        else:
            errors.append(f"{where}: not an assignment: {line}")
            continue
        symbol = kconf.syms.get(name)
        if symbol is None or not symbol.nodes:
            errors.append(f"{where}: unknown symbol CONFIG_{name}")
            continue
        value = parse_value(symbol, text)
        if value is None:
            kind = kconfiglib.TYPE_TO_STR[symbol.orig_type]
            errors.append(f"{where}: {text} is no value for CONFIG_{name} ({kind})")
            continue
        found.append(Assignment(symbol, value, shown, number))
    errors += doubled_members(found)
    if errors:
        raise ConfigError("\n".join(errors))
    return found


def doubled_members(assignments):
    """Two members of one choice set to y in one file."""
    chosen, errors = {}, []
    for item in assignments:
        choice = item.symbol.choice
        if choice is None or item.value != "y":
            continue
        other = chosen.setdefault(choice, item)
        if other.symbol is not item.symbol:
            errors.append(f"{item.where()}: CONFIG_{item.symbol.name} and "
                          f"CONFIG_{other.symbol.name} (line {other.line}) are members of one choice")
    return errors


def unmet(symbol):
    """The terms of the symbol's dependencies that do not hold, as text."""
    terms = split_expr(symbol.direct_dep, AND)
    if symbol.choice is not None:
        terms = terms + split_expr(symbol.choice.direct_dep, AND)
    texts = []
    for term in terms:
        if expr_value(term) == 0:
            text = expr_str(term)
            if text not in texts:
                texts.append(text)
    return texts


def active_range(symbol):
    base = 16 if symbol.type == kconfiglib.HEX else 10
    for low, high, condition in symbol.ranges:
        if expr_value(condition):
            return int(low.str_value, base), int(high.str_value, base)
    return None


def reason(item):
    """Why an assignment did not take effect."""
    symbol = item.symbol
    missing = unmet(symbol)
    if missing:
        return "depends on " + " and ".join(missing) + ", which does not hold"
    if not any(node.prompt for node in symbol.nodes):
        return "has no prompt: it follows from other options and cannot be set"
    limits = active_range(symbol)
    if limits and not limits[0] <= int(item.value, 0) <= limits[1]:
        return f"is out of range ({limits[0]} to {limits[1]})"
    if expr_value(symbol.rev_dep):
        return "is selected by " + expr_str(symbol.rev_dep)
    if symbol.choice is not None:
        if item.value == "n":
            return "is the member that its choice falls back to; set another member to y"
        return "is a member of a choice in which another member is set"
    return "is kept from its value by its prompt's condition"


def verify(assignments):
    """Raise unless every assignment that was not overridden by a later one has taken effect."""
    last = {}
    for item in assignments:
        last[item.symbol] = item
        if item.symbol.choice is not None and item.value == "y":
            for sibling in item.symbol.choice.syms:
                if sibling is not item.symbol:
                    last.pop(sibling, None)
    errors = []
    for item in sorted(last.values(), key=lambda item: (item.path, item.line)):
        actual, wanted = item.symbol.str_value, item.value
        if item.symbol.type in (kconfiglib.INT, kconfiglib.HEX):
            same = actual != "" and int(actual, 0) == int(wanted, 0)
        else:
            same = actual == wanted
        if not same:
            errors.append(f"{item.where()}: CONFIG_{item.symbol.name}={wanted} has no effect "
                          f"(the value is {actual or 'not set'}): it {reason(item)}")
    if errors:
        raise ConfigError("\n".join(errors))


def apply(assignments):
    for item in assignments:
        symbol = item.symbol
        # kconfiglib unsets a choice that is given n for the member chosen before; a member's n
        # says nothing that another member's y does not say better.
        if symbol.choice is not None and item.value == "n" and symbol.choice.user_selection:
            if symbol.choice.user_selection is not symbol:
                continue
        symbol.set_value(item.value)
