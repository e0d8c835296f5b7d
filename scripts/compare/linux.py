"""Debian's kernel for machines in a cloud: the column that everybody knows.

Fetched by apt when it is first asked for, and unpacked into the build folder; nothing is installed.
It boots the same archive as Facet, as its initrd, so the very same ELF files run on both.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from .build import alone
from .machine import LINUX, Image
from .model import RequestError

PACKAGE = "linux-image-cloud-amd64"


def run(*command, folder=None) -> str:
    try:
        done = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
    except OSError as error:
        raise RequestError(f"WITH=linux needs {command[0]}: {error.strerror}") from None
    if done.returncode:
        raise RequestError(f"WITH=linux: {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def newest(folder: Path) -> "Path | None":
    return max(folder.glob("boot/vmlinuz-*"), default=None, key=lambda path: path.stat().st_mtime)


def kernel(folder: Path) -> Path:
    """The kernel's path; fetches it where it is not there."""
    with alone(folder):
        return newest(folder) or fetch(folder)


def fetch(folder: Path) -> Path:
    """Of the package only the kernel is kept, once it is whole."""
    depends = run("apt-cache", "depends", PACKAGE)
    match = re.search(r"Depends: (linux-image-\S+)", depends)
    if not match:
        raise RequestError(f"WITH=linux: apt knows no {PACKAGE}; `apt-get update` may help")
    with tempfile.TemporaryDirectory(dir=folder) as passing:
        run("apt-get", "download", "-q", match[1], folder=passing)
        for package in Path(passing).glob("*.deb"):
            run("dpkg-deb", "-x", str(package), passing)
        found = newest(Path(passing))
        if not found:
            raise RequestError(f"WITH=linux: there is no kernel in {match[1]}")
        (folder / "boot").mkdir(exist_ok=True)
        return found.rename(folder / "boot" / found.name)


def image(folder: Path, archive: Path) -> Image:
    """Linux with an archive of Facet's as its initrd."""
    return Image.of(kernel(folder), archive, system=LINUX)
