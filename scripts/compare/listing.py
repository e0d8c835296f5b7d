"""What can be compared and what is measured: `make compare-list`."""

import signal
import sys

from configuration.tree import load_kconfig
from kconfiglib import BOOL

from . import registry


def prompt(item) -> str:
    return item.nodes[0].prompt[0] if item.nodes[0].prompt else ""


def choices(kconf):
    for name, choice in sorted(kconf.named_choices.items()):
        yield f"  CHOICE={name:<14} {prompt(choice)}"
        for member in choice.syms:
            yield f"    {member.name:<20} {prompt(member)}"


def options(kconf):
    """Options that have a prompt and are in no choice; numbers with their range."""
    for symbol in kconf.unique_defined_syms:
        if symbol.choice or not prompt(symbol):
            continue
        limits = [f"{low.str_value} to {high.str_value}" for low, high, _ in symbol.ranges]
        values = limits[0] if limits else "y, n" if symbol.orig_type == BOOL else "text"
        yield f"  OPT={symbol.name + '=...':<28} {prompt(symbol)} ({values})"


def benchmarks():
    metrics = registry.load()
    for group in dict.fromkeys(metric.group for metric in metrics.values()):
        yield f"  BENCH={group}"
        for metric in metrics.values():
            if metric.group == group:
                star = "*" if metric.primary else " "
                yield f"   {star}{metric.name:<24} {metric.what} ({', '.join(metric.kinds)})"


def listing(source: str) -> str:
    kconf = load_kconfig(source)
    parts = [["Choices, and their members:", *choices(kconf)],
             ["Options, and their values:", *options(kconf)],
             ["Benchmarks (* primary: time and virtual time are tested for a verdict):",
              *benchmarks()]]
    return "\n\n".join("\n".join(part) for part in parts)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)   # a pager that ends is no error
    print(listing(sys.argv[1]))
