"""Why an option does not have the value that was asked of it.

kconfiglib says what an option's value is. This says which part of a dependency keeps it from
another one: the smallest terms that do not hold, each with the value it has now.
"""

from kconfiglib import (AND, HEX, NOT, OR, Choice, Symbol, TRI_TO_STR, expr_items, expr_str,
                        expr_value, split_expr)

from .notation import BASE


def place(item):
    """Where an option or a choice is defined."""
    return f"{item.nodes[0].filename}:{item.nodes[0].linenr}"


def has_prompt(item):
    return any(node.prompt for node in item.nodes)


def single(expr, wanted):
    """A comparison or an option that is not as wanted, with the values that make it so."""
    names = sorted({item for item in expr_items(expr)
                    if isinstance(item, Symbol) and not item.is_constant and item.nodes},
                   key=lambda item: item.name)
    text = expr_str(expr)
    if isinstance(expr, tuple):
        values = ", ".join(f"{item.name}={item.str_value or 'empty'}" for item in names)
        text = text if wanted else f"!({text})"
        return f"{text} ({values})" if values else text
    text = text if wanted else f"!{text}"
    return f"{text} (={expr.str_value})" if names else text


def unmet(expr, wanted=True):
    """The terms that must all change for the expression to be as wanted: [] where it is."""
    if (expr_value(expr) != 0) == wanted:
        return []
    if isinstance(expr, Choice):
        return unmet_prompt(expr) or [f"the choice {expr.name}"]
    if not isinstance(expr, tuple) or expr[0] not in (AND, OR, NOT):
        return [single(expr, wanted)]
    if expr[0] is NOT:
        return unmet(expr[1], not wanted)
    sides = [unmet(side, wanted) for side in expr[1:]]
    if (expr[0] is AND) == wanted:
        return list(dict.fromkeys(sides[0] + sides[1]))
    return either(sides)


def either(sides):
    """One term out of several lists of which any one would do."""
    texts = [side[0] if len(side) == 1 else f"({together(side)})" for side in sides]
    return [" or ".join(dict.fromkeys(texts))]


def together(terms):
    """Terms that must all hold, as text."""
    if len(terms) == 1:
        return terms[0]
    return " and ".join(f"({term})" if " or " in term else term for term in terms)


def unmet_prompt(item):
    """What keeps every prompt of an option or a choice from being shown."""
    sides = [unmet(node.prompt[1]) for node in item.nodes if node.prompt]
    if not sides or [] in sides:
        return []
    return sides[0] if len(sides) == 1 else either(sides)


def selectors(symbol):
    """The options that select this one now, as text."""
    active = [split_expr(select, AND)[0] for select in split_expr(symbol.rev_dep, OR)
              if expr_value(select)]
    return ", ".join(f"{item.name} (={item.str_value})" for item in active)


def active_range(symbol):
    """The bounds in force, or None."""
    base = BASE[symbol.orig_type]
    for low, high, condition in symbol.ranges:
        if expr_value(condition):
            return int(low.str_value, base), int(high.str_value, base)
    return None


def out_of_range(symbol):
    low, high = map(hex if symbol.orig_type == HEX else str, active_range(symbol))
    return f"is out of range ({low} to {high})"


def of_choice(symbol, value):
    """Why a member of a choice, visible as it is, is not as asked."""
    chosen = symbol.choice.selection
    if value == "n":
        return "is what its choice falls back to: set another member to y instead"
    return f"is a member of a choice in which CONFIG_{chosen.name} is set"


def reason(symbol, value):
    """Why the symbol does not have this value, as the end of a sentence that starts with `it`."""
    if not has_prompt(symbol):
        return "has no prompt: it follows from other options and cannot be set"
    missing = unmet(symbol.direct_dep)
    if missing:
        return "depends on " + together(missing)
    if expr_value(symbol.rev_dep) and value != "y":
        return "is selected by " + selectors(symbol)
    missing = unmet_prompt(symbol)
    if missing:
        return "can be set only with " + together(missing)
    if symbol.ranges:
        return out_of_range(symbol)
    if symbol.choice:
        return of_choice(symbol, value)
    return f"can be at most {TRI_TO_STR[symbol.visibility]}" if value == "y" else \
        "cannot be m without CONFIG_MODULES"
