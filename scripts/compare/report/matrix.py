"""Heat maps of a product of choices: each kernel, and what each choice does to each metric.

A cell's colour says better or worse and by how much; its number says the same.
"""

import math
import re

from matplotlib.patches import Rectangle

from ..model import INSTRUCTIONS
from . import words
from .drawing import FAINT, INK, LIGHT, PAPER, draw, text_width

ROW = 21
LETTERS = {True: 8.5, False: 9.5}   # of the metrics' names
CHUNK = {True: 3, False: 6}     # metrics side by side, on a phone and on a desk
STEPS = (1.01, 1.10, 1.5, 4)    # from each on the colour is the next darker one


def shade(ratio: float, better: str, is_shown: bool) -> "tuple[str, str]":
    """The colours of a cell and of its number."""
    size = max(ratio, 1 / ratio)
    step = sum(size >= each for each in STEPS)
    if step == 0 or better == "none" or not is_shown:
        return LIGHT["neutral"], INK
    good = (ratio < 1) == (better == "lower")
    return LIGHT[f"{'better' if good else 'worse'}{step}"], PAPER if step == len(STEPS) else INK


def pictures(view, kind):
    names = [name for name in view.metrics_in(kind) if len(view.ratios(kind, name)) > 1]
    if view.is_wide and names:
        yield kernels(view, kind, names)
    names = [name for name in names if view.effects(kind, name)]
    if names:
        yield effects(view, kind, names)


def moved_most(view, kind, names) -> str:
    def size(each):
        return abs(math.log(each[2]))

    name, column, ratio = max(((name, column, ratio) for name in names
                               for column, ratio in view.ratios(kind, name).items()), key=size)
    return f"The largest difference is that of {name}: {column} {words.ratio(ratio)}."


def kernels(view, kind, names):
    cells = {name: {column: (ratio, view.is_shown(kind, name, column))
                    for column, ratio in view.ratios(kind, name).items()} for name in names}
    rows = [column for column in view.names if any(column in each for each in cells.values())]
    if view.factorial:
        rows.sort(key=lambda column: view.factorial.order(column))
    title = f"Each kernel relative to {view.base['name']}"
    return draw(f"matrix-{kind}", kind, title, moved_most(view, kind, names) + legend(kind),
                lambda canvas: paint(canvas, view, rows, cells), full=True)


LEGEND = " Blue is better, orange is worse, stronger is more; grey is less than 1 %"
UNSHOWN = ", or not more than chance makes"


def legend(kind) -> str:
    return LEGEND + ("." if kind == INSTRUCTIONS else f"{UNSHOWN}.")


def effects(view, kind, names):
    cells = {name: {effect.name: (effect.ratio, effect.is_shown)
                    for effect in view.effects(kind, name)} for name in names}
    rows = list(next(iter(cells.values())))
    name, row = max(((name, row) for name in names for row in rows),
                    key=lambda each: abs(math.log(cells[each[0]][each[1]][0])))
    caption = f"What a choice alone does, on average over all others, and, with a {words.TIMES}, " \
        "by how much a second choice changes what the first does. The largest is that of " \
        f"{row} on {name}: {words.ratio(cells[name][row][0])}." + legend(kind)
    return draw(f"effects-{kind}", kind, "Main effects and interactions", caption,
                lambda canvas: paint(canvas, view, rows, cells), full=True)


def paint(canvas, view, rows, cells):
    """Tables of cells, as many one below another as the metrics need."""
    names = list(cells)
    chunk, letters = CHUNK[canvas.narrow], LETTERS[canvas.narrow]
    size = 9 if canvas.narrow else 10.5
    left = max(text_width(row, size) for row in rows) / canvas.width
    heads = {name: header(view, name, canvas.width * (1 - left) / chunk, letters) for name in names}
    head = 0.5 + 0.55 * max(text.count("\n") + 1 for text in heads.values())
    tables = -(-len(names) // chunk)
    each = -(-len(names) // tables)
    chunks = [names[first:first + each] for first in range(0, len(names), each)]
    figure, found = canvas.axes([ROW * (len(rows) + head)] * tables)
    figure.set_size_inches(canvas.width / 72,
                           ((ROW * (len(rows) + head) + 16) * tables + 30) / 72)
    for axes, some in zip(found, chunks):
        axes.set_xlim(-left / (1 - left) * chunk, chunk)
        axes.set_ylim(len(rows), -head)
        axes.axis("off")
        for place, name in enumerate(some):
            axes.text(place + 0.5, -0.15, heads[name], ha="center", va="bottom",
                      fontsize=letters, color=FAINT, linespacing=1.05)
            for row, label in enumerate(rows):
                paint_cell(axes, place, row, cells[name].get(label), view.metrics[name].better,
                           size)
        for row, label in enumerate(rows):
            axes.text(-0.05, row + 0.5, label, ha="right", va="center", fontsize=size)
    figure.supxlabel("change of the figure, in % or times; lower is better" + (
        ", higher where \N{UPWARDS ARROW} stands" if any(
            view.metrics[name].better == "higher" for name in names) else ""),
        fontsize=10.5 if not canvas.narrow else 9, color=FAINT, ha="left",
        x=0.01 if canvas.narrow else left)
    return figure


def header(view, name, room, size) -> str:
    """A metric's name, in lines that fit."""
    lines = [""]
    for word in re.findall("_?[^_]+", name):
        if lines[-1] and text_width(lines[-1] + word, size) > room - 6:
            lines.append("")
        lines[-1] += word
    return "\n".join(lines) + {"higher": " \N{UPWARDS ARROW}"}.get(view.metrics[name].better, "")


def paint_cell(axes, place, row, cell, better, size):
    if cell is None:
        axes.text(place + 0.5, row + 0.5, "\N{EM DASH}", ha="center", va="center", color=FAINT)
        return
    ratio, is_shown = cell
    fill, ink = shade(ratio, better, is_shown)
    axes.add_patch(Rectangle((place + 0.02, row + 0.04), 0.96, 0.92, facecolor=fill,
                             edgecolor="none"))
    axes.text(place + 0.5, row + 0.5, words.ratio(ratio), ha="center", va="center", color=ink,
              fontsize=size)
