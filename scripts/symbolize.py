#!/usr/bin/env python3
"""Adds files and lines to the addresses of a panic's backtrace.

    symbolize.py facet.elf <LOG         or paste the panic screen and end with Ctrl-D

A return address is looked up one byte earlier, for it stands behind its call.
"""

import os
import re
import subprocess
import sys

# The folder in which things were built, as the compiler and the assembler name it.
PREFIX = re.compile(r"^(\./|/dev/+)?(source/)?")
ADDRESS = re.compile(r"\b(?:0x)?(ffffffff[0-9a-f]{8})\b")


def locate(kernel, addresses):
    """{address: "file:line, inlined by file:line"}"""
    if not addresses:
        return {}
    ordered = sorted(addresses)
    command = ["addr2line", "-e", kernel, "-a", "-i"] + [f"{address:#x}" for address in ordered]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    places, current = {}, None
    for line in output.splitlines():
        if line.startswith("0x"):
            current = int(line, 16)
            places[current] = []
        elif not line.startswith("??"):
            place = PREFIX.sub("", line)
            places[current].append(re.sub(r" \(discriminator \d+\)", "", place))
    return {address: ", inlined at ".join(lines) for address, lines in places.items() if lines}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    kernel = sys.argv[1]
    if not os.path.exists(kernel):
        sys.exit(f"{kernel}: no such file")
    if sys.stdin.isatty():
        print("Paste the backtrace, then Ctrl-D:", file=sys.stderr)
    lines = sys.stdin.read().splitlines()
    # The place of the fault itself is in the line with RIP; all others are return addresses.
    wanted = {}
    for line in lines:
        match = ADDRESS.search(line)
        if match:
            address = int(match.group(1), 16)
            wanted[line] = address if re.search(r"\brip\b", line, re.IGNORECASE) else address - 1
    places = locate(kernel, set(wanted.values()))
    for line in lines:
        place = places.get(wanted.get(line))
        print(f"{line}  {place}" if place else line)


if __name__ == "__main__":
    main()
