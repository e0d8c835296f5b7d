"""The files that lint looks at: every family asks here, so all look at the same."""

import functools
import os
import pathlib
import subprocess

SKIPPED = {"build", "__pycache__"}


@functools.cache
def files(source):
    """All files of the source tree, as paths below it, sorted: in a git checkout what git tracks or
    would, elsewhere (an unpacked archive) all that is there."""
    if (source / ".git").exists():
        listed = subprocess.run(["git", "-C", source, "ls-files", "-z", "--cached", "--others",
                                 "--exclude-standard"], check=True, capture_output=True, text=True)
        names = listed.stdout.split("\0")[:-1]
    else:
        names = []
        for folder, below, here in os.walk(source):
            below[:] = [name for name in below if name not in SKIPPED]
            names += [os.path.relpath(os.path.join(folder, name), source) for name in here]
    return sorted(pathlib.PurePath(name) for name in names if (source / name).is_file())


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
