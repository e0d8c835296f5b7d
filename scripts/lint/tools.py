"""Other programs' judgement: each prints its findings as lines, which become ours."""

import re
import shutil
import subprocess

from .finding import Finding


class MissingTool(Exception):
    """A program that a rule needs is not installed."""


def output(command, source):
    """What the command prints, on both streams, run in the source tree. Its status is that of a
    judge, not of success, so the callers look at the lines; a crash must not look like none."""
    if not shutil.which(command[0]):
        raise MissingTool(f"{command[0]} is missing. `make setup` installs it.")
    done = subprocess.run(command, cwd=source, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode < 0 or done.returncode > 1:
        raise MissingTool(f"{command[0]} failed ({done.returncode}): {done.stdout.strip()}")
    return done.stdout


def findings(command, source, pattern, default_rule=None):
    """One for each line that the pattern matches; it has groups path, line, message and perhaps
    rule. Lines that it does not match may follow one that it does, and quote the source there; at
    the beginning they were not foreseen, and are not to be lost."""
    found = False
    for line in output(command, source).splitlines():
        match = re.fullmatch(pattern, line)
        if not match and not found:
            raise MissingTool(f"{command[0]} says what lint does not understand: {line}")
        if not match:
            continue
        found = True
        groups = match.groupdict()
        yield Finding(groups["path"], int(groups["line"]), groups.get("rule") or default_rule,
                      groups["message"])
