"""All pictures of a comparison, by the kind of their figures. One without data is left out."""

from . import bars, curves, matrix, stacks, timeline

PAINTERS = (matrix, bars, curves, timeline, stacks)


def of_kind(view, kind) -> list:
    return [picture for painter in PAINTERS for picture in painter.pictures(view, kind)]
