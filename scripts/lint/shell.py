"""Shell scripts, judged by shellcheck."""

from . import tools
from .tree import scripts

LINE = r"(?P<path>.+?):(?P<line>\d+):\d+: \w+: (?P<message>.*) \[(?P<rule>SC\d+)\]"


def check(source):
    names = [str(path) for path in scripts(source, ".sh", "sh", "bash", "dash")]
    if names:
        yield from tools.findings(["shellcheck", "--format=gcc", *names], source, LINE)
