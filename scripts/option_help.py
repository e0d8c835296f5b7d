"""What a help text promises: a file to read, and what the option costs.

`make lint` holds the promises against the tree, `make docs` makes links and a table of them.
"""

import os
import re

# /dev/console and the like are paths of the running system, and not of the source tree.
WORD = re.compile(r"(?<![\w/.:-])[A-Za-z][\w-]*(?:/[\w.-]*\w|/)+")
COST = re.compile(r"^\s*Cost: *(.*?)(?=^\s*$|\Z)", re.M | re.S)


def is_path(word, source):
    """`kernel/sched/rr.c` and `usr/tests/` are paths, there or not; `read/write` is none."""
    first, _, rest = word.partition("/")
    return word.endswith("/") or "." in rest or os.path.isdir(os.path.join(source, first))


def paths(text, source):
    """The paths of the source tree that a text names, in its order."""
    return [word for word in WORD.findall(text or "") if is_path(word, source)]


def cost(text):
    """What follows `Cost:` up to the end of the paragraph, as one line, or None."""
    match = COST.search(text or "")
    return " ".join(match[1].split()) if match else None
