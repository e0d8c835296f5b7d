"""Python, judged by pyflakes: names that are not there, and what nobody uses.

The line length is .editorconfig's, which `format` sees to. A style checker beyond that would argue
about taste.
"""

import ast

from . import tools
from .finding import Finding
from .tree import scripts

LINE = r"(?P<path>.+?):(?P<line>\d+):(?:\d+:)? (?P<message>.*)"


def check(source):
    names = [str(path) for path in scripts(source, ".py", "python")]
    if names:
        yield from tools.findings(["pyflakes3", *names], source, LINE, "pyflakes")
    for name in names:
        yield from docstring(source, name)


def docstring(source, name):
    """A module that has anything in it says why it exists."""
    try:
        module = ast.parse((source / name).read_bytes())
    except SyntaxError:         # which pyflakes has reported
        return
    if module.body and not ast.get_docstring(module):
        yield Finding(name, 1, "docstring", "the module does not say why it exists")
