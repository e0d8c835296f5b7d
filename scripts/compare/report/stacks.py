"""Parts of a whole: where the time of booting goes, and what memory is used for."""

from matplotlib.patches import Patch

from ..model import INSTRUCTIONS, TIME, VIRTUAL
from ..statistics import median
from . import series, words
from .drawing import HATCHES, INK, LINES, PAPER, draw

BAR = 26
AREA_HEIGHT = 110
BOOT = "boot_free"               # its series are the stages of /proc/facet/boot
MOST_AREAS = 4                  # columns, each with its own area


def stages_of(run) -> "dict[str, float]":
    """How long each stage took, in us. The kernel tells when each was done, in ns."""
    done = [(*curve[0], stage) for stage, curve in run.get("series", {}).get(BOOT, {}).items()
            if len(curve) == 1]
    if not done:
        return run.get("boot", {})
    found, before = {}, 0
    for _, until, stage in sorted(done):
        found[stage], before = (until - before) / 1e3, until
    return found


def boot_kind(view) -> "str | None":
    """One kind is enough, and the virtual clock's is the same on every host."""
    for kind in (VIRTUAL, INSTRUCTIONS, TIME):
        if boot_stages(view, kind):
            return kind
    return None


def boot_stages(view, kind) -> "dict[str, dict[str, float]]":
    """{column: {stage: us}}, the median of the runs that tell most, in the order of booting."""
    samples, runs = {}, [(run["key"]["column"], stages_of(run)) for run in view.runs
                         if run["key"]["kind"] == kind]
    most = max((len(stages) for _, stages in runs), default=0)
    for column, stages in runs:
        for stage, spent in stages.items():
            if len(stages) == most:
                samples.setdefault(column, {}).setdefault(stage, []).append(spent)
    return {column: {stage: median(spent) for stage, spent in samples[column].items()}
            for column in view.names if column in samples}


def boot(view, kind):
    columns = boot_stages(view, kind)
    stages = list(dict.fromkeys(stage for each in columns.values() for stage in each))
    totals = {column: sum(each.values()) for column, each in columns.items()}
    least, most = min(totals, key=totals.get), max(totals, key=totals.get)
    caption = f"{words.figure(totals[most], 'us')} in each." if totals[least] == totals[most] else \
        f"From {words.figure(totals[least], 'us')} ({least}) to " \
        f"{words.figure(totals[most], 'us')} ({most})."

    def paint(canvas):
        above = 17 if canvas.narrow else 0
        figure, (axes,) = canvas.axes((BAR + above) * len(columns) + 8, canvas.legend_rows(stages))
        widest = max(totals.values()) / 1e3
        per_pixel = widest / (canvas.width * (0.85 if canvas.narrow else 0.65))
        for row, (column, spent) in enumerate(columns.items()):
            left, y = 0, row * (BAR + above) + above + BAR / 2
            for place, stage in enumerate(stages):
                length = spent.get(stage, 0) / 1e3
                axes.barh(y, length, BAR * 0.7, left, color=LINES[place % 6],
                          hatch=HATCHES[place % 6], edgecolor=PAPER, linewidth=0.8)
                left += length
            axes.annotate(f"{words.digits(left)} ms", (left, y), xytext=(4, 0), color=INK,
                          textcoords="offset points", va="center", fontsize=10)
            if canvas.narrow:
                axes.annotate(column, (0, y - BAR * 0.4), va="bottom", fontsize=10.5)
        axes.set_xlim(0, widest + 62 * per_pixel)
        axes.set_ylim((BAR + above) * len(columns) + 4, -4)
        axes.set_yticks([] if canvas.narrow else [(row + 0.5) * BAR for row in range(len(columns))],
                        [] if canvas.narrow else list(columns), color=INK)
        axes.tick_params(length=0)
        axes.grid(axis="x")
        axes.set_xlabel("ms of the machine's clock since the kernel's entry; lower is better"
                        if not canvas.narrow else "ms since the kernel's entry; lower is better")
        canvas.legend(axes, [Patch(facecolor=LINES[place % 6], hatch=HATCHES[place % 6],
                                   edgecolor=PAPER) for place in range(len(stages))], stages)
        return figure

    return draw(f"boot-{kind}", kind, "Booting, by stages", caption, paint)


def memory(view, kind, drawn, columns):
    name, (factor, unit, _) = drawn.metric, series.UNITS[drawn.unit]
    shown = {column: columns[column] for column in view.names if column in columns}
    shown = dict(list(shown.items())[:MOST_AREAS])
    labels = list(dict.fromkeys(label for each in shown.values() for label in each))
    peaks = {column: peak(curves) * factor * series.MIB for column, curves in shown.items()}
    caption = "The most at any time: " + ", ".join(
        f"{column} {words.figure(bytes_, 'bytes')}" for column, bytes_ in peaks.items()) \
        + ". One run of each column."

    def paint(canvas):
        figure, found = canvas.axes([AREA_HEIGHT] * len(shown), canvas.legend_rows(labels),
                                    sharex=True, sharey=True)
        for axes, (column, curves) in zip(found, shown.items()):
            times = [x / 1e6 for x, _ in next(iter(curves.values()))]
            heights = [[y * factor for _, y in curves[label]] if label in curves
                       else [0] * len(times) for label in labels]
            patches = axes.stackplot(times, heights, colors=LINES, edgecolor=PAPER,
                                     linewidth=0.6, step="post")
            for place, patch in enumerate(patches):
                patch.set_hatch(HATCHES[place % 6])
            axes.set_title(f"{column}: {unit} in use; lower is better", loc="left")
            axes.grid(axis="y")
            axes.tick_params(length=0)
            axes.set_xlim(times[0], times[-1])
        axes.set_xlabel("ms of the machine's clock")
        canvas.legend(axes, [Patch(facecolor=LINES[place % 6], hatch=HATCHES[place % 6],
                                   edgecolor=PAPER) for place in range(len(labels))], labels)
        return figure

    return draw(f"memory-{kind}-{name}", kind, f"Memory while {name} runs", caption, paint)


def peak(curves) -> float:
    return max(sum(values) for values in zip(*([y for _, y in points]
                                               for points in curves.values())))


def pictures(view, kind):
    if kind == boot_kind(view):
        yield boot(view, kind)
    for axes, columns in series.of_kind(view, kind).items():
        if axes.over_time and axes.unit in series.MEMORY:
            yield memory(view, kind, axes, columns)
