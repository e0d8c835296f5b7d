"""Which files of the source tree are a family's: by suffix, or by the interpreter they name."""

import os

from source_files import files


def with_suffix(source, *suffixes):
    return [path for path in files(source) if path.suffix in suffixes]


def scripts(source, suffix, *interpreters):
    """Files with the suffix, and those without any whose first line names an interpreter."""
    return [path for path in files(source) if path.suffix == suffix
            or not path.suffix and interpreter(source / path).startswith(interpreters)]


def interpreter(path):
    """`bash` of `#!/bin/bash`, `python3` of `#!/usr/bin/env python3`, or nothing."""
    with open(path, "rb") as file:
        first = file.readline(100)
    if not first.startswith(b"#!"):
        return ""
    words = first[2:].decode(errors="replace").replace("/usr/bin/env ", "").split()
    return os.path.basename(words[0]) if words else ""
