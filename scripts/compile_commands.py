#!/usr/bin/env python3
"""compile_commands.json out of the commands that the build keeps beside its objects.

    cat *.o.d | compile_commands.py SOURCE          runs in the build folder
"""

import json
import os
import re
import sys

KEPT = re.compile(r"^made-\S+\.o := (?:\S*ccache )?(.*)$")


def main():
    source = sys.argv[1]
    entries = []
    for line in sys.stdin:
        match = KEPT.match(line)
        if not match or not match.group(1).endswith(".c"):
            continue
        command = match.group(1).replace("$$", "$").replace("\\#", "#")
        path = command.split()[-1]
        if path.startswith(source):
            entries.append({"directory": os.getcwd(), "file": os.path.realpath(path),
                            "command": command})
    json.dump(entries, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
