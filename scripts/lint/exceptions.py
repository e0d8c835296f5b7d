"""What the rules find and the tree keeps, by scripts/lint/exceptions.toml: each with its reason.

It names a rule, and where that is about length, the lines that there may be all the same. An
exception that nothing needs any more is a finding itself.
"""

import fnmatch
import tomllib

from .finding import Finding

FILE = "scripts/lint/exceptions.toml"


def apply(source, family, findings):
    """The findings that no exception covers, and the exceptions that cover none."""
    try:
        listed = tomllib.loads((source / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        listed = {}
    left = list(findings)
    for entry in listed.get(family, []):
        covered = [finding for finding in left if covers(entry, finding)]
        left = [finding for finding in left if finding not in covered]
        if not covered:
            left.append(Finding(FILE, 0, "unused-exception",
                                f"{family}: nothing at {entry['path']} needs it"))
        needed = ["rule", "reason"] + ["lines"] * any(finding.lines for finding in covered)
        left += [Finding(FILE, 0, "exception", f"{family}: {entry['path']} has no {key}")
                 for key in needed if not entry.get(key)]
    return left


def covers(entry, finding):
    return (fnmatch.fnmatchcase(finding.path, entry["path"])
            and fnmatch.fnmatchcase(finding.rule, entry.get("rule", "*"))
            and entry.get("message", "") in finding.message
            and finding.lines <= entry.get("lines", finding.lines))
