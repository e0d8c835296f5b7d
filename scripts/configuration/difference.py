"""What differs between two configurations, in the form of Linux's scripts/diffconfig.

Files are compared as they stand. A defconfig says little of what it means, so it is compared as the
configuration that it makes; only that needs kconfiglib.
"""

import argparse
import os
import re
import sys

from .errors import ConfigError

LINE = re.compile(r"CONFIG_(?P<name>\w+)=(?P<value>.*)|# CONFIG_(?P<unset>\w+) is not set")
FOLDER = os.path.dirname(os.path.abspath(__file__))
DESCRIPTION = """\
Lists the options that two configurations have differently: `-NAME value` where only the first has
it, `+NAME value` where only the second has it, ` NAME old -> new` where both have it.
"""


def parse(lines, name):
    """The value of each option that is named, `n` for what is not set. A line that names none may
    be there, as in an old .config, but where most are such it is some other kind of file."""
    values, others = {}, 0
    for line in lines:
        match = LINE.fullmatch(line)
        if match:
            values[match["name"] or match["unset"]] = match["value"] if match["name"] else "n"
        elif line.strip() and not line.startswith("#"):
            others += 1
    if others > len(values):
        raise ConfigError(f"{name}: not a configuration: most of its lines set no option")
    return values


def expanded(path, source):
    """The lines of the .config that a defconfig makes."""
    try:
        from .assignments import take
        from .tree import load_kconfig
    except ImportError as error:
        raise ConfigError(f"{error}; `make setup` installs what reads a defconfig") from None
    kconf = load_kconfig(source)
    take(kconf, [os.path.abspath(path)], source)
    return "".join(symbol.config_string for symbol in kconf.unique_defined_syms).splitlines()


def read(name, source):
    """The options of a file, of the build folder that holds a .config, or of a defconfig."""
    path = os.path.join(name, ".config") if os.path.isdir(name) else name
    if path != name and not os.path.exists(path):
        raise ConfigError(f"{name}: a folder without a .config")
    shipped = os.path.join(source, "configs", name)
    if not os.path.exists(path) and os.path.exists(shipped):
        path = shipped
    if path.endswith("_defconfig"):
        return parse(expanded(path, source), name)
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return parse(file.read().splitlines(), name)
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}") from None


def changes(old, new):
    """Triples of a name, the old value and the new one, None where there is none; in the order of
    Linux: what is gone, what changed, what came, each by name."""
    names = sorted(old.keys() | new.keys())
    gone = [name for name in names if name not in new]
    changed = [name for name in names if name in old and name in new and old[name] != new[name]]
    come = [name for name in names if name not in old]
    return [(name, old.get(name), new.get(name)) for name in gone + changed + come]


def shown(name, before, after):
    if after is None:
        return f"-{name} {before}"
    if before is None:
        return f"+{name} {after}"
    return f" {name} {before} -> {after}"


def fragment(name, after):
    """The line that turns the first configuration into the second, as far as lines can."""
    return f"# CONFIG_{name} is not set" if after == "n" else f"CONFIG_{name}={after}"


def derived(source):
    """The options without a prompt, which follow from the others: no fragment may set them."""
    try:
        from .tree import load_kconfig
    except ImportError as error:
        print(f"diffconfig: {error}; without it options that a fragment may not set are not left "
              "out", file=sys.stderr)
        return set()
    return {symbol.name for symbol in load_kconfig(source).unique_defined_syms
            if not any(node.prompt for node in symbol.nodes)}


def report(first, second, source, merge=False):
    found = changes(read(first, source), read(second, source))
    if not merge:
        for change in found:
            print(shown(*change))
        return
    left_out = derived(source)
    for name, _, after in found:
        if after is not None and name not in left_out:
            print(fragment(name, after))


def main():
    parser = argparse.ArgumentParser(prog="diffconfig", description=DESCRIPTION)
    parser.add_argument("-m", action="store_true",
                        help="print a fragment that makes the second out of the first")
    parser.add_argument("configurations", nargs="*", metavar="CONFIGURATION",
                        help="a file, a build folder, or a defconfig of configs/; "
                             "without: .config.old and .config")
    arguments = parser.parse_args()
    if len(arguments.configurations) not in (0, 2):
        parser.error("two configurations, or none")
    # As in Linux, which looks in its build folder where one is set.
    current = os.path.join(os.environ.get("KBUILD_OUTPUT", ""),
                           os.environ.get("KCONFIG_CONFIG") or ".config")
    first, second = arguments.configurations or (current + ".old", current)
    try:
        report(first, second, os.path.dirname(os.path.dirname(FOLDER)), arguments.m)
    except ConfigError as error:
        sys.exit(f"diffconfig: {error}")


if __name__ == "__main__":
    main()
