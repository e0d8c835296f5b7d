"""How long a file and a function may be.

What does not fit has more than one reason to exist. The few that do not gain by being divided stand
in exceptions.toml, each with why.
"""

import ast
import re

from source_files import files

from .finding import Finding
from .tree import scripts, with_suffix

FILE_LINES = 400
FUNCTION_LINES = 60

# .clang-format puts the braces of a function, and of nothing else, alone at the line's beginning.
C_FUNCTION = re.compile(r"^(\S.*\n(?:[ \t].*\n)*)\{\n(?:(?!\}).*\n)*\}$", re.M)
C_NAME = re.compile(r"(\w+)\(")


def check(source):
    c = with_suffix(source, ".c", ".h")
    python = scripts(source, ".py", "python")
    others = with_suffix(source, ".asm", ".ld", ".mk", ".awk") + \
        [path for path in files(source) if path.name == "Makefile"] + \
        scripts(source, ".sh", "sh", "bash")
    for path in c + python + others:
        text = (source / path).read_text(encoding="utf-8", errors="replace")
        lines = text.count("\n")
        if lines > FILE_LINES:
            yield Finding(str(path), FILE_LINES + 1, "file-length",
                          f"{lines} lines, of {FILE_LINES}", lines)
        functions = c_functions if path in c else python_functions if path in python else None
        for name, line, length in functions(text) if functions else ():
            if length > FUNCTION_LINES:
                yield Finding(str(path), line, "function-length",
                              f"{name}() has {length} lines, of {FUNCTION_LINES}", length)


def c_functions(text):
    for match in C_FUNCTION.finditer(text):
        name = C_NAME.search(match[1])
        if name:
            yield name[1], text.count("\n", 0, match.start()) + 1, match[0].count("\n") + 1


def python_functions(text):
    try:
        module = ast.parse(text)
    except SyntaxError:         # which the family `python` reports
        return
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1
