#!/usr/bin/env python3
"""Writes docs/options.md from Kconfig and docs/abi.md from kernel/syscall/table.def.

    docs.py [--check] SOURCE        --check: write nothing, fail where a page is not up to date
"""

import argparse
import os
import re
import sys

import kconfiglib
from kconfiglib import Choice, Kconfig, MENU, Symbol

ENTRY = re.compile(r'^SYSCALL\((\d+),\s*(\w+),\s*\w+,\s*"([^"]*)",\s*"((?:[^"\\]|\\.)*)"\)')
PATH = re.compile(r"(?<![\w/`])/?(?:[a-z]\w*/)+(?:\w+(?:\.\w+)?)?")
ABSENT = re.compile(r"^ABSENT\((\d+),\s*(\w+)\)")


def conditions(kconf, expression):
    if expression is kconf.y:
        return ""
    return kconfiglib.expr_str(expression, lambda item: f"`{item.name}`" if isinstance(item, Symbol)
                               and not item.is_constant else kconfiglib.standard_sc_expr_str(item))


def default_of(kconf, item):
    """The defaults in their order, as one text."""
    texts = []
    for value, condition in [(entry[0], entry[1]) for entry in item.defaults]:
        if isinstance(value, tuple):
            text = kconfiglib.expr_str(value)
        elif isinstance(item, Choice):
            text = f"`{value.name}`"
        else:
            text = f'`{value.name}`' if value.name else "empty"
        when = conditions(kconf, condition)
        texts.append(text + (f" if {when}" if when else ""))
    return ", else ".join(texts) or ("`n`" if item.type == kconfiglib.BOOL else "none")


def files_of(text):
    """Files that a help text says to read."""
    return PATH.findall(text or "")


def paragraphs(text):
    lines = (text or "").strip("\n").split("\n")
    return PATH.sub(r"`\g<0>`", "\n".join(line.strip() for line in lines))


def facts(kconf, item, node):
    rows = []
    if isinstance(item, Choice):
        rows.append(("one of", ", ".join(f"`{member.name}`" for member in item.syms)))
    else:
        rows.append(("type", kconfiglib.TYPE_TO_STR[item.orig_type]))
    if not (isinstance(item, Symbol) and item.choice):
        rows.append(("default", default_of(kconf, item)))
    if isinstance(item, Symbol):
        for low, high, condition in item.ranges:
            when = conditions(kconf, condition)
            rows.append(("range", f"{low.str_value} to {high.str_value}"
                         + (f" if {when}" if when else "")))
    needs = re.sub(r"( && )?<choice \w+>( && )?", "", conditions(kconf, node.dep))
    if needs:
        rows.append(("depends on", needs))
    rows.append(("defined in", f"`{node.filename}`"))
    return "\n".join(f"- {name}: {value}" for name, value in rows)


def option(kconf, node, depth):
    item = node.item
    name = item.name or ""
    title = node.prompt[0] if node.prompt else "(follows from other options)"
    head = f"{'#' * depth} {title}" + (f" — `{name}`" if name else "")
    return "\n\n".join(part for part in (head, facts(kconf, item, node), paragraphs(node.help))
                       if part)


def walk(kconf, node, depth):
    parts = []
    while node:
        if node.item is MENU:
            parts.append(f"{'#' * depth} {node.prompt[0]}")
            parts += walk(kconf, node.list, depth + 1)
        elif isinstance(node.item, (Symbol, Choice)):
            parts.append(option(kconf, node, depth))
            if node.list:
                parts += walk(kconf, node.list, depth + 1)
        node = node.next
    return parts


def options_page(source):
    os.environ["srctree"] = source
    kconf = Kconfig(os.path.join(source, "Kconfig"))
    parts = ["# Options",
             "Every option of `make menuconfig`, with its help. Made from the Kconfig files by "
             "`make docs`; do not edit it.",
             "## The choices",
             "Of each, exactly one member is linked; the others are not in the kernel.",
             choices_table(kconf)]
    return "\n\n".join(parts + walk(kconf, kconf.top_node.list, 2)) + "\n"


def choices_table(kconf):
    rows = ["| choice | member | fragment | file |", "|---|---|---|---|"]
    for choice in kconf.unique_choices:
        for member in choice.syms:
            fragment = member.name.lower().replace("_", "-") + ".config"
            if not os.path.exists(os.path.join(kconf.srctree, "configs", fragment)):
                continue
            files = files_of(member.nodes[0].help)
            rows.append(f"| {choice.nodes[0].prompt[0]} | `{member.name}` | `{fragment}` | "
                        f"{', '.join(f'`{name}`' for name in files[:1])} |")
    return "\n".join(rows)


def calls(source):
    """The table's offered calls, with room and note, and the absent ones, by number."""
    offered, absent = [], []
    with open(os.path.join(source, "kernel/syscall/table.def"), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            entry, missing = ENTRY.match(line), ABSENT.match(line)
            if entry:
                call, name, room, note = entry.groups()
                offered.append((int(call), name, room,
                                note.replace('\\"', '"').replace("|", "\\|")))
            elif missing:
                absent.append((int(missing.group(1)), missing.group(2)))
            elif re.match(r"(SYSCALL|ABSENT)\(", line):
                sys.exit(f"kernel/syscall/table.def:{number}: not understood: {line}")
    return sorted(offered), sorted(absent)


def abi_page(source):
    offered, absent = calls(source)
    parts = ["# System calls",
             "Numbers, structures, errors and meaning are those of Linux on x86_64. Made from "
             "`kernel/syscall/table.def` by `make docs`; do not edit it.",
             f"{len(offered)} calls are offered and {len(absent)} are not.",
             "- What an offered call does not support is in its note. It is refused with an error, "
             "never accepted and ignored, unless the note says so.\n"
             "- A call that is not offered returns `ENOSYS`, and the kernel's log names it the "
             "first time.",
             "## Offered",
             "\n".join(["| number | name | room | note |", "|---:|---|---|---|"] +
                       [f"| {number} | `{name}` | {room} | {note} |"
                        for number, name, room, note in offered]),
             "## Not offered",
             f"<details>\n<summary>{len(absent)} calls, by number</summary>",
             "\n".join(f"- {number} `{name}`" for number, name in absent),
             "</details>"]
    return "\n\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("source")
    arguments = parser.parse_args()
    stale = []
    for name, text in (("docs/options.md", options_page(arguments.source)),
                       ("docs/abi.md", abi_page(arguments.source))):
        path = os.path.join(arguments.source, name)
        try:
            with open(path, encoding="utf-8") as file:
                same = file.read() == text
        except OSError:
            same = False
        if not same and arguments.check:
            stale.append(name)
        elif not same:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            print(f"  DOCS    {name}")
    if stale:
        sys.exit(f"not up to date: {', '.join(stale)}; run `make docs`")


if __name__ == "__main__":
    main()
