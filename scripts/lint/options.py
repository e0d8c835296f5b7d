"""Rules about options: what Kconfig and the rest of the tree say of each other.

The compiler and the preprocessor are silent on all of it: an option that does not exist is 0, one
that nothing looks at is asked for all the same, and a help text may send its reader anywhere.
"""

import os
import pathlib
import re
from collections.abc import Iterable

import kconfiglib
from kconfiglib import Choice, Kconfig, Symbol

import option_help
import spelling
from configuration.reasons import has_prompt
from option_uses import NAME, Kind, Language, Uses, entry_path, fragment_of

from .finding import Finding

ANY = re.compile(r"[A-Z]|NAME")
DECLARED = re.compile(r"^\s*(?:menu)?config (\w+)$", re.M)
DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(?:el)?if(?:n?def)?\b(?:\\\n|[^\n])*", re.M)
IS_ENABLED = re.compile(r"^(?![ \t]*#[ \t]*define IS_ENABLED).*?\bIS_ENABLED\((.*?)\)", re.M)
PLACE = re.compile(r"(\S+):(\d+): (.*)", re.S)
NUMBER = re.compile(r"-?\d+|0[xX][\da-fA-F]+")


def options(kconf):
    """Each menu node of a symbol or a choice, in the order of the menus."""
    return [node for node in kconf.node_iter() if isinstance(node.item, (Symbol, Choice))]


def line_of(node, text):
    """The line of a node's entry that has the text; kconfiglib keeps that of the entry alone."""
    with open(os.path.join(node.kconfig.srctree, node.filename), encoding="utf-8") as file:
        lines = file.read().splitlines()
    pattern = re.compile(r"(?<![\w/])" + re.escape(text) + r"(?![\w/])")
    for number in range(node.linenr, len(lines) + 1):
        if pattern.search(lines[number - 1]):
            return number
    return node.linenr


def at(node, rule, message, line=None):
    return Finding(entry_path(node.kconfig, node), line or node.linenr, rule, message)


# --- names ------------------------------------------------------------------------------------

def unknown_names(kconf, uses):
    """CONFIG_ names that Kconfig does not define.

    One letter, or NAME, stands for any option, and a name that ends in _ for those that begin so.
    A document may use what it declares itself in an example. In Python names are put together and
    taken apart, and the tests plant unknown ones.
    """
    defined = {symbol.name for symbol in kconf.unique_defined_syms}
    declared = {file.path: set(DECLARED.findall(file.text)) for file in uses.files
                if file.language is Language.TEXT}
    for use in uses.all:
        name = use.name
        if name in defined or ANY.fullmatch(name) or use.path.endswith(".py"):
            continue
        if name.endswith("_") and any(other.startswith(name) for other in defined):
            continue
        if name in declared.get(use.path, ()) or use.kind is Kind.PICKED:
            continue
        yield Finding(use.path, use.line, "unknown-option",
                      f"Kconfig defines no {name}{spelling.meant(name, sorted(defined))}")


def undefined_symbols(kconf, _uses):
    """The same within Kconfig, where such a symbol is n and says nothing."""
    for node in kconf.node_iter():
        for item in sorted(node.referenced, key=str):
            if not isinstance(item, Symbol) or item.is_constant or item.nodes:
                continue
            if not NUMBER.fullmatch(item.name):
                yield at(node, "unknown-option", f"no Kconfig file defines {item.name}",
                         line_of(node, item.name))


def unused_symbols(kconf, uses):
    for symbol in kconf.unique_defined_syms:
        if not uses.is_used(symbol):
            yield at(symbol.nodes[0], "unused-option",
                     f"nothing is built or done differently because of {symbol.name}")


def is_enabled(kconf, uses):
    """IS_ENABLED() of anything but a switch is 0, without a word."""
    for file in uses.files:
        if file.language is not Language.C:
            continue
        for match in IS_ENABLED.finditer(file.code):
            name = NAME.fullmatch(match[1].strip())
            symbol = kconf.syms.get(name[1]) if name else None
            if name and (symbol is None or symbol.orig_type in (kconfiglib.BOOL,
                                                                kconfiglib.UNKNOWN)):
                continue
            yield Finding(file.path, file.line(match.start(1)), "is-enabled",
                          f"IS_ENABLED({match[1]}) is always 0: it takes CONFIG_ and a bool's name")


def conditional_sources(_kconf, uses):
    for file in uses.files:
        if not file.path.endswith(".c"):
            continue
        for match in DIRECTIVE.finditer(file.code):
            if NAME.search(match[0]) or "IS_ENABLED" in match[0]:
                yield Finding(file.path, file.line(match.start()), "conditional-source",
                              "a choice picks files and not lines; a switch is "
                              "`if (IS_ENABLED(...))`, or has its stubs in a header")


# --- entries ----------------------------------------------------------------------------------

def help_texts(kconf, uses):
    """A prompt has a help, which says what the option costs and which file it is about; and every
    path that any help names is there."""
    for node in options(kconf):
        name, text = node.item.name or "the choice", (node.help or "").strip()
        named = option_help.paths(text, kconf.srctree)
        for path in named:
            if not os.path.exists(os.path.join(kconf.srctree, path)):
                yield at(node, "help-path", f"the help of {name} names {path}, which is not there",
                         line_of(node, path))
        if node.prompt and not text:
            yield at(node, "help-missing", f"{name} has a prompt and no help")
        if not node.prompt or not text or isinstance(node.item, Choice):
            continue
        if not option_help.cost(text):
            yield at(node, "help-cost", f"the help of {name} has no paragraph `Cost: ...`")
        files = uses.paths(name, Kind.PICKED) or uses.files_of(node.item)
        if files and not set(named) & set(files):
            yield at(node, "help-file", f"the help of {name} names none of its files: "
                     + ", ".join(files))


def selects(kconf, _uses):
    """`select` sets a symbol whatever it depends on, and over the user's head."""
    for node in options(kconf):
        for target, _ in node.selects:
            faults = [fault for fault, there in
                      (("has a prompt", has_prompt(target)),
                       ("has dependencies", target.direct_dep is not kconf.y)) if there]
            if target.nodes and faults:
                yield at(node, "select", f"{node.item.name} selects {target.name}, "
                         f"which {' and '.join(faults)}", line_of(node, target.name))


def choices(kconf, _uses):
    """A choice has a name; if a fragment sets one of its members, each member has a fragment."""
    folder = pathlib.Path(kconf.srctree, "configs")
    for choice in kconf.unique_choices:
        if not choice.name:
            yield at(choice.nodes[0], "unnamed-choice", "a choice has to have a name")
        paths = {member: fragment_of(member) for member in choice.syms}
        if not any((folder / path).exists() for path in paths.values()):
            continue
        for member, path in paths.items():
            if not (folder / path).exists():
                yield at(member.nodes[0], "fragment", f"{member.name} has no configs/{path}")
            elif f"CONFIG_{member.name}=y" not in (folder / path).read_text().splitlines():
                yield Finding(f"configs/{path}", 1, "fragment", f"does not set {member.name}")


def check(source: pathlib.Path) -> Iterable[Finding]:
    os.environ["srctree"] = str(source)
    kconf_file = os.path.join(source, "Kconfig")
    try:
        # Its warnings are errors of every make target; what they say is found here to the line.
        kconf = Kconfig(kconf_file, warn_to_stderr=False)
    except kconfiglib.KconfigError as error:
        place = PLACE.search(str(error))    # a loop has several, none of them first
        path, line, message = place.groups() if place else (kconf_file, 0, str(error).strip())
        yield Finding(os.path.relpath(path, source), int(line), "kconfig", message)
        return
    uses = Uses(kconf, source)
    for rule in (unknown_names, undefined_symbols, unused_symbols, is_enabled, conditional_sources,
                 help_texts, selects, choices):
        yield from rule(kconf, uses)
