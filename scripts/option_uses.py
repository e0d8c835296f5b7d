"""Where options are used: what lint and the documentation know about an option beside its entry.

A name in code and a name in a comment are not the same: the first makes the option do something,
the second speaks of it. So comments, and strings of C and NASM, are told apart from the rest. In a
makefile an option picks files, and those count as its files. A symbol that only helps others (a
choice's member that a default looks at, a symbol that is selected) is used by them.
"""

import collections
import dataclasses
import enum
import fnmatch
import os
import pathlib
import re

import kconfiglib
from kconfiglib import Symbol

from configuration.reasons import has_prompt
from source_files import files

NAME = re.compile(r"(?:(?<!\w)|(?<=-D))CONFIG_(\w+)")
PICKED = re.compile(r"^[ \t]*(?:obj|dir)-\$\(CONFIG_(\w+)\)(?:[ \t]|\\\n)*\+?="
                    r"((?:\\\n|[^\n])*)", re.M)
STRING = r"(['\"])(?:\\.|(?!\1)[^\\\n])*\1"
C_INERT = re.compile(r"//[^\n]*|/\*.*?\*/|" + STRING, re.S)
NASM_INERT = re.compile(r";[^\n]*|" + STRING)
HASH_INERT = re.compile(r"(?<!\S)#[^\n]*")
PYTHON_INERT = re.compile(r'""".*?"""|(?<!\S)#[^\n]*', re.S)
ALL_INERT = re.compile(r".+")

# Made from Kconfig: it names every option and uses none.
GENERATED = ("docs/options.md",)


class Language(enum.Enum):
    """What a file is written in: how its name looks, and which parts of it do nothing."""

    C = (("*.c", "*.h", "*.ld"), C_INERT)
    NASM = (("*.asm", "*.inc"), NASM_INERT)
    MAKE = (("Makefile", "*.mk"), HASH_INERT)
    PYTHON = (("*.py",), PYTHON_INERT)
    SCRIPT = (("*.sh", "*.awk"), HASH_INERT)
    CONFIG = (("*_defconfig", "*.config"), re.compile(r"#(?! CONFIG_\w+ is not set$)[^\n]*", re.M))
    KCONFIG = (("Kconfig*",), ALL_INERT)
    TEXT = (("*.md", "*.txt"), ALL_INERT)

    @property
    def patterns(self):
        return self.value[0]

    @property
    def inert(self):
        return self.value[1]


class Kind(enum.Enum):
    CODE = "code"           # changes what is built or done
    PICKED = "picked"       # a file that is in the build because of the option
    TEST = "test"           # a test that asks for the option
    VALUE = "value"         # a configuration that sets it
    MENTION = "mention"     # a comment, a message or a document


@dataclasses.dataclass(frozen=True, order=True)
class Use:
    name: str
    path: str               # relative to the source tree
    line: int
    kind: Kind = dataclasses.field(compare=False)


@dataclasses.dataclass(frozen=True)
class File:
    path: str
    language: Language
    text: str

    @property
    def code(self):
        """The text with what does nothing made blank, so that places stay what they are."""
        return self.language.inert.sub(self._blank, self.text)

    def _blank(self, match):
        # Tests ask the running kernel for its configuration, by strings.
        if self.is_test and match[0][0] in "'\"":
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    @property
    def is_test(self):
        return self.path.startswith(("tests/", "usr/tests/"))

    def line(self, position):
        return self.text.count("\n", 0, position) + 1


def language_of(path):
    for language in Language:
        if any(fnmatch.fnmatchcase(path.name, pattern) for pattern in language.patterns):
            return language
    if path.suffix:
        return None
    with open(path, "rb") as file:
        first = file.readline(200)
    return Language.SCRIPT if first.startswith(b"#!") else None


def read_files(source):
    """Every file of the source tree that may name an option."""
    found = []
    for path in files(source):
        shown = path.as_posix()
        language = None if shown in GENERATED else language_of(source / path)
        if language:
            text = (source / path).read_text(encoding="utf-8", errors="replace")
            found.append(File(shown, language, text))
    return found


def named_in(file):
    code = file.code
    if file.is_test:
        kind = Kind.TEST
    else:
        kind = Kind.VALUE if file.language is Language.CONFIG else Kind.CODE
    for match in NAME.finditer(file.text):
        inert = code[match.start()].isspace()
        yield Use(match[1], file.path, file.line(match.start()), Kind.MENTION if inert else kind)


def picked_by(file, source):
    """The sources of the objects, and the folders, that a makefile adds for an option."""
    folder = pathlib.PurePosixPath(file.path).parent
    for match in PICKED.finditer(file.code):
        for word in match[2].replace("\\\n", " ").split():
            stem = folder / word.removesuffix(".o")
            for path in (f"{stem}.c", f"{stem}.asm", f"{stem}/"):
                if (source / path).exists():
                    yield Use(match[1], path, 1, Kind.PICKED)


def conditions(node):
    """The expressions that decide whether and with which value a menu node is there."""
    yield node.dep
    if node.prompt:
        yield node.prompt[1]
    for _, condition in node.selects + node.implies:
        yield condition
    for value, condition in node.defaults:
        # A choice's default is a member of it, which does not make that member do anything.
        if isinstance(node.item, Symbol):
            yield value
        yield condition
    for low, high, condition in node.ranges:
        yield from (low, high, condition)


class Uses:
    """All uses of options in a source tree, with those within Kconfig."""

    def __init__(self, kconf, source):
        source = pathlib.Path(source)
        self.files = read_files(source)
        self.all = [use for file in self.files for use in named_in(file)]
        self.all += [use for file in self.files if file.language is Language.MAKE
                     for use in picked_by(file, source)]
        self._by_name = collections.defaultdict(list)
        for use in self.all:
            self._by_name[use.name].append(use)
        self._referring = collections.defaultdict(set)
        self._followers = collections.defaultdict(set)
        for node in kconf.node_iter():
            self._read_node(node)

    def _read_node(self, node):
        named = {item for expression in conditions(node)
                 for item in kconfiglib.expr_items(expression) if isinstance(item, Symbol)}
        for item in named - {node.item}:
            self._referring[item].add(node.item)
            if isinstance(node.item, Symbol) and not has_prompt(node.item):
                self._followers[item].add(node.item)
        for target, _ in node.selects + node.implies:
            self._referring[node.item].add(target)
            self._followers[node.item].add(target)

    def of(self, name, *kinds):
        return [use for use in self._by_name[name] if use.kind in kinds]

    def paths(self, name, *kinds):
        return sorted({use.path for use in self.of(name, *kinds)})

    def followers(self, symbol):
        """Symbols whose value follows from this one: helpers without a prompt, and selected."""
        return sorted(self._followers[symbol], key=lambda follower: follower.name)

    def is_used(self, symbol):
        return bool(self.of(symbol.name, Kind.CODE, Kind.PICKED) or self._referring[symbol])

    def files_of(self, symbol):
        """The files to which the symbol, or one that follows from it, makes a difference."""
        found, seen, ahead = set(), set(), [symbol]
        while ahead:
            item = ahead.pop()
            if item not in seen:
                seen.add(item)
                found.update(self.paths(item.name, Kind.CODE, Kind.PICKED))
                ahead += self._followers[item]
        return sorted(found)


def entry_path(kconf, node):
    """The Kconfig file of an entry, relative to the source tree."""
    return os.path.relpath(os.path.join(kconf.srctree, node.filename), kconf.srctree)


def fragment_of(member):
    """The file in configs/ that sets a choice's member and nothing else."""
    return member.name.lower().replace("_", "-") + ".config"
