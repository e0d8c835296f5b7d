#!/usr/bin/env python3
"""The one driver of the configuration: every make target about it ends here.

kconfiglib reads Kconfig and evaluates it. What it leaves to chance is settled here: a file
that was written by hand (a defconfig, a fragment) must take effect to the letter, and each line
that does not is an error with its file, line, symbol and the dependency that is not met. An old
.config is met with patience: what no longer fits is dropped, and said.

Runs in the build folder: .config, include/config/ and include/generated/ are relative to the
current directory, Kconfig and configs/ to --source.
"""

import argparse
import hashlib
import os
import re
import sys

try:
    import kconfiglib
    from kconfiglib import AND, BOOL, Kconfig, TRI_TO_STR, expr_str, expr_value, split_expr
except ImportError:
    sys.exit("kconfiglib is missing. `make setup` installs it (Debian: python3-kconfiglib).")

CONFIG = ".config"
MARKERS = "include/config"
GENERATED = "include/generated"
ASSIGNMENT = re.compile(r"CONFIG_(\w+)=(.*)$")
UNSET = re.compile(r"# CONFIG_(\w+) is not set$")


class ConfigError(Exception):
    """A message for the user; nothing has been written."""


class Assignment:
    """One line of a file written by hand."""

    def __init__(self, symbol, value, path, line):
        self.symbol, self.value, self.path, self.line = symbol, value, path, line

    def where(self):
        return f"{self.path}:{self.line}"


def display(path, source):
    """The path as the user knows it: relative to the source tree where it lies in it."""
    absolute = os.path.abspath(path)
    inside = os.path.relpath(absolute, source)
    return absolute if inside.startswith("..") else inside


def unquote(value):
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return kconfiglib.unescape(value[1:-1])
    return None


def parse_value(symbol, text):
    """The value in kconfiglib's notation, or None where it is no value of the symbol's type."""
    if symbol.type == kconfiglib.STRING:
        return unquote(text)
    if symbol.type == BOOL:
        return text if text in ("y", "n") else None
    base = 16 if symbol.type == kconfiglib.HEX else 10
    try:
        int(text, base)
    except ValueError:
        return None
    return text


def read_assignments(kconf, path, source):
    """The assignments of a file written by hand, in order; raises on the first bad lines."""
    shown = display(path, source)
    found, errors = [], []
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise ConfigError(f"{shown}: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        where = f"{shown}:{number}"
        line = line.strip()
        match = ASSIGNMENT.match(line)
        unset = UNSET.match(line)
        if match:
            name, text = match.groups()
        elif unset:
            name, text = unset.group(1), "n"
        elif not line or line.startswith("#"):
            continue
        else:
            errors.append(f"{where}: not an assignment: {line}")
            continue
        symbol = kconf.syms.get(name)
        if symbol is None or not symbol.nodes:
            errors.append(f"{where}: unknown symbol CONFIG_{name}")
            continue
        value = parse_value(symbol, text)
        if value is None:
            kind = kconfiglib.TYPE_TO_STR[symbol.orig_type]
            errors.append(f"{where}: {text} is no value for CONFIG_{name} ({kind})")
            continue
        found.append(Assignment(symbol, value, shown, number))
    errors += doubled_members(found)
    if errors:
        raise ConfigError("\n".join(errors))
    return found


def doubled_members(assignments):
    """Two members of one choice set to y in one file."""
    chosen, errors = {}, []
    for item in assignments:
        choice = item.symbol.choice
        if choice is None or item.value != "y":
            continue
        other = chosen.setdefault(choice, item)
        if other.symbol is not item.symbol:
            errors.append(f"{item.where()}: CONFIG_{item.symbol.name} and "
                          f"CONFIG_{other.symbol.name} (line {other.line}) are members of one choice")
    return errors


def unmet(symbol):
    """The terms of the symbol's dependencies that do not hold, as text."""
    terms = split_expr(symbol.direct_dep, AND)
    if symbol.choice is not None:
        terms = terms + split_expr(symbol.choice.direct_dep, AND)
    texts = []
    for term in terms:
        if expr_value(term) == 0:
            text = expr_str(term)
            if text not in texts:
                texts.append(text)
    return texts


def active_range(symbol):
    base = 16 if symbol.type == kconfiglib.HEX else 10
    for low, high, condition in symbol.ranges:
        if expr_value(condition):
            return int(low.str_value, base), int(high.str_value, base)
    return None


def reason(item):
    """Why an assignment did not take effect."""
    symbol = item.symbol
    missing = unmet(symbol)
    if missing:
        return "depends on " + " and ".join(missing) + ", which does not hold"
    if not any(node.prompt for node in symbol.nodes):
        return "has no prompt: it follows from other options and cannot be set"
    limits = active_range(symbol)
    if limits and not limits[0] <= int(item.value, 0) <= limits[1]:
        return f"is out of range ({limits[0]} to {limits[1]})"
    if expr_value(symbol.rev_dep):
        return "is selected by " + expr_str(symbol.rev_dep)
    if symbol.choice is not None:
        if item.value == "n":
            return "is the member that its choice falls back to; set another member to y"
        return "is a member of a choice in which another member is set"
    return "is kept from its value by its prompt's condition"


def verify(assignments):
    """Raise unless every assignment that was not overridden by a later one has taken effect."""
    last = {}
    for item in assignments:
        last[item.symbol] = item
        if item.symbol.choice is not None and item.value == "y":
            for sibling in item.symbol.choice.syms:
                if sibling is not item.symbol:
                    last.pop(sibling, None)
    errors = []
    for item in sorted(last.values(), key=lambda item: (item.path, item.line)):
        actual, wanted = item.symbol.str_value, item.value
        if item.symbol.type in (kconfiglib.INT, kconfiglib.HEX):
            same = actual != "" and int(actual, 0) == int(wanted, 0)
        else:
            same = actual == wanted
        if not same:
            errors.append(f"{item.where()}: CONFIG_{item.symbol.name}={wanted} has no effect "
                          f"(the value is {actual or 'not set'}): it {reason(item)}")
    if errors:
        raise ConfigError("\n".join(errors))


def apply(assignments):
    for item in assignments:
        symbol = item.symbol
        # kconfiglib unsets a choice that is given n for the member chosen before; a member's n
        # says nothing that another member's y does not say better.
        if symbol.choice is not None and item.value == "n" and symbol.choice.user_selection:
            if symbol.choice.user_selection is not symbol:
                continue
        symbol.set_value(item.value)


def load_kconfig(source):
    os.environ["srctree"] = source
    kconf = Kconfig(os.path.join(source, "Kconfig"), warn_to_stderr=False)
    if kconf.warnings:
        raise ConfigError("\n".join(kconf.warnings))
    kconf.warn_assign_override = False
    kconf.warn_assign_redun = False
    return kconf


def load_old(kconf):
    """An existing .config: what no longer fits is dropped, and said."""
    kconf.warnings.clear()
    kconf.load_config(CONFIG)
    for name, value in kconf.missing_syms:
        print(f"{CONFIG}: dropped CONFIG_{name}={value}: there is no such option any more",
              file=sys.stderr)
    for symbol in kconf.unique_defined_syms:
        if symbol.user_value is None or symbol.choice is not None:
            continue
        wanted = symbol.user_value
        wanted = TRI_TO_STR[wanted] if symbol.type == BOOL else wanted
        if symbol.visibility and symbol.str_value != wanted:
            print(f"{CONFIG}: CONFIG_{symbol.name}={wanted} became {symbol.str_value or 'n'}",
                  file=sys.stderr)


def save(kconf):
    message = kconf.write_config(CONFIG)
    print(message.replace(CONFIG, os.path.join(os.getcwd(), CONFIG)))


def config_path(source, name):
    path = os.path.join(source, "configs", name)
    return path if os.path.exists(path) or os.sep not in name else os.path.abspath(name)


def merge(kconf, source, names):
    """Defconfigs and fragments in the order given; a defconfig starts from nothing."""
    assignments = []
    for position, name in enumerate(names):
        path = config_path(source, name)
        if name.endswith("_defconfig"):
            kconf.unset_values()
            assignments = []
        elif position == 0:
            if os.path.exists(CONFIG):
                load_old(kconf)
            else:
                default = os.path.join(source, "configs", "qemu_defconfig")
                assignments = read_assignments(kconf, default, source)
                apply(assignments)
        found = read_assignments(kconf, path, source)
        apply(found)
        assignments += found
    verify(assignments)
    save(kconf)


def load_or_default(kconf, source):
    if os.path.exists(CONFIG):
        load_old(kconf)
    else:
        found = read_assignments(kconf, os.path.join(source, "configs", "qemu_defconfig"), source)
        apply(found)
        verify(found)


def menuconfig(kconf, source):
    import menuconfig as interface
    load_or_default(kconf, source)
    if not os.path.exists(CONFIG):
        save(kconf)
    os.environ["KCONFIG_CONFIG"] = os.path.abspath(CONFIG)
    os.environ.setdefault("MENUCONFIG_STYLE", "aquatic")
    interface.menuconfig(kconf)


def oldconfig(kconf, source):
    """Ask for each option that is visible and has no value yet."""
    import oldconfig as interface
    load_or_default(kconf, source)
    if not os.path.exists(CONFIG):
        save(kconf)
    while True:
        interface.conf_changed = False
        for node in kconf.node_iter():
            interface.oldconfig(node)
        if not interface.conf_changed:
            break
    save(kconf)


def values(kconf):
    """The value of each option as `NAME=value`, sorted: what the configuration is, however it
    was written down."""
    lines = []
    for symbol in kconf.unique_defined_syms:
        value = symbol.str_value
        if symbol.type == BOOL and value == "n" or value == "" and symbol.type != kconfiglib.STRING:
            continue
        lines.append(f"CONFIG_{symbol.name}={value}")
    return sorted(lines)


def write_if_changed(path, text):
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except OSError:
        pass
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def c_string(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped + '\\n"'


def config_source(kconf):
    """The configuration as C, for /proc/config and the panic screen."""
    digest = hashlib.sha256("\n".join(values(kconf)).encode()).hexdigest()[:8]
    with open(CONFIG, encoding="utf-8") as file:
        text = file.read().splitlines()
    body = "\n".join("\t" + c_string(line) for line in text)
    return (f"/* Generated by scripts/kconfig.py from .config. */\n"
            f"#include <facet/config_text.h>\n\n"
            f'const char config_hash[] = "{digest}";\n\n'
            f"const char config_text[] =\n{body};\n"
            f"const size_t config_text_size = sizeof(config_text) - 1;\n")


def nasm_source(kconf):
    lines = ["; Generated by scripts/kconfig.py from .config."]
    for symbol in sorted(kconf.unique_defined_syms, key=lambda symbol: symbol.name):
        value = symbol.str_value
        if symbol.type == BOOL:
            if value == "y":
                lines.append(f"%define CONFIG_{symbol.name} 1")
        elif value and symbol.type != kconfiglib.STRING:
            lines.append(f"%define CONFIG_{symbol.name} {value}")
    return "\n".join(lines) + "\n"


def sync(kconf, source):
    """.config to what the build reads: autoconf.h and .inc, the markers that objects depend on,
    the configuration as C, and the list of Kconfig files."""
    if not os.path.exists(CONFIG):
        print("No .config here: taking qemu_defconfig.")
        merge(kconf, source, ["qemu_defconfig"])
    else:
        load_old(kconf)
        kconf.write_config(CONFIG)
    os.makedirs(GENERATED, exist_ok=True)
    kconf.sync_deps(MARKERS)
    kconf.write_autoconf(f"{GENERATED}/autoconf.h", "/* Generated from .config. */\n")
    write_if_changed(f"{GENERATED}/autoconf.inc", nasm_source(kconf))
    write_if_changed(f"{GENERATED}/config_text.c", config_source(kconf))
    files = " ".join(os.path.join(source, name) for name in kconf.kconfig_filenames)
    write_if_changed(f"{MARKERS}/files.mk", f"kconfig-files := {files}\n")
    os.utime(f"{MARKERS}/auto.conf")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, help="the source tree")
    parser.add_argument("command", choices=["merge", "sync", "menuconfig", "oldconfig",
                                            "olddefconfig", "savedefconfig"])
    parser.add_argument("names", nargs="*", help="merge: defconfigs and fragments, in order")
    arguments = parser.parse_args()
    source = os.path.abspath(arguments.source)
    kconf = load_kconfig(source)
    if arguments.command == "merge":
        merge(kconf, source, arguments.names)
    elif arguments.command == "sync":
        sync(kconf, source)
    elif arguments.command == "menuconfig":
        menuconfig(kconf, source)
    elif arguments.command == "oldconfig":
        oldconfig(kconf, source)
    elif arguments.command == "olddefconfig":
        load_or_default(kconf, source)
        save(kconf)
    else:
        load_or_default(kconf, source)
        kconf.write_min_config("defconfig")
        print(f"Smallest configuration saved to '{os.path.abspath('defconfig')}'")


if __name__ == "__main__":
    try:
        main()
    except (ConfigError, kconfiglib.KconfigError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
