"""The tree of options that Kconfig declares, and what a configuration is in it."""

import hashlib
import os

import kconfiglib
from kconfiglib import BOOL, Kconfig


class ConfigError(Exception):
    """A message for the user; nothing has been written."""


def load_kconfig(source):
    os.environ["srctree"] = source
    kconf = Kconfig(os.path.join(source, "Kconfig"), warn_to_stderr=False)
    if kconf.warnings:
        raise ConfigError("\n".join(kconf.warnings))
    kconf.warn_assign_override = False
    kconf.warn_assign_redun = False
    return kconf


def values(kconf):
    """The value of each option as `NAME=value`, sorted: what the configuration is, however it
    was written down."""
    lines = []
    for symbol in kconf.unique_defined_syms:
        value = symbol.str_value
        if symbol.type == BOOL and value == "n" or value == "" and symbol.type != kconfiglib.STRING:
            continue
        lines.append(f"CONFIG_{symbol.name}={value}")
    return sorted(lines)


def config_hash(kconf):
    """The configuration's short name: panics and measurements carry it."""
    return hashlib.sha256("\n".join(values(kconf)).encode()).hexdigest()[:8]
