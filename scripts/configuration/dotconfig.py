"""The .config of a build folder: read with patience, written whole."""

import os
import sys

from kconfiglib import BOOL, TRI_TO_STR

from .assignments import apply, read_assignments, verify


def path():
    """Relative to the build folder, which is the current directory."""
    return os.environ.get("KCONFIG_CONFIG", ".config")


def load_old(kconf):
    """An existing .config: what no longer fits is dropped, and said."""
    kconf.warnings.clear()
    kconf.load_config(path())
    for name, value in kconf.missing_syms:
        print(f"{path()}: dropped CONFIG_{name}={value}: there is no such option any more",
              file=sys.stderr)
    for symbol in kconf.unique_defined_syms:
        if symbol.user_value is None or symbol.choice is not None:
            continue
        wanted = symbol.user_value
        wanted = TRI_TO_STR[wanted] if symbol.type == BOOL else wanted
        if symbol.visibility and symbol.str_value != wanted:
            print(f"{path()}: CONFIG_{symbol.name}={wanted} became {symbol.str_value or 'n'}",
                  file=sys.stderr)


def save(kconf):
    print(kconf.write_config(os.path.abspath(path())))


def load_or_default(kconf, source):
    if os.path.exists(path()):
        load_old(kconf)
    else:
        found = read_assignments(kconf, os.path.join(source, "configs", "qemu_defconfig"), source)
        apply(found)
        verify(found)
