"""Building configurations, each in a folder of its own below build/test.

A build is incremental and safe to ask for from several processes: the first takes the folder's
lock, the others find nothing left to do. What is asked for twice in one process is built once, and
where that failed, only the first to ask is told at length.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from facet import BUILD, ROOT
from facet.shapes import Shape

# What an outer make or a user's shell would slip into ours.
FOREIGN = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GNUMAKEFLAGS", "O", "U", "V",
           "T", "SHAPE", "PYTHON", "APPEND")
SETTINGS = ("KCONFIG_", "CONFIG_", "MENUCONFIG_", "srctree")
LIMIT_S = 240
TAIL_LINES = 30


class BuildError(AssertionError):
    """A build failed: the end of what make said."""


@dataclass(frozen=True)
class Build:
    """A folder in which a kernel was built."""

    folder: Path

    @property
    def kernel(self) -> Path:
        return self.folder / "facet.elf"

    @property
    def archive(self) -> Path:
        return self.folder / "root.cpio"

    @property
    def image(self) -> Path:
        return self.folder / "facet.iso"

    @property
    def stick(self) -> Path:
        """The image of several kernels."""
        return self.folder / "facet.img"

    @property
    def options(self) -> dict[str, str]:
        """The options that are set, without their prefix, strings without their quotes."""
        return read_options(self.folder / ".config")

    @property
    def initrd(self) -> "Path | None":
        """What the boot loader has to hand over besides the kernel."""
        return self.archive if "PROGRAMS_INITRD" in self.options else None


def read_options(path: Path) -> dict[str, str]:
    options = {}
    for line in path.read_text().splitlines():
        if line.startswith("CONFIG_"):
            name, _, value = line.removeprefix("CONFIG_").partition("=")
            options[name] = value.strip('"')
    return options


def jobs() -> int:
    """Processors for one make: the others have a test of their own to run."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return max(1, (os.cpu_count() or 1) // workers)


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items()
            if name not in FOREIGN and not name.startswith(SETTINGS)}


def start_make(*words: str, environment: "dict[str, str] | None" = None,
               tree: Path = ROOT) -> subprocess.Popen:
    """Make in a source tree, in a process group of its own, both outputs in one pipe."""
    return subprocess.Popen(["make", f"-j{jobs()}", *words], cwd=tree, text=True,
                            errors="replace", env={**clean_environment(), **(environment or {})},
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, start_new_session=True)


def make(*words: str, environment: "dict[str, str] | None" = None,
         tree: Path = ROOT) -> subprocess.CompletedProcess:
    """Runs make in a source tree and returns what came of it, good or bad."""
    with start_make(*words, environment=environment, tree=tree) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT_S)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, output)


def good(done: subprocess.CompletedProcess) -> subprocess.CompletedProcess:
    """What a command that must succeed ended as."""
    assert done.returncode == 0, f"{done.stdout}{done.stderr or ''}"
    return done


@contextlib.contextmanager
def locked(folder: Path):
    """Keeps other test processes out of a build folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


_outcomes: "dict[tuple, Build | str]" = {}


def build(name: str, goals: tuple[str, ...], targets: tuple[str, ...] = ("all",)) -> Build:
    """Builds `targets` of the configuration that `goals` (a defconfig, fragments) make."""
    key = (name, goals, targets)
    if key in _outcomes:
        if isinstance(_outcomes[key], str):
            raise BuildError(_outcomes[key])
        return _outcomes[key]

    folder, log = BUILD / name, BUILD / "logs" / "build" / f"{name}.log"
    with locked(folder):
        done = make(f"O={folder}", f"U={BUILD / 'usr'}", *goals, *targets)
    if done.returncode:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout)
        _outcomes[key] = f"make O={folder} {' '.join((*goals, *targets))} failed: see {log}"
        tail = "\n".join(done.stdout.splitlines()[-TAIL_LINES:])
        raise BuildError(f"{_outcomes[key]}\n{tail}")
    _outcomes[key] = Build(folder)
    return _outcomes[key]


def build_shape(shape: Shape, targets: tuple[str, ...] = ("all",)) -> Build:
    """A shape with every check on."""
    return build(shape.name, ("qemu_defconfig", *shape.fragments, "checks.config"), targets)
