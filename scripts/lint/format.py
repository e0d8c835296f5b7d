"""How files look: .clang-format for C, .editorconfig for every text file.

Versions of clang-format differ in what they make of one configuration. So the tree's format is that
of one version, Debian 12's, and where there is only another the C files are not judged at all,
which is a finding of its own: a tree that nobody looked at is not clean.
"""

import io
import re
import tokenize

from source_files import files

from . import editorconfig, tools
from .finding import Finding
from .tree import with_suffix

VERSION = "14"


def check(source):
    yield from clang_format(source)
    for path in files(source):
        rules = editorconfig.properties(source, path)
        content = (source / path).read_bytes()
        if rules and b"\0" not in content:
            yield from text(str(path), content, rules)


def clang_format(source):
    """One finding a file: the rest of it often follows from the first line."""
    found = re.search(r"version (\d+)", tools.output(["clang-format", "--version"], source))
    if not found or found[1] != VERSION:
        yield Finding(".clang-format", 0, "clang-format-version",
                      f"only clang-format {VERSION} (Debian 12) can judge the format of C; this is "
                      f"{found[1] if found else 'none that says its version'}, so none was judged")
        return
    seen = set()
    names = [str(path) for path in with_suffix(source, ".c", ".h")]
    pattern = re.compile(r"(\S+?):(\d+):\d+: error: code should be clang-formatted")
    if not names:
        return
    for path, line in pattern.findall(
            tools.output(["clang-format", "--dry-run", "--Werror", *names], source)):
        if path not in seen:
            seen.add(path)
            yield Finding(path, int(line), "clang-format",
                          f"not as .clang-format has it; clang-format -i {path}")


def text(path, content, rules):
    """The properties of .editorconfig, each with its own name as the rule's."""
    if rules.get("charset") == "utf-8":
        try:
            content.decode()
        except UnicodeDecodeError as error:
            yield Finding(path, content[:error.start].count(b"\n") + 1, "charset", "not UTF-8")
            return
    if rules.get("insert_final_newline") == "true" and content and not content.endswith(b"\n"):
        yield Finding(path, content.count(b"\n") + 1, "insert_final_newline",
                      "the last line does not end")
    quoted = inside_strings(content) if path.endswith(".py") else set()
    for number, line in enumerate(content.decode(errors="replace").split("\n"), 1):
        for rule, message in line_faults(line, rules):
            if not (rule == "indent_style" and number in quoted):
                yield Finding(path, number, rule, message)


def inside_strings(content):
    """Lines that begin inside a string: another language's indentation."""
    lines = set()
    try:
        for token in tokenize.tokenize(io.BytesIO(content).readline):
            if token.type == tokenize.STRING:
                lines.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):      # which the family `python` reports
        pass
    return lines


def line_faults(line, rules):
    if rules.get("end_of_line") == "lf" and "\r" in line:
        yield "end_of_line", "a carriage return"
    if rules.get("trim_trailing_whitespace") == "true" and line.rstrip("\r") != line.rstrip():
        yield "trim_trailing_whitespace", "blanks at the end of the line"
    size = int(rules.get("indent_size", 8))
    indent = line[:len(line) - len(line.lstrip())]
    if rules.get("indent_style") == "tab" and " " * size in indent and line.strip() != "\\":
        yield "indent_style", f"{size} blanks in the indentation, where a tab belongs"
    if rules.get("indent_style") == "space" and "\t" in indent:
        yield "indent_style", "a tab in the indentation, where blanks belong"
    width = len(line.expandtabs(size if rules.get("indent_style") == "tab" else 8))
    limit = rules.get("max_line_length", "off")
    if limit != "off" and width > int(limit):
        yield "max_line_length", f"{width} columns of {limit}"
