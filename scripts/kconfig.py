#!/usr/bin/env python3
"""The one driver of the configuration: every make target about it ends here.

kconfiglib reads Kconfig and evaluates it. What it leaves to chance is settled in configuration/: a
file that was written by hand (a defconfig, a fragment) must take effect to the letter, and each
line that does not is an error with its file, line, symbol and the dependency that is not met. An
old .config is met with patience: what no longer fits is dropped, and said.

Runs in the build folder: .config, include/config/ and include/generated/ are relative to the
current directory, Kconfig and configs/ to --source.
"""

import argparse
import os
import sys

try:
    import kconfiglib
except ImportError:
    sys.exit("kconfiglib is missing. `make setup` installs it (Debian: python3-kconfiglib).")

from configuration import build_files, dotconfig, interactive, paths, presets, products
from configuration.errors import ConfigError
from configuration.tree import load_kconfig


def olddefconfig(kconf, source, _names):
    dotconfig.load_or_default(kconf, source)
    dotconfig.save(kconf)


def savedefconfig(kconf, source, _names):
    dotconfig.load_or_default(kconf, source)
    print(kconf.write_min_config(os.path.abspath("defconfig")))


COMMANDS = {
    "alldefconfig": presets.alldefconfig,
    "allnoconfig": presets.allnoconfig,
    "allyesconfig": presets.allyesconfig,
    "merge": products.merge,
    "menuconfig": interactive.menuconfig,
    "oldconfig": interactive.oldconfig,
    "olddefconfig": olddefconfig,
    "randconfig": presets.randconfig,
    "savedefconfig": savedefconfig,
    "sync": build_files.sync,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, help="the source tree")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="*",
                        help="merge: defconfigs, fragments and CONFIG_X=value, in order")
    parser.add_argument("--from", default=".", dest="folder",
                        help="the folder that the user's paths start in")
    arguments = parser.parse_args()
    source = os.path.abspath(arguments.source)
    names = [paths.locate(source, arguments.folder, name) for name in arguments.names]
    COMMANDS[arguments.command](load_kconfig(source), source, names)


if __name__ == "__main__":
    try:
        main()
    except (ConfigError, kconfiglib.KconfigError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        sys.exit(130)
