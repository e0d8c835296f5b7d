"""Options that an older .config says nothing of: which they are, and what to know of them."""

from kconfiglib import BOOL, TYPE_TO_STR, Choice, Symbol

from . import dotconfig, notation
from .reasons import place


def is_new(item):
    """Whether the user could have answered this option or choice, and has not. A choice that has
    got a new member is new: the old answer was given without it."""
    if isinstance(item, Choice):
        members = [symbol for symbol in item.syms if symbol.visibility]
        return any(symbol.user_value is None for symbol in members)
    return (isinstance(item, Symbol) and item.user_value is None and item.choice is None
            and can_change(item))


def can_change(symbol):
    """Whether a prompt is shown, and the option is not held by a select."""
    return bool(symbol.visibility) and (symbol.type != BOOL or len(symbol.assignable) > 1)


def new_nodes(kconf):
    """The menu entries of new options and choices, in the order of Kconfig."""
    return [node for node in kconf.node_iter(unique_syms=True)
            if node.prompt and is_new(node.item)]


def help_of(node):
    """What `?` shows of an entry."""
    item = node.item
    menus = []
    parent = node.parent
    while parent.parent:
        menus.insert(0, parent.prompt[0])
        parent = parent.parent
    name = item.name if isinstance(item, Choice) else f"CONFIG_{item.name}"
    kind = "choice" if isinstance(item, Choice) else TYPE_TO_STR[item.orig_type]
    return (f"{name}:\n\n{(node.help or 'There is no help for it.').strip()}\n\n"
            f"Type      : {kind}\n"
            f"Defined at: {place(item)}\n"
            f"Prompt    : {node.prompt[0]}\n"
            f"Menu      : {' -> '.join(menus) or 'the top one'}")


def listnewconfig(kconf, source):
    dotconfig.load_or_default(kconf, source)
    for node in new_nodes(kconf):
        members = node.item.syms if isinstance(node.item, Choice) else [node.item]
        for symbol in members:
            if symbol.visibility and symbol.user_value is None:
                print(notation.written(symbol, symbol.str_value))


def helpnewconfig(kconf, source):
    dotconfig.load_or_default(kconf, source)
    for node in new_nodes(kconf):
        print(f"-----\n\n{help_of(node)}\n\n-----")
