"""Bars: what each metric costs relative to the base, with the interval of that ratio."""

import math

from matplotlib.patches import Patch

from ..model import INSTRUCTIONS, TIME
from . import words
from .drawing import FAINT, HATCHES, INK, LINES, PAPER, draw, text_width

BAR = 15                        # pixels
BETWEEN = 13                    # groups
TICKS = ((10, 0.1, 100, 0.01, 1000, 0.001), (2, 0.5), (5, 0.2, 20, 0.05, 50), (1.5, 0.75),
         (1.25, 0.8), (1.1, 0.9), (1.05, 0.95), (1.02, 0.98), (1.01, 0.99), (1.005, 0.995))
LEAST_RANGE = 0.05              # a tenth of a per cent should not look like a lot
X_LABEL = 14                    # pixels of its second line
BESIDE = 8                      # pixels between a bar and its figure, and behind that
MARGIN = 32                     # pixels left and right of the axes
STEPS = 30                      # the limits are the sum of a series by then


def ticks(low: float, high: float, distance: float) -> list[float]:
    """Ratios between these logarithms, round ones, no nearer to each other than `distance`."""
    found = [1.0]
    for level in TICKS:
        for ratio in level:
            place = math.log(ratio)
            if low <= place <= high and all(abs(place - math.log(each)) >= distance
                                            for each in found):
                found.append(ratio)
    return sorted(found)


def pictures(view, kind):
    """One of the primary metrics, and one of each group's others: all at once are longer than a
    sheet of paper."""
    if view.is_wide:
        return
    for section, names in view.sections(kind):
        results = {name: view.results_of(kind, name) for name in names}
        shown = [name for name in names if any(map(moved, results[name]))]
        same = sum(all(each["verdict"] == "same" for each in results[name]) for name in names)
        if shown:
            yield picture(view, kind, section, shown, same)


def moved(result) -> bool:
    """Whether there is anything to show: instructions that are the same are said in words, and a
    ratio of 0 has no place on the axis."""
    return bool(result["ratio"]) and (result["kind"] != INSTRUCTIONS or result["ratio"] != 1)


def picture(view, kind, section, names, same):
    title = "The primary metrics" if section == "primary" else f"More of {section}"
    title += f", relative to {view.base['name']}"
    return draw(f"bars-{kind}-{section}", kind, title, caption(view, kind, names, same),
                lambda canvas: paint(canvas, view, kind, names))


def caption(view, kind, names, same) -> str:
    results = [each for name in names for each in view.results_of(kind, name) if each["ratio"]]
    most = max(results, key=lambda each: abs(math.log(each["ratio"])))
    text = f"The largest difference is that of {most['metric']}: {most['column']} " \
        f"{words.ratio(most['ratio'])}. "
    text += "Exact counts have no interval." if kind == INSTRUCTIONS else \
        "The thin line is the interval of the ratio."
    if same:
        text += f" {words.several(same, 'metric')} without any difference " \
            f"{'is' if same == 1 else 'are'} left out."
    return text


def paint(canvas, view, kind, names):
    others = [(place, column["name"]) for place, column in enumerate(view.columns)
              if place and view.is_measured(kind, column["name"])]
    group = BAR * len(others) + BETWEEN + (17 if canvas.narrow else 0)
    labels = [name for _, name in others]
    figure, (axes,) = canvas.axes(group * len(names), canvas.legend_rows(labels),
                                  below=X_LABEL)
    axes.set_xlim(limits(view, kind, names, canvas))
    axes.set_ylim(group * len(names), 0)
    axes.axvline(0, color=INK, linewidth=1)
    for row, name in enumerate(names):
        top = row * group + BETWEEN / 2 + (17 if canvas.narrow else 0)
        if canvas.narrow:
            axes.annotate(marked(view, name), (0, top - 2), xycoords=("axes fraction", "data"),
                          va="bottom", fontsize=10.5, zorder=5,
                          bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1})
        for line, (place, column) in enumerate(others):
            result = view.results.get((kind, name, column))
            if result and result["ratio"]:
                paint_bar(axes, result, place, top + (line + 0.5) * BAR)
    axes.set_yticks([] if canvas.narrow else [(row + 0.5) * group for row in range(len(names))],
                    [] if canvas.narrow else [marked(view, name) for name in names], color=INK)
    span = axes.get_xlim()
    chosen = ticks(*span, (0.15 if canvas.narrow else 0.13) * (span[1] - span[0]))
    axes.set_xticks([math.log(each) for each in chosen],
                    [words.ratio(each).replace(".0 %", " %") for each in chosen])
    axes.tick_params(length=0)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"{unit(view, kind)}, change against {view.base['name']}, log scale\n"
                    "lower is better" + (", but higher where \N{UPWARDS ARROW} stands" if any(
                        view.metrics[name].better == "higher" for name in names) else ""))
    canvas.legend(axes, [Patch(facecolor=LINES[place % 6], hatch=HATCHES[(place - 1) % 6],
                               edgecolor=PAPER) for place, _ in others], labels,
                  below=X_LABEL)
    return figure


def unit(view, kind) -> str:
    return "emulator time" if kind == TIME and not view.is_kvm(kind) else view.in_words(kind)


def marked(view, name) -> str:
    return name + {"higher": " \N{UPWARDS ARROW}"}.get(view.metrics[name].better, "")


def limits(view, kind, names, canvas) -> tuple[float, float]:
    """The least and the largest logarithm of the axis: with room for what stands beside the bars,
    and the more pixels it takes, the more the axis spans."""
    bars = [(ends(each), text_width(label(each)) + BESIDE) for name in names
            for each in view.results_of(kind, name) if each["ratio"]]
    left = 0 if canvas.narrow else max(text_width(marked(view, name)) for name in names)
    width = canvas.width - left - MARGIN
    least = min(0, *(found[0] for found, _ in bars))
    most = max(LEAST_RANGE, *(found[-1] for found, _ in bars))
    low, high = least, most
    for _ in range(STEPS):
        pixel = (high - low) / width
        low = min([least] + [found[0] - room * pixel for found, room in bars if found[1] < 0])
        high = max([most] + [found[-1] + room * pixel for found, room in bars if found[1] >= 0])
    return low - MARGIN / 4 * pixel, high


def ends(result) -> list[float]:
    """The logarithms of the interval's lower end, the ratio, and the upper end."""
    found = [result["ratio"]] * 3
    if result["low"] is not None and result["scale"] == "ratio":
        found = [result["low"], result["ratio"], result["high"]]
    return [math.log(each) for each in found]


def label(result) -> str:
    return f"{words.ratio(result['ratio'])} {words.SIGNS[result['verdict']]}"


def paint_bar(axes, result, place, y):
    low, length, high = ends(result)
    axes.barh(y, length, BAR * 0.78, color=LINES[place % 6], hatch=HATCHES[(place - 1) % 6],
              edgecolor=PAPER, linewidth=0)
    if low < high:
        axes.plot([low, high], [y, y], color=INK, linewidth=1.2, marker="|", markersize=6)
    right = length >= 0
    axes.annotate(label(result), (max(high, 0) if right else min(low, 0), y),
                  xytext=(4 if right else -4, 0), textcoords="offset points",
                  ha="left" if right else "right", va="center", fontsize=10,
                  color=FAINT if result["verdict"] == "descriptive" else INK)
