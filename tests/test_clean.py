"""clean, mrproper and distclean: each removes what it is for, and nothing that is not ours."""

import difflib
import fcntl
import os
import shutil
import subprocess

import pytest

from facet import ROOT
from facet.build import clean_environment, good, make, start_make


def test_source_tree_is_no_build_folder(tmp_path):
    """Nor any part of it, by whichever name; below build/ is where builds belong."""
    link = tmp_path / "link"
    link.symlink_to(ROOT / "docs")
    for place in (ROOT, ROOT.parent, "/", ROOT / "docs", ROOT / "no-such", link, link / "no-such"):
        for variable in ("O", "U"):
            done = make(f"{variable}={place}", "-n", "clean")
            assert done.returncode != 0 and "source tree" in done.stdout, place
    good(make(f"O={ROOT / 'build' / 'test' / 'no-such'}", "-n", "clean"))


MINE = ("letter", "defconfig", "lib/mine.o", "lib/deep/mine.c", "include/mine.h", "usr/bin/prog",
        "usr/notes", "docs/a.md", "facet.iso", "symbols.c.txt", "shapes/of/things", "test/mine",
        "other/.config", "other/lib/x.o", "other/lib/x.o.d")
BUILT = ("facet.elf", "facet.elf.cmd", "lib/format.o", "lib/format.o.d", "symbols.o", "symbols.o.d",
         "usr/list", "usr/list.cmd", "usr/bin/sh", "usr/bin/sh.cmd", "usr/cat.o", "usr/cat.o.d",
         "compile_commands.json", "root.cpio", "root.cpio.cmd", "facet.img", "facet.img.cmd",
         "image/grub.cfg", "image/grub.cfg.cmd", "image/.config")


def test_clean_removes_what_a_build_makes_and_nothing_else(configure, folder):
    for name in MINE + BUILT:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name}\n")
    for place in (folder, folder / "usr"):
        (place / "source").symlink_to(ROOT)
    good(configure("qemu_defconfig", "syncconfig", "fork-eager.config"))
    good(configure("clean"))
    files = {str(path.relative_to(folder)) for path in folder.rglob("*")
             if path.is_file() or path.is_symlink()}
    assert files == {*MINE, ".config", ".config.old"}
    good(configure("mrproper"))
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == \
        set(MINE)


def test_mrproper_removes_what_savedefconfig_saved(configure, folder):
    good(configure("qemu_defconfig", "savedefconfig"))
    assert (folder / "defconfig").exists()
    good(configure("mrproper"))
    assert not folder.exists()


def test_cleaning_a_build_leaves_nothing(configure, folder):
    good(configure("teaching_defconfig", "facet.elf", "compile_commands.json"))
    good(configure("clean"))
    assert os.listdir(folder) == [".config"]


@pytest.mark.parametrize("goal", ["clean", "mrproper", "sched-prio.config"])
def test_cleaning_and_configuring_wait_for_a_build(goal, configure, folder):
    good(configure("qemu_defconfig"))
    with open(folder / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with start_make(f"O={folder}", goal) as process:
            said = process.stdout.readline()
            assert (folder / ".config").exists() and process.poll() is None
            fcntl.flock(lock, fcntl.LOCK_UN)
            process.communicate(timeout=60)
    assert said == f"Another make is at work in {folder}: waiting for it.\n"
    assert process.returncode == 0


def test_mrproper_leaves_what_is_not_ours(configure, folder):
    folder.mkdir()
    (folder / "letter").write_text("dear")
    (folder / ".config").mkdir()
    good(configure("clean", "mrproper"))
    assert sorted(os.listdir(folder)) == [".config", "letter"]


def test_distclean_removes_leavings_and_no_source(tmp_path):
    tree = tmp_path / "tree"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True,
                            check=True).stdout.split("\0")
    sources = sorted(name for name in listed if name and (ROOT / name).is_file())
    for name in sources:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    for name in ("kernel/main.c~", "a.orig", "mm/b.rej", "c.bak", "#d#", "e%", "tags", "TAGS",
                 "cscope.out", "core", "build/other/.config"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("x")
    (tree / "scripts" / "__pycache__").mkdir()
    done = subprocess.run(["make", "distclean"], cwd=tree, env=clean_environment(), text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    left = sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())
    assert left == sources, "\n".join(difflib.unified_diff(sources, left, lineterm=""))
    assert not (tree / "scripts" / "__pycache__").exists()
