"""A source tree of nothing but Kconfig files, and the configuration's driver run in a folder of it.

What the driver says of an option is tested on options made for the test: without make, and
whatever Facet's own options happen to be.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from facet import ROOT
from facet.build import FOREIGN

# What somebody's shell would slip into the driver.
SETTINGS = ("KCONFIG_", "CONFIG_", "MENUCONFIG_", "srctree")


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items()
            if name not in FOREIGN and not name.startswith(SETTINGS)}


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

    def run(self, *goals: str, **settings: str) -> Said:
        """Runs goals in the build folder."""
        done = subprocess.run(self.command(*goals), cwd=self.build, stdin=subprocess.DEVNULL,
                              env={**clean_environment(), **settings}, capture_output=True,
                              text=True, errors="replace", timeout=60, check=False)
        return Said(done.returncode, done.stdout, done.stderr)

    @property
    def config(self) -> Path:
        return self.build / ".config"

    def options(self) -> dict[str, str]:
        """What .config sets, as it is written there."""
        lines = self.config.read_text().splitlines()
        return dict(line.removeprefix("CONFIG_").split("=", 1)
                    for line in lines if line.startswith("CONFIG_"))
