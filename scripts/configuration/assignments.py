"""Files written by hand: defconfigs, fragments, KCONFIG_ALLCONFIG, assignments on make's line.

kconfiglib is silent on a value that does not take effect. So every assignment is kept with its
file and line, and once all of them are applied each is held against the value that came of it.
All faults of all files are reported together.
"""

import spelling
from kconfiglib import STRING, escape

from . import notation
from .errors import ConfigError
from .paths import absence, display
from .reasons import has_prompt, reason


class Assignment:
    """One line of a file written by hand."""

    def __init__(self, symbol, value, path, line):
        self.symbol, self.value, self.path, self.line = symbol, value, path, line

    def where(self):
        return f"{self.path}:{self.line}" if self.line else self.path

    def text(self):
        return notation.written(self.symbol, self.value)

    def chooses(self):
        """Whether it sets a member of a choice."""
        return self.symbol.choice is not None and self.value == "y"


def suggestion(kconf, name):
    """The option that was meant, perhaps."""
    names = [symbol.name for symbol in kconf.unique_defined_syms]
    return spelling.meant(name.upper(), names, "CONFIG_{}")


def resolve(kconf, line):
    """The symbol that a line names and the value for it; None for what is not there."""
    symbol = kconf.syms.get(line.name)
    if symbol is None or not symbol.nodes:
        return None, None
    return symbol, notation.value_of(symbol, line.value)


def interpret(kconf, line, path):
    """(an Assignment, None), or (None, what is wrong with the line)."""
    if line.text.startswith("\ufeff"):
        return None, "the file begins with a byte order mark: save it without one"
    if line.name is None:
        return None, f"not an assignment: {notation.printable(line.text)}"
    symbol, value = resolve(kconf, line)
    if symbol is None:
        return None, f"unknown symbol CONFIG_{line.name}{suggestion(kconf, line.name)}"
    if value is None:
        return None, notation.misfit(symbol, line.value)
    if not has_prompt(symbol):
        return None, f"CONFIG_{line.name} {reason(symbol, value)}"
    return Assignment(symbol, value, path, line.number), None


def scan_lines(kconf, lines, shown):
    """The assignments in the lines of one file, in order, and what is wrong with the others."""
    found, faults = [], []
    for line in lines:
        item, fault = interpret(kconf, line, shown)
        if item:
            found.append(item)
        else:
            faults.append(f"{shown}:{line.number}: {fault}" if line.number else f"{shown}: {fault}")
    return found, faults + [contradiction(*pair) for pair in collisions(found)]


def collisions(assignments):
    """What is set twice in one file: each second and different value of a symbol, and each second
    member of a choice that is set to y, with the assignment before it."""
    before = {}
    for item in assignments:
        other = before.get(item.symbol, item)
        if not notation.same(item.symbol, item.value, other.value):
            yield item, other
        before[item.symbol] = item
        if item.chooses():
            other = before.get(item.symbol.choice, item)
            if other.symbol is not item.symbol:
                yield item, other
            before[item.symbol.choice] = item


def contradiction(item, other):
    if item.symbol is other.symbol:
        return f"{item.where()}: {item.text()} contradicts {other.text()}{on_line(other)}"
    return (f"{item.where()}: CONFIG_{item.symbol.name} and CONFIG_{other.symbol.name}"
            f"{on_line(other)} are members of one choice, {item.symbol.choice.name}: "
            "only one can be y")


def on_line(item):
    return f" (line {item.line})" if item.line else ""


def scan(kconf, path, source):
    """The assignments of a file and its faults."""
    shown = display(path, source)
    try:
        with open(path, "rb") as file:
            return scan_lines(kconf, notation.parse(file.read()), shown)
    except FileNotFoundError:
        return [], [absence(path, source)]
    except OSError as error:
        return [], [f"{shown}: {error.strerror}"]


def raise_all(faults):
    if faults:
        raise ConfigError("\n".join(faults))


def read_assignments(kconf, path, source):
    """The assignments of a file written by hand, in order; raises with all that is wrong in it."""
    found, faults = scan(kconf, path, source)
    raise_all(faults)
    return found


def apply(assignments):
    for item in assignments:
        if item.chooses():
            item.symbol.choice.set_value("y")    # an optional choice is off until it is asked for
        item.symbol.set_value(item.value)


def in_force(assignments):
    """Those that no later one overrides: of each symbol the last, of each choice the last y."""
    last = {}
    for item in assignments:
        last[item.symbol] = item
        if item.chooses():
            for sibling in item.symbol.choice.syms:
                if sibling is not item.symbol:
                    last.pop(sibling, None)
    return [item for item in assignments if last.get(item.symbol) is item]


def in_effect(item):
    """Whether the symbol has the value that was assigned to it."""
    return notation.same(item.symbol, item.symbol.str_value, item.value)


def ineffective(assignments):
    """What to say of each assignment in force that did not take effect."""
    faults = []
    for item in in_force(assignments):
        if not in_effect(item):
            faults.append(f"{item.where()}: {item.text()} has no effect (the value is "
                          f"{item.symbol.str_value or 'not set'}): "
                          f"it {reason(item.symbol, item.value)}")
    return faults


def verify(assignments):
    """Raise unless every assignment that was not overridden by a later one has taken effect."""
    raise_all(ineffective(assignments))


def requoted(kconf, line):
    """A string of the command line as a file would have it: the shell has taken its quotes."""
    symbol = kconf.syms.get(line.name)
    if symbol is None or symbol.orig_type != STRING or (line.value or "").startswith('"'):
        return line
    return line._replace(value=f'"{escape(line.value or "")}"')


def scan_words(kconf, words):
    """`CONFIG_X=value` words of make's command line, read like the lines of a last file."""
    lines = [notation.parse_line(0, word.encode()) for word in words]
    return scan_lines(kconf, [requoted(kconf, line) for line in lines if line], "command line")


def take(kconf, paths, source, words=()):
    """Apply files written by hand in their order, then assignments of the command line; raises with
    everything that is wrong in any of them, and returns the assignments."""
    scans = [scan(kconf, path, source) for path in paths] + [scan_words(kconf, words)]
    assignments = [item for found, _ in scans for item in found]
    apply(assignments)
    raise_all([fault for _, faults in scans for fault in faults] + ineffective(assignments))
    return assignments
