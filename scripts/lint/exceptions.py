"""What the rules find and the tree keeps, by scripts/lint/exceptions.toml: each with its reason.

An exception that nothing needs any more is a finding itself.
"""

import fnmatch
import pathlib
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
        if not entry.get("reason"):
            left.append(Finding(FILE, 0, "exception", f"{family}: {entry['path']} has no reason"))
    return left


def covers(entry, finding):
    return (pathlib.PurePath(finding.path).match(entry["path"])
            and fnmatch.fnmatchcase(finding.rule, entry.get("rule", "*"))
            and entry.get("message", "") in finding.message)
