"""Configurations made without questions: defconfigs and fragments merged."""

import os

from . import dotconfig
from .assignments import take
from .errors import ConfigError


def check_order(files):
    """Raise where a later defconfig leaves nothing of a file."""
    for position, path in enumerate(files):
        if path.endswith("_defconfig") and position:
            names = ", ".join(os.path.basename(file) for file in files[:position])
            raise ConfigError(f"{os.path.basename(path)} starts from nothing: {names} before it "
                              f"would have no effect")


def merge(kconf, source, names):
    """Defconfigs, fragments and assignments in the order given; a defconfig starts from nothing."""
    words = [name for name in names if name.startswith("CONFIG_") and "=" in name]
    files = [name for name in names if name not in words]
    check_order(files)
    if not (files and files[0].endswith("_defconfig")):
        dotconfig.load_or_default(kconf, source)
    try:
        take(kconf, files, source, words)
    except ConfigError as error:
        if not any(os.path.basename(file) == ".config" for file in files):
            raise
        raise ConfigError(f"{error}\nA whole configuration is no fragment: copy it to .config in "
                          "the build folder, and `make olddefconfig`") from None
    return dotconfig.save(kconf)
