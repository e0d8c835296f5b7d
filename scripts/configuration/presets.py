"""Configurations made by a rule: all no, all yes, all default, at random.

As in Linux a rule answers what KCONFIG_ALLCONFIG leaves open. That file was written by hand, so it
holds to the letter: an answer that would take one of its values away is not given.
"""

import os

from kconfiglib import BOOL, HEX

from . import dotconfig, randomness
from .assignments import in_effect, take
from .errors import ConfigError
from .reasons import active_range, has_prompt


def constraints(kconf, source, rule):
    """What KCONFIG_ALLCONFIG asks for: a file, or by `1` or nothing that of the rule or all.config;
    looked for here, in the source tree, and among its fragments."""
    wanted = os.environ.get("KCONFIG_ALLCONFIG")
    if wanted is None:
        return []
    names = (f"{rule}.config", "all.config") if wanted in ("", "1") else (wanted,)
    for name in names:
        for folder in (".", source, os.path.join(source, "configs")):
            path = os.path.join(folder, name)
            if os.path.exists(path):
                return take(kconf, [os.path.normpath(path)], source)
    raise ConfigError(f"KCONFIG_ALLCONFIG is set, but there is no {' or '.join(names)}")


def preset(kconf, source, rule, answers):
    """Give each option and choice that KCONFIG_ALLCONFIG leaves open what `answers` says of it, and
    save. `answers` yields pairs of a symbol and a value, and is resumed after each has been tried,
    so that it sees what the ones before made visible."""
    kconf.unset_values()
    given = constraints(kconf, source, rule)
    fixed = {item.symbol for item in given}
    fixed |= {item.symbol.choice for item in given if item.chooses()}
    for symbol, value in answers:
        if symbol in fixed or symbol.choice and symbol.choice in fixed:
            continue
        symbol.set_value(value)
        if not all(map(in_effect, given)):
            (symbol.choice or symbol).unset_value()
    return dotconfig.save(kconf)


def options(kconf):
    """The options that stand for themselves: members of choices are answered by their choice."""
    return [symbol for symbol in kconf.unique_defined_syms
            if symbol.choice is None and has_prompt(symbol)]


def all_of(kconf, value):
    return ((symbol, value) for symbol in options(kconf) if symbol.type == BOOL)


def allnoconfig(kconf, source):
    return preset(kconf, source, "allno", all_of(kconf, "n"))


def allyesconfig(kconf, source):
    return preset(kconf, source, "allyes", all_of(kconf, "y"))


def alldefconfig(kconf, source):
    return preset(kconf, source, "alldef", ())


def at_random(kconf, dice):
    """Options in the order of Kconfig, then choices, whose members may hang on options."""
    for symbol in options(kconf):
        if symbol.type == BOOL:
            yield symbol, dice.flag()
        elif dice.numbers and symbol.ranges and active_range(symbol):
            number = dice.number(*active_range(symbol))
            yield symbol, hex(number) if symbol.type == HEX else str(number)
    for choice in kconf.unique_choices:
        # A member has a value already where KCONFIG_ALLCONFIG rules it out.
        members = [symbol for symbol in choice.syms
                   if symbol.visibility and symbol.user_value is None]
        if members:
            yield dice.member(members), "y"


def randconfig(kconf, source):
    dice = randomness.from_environment()
    print(f"KCONFIG_SEED=0x{dice.seed:X}")
    return preset(kconf, source, "allrandom", at_random(kconf, dice))
