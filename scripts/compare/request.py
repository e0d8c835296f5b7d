"""What is asked for: the words of make's line, and the columns that they mean.

    A=... B=...                 two configurations
    CHOICE="FORK SCHED"         every combination of the choices' members, on BASE
    OPT=NAME=v1,v2 [...]        every combination of the options' values, on BASE
    WITH=linux                  Debian's kernel as one more column

The first column is the base of all others. Two columns that are one configuration are one.
"""

import dataclasses
import difflib
import itertools
import os
import re
import shlex

from configuration.tree import load_kconfig

from . import configurations
from .model import KINDS, RequestError

KEYS = ("A", "B", "CHOICE", "OPT", "BASE", "WITH", "BENCH", "MODE", "ROUNDS", "SEED", "OUT", "JOBS",
        "HOSTS", "BASELINE", "GATE", "ACCEL")
LINUX = "linux"


@dataclasses.dataclass
class Column:
    """One configuration of the comparison."""

    name: str                       # short, unique
    title: str                      # what it is, in the words of the request
    words: tuple[str, ...]          # make's goals that give it
    configuration: "configurations.Configuration | None"    # Linux has none
    system: str = "facet"
    requested: list = dataclasses.field(default_factory=list)
    induced: list = dataclasses.field(default_factory=list)
    unrelated: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Request:
    """The words, checked."""

    source: str
    words: dict[str, str]
    kinds: tuple[str, ...]
    benches: tuple[str, ...]        # groups and names; none: all
    rounds: "int | None"
    seed: int
    jobs: int
    notes: list[str] = dataclasses.field(default_factory=list)

    def command(self) -> str:
        """For a shell, and then for make, to which a dollar is a variable's."""
        words = (f"{key}={shlex.quote(value.replace('$', '$$'))}"
                 for key, value in self.words.items())
        return " ".join(["make", "compare", *words])


def number(words, key, default, least, most):
    text = words.get(key)
    if text is None:
        return default
    if not re.fullmatch("[0-9]{1,18}", text) or not least <= int(text) <= most:
        raise RequestError(f"{key}={text[:40]}: not a number from {least} to {most}")
    return int(text)


def parse(source, arguments) -> Request:
    """The request in KEY=VALUE words, in any order; empty values are as good as none. Names alone
    are those of make's other words."""
    given = {}
    for argument in arguments:
        key, separator, value = argument.partition("=")
        if not separator:
            check_spelling(key)
            continue
        if key not in KEYS:
            raise RequestError(f"{argument}: not understood; there are {' '.join(KEYS)}")
        if value.strip():
            given[key] = value.strip()
    words = {key: given[key] for key in KEYS if key in given}
    check_words(words)
    mode = words.get("MODE", "all")
    if mode not in (*KINDS, "all"):
        raise RequestError(f"MODE={mode}: there are {' '.join(KINDS)} and all")
    if words.get("WITH", LINUX) != LINUX:
        raise RequestError(f"WITH={words['WITH']}: there is only {LINUX}")
    benches = tuple(words.get("BENCH", "").replace(",", " ").split())
    if "BENCH" in words and not benches:
        raise RequestError(f"BENCH={words['BENCH']}: which benchmarks?")
    return Request(source, words, KINDS if mode == "all" else (mode,), benches,
                   number(words, "ROUNDS", None, 1, 1000), number(words, "SEED", 1, 0, 2 ** 31 - 1),
                   number(words, "JOBS", os.cpu_count() or 1, 1, 1000))


def check_spelling(name: str):
    """Make takes any word: one that is misspelt would measure something else."""
    close = difflib.get_close_matches(name, KEYS, 1, 0.75)
    if close and name not in KEYS:
        raise RequestError(f"{name}: not understood; is it {close[0]}?")


def check_words(words: dict[str, str]):
    """What would otherwise fail after minutes of work."""
    if words.get("GATE", "1") not in ("0", "1"):
        raise RequestError(f"GATE={words['GATE']}: there are 0 and 1")
    if words.get("GATE") == "1" and "BASELINE" not in words:
        raise RequestError("GATE=1: BASELINE=FILE says against what")
    if "HOSTS" in words:
        check_hosts(words["HOSTS"])
    accel = words.get("ACCEL", "tcg")
    if accel not in ("tcg", "kvm"):
        raise RequestError(f"ACCEL={accel}: there are tcg and kvm")
    if accel == "kvm" and "HOSTS" not in words:
        check_kvm()


def check_kvm():
    """The device may be there, and nothing behind it."""
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR))
    except OSError as error:
        raise RequestError(f"ACCEL=kvm: this host's /dev/kvm: {error.strerror}") from None


def check_hosts(path: str):
    if not os.path.isfile(path):
        raise RequestError(f"HOSTS={path}: there is no such file")
    with open(path, encoding="utf-8", errors="replace") as file:
        if not any(line.split("#")[0].strip() for line in file):
            raise RequestError(f"HOSTS={path}: there is no host in it")


def expand(request: Request) -> list[Column]:
    """The columns, the base first; raises RequestError where one cannot be what it should."""
    words = request.words
    sides, product = "A" in words or "B" in words, "CHOICE" in words or "OPT" in words
    if sides and (product or "BASE" in words):
        raise RequestError("A and B are whole configurations: CHOICE, OPT and BASE do not go "
                           "with them")
    if sides:
        columns = expand_sides(request)
    elif product:
        columns = expand_product(request)
    else:
        raise RequestError("what is to be compared? A=... B=..., CHOICE=... or OPT=...; "
                           "`make compare-list` shows what there is")
    columns = without_doubles(request, columns)
    if "WITH" in words:
        if any(column.name == LINUX for column in columns):
            raise RequestError(f"WITH={LINUX}: one of the configurations has that name; rename it")
        columns.append(Column(LINUX, "Debian's kernel", (), None, system=LINUX))
    if len(columns) < 2:
        raise RequestError("there is nothing to compare: " + ("; ".join(request.notes) or
                           "only one configuration comes of this"))
    return columns


def expand_sides(request) -> list[Column]:
    """A and B. What one option explains is requested; of several no figure can be put down to
    one, so they are called out."""
    words = request.words
    if not {"A", "B"} <= words.keys():
        raise RequestError("A and B go together")
    columns = []
    for side in "AB":
        name = os.path.basename(words[side].split()[-1].rstrip("/"))
        name = name.removesuffix(".config").removesuffix("_defconfig") or side.lower()
        columns.append(Column(name, words[side], tuple(words[side].split()),
                              configurations.read(request.source, words[side])))
    if columns[0].name == columns[1].name:
        columns[0].name, columns[1].name = "a", "b"
    base, other = columns
    needed, members = configurations.independent(request.source, base.configuration,
                                                 other.configuration)
    changes = configurations.differences(base.configuration, other.configuration)
    asked = {name for unit in needed for name in members[unit]}
    other.induced = [change for change in changes if change[0] not in asked]
    chosen = [change for change in changes if change[0] in asked]
    if len(needed) > 1:
        other.unrelated = chosen
    else:
        other.requested = chosen
    return columns


def axes(request):
    """For each choice and option asked for: (the symbols that it sets, [(name, title, word)])."""
    kconf = load_kconfig(request.source)
    for name in request.words.get("CHOICE", "").replace(",", " ").split():
        yield choice_axis(kconf, name)
    for word in request.words.get("OPT", "").split():
        yield option_axis(kconf, word)


def choice_axis(kconf, name):
    choice = kconf.named_choices.get(name)
    if choice is None:
        raise RequestError(f"CHOICE={name}: there is no such choice; there are "
                           f"{' '.join(sorted(kconf.named_choices))}")
    names = [symbol.name for symbol in choice.syms]
    common = os.path.commonprefix(names)
    common = common[:common.rfind("_") + 1]
    return names, [(member.removeprefix(common).lower(), member, f"CONFIG_{member}=y")
                   for member in names]


def option_axis(kconf, word):
    name, separator, values = word.removeprefix("CONFIG_").partition("=")
    symbol = kconf.syms.get(name)
    if symbol is None or not symbol.nodes:
        raise RequestError(f"OPT={word}: there is no option {name}")
    if symbol.choice:
        raise RequestError(f"OPT={word}: {name} is a member of the choice {symbol.choice.name}: "
                           f"CHOICE={symbol.choice.name} compares its members")
    values = [value for value in values.split(",") if value]
    if not separator or not values:
        raise RequestError(f"OPT={word}: which values? OPT={name}=1,2,3")
    return [name], [(value, f"{name}={value}", f"CONFIG_{name}={value}") for value in values]


def expand_product(request) -> list[Column]:
    base_words = request.words.get("BASE", configurations.DEFAULT).split()
    base = configurations.read(request.source, base_words)
    parts = list(axes(request))
    asked = {symbol for symbols, _ in parts for symbol in symbols}
    kept = configurations.without(base_words, asked)
    columns = []
    for combination in itertools.product(*(values for _, values in parts)):
        words = [*kept, *(word for _, _, word in combination)]
        columns.append(Column("-".join(name for name, _, _ in combination),
                              " ".join(title for _, title, _ in combination), tuple(words),
                              configurations.read(request.source, words)))
    columns.sort(key=lambda column: column.configuration.hash != base.hash)
    for column in columns[1:]:
        changes = configurations.differences(columns[0].configuration, column.configuration)
        column.requested = [change for change in changes if change[0] in asked]
        column.induced = [change for change in changes if change[0] not in asked]
    return columns


def without_doubles(request, columns) -> list[Column]:
    kept = {}
    for column in columns:
        first = kept.setdefault(column.configuration.hash, column)
        if first is not column:
            request.notes.append(f"{column.title} is the same configuration as {first.title}"
                                 if column.title != first.title else
                                 f"{column.title} was asked for twice")
    return list(kept.values())


def is_controlled(columns) -> bool:
    """Whether each column differs from the base in what was asked for, and what follows from it."""
    return not any(column.unrelated for column in columns)
