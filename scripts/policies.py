#!/usr/bin/env python3
"""The choices of policies, and the shapes: every combination of one member of each.

A policy is a choice of which a fragment in configs/ picks each member. Kconfig says which those are
and in which order, so a new member, or a new choice, is nowhere else to be entered.

    policies.py SOURCE      NAME=FRAGMENT,FRAGMENT... of each shape, for scripts/shapes.mk
"""

import dataclasses
import itertools
import os
import sys

from configuration.tree import load_kconfig
from option_uses import entry_path, fragment_of


@dataclasses.dataclass(frozen=True)
class Policy:
    """A choice, named as its fragments are: sched-rr.config picks rr of sched."""

    name: str
    members: tuple[str, ...]
    folder: str     # of its Kconfig entry, beside the files that it chooses between


def policies(source):
    """The choices of which each member has a fragment, in the order of the menus."""
    found = []
    kconf = load_kconfig(os.path.abspath(source))
    for choice in kconf.unique_choices:
        fragments = sorted(fragment_of(member) for member in choice.syms)
        if all(os.path.exists(os.path.join(source, "configs", name)) for name in fragments):
            name = choice.name.lower()
            members = (fragment.removeprefix(f"{name}-").removesuffix(".config")
                       for fragment in fragments)
            found.append(Policy(name, tuple(members),
                                os.path.dirname(entry_path(kconf, choice.nodes[0]))))
    return found


def shapes(found):
    """{a shape's name: what has to be merged onto a configuration for it}"""
    return {"-".join(members): [f"{policy.name}-{member}.config"
                                for policy, member in zip(found, members)]
            for members in itertools.product(*(policy.members for policy in found))}


if __name__ == "__main__":
    for shape, merged in shapes(policies(sys.argv[1])).items():
        print(f"{shape}={','.join(merged)}")
