"""What a rule found: the one type that all rule modules share."""

import dataclasses


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str       # relative to the source tree
    line: int       # from 1; 0: the file as a whole
    rule: str       # short, in words with dashes: what a reader would look for
    message: str
    lines: int = 0  # where the rule is about length

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"
