"""The tree of options that Kconfig declares, what a configuration is in it, and how it is written.

kconfiglib warns where Kconfig files are doubtful, and carries on. Here a doubtful Kconfig file is
an error, and so is an option that is selected while its dependencies do not hold.
"""

import filecmp
import os
import re
import shutil

from kconfiglib import Kconfig, KconfigError, expr_value

from . import dotconfig
from .errors import ConfigError, Unwritable
from .reasons import place, selectors, together, unmet


class Tree(Kconfig):
    """Kconfig's tree, as kconfiglib's interfaces use it too. It reads any file there is; what it
    writes is sound, and takes the place of the old file in one step."""

    def load_config(self, filename=None, replace=True, verbose=None):
        """Without a word: the screen belongs to an interface, and the driver has said it before."""
        path = filename or dotconfig.path()
        dotconfig.load(self, dotconfig.Report(path, quiet=True))
        return f"Loaded configuration '{path}'"

    def write_config(self, filename=None, header=None, save_old=True, verbose=None):
        path = writable(filename or dotconfig.path())
        check_sound(self)
        with Replacement(path) as fresh:
            super().write_config(fresh.path, header, save_old=False)
            if fresh.is_like_old():
                return f"No change to configuration in '{path}'"
            if save_old:
                fresh.keep_old()
            fresh.install()
        return f"Configuration saved to '{path}'"

    def write_min_config(self, filename, header=None):
        check_sound(self)
        with Replacement(writable(filename)) as fresh:
            super().write_min_config(fresh.path, header)
            fresh.install()
        return f"Minimal configuration saved to '{filename}'"


class Replacement:
    """A new file beside an old one: an interruption or a full disk leaves the old one whole."""

    def __init__(self, path):
        self.old, self.path = path, f"{path}.{os.getpid()}.tmp"

    def __enter__(self):
        return self

    def is_like_old(self):
        try:
            return filecmp.cmp(self.path, self.old, shallow=False)
        except OSError:
            return False

    def keep_old(self):
        try:
            shutil.copyfile(self.old, self.old + ".old")
        except OSError:
            pass    # there is none yet, or it cannot be kept: no reason not to save the new one

    def install(self):
        os.replace(self.path, self.old)

    def __exit__(self, *_):
        if os.path.exists(self.path):
            os.unlink(self.path)


def writable(path):
    """The file to write: Linux's KCONFIG_OVERWRITECONFIG keeps a symbolic link and writes what it
    points to. A device or a folder is not replaced by a file."""
    if os.environ.get("KCONFIG_OVERWRITECONFIG") is not None:
        path = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise Unwritable(f"{path}: not a regular file, so no configuration is written there")
    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder):
        raise Unwritable(f"{path}: there is no folder {folder}")
    return path


def load_kconfig(source):
    """The tree of source/Kconfig; raises where a Kconfig file is wrong, or only doubtful."""
    os.environ["srctree"] = source
    os.environ["KCONFIG_WARN_UNDEF"] = "y"
    # Linux lets it change the prefix of every option; here sources and scripts say CONFIG_.
    os.environ.pop("CONFIG_", None)
    try:
        kconf = Tree("Kconfig", warn_to_stderr=False)
    except KconfigError as error:
        raise ConfigError(str(error).strip()) from None
    faults = kconf.warnings + unnamed_choices(kconf)
    if faults:
        raise ConfigError("\n".join(faults))
    return kconf


def unnamed_choices(kconf):
    return [f"{place(choice)}: the choice \"{choice.nodes[0].prompt[0]}\" has no name"
            for choice in kconf.unique_choices if not choice.name and choice.nodes[0].prompt]


# What kconfiglib finds only when it works out a value, however the user has set the others.
LATE_FAULT = re.compile(r"default value .* clamped to|being evaluated in a logical context")


def check_sound(kconf):
    """Raise where an option is selected whose dependencies do not hold, or a default is wrong."""
    kconf.write_autoconf(os.devnull)    # works out every value
    faults = [warning for warning in kconf.warnings if LATE_FAULT.search(warning)]
    faults += [f"{place(symbol)}: CONFIG_{symbol.name} is selected by {selectors(symbol)}, but "
              f"depends on {together(unmet(symbol.direct_dep))}"
              for symbol in kconf.unique_defined_syms
              if expr_value(symbol.rev_dep) > expr_value(symbol.direct_dep)]
    if faults:
        raise Unwritable("\n".join(faults))
