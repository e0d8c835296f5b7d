"""Lines: a figure as something grows, how samples are distributed, what time brings."""

import math
import re

from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from ..model import VIRTUAL
from . import series, words
from .drawing import DASHES, LINES, MARKERS, draw

SIZE = re.compile(r"(.+)_(\d+)([kmg])")
COUNT = re.compile(r"(.+)_(\d+)")
SO_MANY = re.compile(r"(\w+) of so many (\w+)")      # in what a metric is: what COUNT counts
FACTORS = {"k": 2 ** 10, "m": 2 ** 20, "g": 2 ** 30}
LEAST_POINTS = 3
LEAST_SAMPLES = 30              # pooled: fewer make no distribution
WIDE_RANGE = 30                 # from here on the axis is logarithmic
HEIGHT = 250
LEAST_SPREAD = 0.02             # nearer to each other, samples are shown as the same
CURVE_POINTS = 200              # more say nothing at this size
LEAST_LABELS = 3                # of a logarithmic axis: two do not show that it is one
MOST_DECADES = 7
LOG_STEPS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5), (1, 1.5, 2, 3, 5, 7))


class Group:
    """Columns that share a look: each its own, or, of many, those with the same level of the
    factor that matters most to the metric."""

    def __init__(self, label, columns, place):
        self.label, self.columns = label, columns
        # The base's is wider: it shows beneath a line that is the same.
        self.style = {"color": LINES[place % 6], "linestyle": DASHES[place % 6],
                      "linewidth": 1 if len(columns) > 1 else 1.8 if place else 2.8}
        self.marker = MARKERS[place % 6]


def groups(view, kind, name) -> list[Group]:
    if not view.is_wide:
        return [Group(column, [column], place) for place, column in enumerate(view.names)
                if place == 0 or view.is_measured(kind, column)]
    main = [each for each in view.effects(kind, name) if len(each.factors) == 1]
    if not main:
        return []
    largest = max(main, key=lambda each: max(each.ratio, 1 / each.ratio))
    factor = view.factorial.factors.index(largest.factors[0])
    cells = view.factorial.cells
    looks = {level: [column for column, cell in cells.items() if cell[factor] == level]
             for level in view.factorial.levels[factor]}
    looks.update({column: [column] for column in view.names if column not in cells})
    return [Group(label, columns, place) for place, (label, columns) in enumerate(looks.items())]


def families(names, pattern) -> "dict[str, dict[float, str]]":
    """{stem: {what it is measured at: metric}} of those with points enough for a line."""
    found = {}
    for name in names:
        match = pattern.fullmatch(name)
        if match:
            factor = FACTORS[match[3]] if pattern is SIZE else 1
            found.setdefault(match[1], {})[int(match[2]) * factor] = name
    return {stem: dict(sorted(points.items())) for stem, points in found.items()
            if len(points) >= LEAST_POINTS and min(points) > 0}


def growth_pictures(view, kind):
    """A cost against the memory touched, against how many take part, or what else is counted."""
    names = [name for name in view.metrics_in(kind)
             if any(above_zero(view, kind, name, column) for column in view.names)]
    for pattern in (SIZE, COUNT):
        for stem, points in families(names, pattern).items():
            yield growth(view, kind, stem, points, pattern)


def above_zero(view, kind, name, column) -> "float | None":
    """A figure that a logarithmic axis can show."""
    value = view.value(kind, name, column)
    return value if value and value > 0 else None


def grows_with(pattern, what: str) -> str:
    if pattern is SIZE:
        return "memory touched"
    match = SO_MANY.search(what)
    return f"{match[1]} in {match[2]}" if match else "processes"


def growth(view, kind, stem, points, pattern):
    first, last = list(points.values())[0], list(points.values())[-1]
    across = grows_with(pattern, view.metrics[last].what)
    unit, factor = words.unit_and_factor(view.unit(kind, last), max(
        value for name in points.values() for column in view.names
        if (value := above_zero(view, kind, name, column))))
    grown = [f"{column} {words.TIMES}{words.digits(high / low)}" for column in view.names
             if (low := above_zero(view, kind, first, column))
             and (high := above_zero(view, kind, last, column))]
    at = [words.figure(each, "bytes" if pattern is SIZE else "count")
          for each in (min(points), max(points))]
    caption = f"A line that rises one decade a decade costs in proportion. From {at[0]} to " \
        f"{at[1]} it grows: {', '.join(grown[:6])}."

    def paint(canvas):
        shown = groups(view, kind, last)
        labels = [group.label for group in shown]
        figure, (axes,) = canvas.axes(HEIGHT, canvas.legend_rows(labels))
        handles = []
        for group in shown:
            for column in group.columns:
                pairs = [(x, value / factor) for x, name in points.items()
                         if (value := above_zero(view, kind, name, column))]
                line, = axes.plot(*zip(*pairs) if pairs else ((), ()), marker=group.marker,
                                  **group.style)
            handles.append(line)
        axes.set_xscale("log", base=2 if pattern is SIZE else 10)
        axes.set_yscale("log")
        axes.xaxis.set_major_locator(FixedLocator(list(points)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(lambda x, _: words.figure(x, "bytes" if pattern is SIZE
                                                                 else "count"))
        log_figures(axes.yaxis)
        axes.set_xlabel(f"{across} (log scale)")
        finish(canvas, axes, handles, labels, f"{unit} (log scale); "
               f"{words.DIRECTIONS[view.metrics[last].better]}")
        return figure

    return draw(f"growth-{kind}-{stem}", kind, f"{stem} against {across}", caption, paint)


def log_figures(axis):
    """The decades, or closer figures where too few of them are in sight."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def log_ticks(low: float, high: float) -> list[float]:
    """Round figures for a logarithmic axis. A range too short for steps of a decade is as good as
    linear."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = 1 + (last - first) // MOST_DECADES
    decades = [10.0 ** power for power in range(first, last + 1, every)]
    places = [[step * decade for decade in decades for step in steps] for steps in LOG_STEPS]
    places.append(MaxNLocator(4, min_n_ticks=LEAST_LABELS).tick_values(low, high))
    shown = ([each for each in some if low <= each <= high] for some in places)
    return next(ticks for ticks in shown if len(ticks) >= LEAST_LABELS)


def finish(canvas, axes, handles, labels, y_label):
    axes.set_title(y_label, loc="left")
    axes.grid()
    axes.tick_params(length=0)
    if labels:
        canvas.legend(axes, handles, labels)


def pooled(view, name, column) -> list[float]:
    return sorted(value for run in view.runs
                  if run["key"]["kind"] == VIRTUAL and run["key"]["column"] == column
                  and name in run["samples"] for value in run["samples"][name]["values"])


def distribution_pictures(view, kind):
    """Of what waits: all samples of all phases, as a curve."""
    if kind != VIRTUAL:
        return
    for name in view.metrics_in(kind):
        samples = {column: values for column in view.names
                   if len(values := pooled(view, name, column)) >= LEAST_SAMPLES}
        if samples and view.metrics[name].unit in ("ns", "us") and groups(view, kind, name):
            yield distribution(view, kind, name, samples)


def distribution(view, kind, name, samples):
    scale = 1e3 if view.metrics[name].unit == "ns" else 1
    high, low = (max(values[-1] for values in samples.values()),
                 min(values[0] for values in samples.values()))
    unit, factor = ("ms", scale * 1e3) if high / scale >= 5e3 else ("µs", scale)
    logarithmic = low > 0 and high / low > WIDE_RANGE
    base = samples.get(view.base["name"]) or next(iter(samples.values()))
    least = words.several(min(map(len, samples.values())), "sample")
    middle, late = (words.figure(base[int(len(base) * part)], view.metrics[name].unit)
                    for part in (0.5, 0.99))
    caption = f"The further left, the shorter. Half of {view.base['name']}'s are within " \
        f"{middle}, 99 in 100 within {late}. At least {least} a line, of all phases."

    def paint(canvas):
        shown = groups(view, kind, name)
        labels = [group.label for group in shown]
        figure, (axes,) = canvas.axes(HEIGHT, canvas.legend_rows(labels))
        handles = []
        for group in shown:
            for column in group.columns:
                values = thinned(samples.get(column, []))
                line, = axes.plot([value / factor for value, _ in values],
                                  [share for _, share in values], drawstyle="steps-post",
                                  **group.style)
            handles.append(line)
        if logarithmic:
            axes.set_xscale("log")
            log_figures(axes.xaxis)
        elif high - low < LEAST_SPREAD * high:
            around = LEAST_SPREAD * high
            axes.set_xlim((low - around) / factor, (high + around) / factor)
        axes.set_ylim(0, 100)
        axes.set_xlabel(f"{unit}{' (log scale)' if logarithmic else ''}; "
                        f"{words.DIRECTIONS[view.metrics[name].better]}")
        finish(canvas, axes, handles, labels, "samples that are no longer than this, in %")
        return figure

    return draw(f"distribution-{name}", kind, f"{name}: {view.metrics[name].what}", caption, paint)


def thinned(values):
    """(value, share in percent up to it), no more points than can be seen."""
    count = len(values)
    step = max(1, count // CURVE_POINTS)
    kept = [(values[place], 100 * (place + 1) / count) for place in range(0, count, step)]
    return kept + [(values[-1], 100)] if values else []


def series_pictures(view, kind):
    """What goes on while a workload runs, such as fairness. Memory has areas: see stacks.py."""
    for axes, columns in series.of_kind(view, kind).items():
        if not (axes.over_time and axes.unit in series.MEMORY) \
                and groups(view, kind, axes.metric):
            yield series_picture(view, kind, axes, columns)


def own_unit(view, kind, drawn, columns):
    """The metric's: what to multiply by, what is shown then, which direction is good."""
    if drawn.metric not in view.metrics:
        return 1, "", "none"
    most = max(y for curves in columns.values() for points in curves.values() for _, y in points)
    unit, factor = words.unit_and_factor(view.unit(kind, drawn.metric), most)
    return 1 / factor, unit, view.metrics[drawn.metric].better


def series_picture(view, kind, drawn, columns):
    factor, unit, better = series.UNITS.get(drawn.unit) or own_unit(view, kind, drawn, columns)
    x_factor, x_title = drawn.x
    what = series.together({what for curves in columns.values() for what in curves} - {""})
    points = max(len(points) for curves in columns.values() for points in curves.values())
    caption = f"One run of each column; {what or unit} over {x_title}."
    if points > series.MOST_POINTS:
        caption += f" Of {words.several(points, 'point')} the highest of each stretch are drawn."

    def paint(canvas):
        shown = [group for group in groups(view, kind, drawn.metric)
                 if any(column in columns for column in group.columns)]
        labels = [group.label for group in shown]
        figure, (axes,) = canvas.axes(HEIGHT, canvas.legend_rows(labels))
        handles = []
        for group in shown:
            for column in group.columns:
                for points in columns.get(column, {}).values():
                    x, y = zip(*series.thinned(points))
                    line, = axes.plot([each * x_factor for each in x],
                                      [each * factor for each in y], **group.style)
            handles.append(line)
        axes.set_xlabel(x_title)
        if drawn.unit == "ppm":
            axes.set_ylim(min(axes.get_ylim()[0], 0.5), 1.02)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        finish(canvas, axes, handles, labels,
               f"{what + ': ' if what else ''}{unit}; {words.DIRECTIONS[better]}")
        return figure

    over = "time" if drawn.over_time else x_title
    return draw(f"series-{kind}-{drawn.metric}-{drawn.unit or drawn.over}", kind,
                f"{drawn.metric} over {over}{': ' + what if what else ''}", caption, paint)


def pictures(view, kind):
    yield from growth_pictures(view, kind)
    yield from distribution_pictures(view, kind)
    yield from series_pictures(view, kind)
