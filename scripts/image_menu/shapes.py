"""Which kernels go onto an image: that of a configuration, and those beside it.

    python3 -m image_menu.shapes SOURCE CONFIG SHAPES

Prints the names of shapes (scripts/policies.py), the configuration's own first. Those beside it are
the ones that are named, or all that differ from it in one policy, so that a difference between two
figures has one cause. Where the programs come from is none, so there all are as the first.
"""

import pathlib
import sys

import policies
from spelling import meant

UNMEASURED = "programs"


def own_members(found, config):
    """The member of each choice that a .config's text has."""
    lines = set(config.splitlines())
    return tuple(next(member for member in policy.members
                      if f"CONFIG_{policy.name.upper()}_{member.upper()}=y" in lines)
                 for policy in found)


def neighbours(found, own):
    """The shapes that differ from it in one policy."""
    for place, policy in enumerate(found):
        if policy.name == UNMEASURED:
            continue
        for member in policy.members:
            if member != own[place]:
                yield (*own[:place], member, *own[place + 1:])


def on_image(found, config, named):
    """The names, without doubles; raises LookupError for one that is no shape."""
    own = own_members(found, config)
    known = policies.shapes(found)
    for name in named:
        if name not in known:
            raise LookupError(f"SHAPES: there is no shape {name}{meant(name, known) or '.'}")
    others = named or ["-".join(members) for members in neighbours(found, own)]
    return list(dict.fromkeys(["-".join(own), *others]))


def main():
    source, config, named = sys.argv[1:]
    try:
        print(*on_image(policies.policies(source), pathlib.Path(config).read_text("utf-8"),
                        named.split()))
    except LookupError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
