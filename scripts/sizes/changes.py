"""What grew and shrank between two kernels."""

from collections import defaultdict
from dataclasses import dataclass

from .elf import ARCHIVE, KINDS


@dataclass(frozen=True)
class Change:
    """A symbol's size before and after; None where there is none of that name."""

    name: str
    file: str
    before: "int | None"
    after: "int | None"

    @property
    def delta(self):
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True)
class Total:
    name: str
    before: int
    after: int

    @property
    def delta(self):
        return self.after - self.before


@dataclass(frozen=True)
class Comparison:
    """`changes` has the symbols that differ in size, the most grown first; they and `unnamed` add
    up to `total`."""

    changes: "list[Change]"
    kinds: "list[Total]"
    unnamed: Total
    total: Total
    archive: Total

    @property
    def added(self):
        return [change for change in self.changes if change.before is None]

    @property
    def removed(self):
        return [change for change in self.changes if change.after is None]

    @property
    def grown(self):
        return [change for change in self.changes if change.before is not None
                and change.after is not None and change.delta > 0]

    @property
    def shrunk(self):
        return [change for change in self.changes if change.before is not None
                and change.after is not None and change.delta < 0]


def by_key(sizes):
    """{key: [bytes, file]}: what GCC made of one function under one name counts as one."""
    found = defaultdict(lambda: [0, ""])
    for symbol in sizes.symbols:
        entry = found[symbol.key]
        entry[0] += symbol.size
        entry[1] = symbol.file
    return found


def changes(before, after):
    for key in before.keys() | after.keys():
        old, old_file = before.get(key, (None, ""))
        new, new_file = after.get(key, (None, ""))
        if old != new:
            yield Change(key[0], new_file or old_file, old, new)


def compare(before, after):
    """The Comparison of two Sizes."""
    def total(name, *kinds):
        return Total(name, before.total(*kinds), after.total(*kinds))

    found = sorted(changes(by_key(before), by_key(after)),
                   key=lambda change: (-change.delta, change.name, change.file))
    return Comparison(found, [total(kind, kind) for kind in KINDS],
                      Total("unnamed", before.unnamed(), after.unnamed()), total("total"),
                      total(ARCHIVE, ARCHIVE))
