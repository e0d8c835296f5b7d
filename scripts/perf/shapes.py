"""The sixteen shapes by name, and where each choice's own code lies."""

import itertools
from pathlib import Path

# In the order of a shape's name. What is in its folder may differ between its members.
FOLDERS = {
    "sched": "kernel/sched",
    "fork": "kernel/fork",
    "timer": "arch/x86_64/timer",
    "programs": "init/programs",
}


def names(source: Path) -> list[str]:
    """Read off the fragments in configs/, as scripts/shapes.mk does."""
    members = [sorted(path.stem.removeprefix(f"{choice}-")
                      for path in (source / "configs").glob(f"{choice}-*.config"))
               for choice in FOLDERS]
    return ["-".join(combination) for combination in itertools.product(*members)]


def fragments(name: str) -> list[str]:
    """What has to be merged onto a configuration."""
    return [f"{choice}-{member}.config" for choice, member in zip(FOLDERS, name.split("-"))]
