"""The configuration as it lies in a kernel image, so that it can be got back without symbols.

    FACETCFG 1a2b3c4d NUL text of .config FACETEND

The markers are searched for, so whatever surrounds the image is of no matter; the end is one that
begins a line, as no option's text does. The hash says whether what stands between them is still
what was built in. Nothing here needs kconfiglib: an image is read on machines that cannot build
one.
"""

import hashlib
import re

START, END = b"FACETCFG", b"FACETEND"
HASH_SIZE = 8
RECORD = re.compile(re.escape(START) + rb"([0-9a-f]{8})\0(.*?\n)" + re.escape(END), re.S)


class RecordError(Exception):
    """An image has no configuration, or one that is damaged."""


def canonical(line):
    """One spelling for each number: 0x1F and 0x1f are one value. Strings have quotes."""
    name, _, value = line.partition("=")
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", value):
        value = hex(int(value, 16))
    elif re.fullmatch(r"-?[0-9]+", value):
        value = str(int(value))
    return f"{name}={value}"


def values(text):
    """What the configuration is, however it was written down: `CONFIG_NAME=value`, sorted."""
    return sorted(canonical(line) for line in text.split("\n") if line.startswith("CONFIG_"))


def config_hash(text):
    """The short name of a configuration, given as the text of its .config. The same by hand, where
    every number is in canonical()'s spelling (a default is as Kconfig spells it):
    grep ^CONFIG_ .config | LC_ALL=C sort | sha256sum | cut -c1-8"""
    lines = "".join(line + "\n" for line in values(text))
    return hashlib.sha256(lines.encode()).hexdigest()[:HASH_SIZE]


def find(image):
    """The text of the configuration in the bytes of an image."""
    found = RECORD.search(image)
    if not found:
        if START in image:
            raise RecordError("the configuration in it has no end: the file is cut off or damaged")
        raise RecordError("there is no configuration in it: not a kernel of Facet, or compressed "
                          "in a way that is not known here")
    stored, text = found[1].decode(), found[2].decode(errors="replace")
    if config_hash(text) != stored:
        raise RecordError(f"the configuration in it is damaged: its hash is {config_hash(text)} "
                          f"and should be {stored}")
    return text
