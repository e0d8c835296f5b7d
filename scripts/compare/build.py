"""Builds the columns' kernels, each configuration in a folder of its own that is kept by its hash.

A kernel is linked anew, in a seeded order, for each round of time: see LINK_SEED in build.mk. What
is booted is a copy in the comparison's own folder, so that a later build cannot change it.
"""

import contextlib
import fcntl
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


@contextlib.contextmanager
def alone(folder: Path):
    """While no other comparison of this tree makes anything in the folder, which they share."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".compare.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Builder:
    """Builds below `folder`, from the sources in `source`, and copies what it has built to
    `images`."""

    def __init__(self, source: Path, folder: Path, images: Path, jobs: int):
        self.source, self.folder, self.images, self.jobs = source, folder, images, jobs

    def make(self, folder: Path, configuration, *words: str):
        """`make` of `words` in the build folder of a configuration."""
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

    def image(self, configuration, seed: "int | None" = None) -> Image:
        """A kernel, linked by `seed` where there is one, and its archive where the boot loader
        hands it over."""
        folder = self.folder / "kernels" / configuration.hash
        name = configuration.hash if seed is None else f"{configuration.hash}-{seed}"
        handed_over = configuration.values["PROGRAMS_INITRD"] == "y"
        self.images.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            self.make(folder, configuration, *([f"LINK_SEED={seed}"] if seed is not None else []))
            kernel, archive = self.images / f"{name}.elf", self.images / f"{name}.cpio"
            copy(folder / "facet.elf", kernel)
            if handed_over or seed is None:
                copy(folder / "root.cpio", archive)
        return Image.of(kernel, archive if handed_over else None)

    def archive(self, configuration) -> Path:
        """What is built into the image, or handed over with it."""
        return self.images / f"{configuration.hash}.cpio"


def copy(source: Path, target: Path):
    """Into place in one step, so that an interrupted copy is not taken for an image."""
    fresh = target.with_suffix(".new")
    shutil.copyfile(source, fresh)
    os.replace(fresh, target)
