"""Configurations made without questions: defconfigs and fragments merged."""

import os

from . import dotconfig
from .assignments import apply, read_assignments, verify


def config_path(source, name):
    path = os.path.join(source, "configs", name)
    return path if os.path.exists(path) or os.sep not in name else os.path.abspath(name)


def merge(kconf, source, names):
    """Defconfigs and fragments in the order given; a defconfig starts from nothing."""
    assignments = []
    for position, name in enumerate(names):
        path = config_path(source, name)
        if name.endswith("_defconfig"):
            kconf.unset_values()
            assignments = []
        elif position == 0:
            if os.path.exists(dotconfig.path()):
                dotconfig.load_old(kconf)
            else:
                default = os.path.join(source, "configs", "qemu_defconfig")
                assignments = read_assignments(kconf, default, source)
                apply(assignments)
        found = read_assignments(kconf, path, source)
        apply(found)
        assignments += found
    verify(assignments)
    dotconfig.save(kconf)
