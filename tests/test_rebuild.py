"""What a build makes again: all that a change touches, and nothing else.

The walks are the proof of the first: builds between configurations, edits and kills, each held byte
by byte against a build from nothing. The tests before them are about one kind of change each.
"""

import os
import random
import re
import signal
import subprocess

import pytest

from facet.build import start_make
from facet.tree import copy_tree

WALKS, STEPS = 30, 2
BUILT = re.compile(r"^  (CC|NASM) +(\S+)\.o$", re.MULTILINE)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    tree = copy_tree(tmp_path_factory.mktemp("rebuild"))
    tree.make("build", "qemu_defconfig", "facet.elf")
    return tree


def built(output: str, kind: str = "CC|NASM") -> set[str]:
    """The objects that were compiled or assembled, but for those that every link makes anew."""
    names = {name for tool, name in BUILT.findall(output) if tool in kind.split("|")}
    return names - {"symbols", "symbols-empty", "include/generated/config_text"}


def objects(tree, suffix: str) -> set[str]:
    """All objects of the build that come of such a source."""
    folder = tree.build_folder("build")
    names = {str(path.relative_to(folder))[:-2] for path in folder.rglob("*.o")}
    return {name for name in names if (tree.source / (name + suffix)).exists()}


def edit(path, old: str, new: str):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def same_as_clean(tree):
    assert tree.kernel("build") == tree.clean_kernel("build")


def test_nothing_changed_makes_nothing(tree):
    assert tree.make("build", "facet.elf") == ""


def test_an_option_makes_the_objects_that_name_it(tree):
    (tree.folder / "one.config").write_text("CONFIG_PROCESSES_MAX=77\n")
    output = tree.make("build", str(tree.folder / "one.config"), "facet.elf")
    assert built(output) == {"kernel/process/process", "kernel/process/table", "mm/kernel_stack"}
    same_as_clean(tree)


def test_an_option_in_assembly_makes_that_object(tree):
    path = tree.source / "arch/x86_64/entry/switch.asm"
    path.write_text(path.read_text() + "section .rodata\n\tdd CONFIG_HZ\n")
    assert built(tree.make("build", "facet.elf")) == {"arch/x86_64/entry/switch"}
    edit(tree.build_folder("build") / ".config", "CONFIG_HZ_250=y", "CONFIG_HZ_100=y")
    output = tree.make("build", "olddefconfig", "facet.elf")
    assert built(output, "NASM") == {"arch/x86_64/entry/switch"}
    assert b"\x64\0\0\0" in (tree.build_folder("build") / "arch/x86_64/entry/switch.o").read_bytes()


def test_flags_make_what_they_are_for(tree):
    edit(tree.source / "scripts/build.mk", "CFLAGS := ", "CFLAGS := -DOTHER ")
    assert built(tree.make("build", "facet.elf")) >= objects(tree, ".c") - {"arch/x86_64/offsets"}
    edit(tree.source / "scripts/build.mk", "NASMFLAGS := ", "NASMFLAGS := -DOTHER ")
    assert built(tree.make("build", "facet.elf")) == objects(tree, ".asm")
    same_as_clean(tree)


@pytest.mark.parametrize("tool, kind, suffix", [("gcc", "CC", ".c"), ("nasm", "NASM", ".asm")])
def test_another_compiler_makes_all_that_it_compiles(tree, tool, kind, suffix):
    tools = tree.folder / f"other-{tool}"
    tools.mkdir()
    (tools / tool).write_text(f'#!/bin/sh\nPATH=${{PATH#*:}}\n[ "$*" = --version ] && echo 99\n'
                              f'exec {tool} "$@"\n')
    (tools / tool).chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    again = built(tree.make("build", "facet.elf", **environment))
    assert again and again <= objects(tree, suffix)
    assert len(again) >= len(objects(tree, suffix)) - 2
    assert built(tree.make("build", "facet.elf", **environment)) == set()
    tree.make("build", "facet.elf")


def test_an_older_file_in_its_place_is_seen(tree):
    path = tree.source / "lib/string.c"
    path.write_text("\n" + path.read_text())
    os.utime(path, (10 ** 9, 10 ** 9))
    assert built(tree.make("build", "facet.elf")) == {"lib/string"}
    same_as_clean(tree)


def test_a_clock_set_back_leaves_nothing_stale(tree):
    """The objects are of next year; what is edited now is older than they."""
    for path in tree.build_folder("build").rglob("*.o"):
        os.utime(path, (4 * 10 ** 9, 4 * 10 ** 9))
    path = tree.source / "lib/tree.c"
    path.write_text("\n" + path.read_text())
    assert "lib/tree" in built(tree.make("build", "facet.elf"))
    same_as_clean(tree)


def test_a_source_that_shadows_another_takes_its_place(tree):
    """bitmap.asm beside bitmap.c; then it is gone again."""
    bitmap = tree.build_folder("build") / "lib/bitmap.o"
    text = subprocess.run(["nm", "--defined-only", "-g", bitmap],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    names = [line.split()[-1] for line in text.splitlines()]
    shadow = tree.source / "lib/bitmap.asm"
    shadow.write_text("section .text\n" + "".join(f"global {n}\n{n}:\n\tud2\n" for n in names))
    assert built(tree.make("build", "facet.elf")) == {"lib/bitmap"}
    shadow.unlink()
    assert built(tree.make("build", "facet.elf"), "CC") == {"lib/bitmap"}
    same_as_clean(tree)


def test_a_header_moved_and_an_object_dropped(tree):
    (tree.source / "lib/extra.h").write_text("enum { EXTRA = 4711 };\n")
    (tree.source / "lib/extra.c").write_text('#include "extra.h"\nconst int extra = EXTRA;\n'
                                             "extern const int extra;\n")
    edit(tree.source / "lib/extra.c", "const int", "extern const int extra;\nconst int")
    with open(tree.source / "lib/Makefile", "a", encoding="ascii") as file:
        file.write("obj-y += extra.o\n")
    assert built(tree.make("build", "facet.elf")) == {"lib/extra"}
    (tree.source / "lib/extra.h").rename(tree.source / "lib/renamed.h")
    edit(tree.source / "lib/extra.c", "extra.h", "renamed.h")
    assert built(tree.make("build", "facet.elf")) == {"lib/extra"}
    edit(tree.source / "lib/Makefile", "obj-y += extra.o\n", "")
    assert "LD      facet.elf" in tree.make("build", "facet.elf")
    same_as_clean(tree)


def test_another_configuration_file_counts_though_it_is_older(tree):
    other = tree.folder / "other.config"
    text = (tree.build_folder("build") / ".config").read_text()
    other.write_text(re.sub("CONFIG_PROCESSES_MAX=.*", "CONFIG_PROCESSES_MAX=99", text))
    os.utime(other, (10 ** 9, 10 ** 9))
    output = tree.make("build", "facet.elf", KCONFIG_CONFIG=str(other))
    users = {"kernel/process/process", "kernel/process/table", "mm/kernel_stack"}
    assert built(output) == users
    assert built(tree.make("build", "facet.elf")) == users
    same_as_clean(tree)


def test_an_interrupt_says_so_and_leaves_no_half(tree):
    path = tree.source / "include/facet/types.h"
    path.write_text("\n" + path.read_text())
    process = start_make(*tree.words("build", "facet.elf"), tree=tree.source,
                         environment={"CCACHE_DISABLE": "1"})
    while not process.stdout.readline().startswith("  CC"):
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode in (2, -signal.SIGINT) and "Interrupt" in output
    tree.make("build", "facet.elf")
    same_as_clean(tree)


def test_a_full_disk_is_an_error_and_mended_by_the_next_build(tree):
    path = tree.source / "lib/format.c"
    path.write_text("\n" + path.read_text())
    words = " ".join(tree.words("build", "facet.elf"))
    done = subprocess.run(["bash", "-c", f"ulimit -f 16; make -C {tree.source} {words}"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode != 0
    tree.make("build", "facet.elf")
    same_as_clean(tree)


def test_two_makes_at_once_take_turns(tree):
    path = tree.source / "include/facet/types.h"
    path.write_text("\n" + path.read_text())
    makes = [start_make(*tree.words("build", "facet.elf"), tree=tree.source) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in makes]
    assert [process.returncode for process in makes] == [0, 0], outputs
    assert sum("waiting for it" in output for output in outputs) == 1
    assert sorted(bool(built(output)) for output in outputs) == [False, True]
    same_as_clean(tree)


def test_commands_are_shown_or_nothing_is(tree):
    path = tree.source / "lib/format.c"
    path.write_text("\n" + path.read_text())
    assert tree.make("build", "-s", "facet.elf") == ""
    path.write_text("\n" + path.read_text())
    assert re.search(r"gcc .* -c -o lib/format\.o", tree.make("build", "V=1", "facet.elf"))


def test_a_source_that_cannot_be_written_is_enough(tree):
    """Read-only for root too: a bind mount in a name space of its own."""
    folder = tree.build_folder("apart")
    before = sorted(tree.source.rglob("*"))
    script = (f"mount --bind {tree.source} {tree.source} && "
              f"mount -o remount,bind,ro {tree.source} && ! touch {tree.source}/Makefile && "
              f"make -C {tree.source} O={folder} U={tree.folder / 'usr-apart'} qemu_defconfig all")
    name_space = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]
    if subprocess.run([*name_space, "true"], check=False).returncode:
        pytest.skip("no mount name space may be made here")
    done = subprocess.run([*name_space, "bash", "-c", script], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert (folder / "facet.elf").exists() and sorted(tree.source.rglob("*")) == before


# --- random walks -----------------------------------------------------------------------------

class Walker:
    """Takes random steps in a build folder: configurations, edits, kills."""

    def __init__(self, tree, seed):
        self.tree = tree
        self.random = random.Random(seed)
        configs = tree.source / "configs"
        self.fragments = sorted(path.name for path in configs.glob("*.config"))
        self.sources = sorted(path for room in ("kernel", "mm", "fs", "lib", "drivers", "arch")
                              for path in (tree.source / room).rglob("*.[ch]"))

    def reconfigure(self):
        return [self.random.choice(self.fragments)]

    def start_anew(self):
        return [self.random.choice(("qemu_defconfig", "teaching_defconfig"))]

    def set_option(self):
        path = self.tree.folder / "walk.config"
        path.write_text(self.random.choice((
            f"CONFIG_LOG_LEVEL={self.random.randint(1, 7)}\n",
            f"CONFIG_SCHED_QUANTUM_MS={10 * self.random.randint(1, 9)}\n",
            f"CONFIG_LOCK_ORDER={self.random.choice('yn')}\n",
            f"CONFIG_HZ_{self.random.choice((100, 250, 1000))}=y\n")))
        return [str(path)]

    def edit(self):
        """A line more moves all that follows, which the debugging information tells."""
        path = self.random.choice(self.sources)
        path.write_text("\n" + path.read_text())
        if self.random.random() < 0.3:
            os.utime(path, (10 ** 9, 10 ** 9))
        return []

    def step(self):
        kinds = (self.reconfigure, self.set_option, self.edit, self.edit, self.start_anew)
        goals = self.random.choices(kinds, (4, 3, 2, 2, 1))[0]()
        if goals:
            self.tree.make("walk", *goals)
        if self.random.random() < 0.5:
            self.tree.killed("walk", "facet.elf", after_s=self.random.uniform(0.1, 1.5))
        else:
            self.tree.make("walk", "facet.elf")


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """Each walk goes on where the one before ended."""
    tree = copy_tree(tmp_path_factory.mktemp("walks"))
    tree.make("walk", "qemu_defconfig", "facet.elf")
    return tree


@pytest.mark.parametrize("seed", range(WALKS))
def test_a_walk_ends_where_a_clean_build_does(seed, walked):
    walker = Walker(walked, seed)
    for _ in range(STEPS):
        walker.step()
    walked.make("walk", "facet.elf")
    assert walked.kernel("walk") == walked.clean_kernel("walk")
