"""The sizes of an ELF file, by the tools of binutils.

`readelf` tells the sections, `nm -l` the symbols and, from the debugging information, their files.
A byte belongs to one symbol: of two that overlap, to the one that starts first. Labels of NASM have
no size; in code and BSS they reach to the next label, in data, where strings without symbols may
follow, they count as what the file says.
"""

import os
import re
import subprocess
from bisect import bisect
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
KERNEL = "facet.elf"

# Folders of what lies in none: made in the build folder, or without debugging information.
GENERATED, NO_FILE = "(generated)", "(no file known)"

KINDS = ("text", "rodata", "data", "bss")
# The embedded root archive is loaded with the kernel, and is not the kernel.
ARCHIVE, ARCHIVE_SECTION = "archive", ".programs"

# What the build hands to NASM, so that no folder gets into the object (scripts/build.mk).
PIPED = "/dev/stdin"

SECTION = re.compile(r"^ +\[ *\d+\] (\S+) +(\S+) +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) [0-9a-f]+ "
                     r"+([A-Za-z]*) +\d+ +\d+ +\d+$", re.M)
# GCC numbers what it makes of one function: `seen.2`, `walk.constprop.0`. The numbers come and go.
NUMBER = re.compile(r"\.[0-9]+(?=\.|$)")


class SizeError(Exception):
    """A file whose sizes cannot be told."""


@dataclass(frozen=True)
class Section:
    name: str
    kind: str
    address: int
    size: int


@dataclass(frozen=True)
class Symbol:
    """Something with a name. `file` is relative to the source tree, or NO_FILE."""

    name: str
    file: str
    is_local: bool
    section: str
    kind: str
    size: int

    @property
    def key(self):
        """Two kernels' symbols are the same if this is: a static one has its file in it."""
        return self.name, self.file if self.is_local else ""

    @property
    def folder(self):
        return NO_FILE if self.file == NO_FILE else os.path.dirname(self.file) or GENERATED


@dataclass
class Sizes:
    path: Path
    sections: "list[Section]"
    symbols: "list[Symbol]" = field(default_factory=list)

    def total(self, *kinds):
        """Bytes of these kinds; without any, of the kernel."""
        return sum(item.size for item in self.sections if item.kind in (kinds or KINDS))

    def unnamed(self, *kinds):
        """Bytes that no symbol covers: strings, padding, tables of the linker's."""
        return self.total(*kinds) - sum(symbol.size for symbol in self.symbols
                                        if symbol.kind in (kinds or KINDS))

    def folders(self):
        """{folder: Counter of bytes by kind}"""
        found = defaultdict(Counter)
        for symbol in self.symbols:
            found[symbol.folder][symbol.kind] += symbol.size
        return found


def run(*command):
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SizeError(f"{command[-1]}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def find_elf(path):
    """The file itself, or the kernel of a build folder."""
    path = Path(path)
    if path.is_dir():
        path /= KERNEL
        if not path.exists():
            raise SizeError(f"{path}: not there; build it first: make O={path.parent}")
    try:
        with open(path, "rb") as file:
            if file.read(4) != b"\x7fELF":
                raise SizeError(f"{path}: not an ELF file")
    except OSError as error:
        raise SizeError(f"{path}: {error.strerror}") from None
    return path


def kind_of(name, kind, flags):
    if name == ARCHIVE_SECTION:
        return ARCHIVE
    if kind == "NOBITS":
        return "bss"
    if "X" in flags:
        return "text"
    return "data" if "W" in flags else "rodata"


def read_sections(path):
    return [Section(name, kind_of(name, kind, flags), int(address, 16), int(size, 16))
            for name, kind, address, size, flags in SECTION.findall(run("readelf", "-SW", path))
            if "A" in flags and int(size, 16)]


def source_name(path):
    """A path of the debugging information, relative to the source tree that it was built from,
    which need not be this one: then by what of it is here too."""
    parts = Path(os.path.normpath(path)).parts
    for start in range(len(parts)):
        name = Path(*parts[start:])
        if not name.is_absolute() and (SOURCE / name).exists():
            return str(name)
    return os.path.normpath(path)


@dataclass
class Label:
    """A line of nm."""

    name: str
    address: int
    size: int
    is_local: bool
    file: str
    is_assembled: bool

    @property
    def reaches(self):
        """Goes on to the next label. What NASM says of data is the size of its first element."""
        return self.is_assembled or self.size == 0

    @property
    def is_of_linker_script(self):
        return self.size == 0 and self.name.startswith("__")

    @property
    def is_inside(self):
        """A local label of NASM, in the midst of a function: `refuse.halt`, `..@16.next`."""
        return self.size == 0 and "." in self.name


def read_labels(path):
    """{section: [Label]}; the file of a local symbol without a line stands before it."""
    found, names, here = defaultdict(list), {}, ""
    for line in run("nm", "-a", "-p", "-l", "-f", "sysv", path).splitlines():
        row, _, place = line.partition("\t")
        columns = [column.strip() for column in row.rsplit("|", 6)]
        if len(columns) != 7:
            continue
        name, address, letter, kind, size, _, section = columns
        if kind == "FILE":
            here = name
        elif kind != "SECTION" and address:
            is_local = letter.islower()
            is_piped = is_local and here == PIPED
            file = place.rpartition(":")[0] or (here if is_local and not is_piped else "")
            if file not in names:
                names[file] = source_name(file) if file else NO_FILE
            label = Label(name, int(address, 16), int(size or "0", 16), is_local, names[file],
                          is_piped or file.endswith(".asm"))
            if not label.is_inside:
                found[section].append(label)
    return found


def read_symbols(section, labels):
    """The symbols of a section: none overlap, none reach behind its end."""
    end = section.address + section.size
    edges = sorted({label.address for label in labels} | {end})
    covered = section.address
    for label in sorted(labels, key=lambda label: (label.address, -label.size, label.name)):
        stop = label.address + label.size
        if label.reaches and section.kind in ("text", "bss"):
            stop = edges[min(bisect(edges, label.address), len(edges) - 1)]
        start, stop = max(label.address, covered), min(stop, end)
        if stop > start and not label.is_of_linker_script:
            covered = stop
            yield Symbol(NUMBER.sub("", label.name), label.file, label.is_local, section.name,
                         section.kind, stop - start)


def read_sizes(path):
    """The sizes of an ELF file, or of the kernel in a build folder. Raises SizeError."""
    path = find_elf(path)
    sections, labels = read_sections(path), read_labels(path)
    symbols = [symbol for section in sections if section.kind != ARCHIVE
               for symbol in read_symbols(section, labels[section.name])]
    return Sizes(path, sections, symbols)
