"""Which configurations are tried beside those that somebody wrote: derived from Kconfig, so that a
new option takes part by itself.

Each option is moved alone to where its type ends: the other value of a switch, each member of a
choice, both ends of a range, and strings that make, C or NASM might take for more than text.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from kconfiglib import BOOL, HEX, INT, Kconfig, Symbol, expr_value

from facet import BUILD, ROOT

# Quotes come in pairs: an open one would, as on Linux, swallow the boot loader's words behind it.
ODD_TEXTS = {
    "quotes": r'''both="two words" 'single' "a whole word" back\slash\\ trailing\ ''',
    "signs": "100% %s %n $HOME $(HOME) ${HOME} $$ #hash `date` !x ?* ~ a;b&c|d <e> [f] {g} @h",
    "beyond ASCII": "größe=½ 日本",
    "long": " ".join(f"word{number}={number:060}" for number in range(14)),
}


@dataclass(frozen=True)
class Move:
    """One option away from its default, the others at theirs or, where only that shows the option,
    with all switches on."""

    symbol: str
    value: str
    switches_on: bool

    @property
    def name(self) -> str:
        texts = {text: name for name, text in ODD_TEXTS.items()}
        return f"{self.symbol}={texts.get(self.value, self.value)}"

    def write(self) -> Path:
        """The file that make takes for it, and with which anybody can do the same again."""
        kconf = load_kconfig()
        if self.switches_on:
            switch_all_on(kconf)
        kconf.syms[self.symbol].set_value(self.value)
        # make takes a word with = in it for a variable.
        name = self.name.translate(str.maketrans("= ", "-_"))
        path = BUILD / "configurations" / f"{name}_defconfig"
        path.parent.mkdir(parents=True, exist_ok=True)
        kconf.write_min_config(str(path))
        return path


def load_kconfig() -> Kconfig:
    with mock.patch.dict(os.environ, srctree=str(ROOT)):
        return Kconfig(str(ROOT / "Kconfig"), warn_to_stderr=False)


def prompted(kconf: Kconfig) -> list[Symbol]:
    return [symbol for symbol in kconf.unique_defined_syms
            if any(node.prompt for node in symbol.nodes)]


def switch_all_on(kconf: Kconfig) -> None:
    for symbol in prompted(kconf):
        if symbol.orig_type == BOOL and not symbol.choice:
            symbol.set_value("y")


def ends(symbol: Symbol) -> list[str]:
    """What an option can be moved to from the value that it has."""
    if symbol.choice:
        return ["y"] if symbol.str_value == "n" else []
    if symbol.orig_type == BOOL:
        return ["n" if symbol.str_value == "y" else "y"]
    if symbol.orig_type in (INT, HEX):
        values = [end.str_value for low, high, condition in symbol.ranges if expr_value(condition)
                  for end in (low, high)]
        assert values, f"{symbol.name} has no range, so nobody knows what it works with"
        return [value for value in values if value != symbol.str_value]
    return list(ODD_TEXTS.values())


def moves() -> list[Move]:
    kconf = load_kconfig()
    found, left = [], prompted(kconf)
    for switches_on in (False, True):
        if switches_on:
            switch_all_on(kconf)
        found += [Move(symbol.name, value, switches_on)
                  for symbol in left if symbol.visibility for value in ends(symbol)]
        left = [symbol for symbol in left if not symbol.visibility]
    assert not left, f"nothing shows these options: {', '.join(symbol.name for symbol in left)}"
    return found
