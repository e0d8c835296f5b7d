"""The dice of randconfig, loaded by KCONFIG_SEED and KCONFIG_PROBABILITY as Linux's are."""

import os
import random
import time

from .errors import ConfigError


class Dice:
    """The same seed throws the same numbers."""

    def __init__(self, seed, percent_yes=50, numbers=False):
        self.seed, self.percent_yes, self.numbers = seed, percent_yes, numbers
        self._random = random.Random(seed)

    def flag(self):
        return "y" if self._random.randrange(100) < self.percent_yes else "n"

    def member(self, members):
        return self._random.choice(members)

    def number(self, low, high):
        return self._random.randint(low, high)


def seed():
    """KCONFIG_SEED in decimal, octal (0) or hexadecimal (0x) digits, as strtol takes them."""
    text = os.environ.get("KCONFIG_SEED", "")
    if not text:
        return time.time_ns() & 0xFFFFFFFF
    try:
        octal = text.startswith("0") and text.isdigit()
        return int(text, 8 if octal else 0) & 0xFFFFFFFF
    except ValueError:
        raise ConfigError(f"KCONFIG_SEED={text} is no number") from None


def percent_yes():
    """KCONFIG_PROBABILITY as N, as N:M (y and m of Linux's tristates: both are y here), or as
    N:M:L, in which N is about booleans and the rest about tristates, which Facet has not."""
    text = os.environ.get("KCONFIG_PROBABILITY", "")
    if not text:
        return 50
    parts = text.split(":")
    valid = len(parts) <= 3 and all(part.isdecimal() and int(part) <= 100 for part in parts)
    numbers = [int(part) for part in parts] if valid else []
    if not valid or sum(numbers[-2:]) > 100 and len(numbers) > 1:
        raise ConfigError(f"KCONFIG_PROBABILITY={text} is none of N, N:M and N:M:L with numbers "
                          "from 0 to 100, of which the last two are at most 100 together")
    return sum(numbers) if len(numbers) == 2 else numbers[0]


def from_environment():
    """Linux leaves numbers at their defaults; KCONFIG_RANDOM_NUMBERS=1 draws them too."""
    numbers = os.environ.get("KCONFIG_RANDOM_NUMBERS", "") not in ("", "0")
    return Dice(seed(), percent_yes(), numbers)
