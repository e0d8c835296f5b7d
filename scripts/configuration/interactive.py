"""Configuring in a menu: kconfiglib's, in the terminal or in a window.

Both need something that may be missing where make runs. That is said in a sentence here, before
the library fails at it.
"""

import curses
import importlib.util
import os
import shutil
import signal
import sys

from . import dotconfig
from .errors import ConfigError

# The menu, its frame and its help; below this kconfiglib draws one over the other.
LEAST_COLUMNS, LEAST_LINES = 40, 10
OTHER_WAYS = "`make config` asks line by line, and defconfigs and fragments need no terminal."


def prepare(kconf, source):
    """The menu opens whatever the state of .config, and starts from what would be built."""
    dotconfig.load_or_default(kconf, source, strict=False)
    if not os.path.lexists(dotconfig.path()):
        dotconfig.save(kconf)
    os.environ["KCONFIG_CONFIG"] = os.path.abspath(dotconfig.path())


def check_terminal():
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError(f"menuconfig needs a terminal. {OTHER_WAYS}")
    name = os.environ.get("TERM", "")
    try:
        curses.setupterm()
    except curses.error:
        raise ConfigError(f"menuconfig: nothing is known of the terminal TERM={name}. "
                          f"{OTHER_WAYS}") from None
    if not curses.tigetstr("cup"):
        raise ConfigError(f"menuconfig: the terminal TERM={name} cannot move its cursor. "
                          f"{OTHER_WAYS}")
    size = shutil.get_terminal_size()
    if size.columns < LEAST_COLUMNS or size.lines < LEAST_LINES:
        raise ConfigError(f"menuconfig needs a terminal of {LEAST_COLUMNS}x{LEAST_LINES} at least; "
                          f"this one is {size.columns}x{size.lines}. {OTHER_WAYS}")


def menuconfig(kconf, source):
    check_terminal()
    import menuconfig as interface
    prepare(kconf, source)
    os.environ.setdefault("MENUCONFIG_STYLE", "aquatic")
    try:
        interface.menuconfig(kconf)
    except curses.error as error:
        raise ConfigError(f"menuconfig: the terminal has become too small ({error}); what had not "
                          "been saved is lost") from None


def check_display():
    if importlib.util.find_spec("tkinter") is None:
        raise ConfigError("guiconfig needs Tk (Debian: python3-tk). "
                          "`make menuconfig` does without.")
    import tkinter
    try:
        tkinter.Tk().destroy()
    except tkinter.TclError as error:
        raise ConfigError(f"guiconfig needs a graphic display ({error}). "
                          "`make menuconfig` does without.") from None


def guiconfig(kconf, source):
    check_display()
    import guiconfig as interface
    prepare(kconf, source)
    # Tk's loop lets no exception through: Ctrl-C ends the process. Saving is one step.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    interface.menuconfig(kconf)
