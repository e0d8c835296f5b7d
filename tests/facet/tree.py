"""A source tree of a test's own, which it may change, and the build folders beside it."""

import itertools
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from facet import ROOT
from facet.build import make, start_make

PARTS = ("arch", "configs", "drivers", "fs", "include", "init", "kernel", "lib", "mm", "scripts",
         "usr", "Kconfig", "Makefile")
PROGRAMS = ("init.c", "reboot.c", "test.c")


@dataclass(frozen=True)
class Tree:
    """A source tree, and make in it."""

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "source"

    def build_folder(self, name: str) -> Path:
        return self.folder / name

    def words(self, name: str, *goals: str) -> list[str]:
        return [f"O={self.build_folder(name)}", f"U={self.folder / 'usr'}", *goals]

    def make(self, name: str, *goals: str, **environment: str) -> str:
        """Runs make for a build folder and returns what it printed."""
        done = make(*self.words(name, *goals), environment=environment, tree=self.source)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def killed(self, name: str, *goals: str, after: int):
        """Runs make and kills all of it when it has said that many commands, if it says so many."""
        with start_make(*self.words(name, *goals), tree=self.source) as process:
            said = sum(1 for _ in itertools.islice(process.stdout, after))
            if said == after:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def kernel(self, name: str) -> bytes:
        return (self.build_folder(name) / "facet.elf").read_bytes()

    def clean_kernel(self, name: str) -> bytes:
        """The kernel of the same configuration, built from nothing."""
        clean = self.build_folder("clean")
        shutil.rmtree(clean, ignore_errors=True)
        clean.mkdir()
        shutil.copy(self.build_folder(name) / ".config", clean)
        self.make("clean", "facet.elf")
        return self.kernel("clean")


def copy_tree(folder: Path, small: bool = True) -> Tree:
    """A copy of the source; a small one has few user programs, for tests about the kernel."""
    source = folder / "source"
    source.mkdir(parents=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part,
                            ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / part, source)
    if small:
        for path in [*(source / "usr").glob("*.c"), *(source / "usr" / "tests").glob("*.c"),
                     *(source / "usr" / "bench").glob("*.c"), *(source / "usr" / "sh").glob("*.c")]:
            if path.name not in PROGRAMS:
                path.unlink()
    return Tree(folder)
