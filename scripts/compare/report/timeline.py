"""Who ran when, and why it stopped: a stretch of a recorded run, for each column."""

from matplotlib.lines import Line2D

from ..model import VIRTUAL
from .drawing import INK, LINES, MARKERS, PAPER, draw

ROW = 20
MOST_COLUMNS = 4
MOST_NS = 250e6                 # a longer stretch is cut: its switches could not be told apart
MOST_STRETCHES = 400
WHY = ("expired", "preempted", "blocked", "yielded", "exited")
IDLE = 0


def window(timeline) -> list[dict]:
    start = timeline[0]["start_ns"]
    return [each for each in timeline[:MOST_STRETCHES] if each["start_ns"] - start < MOST_NS]


def pictures(view, kind):
    columns = {column["name"]: window(column["timeline"])
               for column in view.columns if column.get("timeline")}
    if kind == VIRTUAL and columns:
        yield picture(kind, dict(list(columns.items())[:MOST_COLUMNS]))


def picture(kind, columns):
    reasons = {each["why"] for stretches in columns.values() for each in stretches
               if each["pid"] != IDLE}
    reasons = [why for why in WHY if why in reasons] + sorted(reasons - set(WHY))
    looks = {why: {"color": LINES[place % 5 + 1], "marker": MARKERS[place % 6], "markersize": 6,
                   "markerfacecolor": PAPER} for place, why in enumerate(reasons)}
    counts = ", ".join(f"{column} {len(stretches)} stretches"
                       for column, stretches in columns.items())
    caption = "A row a process, a bar a stretch on the processor; the mark at its end says why " \
        f"it stopped. {counts}."
    return draw("timeline", kind, "Who ran when, and why it stopped", caption,
                lambda canvas: paint(canvas, columns, looks), full=True)


def paint(canvas, columns, looks):
    rows = {column: sorted({(each["pid"], each["name"]) for each in stretches})
            for column, stretches in columns.items()}
    figure, found = canvas.axes([ROW * len(each) + 8 for each in rows.values()],
                                canvas.legend_rows(list(looks)), sharex=True)
    for axes, (column, stretches) in zip(found, columns.items()):
        origin = stretches[0]["start_ns"]
        for row, (pid, name) in enumerate(rows[column]):
            for why, look in looks.items():
                bars = [((each["start_ns"] - origin) / 1e6,
                         (each["end_ns"] - each["start_ns"]) / 1e6) for each in stretches
                        if each["pid"] == pid and each["why"] == why]
                axes.broken_barh(bars, (row * ROW + 4, ROW - 8), color=look["color"], linewidth=1)
                axes.plot([start + length for start, length in bars],
                          [(row + 0.5) * ROW] * len(bars), linestyle="", **look)
        axes.set_yticks([(row + 0.5) * ROW for row in range(len(rows[column]))],
                        [f"{name} {pid}" for pid, name in rows[column]], color=INK)
        axes.set_ylim(ROW * len(rows[column]), 0)
        axes.set_title(column, loc="left")
        axes.tick_params(length=0)
        axes.grid(axis="x")
    axes.set_xlabel("ms of the machine's clock")
    canvas.legend(axes, [Line2D([], [], linewidth=7, **look) for look in looks.values()],
                  list(looks))
    return figure
