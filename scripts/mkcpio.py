#!/usr/bin/env python3
"""Makes a cpio archive (newc) from lists, the same bytes from the same inputs.

Lines of a list, `#` starts a comment; MODE is octal; a later list has the say about a name:
    dir NAME MODE
    file NAME MODE SOURCE        SOURCE is relative to the list's folder, or absolute
    link NAME TARGET             a symbolic link
Everything belongs to root and dates from 1970; entries are sorted by name. Of a whole folder
(--tree) types and modes are kept, and files that are hard links of each other stay one file.
"""

import argparse
import collections
import os
import signal
import stat
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)    # an interrupt ends it without a word

DIRECTORY, FILE, LINK = 0o040000, 0o100000, 0o120000


def read_list(path):
    base = os.path.dirname(os.path.abspath(path))
    entries = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            try:
                kind, name = words[0], words[1].strip("/")
                if kind == "dir" and len(words) == 3:
                    entries[name] = (DIRECTORY | int(words[2], 8), None)
                elif kind == "file" and len(words) == 4:
                    entries[name] = (FILE | int(words[2], 8), os.path.join(base, words[3]))
                elif kind == "link" and len(words) == 3:
                    entries[name] = (LINK | 0o777, words[2].encode())
                else:
                    raise ValueError
            except (IndexError, ValueError):
                sys.exit(f"{path}:{number}: not understood: {line.strip()}")
    return entries


def read_tree(folder):
    """What is below a folder, as read_list() has it, and of those that are files with several names
    which of the host's files each name is."""
    entries, linked = {}, {}
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            source = os.path.join(path, name)
            status = os.lstat(source)
            entry = os.path.relpath(source, folder)
            content = None
            if stat.S_ISLNK(status.st_mode):
                content = os.readlink(source).encode()
            elif stat.S_ISREG(status.st_mode):
                content = source
                if status.st_nlink > 1:
                    linked[entry] = status.st_dev, status.st_ino
            entries[entry] = (status.st_mode, content)
    return entries, linked


def place(name, tree):
    """Where a name lies if the tree has a link in place of its first folder (/bin as usr/bin)."""
    first, _, rest = name.partition("/")
    mode, target = tree.get(first, (0, None))
    return f"{target.decode()}/{rest}" if rest and stat.S_ISLNK(mode) else name


def in_order(entries, linked):
    """The entries by name, each with its inode number, its count of links, and whether it is the
    first name of its file: that one has the content."""
    numbers, names = {}, collections.Counter(linked.values())
    for name, (mode, source) in sorted(entries.items()):
        file = linked.get(name, name)
        first = file not in numbers
        number = numbers.setdefault(file, len(numbers) + 1)
        yield name, mode, source if first else None, number, names.get(file, 1)


def record(inode, name, mode, links, data):
    """One entry: 13 fields of 8 hexadecimal digits, name, data, each padded to 4 bytes."""
    encoded = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
    header = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
    return header + b"\0" * (-len(header) % 4) + data + b"\0" * (-len(data) % 4)


def archive(entries, linked):
    parts = []
    for name, mode, source, number, links in in_order(entries, linked):
        if mode & 0o170000 == FILE and source:
            try:
                with open(source, "rb") as file:
                    data = file.read()
            except OSError as error:
                sys.exit(f"{source}: {error.strerror}")
        else:
            data = source or b""
        links = 2 if mode & 0o170000 == DIRECTORY else links
        parts.append(record(number, name, mode, links, data))
    parts.append(record(0, "TRAILER!!!", 0, 1, b""))
    return b"".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--without", action="append", default=[], metavar="FOLDER",
                        help="leave out what is in this folder; the folder itself stays")
    parser.add_argument("--add", action="append", default=[], metavar="NAME=FILE",
                        help="one more program")
    parser.add_argument("--tree", metavar="FOLDER",
                        help="all that is in this folder, in place of what has the same name")
    parser.add_argument("lists", nargs="+", metavar="list")
    arguments = parser.parse_args()

    entries = {}
    for path in arguments.lists:
        entries |= read_list(path)
    for folder in arguments.without:
        prefix = folder.strip("/") + "/"
        entries = {name: entry for name, entry in entries.items() if not name.startswith(prefix)}
    tree, linked = read_tree(arguments.tree) if arguments.tree else ({}, {})
    entries = {place(name, tree): entry for name, entry in entries.items()} | tree
    for pair in arguments.add:
        name, _, path = pair.partition("=")
        entries[name.strip("/")] = (FILE | 0o755, path)

    with open(arguments.output + ".new", "wb") as file:
        file.write(archive(entries, linked))
    os.replace(arguments.output + ".new", arguments.output)


if __name__ == "__main__":
    main()
