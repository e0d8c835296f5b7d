"""make size: what it says of programs whose sizes are known, held against binutils' own totals."""

import re
import subprocess
import sys

import pytest
from sizes import SizeError, compare, read_sizes
from sizes.elf import KINDS

from facet import ROOT
from facet.build import build, make

# Exactly as large as they say; `sixteen` has an alias, which must not count again.
FIRST = """\
char zeros[5000];
int numbers[100] = { 1 };
const char letters[300] = "letters";
static volatile char cache[100];
const char *text = "a string without a symbol";
__asm__(".text\\n.globl sixteen, also_sixteen\\n"
	".type sixteen, @function\\n.type also_sixteen, @function\\n"
	"sixteen: also_sixteen: .fill 16, 1, 0x90\\n"
	".size sixteen, 16\\n.size also_sixteen, 16\\n");
char first(void) { static volatile char count; return count + cache[3]; }
"""
SECOND = """\
static volatile char cache[200];
char second(void) { static volatile short count = 7; return count + cache[3]; }
"""
LABELS = """\
bits 64
section .text
global outer, after
outer:	times 10 nop
.inner:	times 20 nop
after:	times 7 nop
section .bss
	resb 64
stack:	resb 4096
stack_top:
"""
FUNCTION = """\
__asm__(".text\\n.type NAME, @function\\nNAME: .fill 16, 1, 0x90\\n.size NAME, 16\\n");
"""
ARCHIVE = """\
__asm__(".section .programs, \\"a\\"\\n.fill 7777, 1, 0x20\\n");
"""


def run(*command, stdin=None) -> str:
    done = subprocess.run(command, stdin=stdin, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def link(tmp_path):
    """Compiles sources, NAME=TEXT, and links them: link("before", a=..., b=...) -> an ELF file."""

    def make_elf(name: str, **sources: str):
        folder = tmp_path / name
        folder.mkdir()
        objects = []
        for stem, text in sources.items():
            suffix = ".asm" if text.startswith("bits") else ".c"
            source, target = tmp_path / f"{stem}{suffix}", folder / f"{stem}.o"
            source.write_text(text)
            if suffix == ".asm":
                source.write_text(f"%line 0+1 {source}\n{text}")
                with open(source, encoding="ascii") as file:
                    run("nasm", "-f", "elf64", "-g", "-F", "dwarf", "-o", target, "/dev/stdin",
                        stdin=file)
            else:
                run("gcc", "-g", "-Os", "-ffreestanding", "-fno-pic", "-fcf-protection=none",
                    "-fno-asynchronous-unwind-tables", "-c", "-o", target, source)
            objects.append(target)
        elf = folder / "program.elf"
        run("ld", "-static", "-e", "0", "-z", "noexecstack", "--build-id=none", "-o", elf,
            *objects)
        return elf

    return make_elf


def section_sizes(path) -> dict[str, int]:
    """What `size -A` says of the sections that are loaded."""
    rows = re.findall(r"^(\.\S+) +(\d+) +(\d+)$", run("size", "-A", path), re.M)
    return {name: int(size) for name, size, address in rows if int(address)}


def sizes_of(sizes, name: str) -> list[tuple]:
    return sorted((symbol.kind, symbol.size) for symbol in sizes.symbols if symbol.name == name)


def assert_adds_up(path):
    sizes = read_sizes(path)
    assert {item.name: item.size for item in sizes.sections} == section_sizes(path)
    for kind in KINDS:
        named = sum(symbol.size for symbol in sizes.symbols if symbol.kind == kind)
        assert sizes.total(kind) == named + sizes.unnamed(kind)
        assert sizes.unnamed(kind) >= 0, "symbols overlap"
    assert sum(folder.total() for folder in sizes.folders().values()) + sizes.unnamed() \
        == sizes.total() == sum(sizes.total(kind) for kind in KINDS)
    return sizes


def test_sizes_are_those_of_the_source(link):
    sizes = assert_adds_up(link("one", first=FIRST))
    assert sizes_of(sizes, "zeros") == [("bss", 5000)]
    assert sizes_of(sizes, "numbers") == [("data", 400)]
    assert sizes_of(sizes, "letters") == [("rodata", 300)]
    assert sizes_of(sizes, "count") == [("bss", 1)], "GCC's number is no part of the name"
    assert sizes_of(sizes, "sixteen") + sizes_of(sizes, "also_sixteen") == [("text", 16)]
    assert sizes.unnamed("rodata") >= len("a string without a symbol") + 1


def test_static_symbols_of_one_name_are_apart(link):
    before = read_sizes(link("before", first=FIRST, second=SECOND))
    assert sizes_of(before, "cache") == [("bss", 100), ("bss", 200)]
    after = read_sizes(link("after", first=FIRST, second=SECOND.replace("[200]", "[260]")))
    changes = compare(before, after).changes
    assert [(item.name, item.before, item.after) for item in changes] == [("cache", 200, 260)]
    assert changes[0].file.endswith("second.c")


def test_labels_of_the_assembler_reach_to_the_next(link):
    sizes = assert_adds_up(link("labels", labels=LABELS))
    assert sizes_of(sizes, "outer") == [("text", 30)], "a local label is part of its function"
    assert sizes_of(sizes, "after") == [("text", 7)]
    assert sizes_of(sizes, "stack") == [("bss", 4096)]


def test_archive_is_not_the_kernel(link):
    without, with_archive = (read_sizes(link(name, **sources)) for name, sources in (
        ("without", {"first": FIRST}), ("with", {"first": FIRST, "archive": ARCHIVE})))
    assert with_archive.total("archive") == 7777
    assert with_archive.total() == without.total()
    found = compare(without, with_archive)
    assert found.total.delta == 0 and found.archive.delta == 7777 and not found.changes


def test_comparison_sorts_what_was_added_removed_grown_and_shrunk(link):
    after = FIRST.replace("zeros[5000]", "zeros[6000]").replace("numbers[100]", "numbers[90]") \
                 .replace("letters[300]", "words[310]").replace("a string", "another string")
    found = compare(read_sizes(link("before", first=FIRST)), read_sizes(link("after", first=after)))
    assert [(item.name, item.after) for item in found.added] == [("words", 310)]
    assert [(item.name, item.before) for item in found.removed] == [("letters", 300)]
    assert [(item.name, item.delta) for item in found.grown] == [("zeros", 1000)]
    assert [(item.name, item.delta) for item in found.shrunk] == [("numbers", -40)]
    assert sum(item.delta for item in found.changes) + found.unnamed.delta == found.total.delta
    assert found.total.delta == sum(row.delta for row in found.kinds)


@pytest.mark.parametrize("old, new", [("walk.constprop.0", "walk.constprop.1"),
                                      ("walk.isra.0.cold", "walk.isra.7.cold")])
def test_a_number_of_gcc_is_no_change(old, new, link):
    before, after = (read_sizes(link(name, function=FUNCTION.replace("NAME", symbol)))
                     for name, symbol in (("before", old), ("after", new)))
    assert compare(before, after).changes == []
    assert sizes_of(before, re.sub(r"\.\d", "", old)) == [("text", 16)]


def test_kernel_adds_up():
    sizes = assert_adds_up(build("qemu_defconfig", ("qemu_defconfig",)).kernel)
    assert sizes.total("archive") > 0
    folders = {symbol.folder for symbol in sizes.symbols}
    assert {"mm", "fs", "lib", "kernel/sched", "arch/x86_64/entry"} <= folders
    assert sizes.unnamed() < sizes.total() / 10


@pytest.mark.parametrize("make_file, error", [
    (lambda path: None, "No such file"),
    (lambda path: path.mkdir(), "facet.elf: not there; build it first: make O="),
    (lambda path: path.write_text("text"), "not an ELF file"),
    (lambda path: path.write_bytes(b""), "not an ELF file"),
    (lambda path: path.write_bytes(b"\x7fELF"), "kernel: .*readelf"),
], ids=["absent", "folder", "text", "empty", "cut off"])
def test_errors(make_file, error, tmp_path):
    path = tmp_path / "kernel"
    make_file(path)
    with pytest.raises(SizeError, match=error):
        read_sizes(path)
    done = subprocess.run([sys.executable, "-B", ROOT / "scripts" / "size.py", path], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith(f"size: {path}")


def test_make_size_shows_this_build():
    built = build("qemu_defconfig", ("qemu_defconfig",))
    done = make(f"O={built.folder}", f"U={built.folder.parent / 'usr'}", "size")
    assert done.returncode == 0, done.stdout
    sizes = read_sizes(built.kernel)
    row = next(line for line in done.stdout.splitlines() if line.startswith("kernel  "))
    assert [int(number.replace(",", "")) for number in row.split()[1:]] \
        == [*(sizes.total(kind) for kind in KINDS), sizes.total()]
    assert re.search(r"^ring +32,768 +bss +kernel/debug/printk\.c$", done.stdout, re.M), done.stdout


def test_make_size_compares_two_builds(link, tmp_path):
    before = link("before", first=FIRST, second=SECOND)
    after = link("after", first=FIRST.replace("zeros[5000]", "zeros[6000]"),
                 second=SECOND.replace("second(", "fourth("))
    done = make(f"O={tmp_path / 'none'}", "size", f"A={before}", f"B={after}")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^zeros +5,000 +6,000 +\+1,000 +\S*first\.c$", done.stdout, re.M)
    assert re.search(r"^fourth +- +(\d+) +\+\1 ", done.stdout, re.M)
    assert re.search(r"^second +(\d+) +- +-\1 ", done.stdout, re.M)
    assert "add/remove: 1/1 grow/shrink: 1/0 up/down: " in done.stdout
    assert not (tmp_path / "none").exists(), "nothing is built for it"


def test_make_size_refuses_what_is_not_built(tmp_path):
    done = make(f"O={tmp_path}", "size", f"A={tmp_path}", f"B={tmp_path}")
    assert done.returncode != 0 and f"build it first: make O={tmp_path}" in done.stdout
