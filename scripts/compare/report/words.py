"""Figures and verdicts in words: the same on the terminal, in the page and in the pictures.

No verdict is told by its colour alone: each has a sign and a word.
"""

import math

SIGNS = {"better": "\N{CHECK MARK}", "worse": "\N{BALLOT X}", "differs": "\N{NOT EQUAL TO}",
         "equal": "\N{ALMOST EQUAL TO}", "same": "=", "unclear": "?",
         "descriptive": "\N{MIDDLE DOT}"}
WORDS = {"descriptive": "not tested"}
KIND_TITLES = {"instructions": "Instructions", "virtual": "Virtual time", "time": "Time"}
DIRECTIONS = {"lower": "lower is better", "higher": "higher is better",
              "none": "neither direction is better"}
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
SCALED = {"ns": ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns")),
          "us": ((1e6, "s"), (1e3, "ms"), (1, "µs")),
          "bytes": ((2 ** 30, "GiB"), (2 ** 20, "MiB"), (2 ** 10, "KiB"), (1, "B"))}
ROUNDING = 1e-9                 # percent: less than this is the arithmetic's, and no difference
MOST_PERCENT = 10               # a ratio from here on is told as "times so much"


def digits(value: float, count: int = 3) -> str:
    """With so many digits that mean something, thousands apart; whole numbers in full."""
    if value == int(value) or abs(value) >= 10 ** (count - 1):
        return minus(f"{value:,.0f}")
    places = count - 1 - math.floor(math.log10(abs(value)))
    return minus(f"{value:.{min(places, 6)}f}")


def minus(text: str) -> str:
    return text.replace("-", MINUS)


def signed(value: float, count: int = 3) -> str:
    return ("+" if value > 0 else "") + digits(value, count)


def delta(symbol: dict) -> int:
    """By how many bytes a symbol has changed."""
    return (symbol["after"] or 0) - (symbol["before"] or 0)


def largest_changes(size: dict, most: int) -> "list[dict]":
    return sorted(size["symbols"], key=lambda symbol: -abs(delta(symbol)))[:most]


def unit_and_factor(unit: str, value: float) -> "tuple[str, float]":
    """The unit that this value is best told in, and what to divide by."""
    for factor, name in SCALED.get(unit, ()):
        if abs(value) >= factor:
            return name, factor
    return (SCALED[unit][-1][1], 1) if unit in SCALED else (unit, 1)


def figure(value: "float | None", unit: str) -> str:
    """A figure with its unit; instructions, cycles and counts are told in full."""
    if value is None:
        return "\N{EM DASH}"
    if unit == "ratio_ppm":
        return f"{digits(value, 4)} ppm"
    if unit == "percent":
        return f"{digits(value)} %"
    name, factor = unit_and_factor(unit, value)
    text = digits(value / factor, 4)
    return text if name in ("instructions", "cycles", "count") else f"{text} {name}"


def ratio(value: float) -> str:
    """A ratio as a change: in percent, or how many times where that is easier to grasp."""
    if value >= MOST_PERCENT:
        return TIMES + digits(value)
    percent = (value - 1) * 100
    if abs(percent) < ROUNDING:
        return "0 %"
    if abs(percent) < 0.05:             # two digits that mean something, however small it is
        return minus(f"{percent:+.{1 - math.floor(math.log10(abs(percent)))}f} %")
    if value < 0.1:                     # with a digit for what is left: only nothing is -100 %
        places = max(1, math.ceil(-math.log10(value * 100))) if value > 0 else 0
        return MINUS + f"{-percent:.{places}f} %"
    return minus(f"{percent:+.1f} %" if abs(percent) < 100 else f"{percent:+,.0f} %")


def change(result: dict, unit: str) -> str:
    """By how much a column differs from the base."""
    if result["ratio"] is not None:
        return ratio(result["ratio"])
    if result["difference"] is None:
        return "\N{EM DASH}"
    return difference(result["difference"], unit)


def difference(value: float, unit: str) -> str:
    return ("+" if value > 0 else "") + figure(value, unit)


def interval(result: dict, unit: str) -> str:
    if result["low"] is None:
        exact = result["kind"] == "instructions" and result["value"] is not None
        return "exact" if exact else "\N{EM DASH}"
    if result["scale"] == "ratio":
        ends = ratio(result["low"]), ratio(result["high"])
        if all(end.endswith(" %") for end in ends):
            return f"{ends[0][:-2]} \N{HORIZONTAL ELLIPSIS} {ends[1]}"
    else:
        ends = difference(result["low"], unit), difference(result["high"], unit)
    return f"{ends[0]} \N{HORIZONTAL ELLIPSIS} {ends[1]}"


def has_figure(result: dict) -> bool:
    return result["value"] is not None or result["ratio"] is not None \
        or result["difference"] is not None


def verdict(result: dict) -> str:
    word = result["verdict"]
    if not has_figure(result):
        return f"{SIGNS['unclear']} no figure"
    slight = result["kind"] == "instructions" and word in ("better", "worse", "differs") \
        and not result["material"]
    return f"{SIGNS[word]} {WORDS.get(word, word)}" + (", not material" if slight else "")


def legend() -> str:
    return ", ".join(f"{SIGNS[word]} {WORDS.get(word, word)}" for word in SIGNS)


def counter(name: str) -> str:
    return name.replace("_", " ").replace("tlb", "TLB")


def several(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
