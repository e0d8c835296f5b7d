"""The options: their entries in Kconfig, and what uses them in the rest of the tree."""

import functools
import re
import sys

import kconfiglib
from kconfiglib import AND, MENU, Choice, Symbol

import option_help
from configuration.tree import load_kconfig
from option_uses import Kind, Uses, entry_path, fragment_of

# The options' names, the source tree's paths and the running system's.
MARKED = re.compile(rf"(?P<path>{option_help.WORD.pattern})|(?P<absolute>(?<![\w/])/[\w./-]*\w)|"
                    r"(?P<name>\b[A-Z][A-Z0-9_]+\b)|(?P<plain>[\\`*<>\[\]])")
UP = "../"


def collect(source):
    return Options(source.resolve()).page()


def is_option(node):
    return isinstance(node.item, (Symbol, Choice))


def link(path, line=None):
    shown, place = (f"{path}:{line}", f"{path}#L{line}") if line else (path, path)
    return f"[{shown}]({UP}{place})"


def listed(paths):
    return ", ".join(link(path) for path in paths)


def is_tool(path):
    """What only looks at a build makes no difference to it, and would make the page out of date."""
    return path.startswith("scripts/") and not path.endswith(".mk")


def slug(title):
    """The anchor that a heading gets on GitHub."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def title_of(node):
    return node.item.name if is_option(node) else node.prompt[0]


class Options:
    """What the page says."""

    def __init__(self, source):
        self.source = source
        self.kconf = load_kconfig(str(source))
        self.uses = Uses(self.kconf, source)
        self.known = {node.item.name for node in self.kconf.node_iter() if is_option(node)}
        self.setters = {}
        for node in self.kconf.node_iter():
            for how, targets in (("selects", node.orig_selects), ("implies", node.orig_implies)):
                for target, condition in targets:
                    entry = self.option(node.item) + self.when(condition)
                    self.setters.setdefault((how, target), []).append(entry)

    def page(self):
        entries = list(self.entries(self.kconf.top_node.list, 2))
        anchors = ["menus", "choices"] + [entry["anchor"] for entry in entries]
        doubled = {anchor for anchor in anchors if anchors.count(anchor) > 1}
        if doubled:
            sys.exit(f"docs: two headings are called {', '.join(sorted(doubled))}")
        return {"entries": entries, "choices": list(self.choice_rows())}

    def entries(self, node, depth):
        while node:
            if node.item is MENU or is_option(node):
                yield {"depth": depth, "title": title_of(node), "anchor": slug(title_of(node)),
                       "prompt": node.prompt[0] if node.prompt else "(no prompt)",
                       "help": self.help(node),
                       "facts": [fact for fact in self.facts(node) if fact[1]]}
                yield from self.entries(node.list, depth + 1)
            node = node.next

    # --- texts --------------------------------------------------------------------------------

    def option(self, item):
        return f"[{item.name}](#{slug(item.name)})"

    def marked(self, text):
        """A text of Kconfig as Markdown: paths and options become links."""
        def mark(match):
            kind, word = match.lastgroup, match[0]
            if kind == "path" and option_help.is_path(word, self.source):
                return link(word)
            if kind == "absolute":
                return f"`{word}`"
            if kind == "name" and word in self.known:
                return f"[{word}](#{slug(word)})"
            return "\\" + word if kind == "plain" else word
        return MARKED.sub(mark, text)

    def help(self, node):
        lines = (getattr(node, "help", None) or "").strip("\n").split("\n")
        return self.marked("\n".join(line.strip() for line in lines))

    def expression(self, expression):
        def show(item):
            named = isinstance(item, Choice) or not item.is_constant
            if named and item.name in self.known:
                return self.option(item)
            return f"`{kconfiglib.standard_sc_expr_str(item)}`"
        if expression is self.kconf.y:
            return ""
        # In Markdown an exclamation mark in front of a link makes an image of it.
        return kconfiglib.expr_str(expression, show).replace("![", "\\![")

    def when(self, condition):
        text = self.expression(condition)
        return f" if {text}" if text else ""

    # --- facts --------------------------------------------------------------------------------

    def facts(self, node):
        """What Kconfig and the tree say of an entry, as pairs of label and text."""
        item = node.item
        if isinstance(item, Symbol):
            yield from self.symbol_facts(node)
        elif isinstance(item, Choice):
            yield "members", ", ".join(self.option(member) for member in item.syms)
            yield "default", self.defaults(item)
        yield "depends on", self.dependencies(node)
        if is_option(node):
            yield "defined in", link(entry_path(self.kconf, node), node.linenr)

    def symbol_facts(self, node):
        symbol = node.item
        yield "type", kconfiglib.TYPE_TO_STR[symbol.orig_type]
        if symbol.choice:
            yield "member of", self.option(symbol.choice)
        else:
            yield "default", self.defaults(symbol)
        yield "range", ", ".join(f"{low.name} to {high.name}" + self.when(condition)
                                 for low, high, condition in symbol.orig_ranges)
        if not node.prompt:
            yield "prompt", "none, it follows from other options"
        else:
            yield "asked", self.when(node.orig_prompt[1]).strip()
        for how, label, targets in (("selects", "selected by", symbol.orig_selects),
                                    ("implies", "implied by", symbol.orig_implies)):
            yield how, ", ".join(self.option(target) + self.when(condition)
                                 for target, condition in targets)
            yield label, ", ".join(self.setters.get((how, symbol), ()))
        yield from self.use_facts(symbol)

    def use_facts(self, symbol):
        name, uses = symbol.name, self.uses
        yield "decides", ", ".join(self.option(follower) for follower in uses.followers(symbol))
        yield "compiles", listed(uses.paths(name, Kind.PICKED))
        yield "used in", listed(path for path in uses.paths(name, Kind.CODE) if not is_tool(path))
        yield "looked at by tests", listed(path for path in uses.paths(name, Kind.TEST)
                                           if path.startswith("usr/tests/"))
        yield "set in", listed(uses.paths(name, Kind.VALUE))

    def defaults(self, item):
        texts = []
        for value, condition in item.orig_defaults:
            text = self.expression(value) if isinstance(value, tuple) else f"`{value.name}`"
            if isinstance(value, Symbol) and value.name in self.known:
                text = self.option(value)
            if item.orig_type is kconfiglib.STRING and not isinstance(value, tuple):
                text = f'`"{value.name}"`'
            texts.append(text + self.when(condition))
        return ", else ".join(texts) or ("`n`" if item.orig_type is kconfiglib.BOOL else "")

    def dependencies(self, node):
        """The dependencies that are no mere membership in a choice."""
        terms = [term for term in kconfiglib.split_expr(node.dep, AND)
                 if not isinstance(term, Choice) and term is not self.kconf.y]
        if not terms:
            return ""
        return self.expression(functools.reduce(lambda all_, term: (AND, all_, term), terms))

    # --- the table ----------------------------------------------------------------------------

    def choice_rows(self):
        for choice in self.kconf.unique_choices:
            for place, member in enumerate(choice.syms):
                text = member.nodes[0].help
                fragment = f"configs/{fragment_of(member)}"
                files = self.uses.paths(member.name, Kind.PICKED) or self.uses.files_of(member)
                named = [path for path in option_help.paths(text, self.source) if path in files]
                yield {"choice": "" if place else self.option(choice),
                       "member": self.option(member),
                       "default": self.member_default(choice, member),
                       "file": listed(named[:1]),
                       "fragment": link(fragment) if (self.source / fragment).exists() else "",
                       "cost": self.marked(option_help.cost(text) or "")}

    def member_default(self, choice, member):
        """Whether, or when, a choice's member is its default."""
        conditions = [condition for value, condition in choice.orig_defaults if value is member]
        return " or ".join(self.when(condition).strip() or "yes" for condition in conditions)
