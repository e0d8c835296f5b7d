"""The ratchet: what the hot paths cost in instructions may not grow unseen.

perf/instructions.json holds the exact figures of all shapes, for each set of tools that somebody
recorded them with. `make perf-check` measures again and fails where one has grown; `make
perf-update` writes the new figures, so a change of cost is a line that is read in review.
"""


class PerfError(Exception):
    """Nothing can be said, and something is wrong: a machine that fails, a damaged record."""


class Unavailable(Exception):
    """There is nothing to compare with here. Says what to do about it."""
