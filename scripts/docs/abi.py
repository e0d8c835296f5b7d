"""The system calls, from kernel/syscall/table.def."""

import re
import sys

TABLE = "kernel/syscall/table.def"
OFFERED = re.compile(r'^SYSCALL\((\d+),\s*(\w+),\s*\w+,\s*"([^"]*)",\s*"((?:[^"\\]|\\.)*)"\)')
ABSENT = re.compile(r"^ABSENT\((\d+),\s*(\w+)\)")


def collect(source):
    """The table's offered calls, with room and note, and the absent ones, by number."""
    offered, absent = [], []
    lines = (source / TABLE).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(map(str.strip, lines), 1):
        entry, missing = OFFERED.match(line), ABSENT.match(line)
        if entry:
            call, name, room, note = entry.groups()
            note = note.replace('\\"', '"').replace("|", "\\|")
            offered.append({"number": int(call), "name": name, "room": room, "note": note})
        elif missing:
            absent.append({"number": int(missing[1]), "name": missing[2]})
        elif re.match(r"(SYSCALL|ABSENT)\(", line):
            sys.exit(f"{TABLE}:{number}: not understood: {line}")
    return {"offered": sorted(offered, key=by_number), "absent": sorted(absent, key=by_number)}


def by_number(call):
    return call["number"]
