#!/usr/bin/env python3
"""The one driver of the configuration: every make target about it ends here.

kconfiglib reads Kconfig and evaluates it. What it leaves to chance is settled in configuration/: a
file that was written by hand (a defconfig, a fragment) must take effect to the letter, and each
line that does not is an error with its file, line, symbol and the dependency that is not met. An
old .config is met with patience: what no longer fits is dropped, and said.

Runs in the build folder: .config, include/config/ and include/generated/ are relative to the
current directory, Kconfig and configs/ to --source.
"""

import signal

# An interrupt while modules are being read ends it without a word. From main() on it is caught.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse      # noqa: E402
import functools     # noqa: E402
import itertools     # noqa: E402
import os            # noqa: E402
import sys           # noqa: E402

try:
    import kconfiglib
except ImportError:
    sys.exit("kconfiglib is missing. `make setup` installs it (Debian: python3-kconfiglib).")

from configuration import (build_files, dotconfig, interactive, news, paths,    # noqa: E402
                           presets, products, questions)
from configuration.errors import ConfigError     # noqa: E402
from configuration.tree import load_kconfig      # noqa: E402


# By it `make mrproper` knows what it may remove (scripts/clean).
SAVED = "# Saved by make savedefconfig.\n"


def start(kconf, source):
    """Begin with .config; says what is taken where there is none."""
    absent = not os.path.lexists(dotconfig.path())
    dotconfig.load_or_default(kconf, source)
    return "No .config here: taking qemu_defconfig.\n" if absent else ""


def olddefconfig(kconf, source):
    return start(kconf, source) + dotconfig.save(kconf)


def savedefconfig(kconf, source):
    return start(kconf, source) + kconf.write_min_config(os.path.abspath("defconfig"), SAVED)


# Each starts from the .config that is there, and returns what there is to say at its end.
COMMANDS = {
    "alldefconfig": presets.alldefconfig,
    "allnoconfig": presets.allnoconfig,
    "allyesconfig": presets.allyesconfig,
    "config": questions.config,
    "guiconfig": interactive.guiconfig,
    "helpnewconfig": news.helpnewconfig,
    "listnewconfig": news.listnewconfig,
    "menuconfig": interactive.menuconfig,
    "nconfig": interactive.menuconfig,
    "oldconfig": questions.oldconfig,
    "olddefconfig": olddefconfig,
    "randconfig": presets.randconfig,
    "savedefconfig": savedefconfig,
    "syncconfig": build_files.sync,
    "xconfig": interactive.guiconfig,
}


# They write out what the goals and assignments before them have made.
OUTPUTS = ("savedefconfig", "syncconfig")


def in_order(goals):
    """The assignments of the command line after all that they hold against, in front of what is
    then written of the result."""
    words = [goal for goal in goals if goal.startswith("CONFIG_") and "=" in goal]
    others = [goal for goal in goals if goal not in words]
    outputs = list(itertools.takewhile(OUTPUTS.__contains__, reversed(others)))[::-1]
    return others[:len(others) - len(outputs)] + words + outputs


def steps(goals, source, folder):
    """The goals as functions of Kconfig's tree. Files that follow each other are one step, so that
    an error in the last leaves .config as it was before the first."""
    for is_command, group in itertools.groupby(goals, COMMANDS.__contains__):
        if is_command:
            yield from (COMMANDS[command] for command in group)
        else:
            names = ["qemu_defconfig" if name == "defconfig" else name for name in group]
            files = [paths.locate(source, folder, name) for name in names]
            yield functools.partial(products.merge, names=files)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, help="the source tree")
    parser.add_argument("--from", default=".", dest="folder",
                        help="the folder that the user's paths start in")
    parser.add_argument("--quiet", action="store_true", help="say only what is wrong, or asked for")
    parser.add_argument("goals", nargs="+", metavar="GOAL",
                        help=f"{' '.join(COMMANDS)}, or a file to merge: a defconfig, a fragment, "
                             "or CONFIG_X=value")
    arguments = parser.parse_args()
    source = os.path.abspath(arguments.source)
    for step in steps(in_order(arguments.goals), source, arguments.folder):
        message = step(load_kconfig(source), source)
        if message and not arguments.quiet:
            print(message)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)    # listnewconfig | head
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        main()
    except (ConfigError, kconfiglib.KconfigError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        sys.exit(130)
