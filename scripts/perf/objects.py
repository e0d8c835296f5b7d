"""A choice that is not taken costs nothing: outside of its own folder no object depends on it.

Objects are compared byte for byte between kernels that differ in one choice. What must differ
stands in exceptions.toml, each with its reason; an exception that nothing needs is a fault too.
"""

import hashlib
import re
import tomllib
from pathlib import Path

from . import PerfError
from .shapes import FOLDERS

EXCEPTIONS = Path(__file__).with_name("exceptions.toml")


def linked(folder: Path) -> dict[str, str]:
    """The objects of a build and their sums."""
    command = re.search(r"^made-facet\.elf := (.*)$", (folder / "facet.elf.cmd").read_text(), re.M)
    if not command:
        raise PerfError(f"{folder}: facet.elf.cmd does not say what was linked")
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in re.findall(r"(\S+\.o)\b", command[1])}


def neighbours(names: list[str]):
    """(choice, shape, shape) for each two that differ in this choice alone."""
    for position, choice in enumerate(FOLDERS):
        seen = {}
        for name in names:
            members = name.split("-")
            rest = (*members[:position], *members[position + 1:])
            if rest in seen:
                yield choice, seen[rest], name
            seen.setdefault(rest, name)


def differing(objects: dict[str, dict]) -> dict[str, str]:
    """Objects that depend on a choice which is not theirs, and a sentence on each; `objects` are
    those of each shape."""
    found = {}
    for choice, one, other in neighbours(list(objects)):
        for name in sorted(objects[one].keys() | objects[other].keys()):
            if not name.startswith(f"{FOLDERS[choice]}/") and \
                    objects[one].get(name) != objects[other].get(name):
                found.setdefault(name, f"{name} depends on the choice {choice}: it is not the "
                                       f"same in {one} and {other}")
    return found


def faults(folder: Path, names: list[str], exceptions: Path = EXCEPTIONS) -> list[str]:
    """All that breaks the rule among the shapes that are built in this folder."""
    found = differing({name: linked(folder / name) for name in names})
    listed = tomllib.loads(exceptions.read_text(encoding="utf-8"))
    unused = [f"{exceptions.name}: nothing needs the exception for {name}"
              for name in listed if name not in found]
    without = [f"{exceptions.name}: {name} has no reason"
               for name, entry in listed.items() if not entry.get("reason")]
    return [sentence for name, sentence in found.items() if name not in listed] + unused + without
