"""Writes the pages that say what other files declare: options and system calls.

    python3 -m docs [--check] SOURCE      --check: write nothing, fail where a page is out of date

What a page says is collected by a module, how it looks is in the template beside it.
"""

import argparse
import pathlib
import sys

try:
    import jinja2
except ImportError:
    sys.exit("Jinja2 is missing. `make setup` installs it (Debian: python3-jinja2).")

from configuration.errors import ConfigError

from . import abi, options

PAGES = {"docs/options.md": options, "docs/abi.md": abi}


def render(module, source):
    """The page of a module: its collect() fills the template of its name."""
    environment = jinja2.Environment(loader=jinja2.PackageLoader(__package__, "."),
                                     undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True, keep_trailing_newline=True)
    name = module.__name__.rpartition(".")[2]
    return environment.get_template(f"{name}.md.jinja").render(module.collect(source))


def is_current(path, text):
    try:
        return path.read_text(encoding="utf-8") == text
    except FileNotFoundError:
        return False


def main():
    parser = argparse.ArgumentParser(prog="docs", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("source", type=pathlib.Path)
    arguments = parser.parse_args()
    stale = []
    for name, module in PAGES.items():
        try:
            path, text = arguments.source / name, render(module, arguments.source)
        except ConfigError as error:
            sys.exit(f"docs: {error}")
        if is_current(path, text):
            continue
        stale.append(name)
        if not arguments.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"  DOCS    {name}")
    if stale and arguments.check:
        sys.exit(f"not up to date: {', '.join(stale)}; run `make docs`")


if __name__ == "__main__":
    main()
