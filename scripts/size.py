#!/usr/bin/env python3
"""Shows what takes up space in a kernel, or what grew and shrank between two.

    size.py [-n COUNT] KERNEL [OTHER]       each a build folder or an ELF file

Sizes are in bytes. Strings and padding have no names: they are what the symbols leave of a section.
"""

import argparse
import re
import sys

from sizes import SizeError, compare, read_sizes
from sizes.elf import ARCHIVE, KINDS

LARGEST = 20
NUMBER = re.compile(r"[-+]?[0-9,]*")
UNNAMED = "(strings, padding)"


def table(head, rows):
    """Columns of numbers stand to the right, others to the left."""
    if not rows:
        return
    cells = [head] + [[cell if isinstance(cell, str) else f"{cell:,}" for cell in row]
                      for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    numbers = [all(NUMBER.fullmatch(row[column]) for row in cells[1:])
               for column in range(len(head))]
    for row in cells:
        print("  ".join(cell.rjust(width) if number else cell.ljust(width)
                        for cell, width, number in zip(row, widths, numbers)).rstrip())
    print()


def show(sizes, count):
    table(["section", "kind", "bytes"],
          [[item.name, item.kind, item.size] for item in sizes.sections])
    folders = sizes.folders()
    rows = [[folder, *(folders[folder][kind] for kind in KINDS),
             folders[folder].total()] for folder in sorted(folders)]
    rows.append([UNNAMED, *(sizes.unnamed(kind) for kind in KINDS), sizes.unnamed()])
    rows.append(["kernel", *(sizes.total(kind) for kind in KINDS), sizes.total()])
    table(["folder", *KINDS, "total"], rows)
    if sizes.total(ARCHIVE):
        print(f"The embedded root archive, not counted above: {sizes.total(ARCHIVE):,}\n")
    largest = sorted(sizes.symbols, key=lambda symbol: (-symbol.size, symbol.name, symbol.file))
    table(["largest symbols", "bytes", "kind", "file"],
          [[symbol.name, symbol.size, symbol.kind, symbol.file]
           for symbol in largest[:count]])


def signed(number):
    return f"{number:+,}" if number else "0"


def show_change(change):
    if change.changes:
        table(["symbol", "before", "after", "change", "file"],
              [[item.name, "-" if item.before is None else f"{item.before:,}",
                "-" if item.after is None else f"{item.after:,}", signed(item.delta),
                item.file] for item in change.changes])
    gained = sum(item.delta for item in change.changes if item.delta > 0)
    lost = sum(item.delta for item in change.changes if item.delta < 0)
    print(f"add/remove: {len(change.added)}/{len(change.removed)} "
          f"grow/shrink: {len(change.grown)}/{len(change.shrunk)} "
          f"up/down: {gained}/{lost} ({gained + lost})\n")
    rows = [*change.kinds, change.total, change.unnamed, change.archive]
    names = [*KINDS, "kernel", "of it " + UNNAMED, "root archive"]
    table(["", "before", "after", "change"],
          [[name, f"{row.before:,}", f"{row.after:,}", signed(row.delta)]
           for name, row in zip(names, rows)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=LARGEST, dest="count",
                        help="how many of the largest symbols (%(default)s)")
    parser.add_argument("kernel", help="a build folder or an ELF file")
    parser.add_argument("other", nargs="?", help="a second one: what changed from the first to it")
    arguments = parser.parse_args()
    try:
        sizes = read_sizes(arguments.kernel)
        if arguments.other:
            show_change(compare(sizes, read_sizes(arguments.other)))
        else:
            show(sizes, arguments.count)
    except SizeError as error:
        sys.exit(f"size: {error}")


if __name__ == "__main__":
    main()
