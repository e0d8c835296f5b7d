"""Builds the last recorded commit with the tools that are here, to compare with it.

Where these tools or this program have no record, two kernels that are built and measured alike
still tell what a change costs. So another compiler fails by nothing but a change of the source.
"""

import shutil
import subprocess
from pathlib import Path

from . import Unavailable
from .record import FILE
from .shapes import fragments

# What the user programs' makefile becomes: they are there, for both kernels run the same ones.
MADE = "list: ;\n"


def git(source: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", source, *words], capture_output=True, text=True,
                              check=False)
    except FileNotFoundError:
        raise Unavailable("git is not installed") from None
    if done.returncode:
        raise Unavailable(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def last_commit(source: Path) -> str:
    """The newest that changed the record."""
    if not (source / ".git").exists():
        raise Unavailable("this source is no git checkout, so the last recorded commit cannot be "
                          "built. In a clone of the repository it can; or write figures of the "
                          "unchanged source by `make perf-update`, and check against these.")
    commit = git(source, "log", "-1", "--format=%H", "--", FILE)
    if not commit:
        raise Unavailable(f"no commit has {FILE}: `make perf-update` writes it")
    if commit in cut_off(source):
        raise Unavailable(f"the history ends before the last change of {FILE}. `git fetch "
                          "--unshallow` brings the rest.")
    return commit


def cut_off(source: Path) -> list[str]:
    """Where a shallow clone begins: these seem to have changed every file."""
    path = source / git(source, "rev-parse", "--git-path", "shallow")
    return path.read_text(encoding="ascii").split() if path.exists() else []


def unpack(source: Path, commit: str, target: Path):
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    archive = subprocess.Popen(["git", "-C", source, "archive", commit], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", target], stdin=archive.stdout, check=True)
    archive.stdout.close()
    if archive.wait():
        raise Unavailable(f"git archive {commit} failed")


def build(source: Path, commit: str, work: Path, programs: Path, names: list[str]) -> Path:
    """The folder of that commit's shapes, with the user programs of today in their archives."""
    folder = work / commit[:12]
    for old in work.glob("*"):
        if old != folder:
            shutil.rmtree(old)
    tree, users = folder / "source", folder / "usr"
    if not tree.exists():
        unpack(source, commit, folder / "unpacked")
        (folder / "unpacked").rename(tree)
    for part, today in ((users, programs), (tree / "usr" / "etc", source / "usr" / "etc")):
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(today, part, symlinks=True)
    (tree / "usr" / "Makefile").write_text(MADE, encoding="ascii")
    merged = fragments(source)
    for name in names:
        done = subprocess.run(["make", "-C", tree, f"O={folder / 'shapes' / name}", f"U={users}",
                               "qemu_defconfig", *merged[name], "all"], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Unavailable(f"{name} of commit {commit[:12]} cannot be built with these tools:\n"
                              f"{done.stdout}")
    return folder / "shapes"
