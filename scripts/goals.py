#!/usr/bin/env python3
"""Which words of make's command line are no targets, and what was meant by them.

A target is what help.txt names, so there is none that `make help` is silent about.
"""

import re
import sys
from pathlib import Path

import spelling

HELP = Path(__file__).with_name("help.txt")
ENTRY = re.compile(r"  ((?:[a-z][\w.-]*, )*[a-z][\w.-]*)(?: |$)")


def targets():
    """What help.txt has at the start of its entries: `name` or `name, alias`."""
    entries = filter(None, map(ENTRY.match, HELP.read_text(encoding="utf-8").splitlines()))
    return [name for entry in entries for name in entry.group(1).split(", ")]


def complaints(words):
    """A sentence for each word that is no target."""
    known = targets()
    for word in words:
        if word not in known:
            yield f"There is no target {word}{spelling.meant(word, known) or '.'}"


if __name__ == "__main__":
    print(" ".join(complaints(sys.argv[1:])))
