"""Where the files written by hand are: in configs/, or where the user says."""

import os


def display(path, source):
    """The path as the user knows it: relative to the source tree where it lies in it."""
    absolute = os.path.abspath(path)
    inside = os.path.relpath(absolute, source)
    return absolute if inside.startswith("..") else inside


def locate(source, folder, name):
    """The file in configs/ of this name, or else the one that it names as a path from the user's
    folder; the name as it is where there is neither."""
    for start in (os.path.join(source, "configs"), folder):
        path = os.path.join(start, name)
        if os.path.lexists(path):
            return os.path.abspath(path)
    return name


def known(source, suffix):
    """The names in configs/ that end so."""
    try:
        return sorted(name for name in os.listdir(os.path.join(source, "configs"))
                      if name.endswith(suffix))
    except OSError:
        return []


def absence(path, source):
    """What to say of a defconfig or fragment that does not exist."""
    if os.path.islink(path):
        target = os.readlink(path)
        return f"{display(path, source)}: a symbolic link to {target}, which is not there"
    suffix = "_defconfig" if path.endswith("_defconfig") else ".config"
    names = " ".join(known(source, suffix)) or "none"
    return f"{path}: no such file, here or in configs/, which has: {names}"
