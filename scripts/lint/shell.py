"""Shell scripts, judged by shellcheck."""

from . import tools
from .tree import scripts

LINE = r"(?P<path>.+?):(?P<line>\d+):\d+: \w+: (?P<message>.*) \[(?P<rule>SC\d+)\]"

# The file does not say which shell reads it: what else there is to say of it is guesswork.
UNKNOWN_SHELL = "SC2148"


def check(source):
    names = [str(path) for path in scripts(source, ".sh", "sh", "bash", "dash")]
    if not names:
        return
    found = list(tools.findings(["shellcheck", "--format=gcc", *names], source, LINE))
    unknown = {finding.path for finding in found if finding.rule == UNKNOWN_SHELL}
    yield from (finding for finding in found
                if finding.path not in unknown or finding.rule == UNKNOWN_SHELL)
