"""Reads .editorconfig: what an editor does by it is what lint asks for.

Of the specification (https://spec.editorconfig.org) what this tree's file uses: one file, at the
root; patterns with * and {a,b}, of names alone.
"""

import configparser
import fnmatch
import functools
import re


@functools.cache
def sections(source):
    """[(patterns, properties)] in the file's order, or none where there is no such file."""
    parser = configparser.ConfigParser(default_section="", strict=False)
    # What stands before the first section is of a section that matches no name.
    try:
        parser.read_string("[/]\n" + (source / ".editorconfig").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [(alternatives(name), dict(parser.items(name))) for name in parser.sections()]


def alternatives(pattern):
    """The patterns that one with braces stands for."""
    braces = re.search(r"\{([^{}]*)\}", pattern)
    if not braces:
        return [pattern]
    return [whole for part in braces[1].split(",")
            for whole in alternatives(pattern[:braces.start()] + part + pattern[braces.end():])]


def properties(source, path):
    """What holds for a file: of several sections that match, the last one's word."""
    merged = {}
    for patterns, settings in sections(source):
        if any(fnmatch.fnmatchcase(path.name, pattern) for pattern in patterns):
            merged.update(settings)
    return merged
