"""Heat maps of a product of choices: each kernel, and what each choice does to each metric.

A cell's colour says better or worse and by how much; its number says the same.
"""

import math

from matplotlib.patches import Rectangle

from . import words
from .drawing import FAINT, INK, LIGHT, PAPER, draw, text_width

ROW = 21
CHUNK = {True: 3, False: 6}     # metrics side by side, on a phone and on a desk
STEPS = (1.01, 1.10, 1.5, 4)    # from each on the colour is the next darker one


def shade(ratio: float, better: str) -> "tuple[str, str]":
    """The colours of a cell and of its number."""
    size = max(ratio, 1 / ratio)
    step = sum(size >= each for each in STEPS)
    if step == 0 or better == "none":
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
    cells = {name: view.ratios(kind, name) for name in names}
    rows = [column for column in view.names if any(column in each for each in cells.values())]
    title = f"Each kernel relative to {view.base['name']}"
    return draw(f"matrix-{kind}", kind, title, moved_most(view, kind, names) + LEGEND,
                lambda canvas: paint(canvas, view, rows, cells), full=True)


LEGEND = " Blue is better, orange is worse, darker is more."


def effects(view, kind, names):
    cells = {name: {effect.name: effect.ratio for effect in view.effects(kind, name)}
             for name in names}
    rows = list(next(iter(cells.values())))
    name, row = max(((name, row) for name in names for row in rows),
                    key=lambda each: abs(math.log(cells[each[0]][each[1]])))
    caption = f"What a choice alone does, on average over all others, and, with a {words.TIMES}, " \
        "by how much a second choice changes what the first does. The largest is that of " \
        f"{row} on {name}: {words.ratio(cells[name][row])}." + LEGEND
    return draw(f"effects-{kind}", kind, "Main effects and interactions", caption,
                lambda canvas: paint(canvas, view, rows, cells), full=True)


def paint(canvas, view, rows, cells):
    """Tables of cells, as many one below another as the metrics need."""
    names = list(cells)
    chunk = CHUNK[canvas.narrow]
    chunks = [names[first:first + chunk] for first in range(0, len(names), chunk)]
    size = 9 if canvas.narrow else 10.5
    figure, found = canvas.axes([ROW * (len(rows) + 1.2)] * len(chunks))
    figure.set_size_inches(canvas.width / 72,
                           (ROW * (len(rows) + 1.2) * len(chunks) + 16 * len(chunks) + 30) / 72)
    left = max(text_width(row, size) for row in rows) / canvas.width
    for axes, some in zip(found, chunks):
        axes.set_xlim(-left / (1 - left) * chunk, chunk)
        axes.set_ylim(len(rows), -1.2)
        axes.axis("off")
        for place, name in enumerate(some):
            axes.text(place + 0.5, -0.25, header(view, name, canvas.narrow), ha="center",
                      va="bottom", fontsize=size if not canvas.narrow else 8.5, color=FAINT)
            for row, label in enumerate(rows):
                paint_cell(axes, place, row, cells[name].get(label), view.metrics[name].better,
                           size)
        for row, label in enumerate(rows):
            axes.text(-0.05, row + 0.5, label, ha="right", va="center", fontsize=size)
    figure.supxlabel("change of the figure, in % or times; lower is better" + (
        ", higher where \N{UPWARDS ARROW} stands" if any(
            view.metrics[name].better == "higher" for name in names) else ""),
        fontsize=10.5 if not canvas.narrow else 9, color=FAINT)
    return figure


def header(view, name, narrow) -> str:
    text = name + {"higher": " \N{UPWARDS ARROW}"}.get(view.metrics[name].better, "")
    if not narrow or len(text) <= 11:
        return text
    cut = text.rfind("_", 0, 12)
    return text[:cut] + "\n" + text[cut:] if cut > 0 else text


def paint_cell(axes, place, row, ratio, better, size):
    if ratio is None:
        axes.text(place + 0.5, row + 0.5, "\N{EM DASH}", ha="center", va="center", color=FAINT)
        return
    fill, ink = shade(ratio, better)
    axes.add_patch(Rectangle((place + 0.02, row + 0.04), 0.96, 0.92, facecolor=fill,
                             edgecolor="none"))
    axes.text(place + 0.5, row + 0.5, words.ratio(ratio), ha="center", va="center", color=ink,
              fontsize=size)
