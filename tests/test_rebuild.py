"""What a build makes again: all that a change touches, and nothing else.

Each test is about one kind of change; test_rebuild_walks.py is about what they do together.
"""

import os
import re
import shutil
import signal
import subprocess

import pytest

from facet.build import make, start_make
from facet.tree import copy_tree

ARCHIVE = "init/programs/archive"
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


USERS_OF_PROCESSES_MAX = {"kernel/process/process", "kernel/process/table", "mm/kernel_stack",
                          "fs/proc/settings"}


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
    assert built(output) == USERS_OF_PROCESSES_MAX
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
    assert built(output) == USERS_OF_PROCESSES_MAX
    assert built(tree.make("build", "facet.elf")) == USERS_OF_PROCESSES_MAX
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


# --- files that others are made of ------------------------------------------------------------

def test_a_struct_makes_the_assembly_that_uses_its_offsets(tree):
    path = tree.source / "arch/x86_64/include/arch/percpu.h"
    edit(path, "\tuint64_t user_rsp;", "\tuint64_t planted;\n\tuint64_t user_rsp;")
    output = tree.make("build", "facet.elf")
    users = {"arch/x86_64/entry/entry", "arch/x86_64/entry/switch", "arch/x86_64/mm/page_ops"}
    assert built(output, "NASM") - {"init/programs/archive"} == users
    same_as_clean(tree)


def test_what_assembly_includes_makes_it(tree):
    path = tree.source / "arch/x86_64/include/extra.inc"
    path.write_text("%define EXTRA 0x4711\n")
    edit(tree.source / "arch/x86_64/mm/user_copy.asm", "section .text",
         '%include "extra.inc"\n%include "deep.inc"\nsection .text')
    deep = tree.source / "arch/x86_64/include/deep.inc"
    deep.write_text('%include "extra.inc"\n')
    user = {"arch/x86_64/mm/user_copy"}
    assert built(tree.make("build", "facet.elf")) == user
    deep.write_text("section .rodata\n\tdd EXTRA\n")
    assert built(tree.make("build", "facet.elf")) == user
    path.write_text("%define EXTRA CONFIG_LOG_LEVEL\n")
    assert built(tree.make("build", "facet.elf")) == user
    output = tree.make("build", "CONFIG_LOG_LEVEL=3", "facet.elf")
    assert built(output) == user | {"kernel/debug/printk", "fs/proc/settings"}
    same_as_clean(tree)
    path.unlink()
    edit(tree.source / "arch/x86_64/mm/user_copy.asm",
         '%include "extra.inc"\n%include "deep.inc"\n', "")
    assert built(tree.make("build", "facet.elf")) == user
    same_as_clean(tree)


def test_a_header_that_hides_another_is_an_error(tree):
    path = tree.source / "include/arch/percpu.h"
    path.parent.mkdir()
    path.write_text("#include_next <arch/percpu.h>\n")
    done = make(*tree.words("build", "facet.elf"), tree=tree.source)
    assert done.returncode and "under this name: arch/percpu.h." in done.stdout
    path.unlink()
    path.parent.rmdir()
    assert tree.make("build", "facet.elf") == ""


def test_the_linker_script_makes_the_links(tree):
    edit(tree.source / "arch/x86_64/kernel.ld", "ENTRY(", "PLANTED = 0x4711;\nENTRY(")
    output = tree.make("build", "facet.elf")
    assert built(output) == set() and output.count("LD  ") == 2
    same_as_clean(tree)


def test_the_list_of_system_calls_makes_its_users(tree):
    edit(tree.source / "kernel/syscall/table.def", "ABSENT(323, userfaultfd)",
         "ABSENT(323, userfaultfd_planted)")
    assert built(tree.make("build", "facet.elf")) == {"kernel/syscall/table"}
    same_as_clean(tree)


# --- user programs, which the embedded archive is made of -------------------------------------

def test_programs_changed_renamed_and_gone(tree):
    """Each time the archive holds what it should, and the kernel is the clean one."""
    folder = tree.source / "usr"

    def names() -> set[str]:
        words = (tree.folder / "usr" / "list").read_text().split()
        return {word for word in words if word.startswith("bin/")}

    before = names()
    (folder / "extra.c").write_text("int main(void)\n{\n\treturn 1;\n}\n")
    output = tree.make("build", "facet.elf")
    assert "LINK    usr/bin/extra" in output and built(output) == {"usr/extra", ARCHIVE}
    assert names() == before | {"bin/extra"}
    edit(folder / "extra.c", "return 1", "return 2")
    assert built(tree.make("build", "facet.elf")) == {"usr/extra", ARCHIVE}
    same_as_clean(tree)
    (folder / "extra.c").rename(folder / "other.c")
    assert built(tree.make("build", "facet.elf")) == {"usr/other", ARCHIVE}
    assert names() == before | {"bin/other"}
    same_as_clean(tree)
    (folder / "other.c").unlink()
    assert built(tree.make("build", "facet.elf")) == {ARCHIVE}
    assert names() == before
    same_as_clean(tree)


def test_another_c_library_links_all_programs(tree):
    """Also where the compiler is the same: the library is what its linker finds."""
    tools = tree.folder / "other-libc"
    tools.mkdir()
    found = subprocess.run(["musl-gcc", "-static", "-nostartfiles", "-Wl,--trace,--undefined=exit",
                            "-xc", "/dev/null", "-o", "/dev/null"], capture_output=True, text=True,
                           check=True).stdout
    libc = shutil.copy(re.search(r"/\S*musl/libc\.a", found)[0], tools)
    (tools / "musl-gcc").write_text(f'#!/bin/sh\nPATH=${{PATH#*:}}\nexec musl-gcc -L{tools} "$@"\n')
    (tools / "musl-gcc").chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    tree.make("build", "facet.elf", **environment)
    assert tree.make("build", "facet.elf", **environment) == ""
    os.utime(libc, (1, 1))
    output = tree.make("build", "facet.elf", **environment)
    assert "LINK    usr/bin/init" in output
    tree.make("build", "facet.elf")


def test_a_program_of_several_files_loses_one(tree):
    first, second = tree.source / "usr/sh/main.c", tree.source / "usr/sh/second.c"
    first.write_text("int second(void) __attribute__((weak));\n"
                     "int main(void)\n{\n\treturn second ? second() : 1;\n}\n")
    second.write_text("int second(void);\nint second(void)\n{\n\treturn 2;\n}\n")
    assert "LINK    usr/bin/sh" in tree.make("build", "facet.elf")
    second.unlink()
    output = tree.make("build", "facet.elf")
    assert "LINK    usr/bin/sh" in output and built(output) == {ARCHIVE}
    sh = (tree.folder / "usr/bin/sh").read_bytes()
    (tree.folder / "usr/bin/sh").unlink()
    tree.make("build", "facet.elf")
    assert (tree.folder / "usr/bin/sh").read_bytes() == sh
    first.unlink()
    assert built(tree.make("build", "facet.elf")) == {ARCHIVE}
    same_as_clean(tree)


# --- what the objects say of their sources ----------------------------------------------------

def test_the_sanitizer_says_no_path_of_this_machine(tree):
    tree.make("checked", "qemu_defconfig", "CONFIG_UBSAN=y", "fs/walk.o")
    text = (tree.build_folder("checked") / "fs/walk.o").read_bytes()
    assert b"\0source/fs/walk.c\0" in text and str(tree.folder).encode() not in text


FAULTS = {    # the tool that fails, or what is written into a source, and what has to be said then
    "an object": ("lib/format.c", "\nint fault = nosuch;\n", "nosuch"),
    "offsets": ("arch/x86_64/offsets.c", "\nint fault = nosuch;\n", "nosuch"),
    "assembly": ("arch/x86_64/entry/switch.asm", "\n\tnosuch rax\n", "switch.asm"),
    "names": ("nm", None, "symbols.c] Error"),
    "the dependencies": ("awk", None, "Error"),
    "the end of a pipe": ("scripts/symbols.py", "\nsys.exit(3)\n", "Error 3"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_whatever_fails_fails_the_build(tree, what):
    """Alone: no later step complains of what an earlier one has not made."""
    name, text, said = FAULTS[what]
    path = tree.source / name
    environment = {"CCACHE_DISABLE": "1"}
    if text is None:
        tools = tree.folder / f"failing-{name}"
        tools.mkdir()
        (tools / name).write_text("#!/bin/sh\n[ \"$1\" = --version ] && exec echo other\nexit 1\n")
        (tools / name).chmod(0o755)
        environment["PATH"] = f"{tools}:{os.environ['PATH']}"
        format_c = tree.source / "lib/format.c"
        format_c.write_text("\n" + format_c.read_text())
    else:
        before = path.read_text()
        path.write_text(before + text)
    try:
        done = make(*tree.words("build", "facet.elf"), environment=environment, tree=tree.source)
    finally:
        if text is not None:
            path.write_text(before)
    assert done.returncode != 0, done.stdout
    assert said in done.stdout and "cannot open" not in done.stdout, done.stdout
    tree.make("build", "facet.elf")
    same_as_clean(tree)
