"""Builds the columns' kernels, each configuration in a folder of its own that is kept by its hash.

A kernel is linked anew, in a seeded order, for each round of time: see LINK_SEED in build.mk. What
is booted is a copy in the comparison's own folder, so that a later build cannot change it.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from .machine import Image
from .model import ToolError

# What an outer make would slip into ours.
FOREIGN = re.compile(r"MAKE|MFLAGS|GNUMAKEFLAGS|KCONFIG_|CONFIG_|(?:[A-Z]|LINK_SEED|PYTHON)$")
TAIL_LINES = 30


class BuildError(ToolError):
    """A column that cannot be built: what make said at the end."""


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}


class Builder:
    """Builds below `folder`, from the sources in `source`."""

    def __init__(self, source: Path, folder: Path, jobs: int):
        self.source, self.folder, self.jobs = source, folder, jobs

    def make(self, configuration, *words: str) -> Path:
        """The build folder of a configuration, after `make` of `words` in it."""
        folder = self.folder / "kernels" / configuration.hash
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / ".config"
        if not place.exists() or place.read_text() != configuration.text:
            place.write_text(configuration.text)
        command = ["make", "-s", f"-j{self.jobs}", f"O={folder}", f"U={self.folder / 'usr'}",
                   *words]
        done = subprocess.run(command, cwd=self.source, env=environment(), text=True,
                              errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            tail = "\n".join(done.stdout.splitlines()[-TAIL_LINES:])
            raise BuildError(f"{' '.join(command)} failed:\n{tail}")
        return folder

    def image(self, configuration, images: Path, seed: "int | None" = None) -> Image:
        """A kernel, and its archive where the boot loader hands it over, copied to `images`; linked
        by `seed` where there is one."""
        folder = self.make(configuration, *([f"LINK_SEED={seed}"] if seed is not None else []))
        name = configuration.hash if seed is None else f"{configuration.hash}-{seed}"
        images.mkdir(parents=True, exist_ok=True)
        kernel = copied(folder / "facet.elf", images / f"{name}.elf")
        if configuration.values["PROGRAMS_INITRD"] != "y":
            return Image.of(kernel)
        return Image.of(kernel, copied(folder / "root.cpio", images / f"{name}.cpio"))

    def archive(self, configuration) -> Path:
        """What is built in, or handed over."""
        return self.folder / "kernels" / configuration.hash / "root.cpio"


def copied(source: Path, target: Path) -> Path:
    """Into place in one step, so that an interrupted copy is not taken for an image."""
    fresh = target.with_suffix(".new")
    shutil.copyfile(source, fresh)
    os.replace(fresh, target)
    return target
