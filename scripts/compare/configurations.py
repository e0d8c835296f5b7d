"""Configurations as the comparison sees them: made from files and assignments, told apart by value.

Everything goes through the driver's strict reading, so a member or a value that does not take
effect is refused with the dependency that is not met.
"""

import os
import tempfile

from configuration import dotconfig, record
from configuration.assignments import take
from configuration.errors import ConfigError
from configuration.paths import locate
from configuration.tree import check_sound, load_kconfig

from .model import RequestError

DEFAULT = "qemu_defconfig"


class Configuration:
    """All options with their values, and the text of the .config that they make."""

    def __init__(self, kconf):
        check_sound(kconf)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, ".config")
            kconf.write_config(path, save_old=False)
            with open(path, encoding="utf-8") as file:
                self.text = file.read()
        self.hash = record.config_hash(self.text)
        self.values = {symbol.name: symbol.str_value for symbol in kconf.unique_defined_syms}


def read(source, words):
    """The Configuration that a side of the request names: files of configs/ or paths, and
    CONFIG_X=value words, in their order; or a build folder, or its .config."""
    kconf = load_kconfig(source)
    words = words.split() if isinstance(words, str) else list(words)
    assigned = [word for word in words if word.startswith("CONFIG_") and "=" in word]
    files = [locate(source, os.getcwd(), word) for word in words if word not in assigned]
    try:
        if files and is_dotconfig(files[0]):
            load_dotconfig(kconf, files.pop(0))
        elif not (files and files[0].endswith("_defconfig")):
            files.insert(0, locate(source, os.getcwd(), DEFAULT))
        take(kconf, files, source, assigned)
        return Configuration(kconf)
    except ConfigError as error:
        raise RequestError(f"{' '.join(words)}: {error}") from None


def without(words, names):
    """Make's words, but those that set one of these options."""
    return [word for word in words
            if "=" not in word or word.partition("=")[0].removeprefix("CONFIG_") not in names]


def is_dotconfig(path):
    return os.path.isdir(path) or os.path.basename(path) == ".config"


def load_dotconfig(kconf, path):
    path = os.path.join(path, ".config") if os.path.isdir(path) else path
    if not os.path.isfile(path):
        raise RequestError(f"{path}: there is no configuration")
    report = dotconfig.Report(path)
    dotconfig.load(kconf, report)
    report.finish(strict=True)


def unit_of(symbol):
    """What a user sets: a choice, or an option that is in none."""
    return symbol.choice.name if symbol.choice else symbol.name


def differences(base, other):
    """[name, value in base, value in other] of each option that is not the same."""
    return [[name, value, other.values.get(name, "")] for name, value in base.values.items()
            if value != other.values.get(name, "")]


def independent(source, base, other):
    """The smallest set of choices and options to set on `base`, by name, to make it `other`: what
    is left out follows from the rest."""
    kconf = load_kconfig(source)
    changed = {name for name, _, _ in differences(base, other)}
    units = {}
    for symbol in kconf.unique_defined_syms:
        if symbol.name in changed and any(node.prompt for node in symbol.nodes):
            units.setdefault(unit_of(symbol), []).append(symbol)
    needed = set(units)
    for unit in units:
        if makes(kconf, base, other, units, needed - {unit}):
            needed.discard(unit)
    return needed, {name: {symbol.name for symbol in symbols} for name, symbols in units.items()}


def makes(kconf, base, other, units, chosen):
    """Whether the values of `other` for the chosen units, set on `base`, give `other`."""
    wanted = {symbol.name for unit in chosen for symbol in units[unit]}
    kconf.unset_values()
    for symbol in kconf.unique_defined_syms:
        if any(node.prompt for node in symbol.nodes):
            value = (other if symbol.name in wanted else base).values[symbol.name]
            if value and not (symbol.choice and value == "n"):
                symbol.set_value(value)
    return all(symbol.str_value == other.values[symbol.name]
               for symbol in kconf.unique_defined_syms)
