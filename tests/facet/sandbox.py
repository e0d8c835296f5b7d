"""A source tree of nothing but Kconfig files, and the configuration's driver run in a folder of it.

What the driver says of an option is tested on options made for the test: without make, and
whatever Facet's own options happen to be.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from facet import ROOT
from facet.build import clean_environment


# One of each kind of option, and each kind of reason for which one cannot be set.
OPTIONS = """\
mainmenu "Sandbox"

config NET
	bool "Network"

config NET_DEBUG
	bool "Debugging of the network"
	depends on NET && (LEVEL > 3 || !QUIET)

config NEITHER
	bool "Neither"
	depends on !(QUIET || RED)

config NOT_BOTH
	bool "Not both"
	depends on !(QUIET && RED)

config LEVEL
	int "Level"
	range 0 7
	default 2

config BASE
	hex "Base"
	range 0x100 0xff00 if NET
	default 0x1000

config QUIET
	bool "Quiet"
	default y

config NAME
	string "Name"
	default "facet"

choice COLOUR
	prompt "Colour"
	default RED

config RED
	bool "Red"
config GREEN
	bool "Green"
	depends on !QUIET
config BLUE
	bool "Blue"
endchoice

config HUE
	int
	default 3 if BLUE
	default 1

menu "Hidden"
	visible if NET

config INSIDE
	bool "Inside"
endmenu

config DRIVER
	bool "Driver"
	select HELPER

config HELPER
	bool "Helper"

config WHEN
	bool "Sometimes asked" if LEVEL = 5

config BROKEN
	bool "Selects what cannot be"
	select NET_DEBUG

config THREE
	tristate "Three values"
"""

# Menus, helps and each type: what the interfaces and the presets are shown on.
MENUS = """\
mainmenu "Sandbox"

menu "Network"

config NET
	bool "Network"
	help
	  Packets.

config NET_DEBUG
	bool "Debugging of the network"
	depends on NET

config QUEUE
	int "Queue"
	range 4 64
	default 16
	help
	  Packets that wait.

endmenu

config BASE
	hex "Base"
	range 0x100 0xff00
	default 0x1000

config NAME
	string "Name"
	default "facet"

choice COLOUR
	prompt "Colour"
	default GREEN
	help
	  Of the case.

config RED
	bool "Red"
config GREEN
	bool "Green"
config BLUE
	bool "Blue"
	depends on NET
endchoice
"""


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str


def done(said: Said) -> Said:
    """What a command that must succeed said."""
    assert said.status == 0, said.err
    return said


def good(said: Said) -> str:
    """What a command that must succeed remarked."""
    return done(said).err


def bad(said: Said) -> list[str]:
    """The lines with which a command must fail."""
    assert said.status != 0 and "Traceback" not in said.err, said.err
    return said.err.splitlines()


class Sandbox:
    """A folder with source/ (Kconfig, configs/) and build/ (.config)."""

    def __init__(self, folder: Path, kconfig: str):
        self.source, self.build = folder / "source", folder / "build"
        (self.source / "configs").mkdir(parents=True)
        self.build.mkdir()
        self.write("source/Kconfig", kconfig)
        self.write("source/configs/qemu_defconfig", "")

    def write(self, name: str, text: "str | bytes") -> Path:
        """A file by its path from the sandbox's folder."""
        path = self.source.parent / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def command(self, *goals: str) -> list[str]:
        return [sys.executable, "-B", str(ROOT / "scripts" / "kconfig.py"), "--source",
                str(self.source), "--from", str(self.source.parent), *goals]

    def run(self, *goals: str, answers: str = "", **settings: str) -> Said:
        """Runs goals in the build folder."""
        ended = subprocess.run(self.command(*goals), cwd=self.build, input=answers,
                               env={**clean_environment(), **settings}, capture_output=True,
                               text=True, errors="replace", timeout=60, check=False)
        return Said(ended.returncode, ended.stdout, ended.stderr)

    @property
    def config(self) -> Path:
        return self.build / ".config"

    def options(self) -> dict[str, str]:
        """What .config sets, as it is written there."""
        lines = self.config.read_text().splitlines()
        return dict(line.removeprefix("CONFIG_").split("=", 1)
                    for line in lines if line.startswith("CONFIG_"))
