"""The files of the source tree: lint, the documentation and the search for uses see the same."""

import functools
import os
import pathlib
import subprocess

SKIPPED = {"build", "__pycache__"}


@functools.cache
def files(source):
    """All files of the source tree, as paths below it, sorted: in a git checkout what git tracks or
    would, elsewhere (an unpacked archive) all that is there. Build folders in it are left out."""
    if (source / ".git").exists():
        listed = subprocess.run(["git", "-C", source, "ls-files", "-z", "--cached", "--others",
                                 "--exclude-standard"], check=True, capture_output=True, text=True)
        names = listed.stdout.split("\0")[:-1]
    else:
        names = []
        for folder, below, here in os.walk(source):
            below[:] = [name for name in below if name not in SKIPPED]
            names += [os.path.relpath(os.path.join(folder, name), source) for name in here]
    return sorted(path for path in map(pathlib.PurePath, names)
                  if (source / path).is_file() and not is_built(source, path))


def is_built(source, path):
    return any(is_build_folder(source / folder) for folder in path.parents[:-1])


@functools.cache
def is_build_folder(folder):
    return (folder / ".config").exists()
