"""`make lint`: holds the source tree against the rules that no compiler checks.

    python3 -m lint [--only FAMILY] SOURCE

A family of rules is a module beside this file with `check(source)`, which yields what it finds. The
families run in processes of their own, the quick ones first.
"""

import argparse
import concurrent.futures
import importlib
import os
import pathlib
import sys

from . import exceptions
from .tools import MissingTool

# The quick ones first.
FAMILIES = ("sizes", "python", "shell", "options", "format", "analysis")


def run(family, source):
    module = importlib.import_module(f".{family}", __package__)
    return sorted(exceptions.apply(source, family, module.check(source)))


def main():
    parser = argparse.ArgumentParser(prog="lint", description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="FAMILY", help=", ".join(FAMILIES))
    parser.add_argument("source", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.only and arguments.only not in FAMILIES:
        sys.exit(f"lint: no rules are called '{arguments.only}'; there are {', '.join(FAMILIES)}")

    families = [arguments.only] if arguments.only else FAMILIES
    source = arguments.source.resolve()
    count = 0
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        running = {family: pool.submit(run, family, source) for family in families}
        for family, result in running.items():
            try:
                findings = result.result()
            except MissingTool as missing:
                sys.exit(f"lint: {family}: {missing}")
            count += len(findings)
            print(f"  LINT    {family}", *findings, sep="\n", flush=True)
    if count:
        sys.exit(f"lint: {count} finding{'s' if count > 1 else ''}")


if __name__ == "__main__":
    main()
