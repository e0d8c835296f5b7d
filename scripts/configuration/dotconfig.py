"""The .config of a build folder: read with patience, written whole.

Whatever is in it, reading comes to an end and leaves a configuration. Each line that did not come
through as it stands is said on standard error. Linux warns of some of these and passes over the
others; the same ones are warnings here, which KCONFIG_WERROR turns into a failure:
a line that assigns nothing, a value that its type does not have, a second and different value, a
second member of a choice, and, where KCONFIG_WARN_UNKNOWN_SYMBOLS is set, an option that does not
exist.
"""

import os
import sys
from collections import Counter

from . import notation
from .assignments import (Assignment, apply, collisions, in_effect, in_force, resolve,
                          suggestion, take)
from .errors import ConfigError
from .reasons import reason, unmet_prompt

MOST_BYTES = 16 << 20
MOST_MALFORMED = 10


def path():
    """Relative to the build folder, which is the current directory."""
    name = os.environ.get("KCONFIG_CONFIG") or ".config"
    if len(name.split()) != 1 or ":" in name:
        raise ConfigError(f"KCONFIG_CONFIG cannot contain spaces or colons: '{name}'")
    return name


class Report:
    """What to say of a .config: warnings, which KCONFIG_WERROR makes errors, and notes."""

    def __init__(self, name, quiet=False):
        self.name, self.quiet, self.warned, self.malformed = name, quiet, False, 0

    def note(self, number, text):
        place = f"{self.name}:{number}" if number else self.name
        if not self.quiet:
            print(f"{place}: {text}", file=sys.stderr)

    def warning(self, number, text):
        self.warned = True
        self.note(number, f"warning: {text}")

    def malformed_line(self, line):
        self.malformed += 1
        if self.malformed <= MOST_MALFORMED:
            self.warning(line.number, f"dropped what is no assignment: "
                                      f"{notation.printable(line.text)}")

    def finish(self, strict):
        more = self.malformed - MOST_MALFORMED
        if more > 0:
            self.warning(0, f"dropped {more} more lines that are no assignments")
        if strict and self.warned and "KCONFIG_WERROR" in os.environ:
            raise ConfigError(f"{self.name}: KCONFIG_WERROR is set, so the warnings are errors")


def read_bytes(report):
    """What is in the file; nothing where it cannot be read."""
    try:
        if not os.path.isfile(report.name):
            report.warning(0, "not a regular file: taking defaults")
            return b""
        with open(report.name, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        report.warning(0, f"{error.strerror}: taking defaults")
        return b""
    if len(data) > MOST_BYTES:
        report.warning(0, f"larger than {MOST_BYTES >> 20} MiB: taking defaults")
        return b""
    return data


def interpret(kconf, line, report):
    """The Assignment of a line, or None and why it is dropped said."""
    if line.name is None:
        report.malformed_line(line)
        return None
    symbol, value = resolve(kconf, line)
    if symbol is None:
        kconf.missing_syms.append((line.name, line.value))
        say = report.warning if "KCONFIG_WARN_UNKNOWN_SYMBOLS" in os.environ else report.note
        say(line.number, f"dropped {notation.printable(line.text)}: there is no such option"
                         f"{suggestion(kconf, line.name)}")
        return None
    if value is None:
        say = report.note if line.value is None else report.warning
        say(line.number, f"dropped {notation.printable(line.text)}: "
                         f"{notation.misfit(symbol, line.value)}")
        return None
    return Assignment(symbol, value, report.name, line.number)


def say_overridden(assignments, report):
    """A second and different value of a symbol, a second member of a choice."""
    for item, other in collisions(assignments):
        why = "" if item.symbol is other.symbol else ": members of one choice"
        report.warning(item.line,
                       f"{item.text()} overrides {other.text()} (line {other.line}){why}")


def say_changed(assignments, report):
    """What has another value now."""
    for item in in_force(assignments):
        symbol = item.symbol
        if in_effect(item) or symbol.choice and not item.chooses():
            continue
        report.note(item.line, f"{item.text()} became {symbol.str_value or 'unset'}: "
                               f"it {reason(symbol, item.value)}{fallback(symbol)}")


def fallback(symbol):
    """Which member a choice takes instead of a lost one."""
    chosen = symbol.choice and symbol.choice.selection
    return f"; {symbol.choice.name} falls back to CONFIG_{chosen.name}" if chosen else ""


def say_unchosen(kconf, assignments, report):
    """A choice of which the file sets members to n and none to y: the one it had is gone."""
    mentioned = Counter(item.symbol.choice for item in assignments if item.symbol.choice)
    for item in assignments:
        if item.chooses():
            mentioned.pop(item.symbol.choice, None)
    for choice in mentioned:
        if choice.selection and not unmet_prompt(choice):
            report.note(0, f"no member of {choice.name} is set: "
                           f"it falls back to CONFIG_{choice.selection.name}")


def load(kconf, report):
    """Whatever the file gives, in the place of the present configuration."""
    kconf.unset_values()
    kconf.missing_syms = []    # menuconfig offers to save where a file had more than Kconfig has
    lines = notation.parse(read_bytes(report))
    assignments = [item for item in (interpret(kconf, line, report) for line in lines) if item]
    say_overridden(assignments, report)
    apply(assignments)
    say_changed(assignments, report)
    say_unchosen(kconf, assignments, report)


def load_old(kconf, strict=True):
    """An existing .config: what no longer fits is dropped, and said. An interface in which the
    user sees to it himself is not `strict`: it opens whatever KCONFIG_WERROR says."""
    report = Report(path())
    load(kconf, report)
    report.finish(strict)


def load_or_default(kconf, source, strict=True):
    if os.path.lexists(path()):
        load_old(kconf, strict)
    else:
        take(kconf, [os.path.join(source, "configs", "qemu_defconfig")], source)


def save(kconf):
    """Write .config and return what there is to say of it."""
    return kconf.write_config(os.path.abspath(path()))


def needs_update(kconf):
    """Whether .config says anything else than the configuration, comments and order apart."""
    with open(path(), "rb") as file:
        there = {line.text for line in notation.parse(file.read())}
    wanted = "".join(symbol.config_string for symbol in kconf.unique_defined_syms)
    return there != set(wanted.splitlines())
