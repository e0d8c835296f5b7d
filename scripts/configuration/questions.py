"""Configuring by questions on standard input, in the form of Linux's `config` and `oldconfig`.

An empty answer takes what stands in brackets, `?` shows the help. Nothing is written before the
last answer, so an end of the input or Ctrl-C leaves .config as it was.
"""

import sys

from kconfiglib import BOOL, COMMENT, HEX, MENU, STRING, Choice, expr_value

from . import dotconfig, notation
from .errors import ConfigError
from .news import can_change, help_of, is_new, new_nodes
from .reasons import active_range, out_of_range


def read_line(question):
    print(question, end="", flush=True)
    line = sys.stdin.readline()
    if not line.endswith("\n"):
        raise ConfigError("\nThe input ended at this question, so nothing has been saved. "
                          "`make olddefconfig` answers each one with its default.")
    if not sys.stdin.isatty():
        print(line, end="")
    return line.strip()


class Questions:
    """A walk through the menus. Known answers are shown; asked is what is new, or everything."""

    def __init__(self, everything):
        self.everything = everything

    def entry(self, node, indent=0):
        """One menu entry and what is below it."""
        if not visible(node):
            return
        if node.item in (MENU, COMMENT):
            if node.item is MENU and not self.everything and not has_news(node):
                return
            print(f"*\n* {node.prompt[0]}\n*")
            self.children(node, indent)
        elif isinstance(node.item, Choice):
            self.choice(node, indent)
        elif node.item.choice is None:
            self.option(node, indent)
            self.children(node, indent + 2)

    def children(self, node, indent):
        child = node.list
        while child:
            self.entry(child, indent)
            child = child.next

    def answer(self, item, question, known):
        """What the user says to a question, or what is known already and only shown."""
        if self.everything or is_new(item):
            return read_line(question)
        print(question + known)
        return ""

    def option(self, node, indent):
        symbol = node.item
        mark = "" if symbol.user_value is not None else "(NEW) "
        question = " " * indent + f"{node.prompt[0]} ({symbol.name}) [{choices_of(node)}] {mark}"
        if not can_change(symbol):
            print(question + symbol.str_value)
            return
        while True:
            text = self.answer(symbol, question, symbol.str_value)
            if text == "?":
                print(f"\n{help_of(node)}\n")
                continue
            value = value_of(symbol, text)
            if value is not None and symbol.set_value(value):
                return

    def choice(self, node, indent):
        choice = node.item
        members = [child for child in choice.syms if child.visibility]
        margin = " " * indent
        lines = [f"{margin}{node.prompt[0]}"]
        for number, symbol in enumerate(members, 1):
            arrow = ">" if symbol is choice.selection else " "
            mark = "" if symbol.user_value is not None else " (NEW)"
            lines.append(f"{margin}{arrow} {number}. {symbol.nodes[0].prompt[0]} "
                         f"({symbol.name}){mark}")
        default = members.index(choice.selection) + 1 if choice.selection in members else 1
        if len(members) == 1:
            print("\n".join(lines + [f"{margin}choice[1]: 1"]))
            return choose(choice, members[0])
        lines.append(f"{margin}choice[1-{len(members)}?]: ")
        while True:
            text = self.answer(choice, "\n".join(lines), str(default)) or str(default)
            number, asks = text.rstrip("?"), text.endswith("?")
            valid = number.isdecimal() and 1 <= int(number) <= len(members)
            if asks and not number:
                print(f"\n{help_of(node)}\n")
            elif asks and valid:
                print(f"\n{help_of(members[int(number) - 1].nodes[0])}\n")
            elif valid:
                return choose(choice, members[int(number) - 1])


def choose(choice, member):
    """Take a member; the others count as answered, so that the choice is not new any more."""
    for symbol in choice.syms:
        if symbol is not member and symbol.visibility:
            symbol.set_value("n")
    member.set_value("y")


def choices_of(node):
    """What stands in brackets: the value, and for a switch also what it could be."""
    symbol = node.item
    if symbol.type != BOOL:
        return symbol.str_value
    other = [value for value in ("n", "y")
             if value != symbol.str_value and can_change(symbol)]
    return "/".join([symbol.str_value.upper()] + other + (["?"] if node.help else []))


def value_of(symbol, text):
    """The value that an answer stands for, or None after saying what is wrong with it."""
    if not text:
        return symbol.str_value
    if symbol.type == BOOL:
        return {"y": "y", "yes": "y", "n": "n", "no": "n"}.get(text.lower())
    if symbol.type == HEX and not text.lower().startswith("0x"):
        text = "0x" + text
    if symbol.type == STRING:
        return text
    if notation.value_of(symbol, text) is None:
        print(notation.misfit(symbol, text))
        return None
    bounds = active_range(symbol)
    if bounds and not bounds[0] <= int(text, notation.BASE[symbol.type]) <= bounds[1]:
        print(f"{text} {out_of_range(symbol)}")
        return None
    return text


def visible(node):
    """Whether a menu shows the entry."""
    if not node.prompt or not expr_value(node.prompt[1]):
        return False
    return node.item is not MENU or bool(expr_value(node.visibility))


def has_news(menu):
    """Whether something new stands in a menu or below it."""
    child = menu.list
    while child:
        if visible(child) and (is_new(child.item) or has_news(child)):
            return True
        child = child.next
    return False


def menu_of(node):
    """The menu in which an entry stands."""
    node = node.parent
    while node.item is not MENU:
        node = node.parent
    return node


def ask_new(kconf):
    """An answer can make an option visible that stood before it: ask until nothing is new."""
    questions = Questions(everything=False)
    while new_nodes(kconf):
        menu = menu_of(new_nodes(kconf)[0])
        print("*\n* Restart config...\n*")
        questions.entry(menu)


def config(kconf, source):
    dotconfig.load_or_default(kconf, source)
    Questions(everything=True).entry(kconf.top_node)
    ask_new(kconf)
    return dotconfig.save(kconf)


def oldconfig(kconf, source):
    dotconfig.load_or_default(kconf, source)
    ask_new(kconf)
    return dotconfig.save(kconf)
