"""How a picture becomes SVG: matplotlib draws it, and the page gives it its colours.

Each picture is drawn twice, for a desk and for a phone, with letters of the same size: one that is
only scaled down has letters that nobody can read. Text stays text. The colours are those of the
light theme, and in the page a variable stands for each of them, so that a picture follows the
page's theme; the files for papers and slides keep the colours.
"""

import dataclasses
import io
import re
import typing

import matplotlib
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

# name: (light, dark). What a reader must tell apart differs in lightness or in form as well.
COLOURS = {
    "ink": ("#1c2128", "#e6e9ed"), "faint": ("#57606a", "#a3adb8"),
    "grid": ("#d8dce1", "#39414a"), "paper": ("#ffffff", "#15191e"),
    "c0": ("#4a5561", "#b3bdc8"), "c1": ("#0b62c4", "#6cb0ff"), "c2": ("#c2410c", "#ff9a5c"),
    "c3": ("#0f7b5a", "#4fd1a5"), "c4": ("#8a3ea8", "#d59af0"), "c5": ("#a16207", "#e6c04a"),
    "better4": ("#0b5fb0", "#62abf8"), "better3": ("#4c93d3", "#2f6fb5"),
    "better2": ("#93c0e8", "#285789"), "better1": ("#d3e5f5", "#203c59"),
    "neutral": ("#f0f1f3", "#2a3038"), "worse1": ("#fbe0cd", "#4f3220"),
    "worse2": ("#f5b78c", "#7a441e"), "worse3": ("#e5803f", "#a9571d"),
    "worse4": ("#b84a0a", "#f78f4c"),
}
LIGHT = {name: light for name, (light, _) in COLOURS.items()}
INK, FAINT, GRID, PAPER = (LIGHT[name] for name in ("ink", "faint", "grid", "paper"))
LINES = [LIGHT[f"c{number}"] for number in range(6)]
DASHES = ["-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (8, 3)), (0, (3, 3))]
MARKERS = ["o", "s", "^", "D", "v", "P"]
HATCHES = ["", "//", "\\\\", "||", "--", "xx"]

FONT = "DejaVu Sans"
SETTINGS = {
    "svg.fonttype": "none", "font.family": FONT, "font.size": 11, "axes.titlesize": 11,
    "axes.labelsize": 11, "xtick.labelsize": 10.5, "ytick.labelsize": 10.5, "legend.fontsize": 10.5,
    "text.color": INK, "axes.labelcolor": FAINT, "axes.titlecolor": FAINT, "xtick.color": FAINT,
    "ytick.color": FAINT, "axes.edgecolor": GRID, "grid.color": GRID, "grid.linewidth": 0.8,
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "hatch.linewidth": 0.7, "legend.frameon": False, "figure.facecolor": "none",
    "axes.facecolor": "none", "lines.linewidth": 1.8, "lines.markersize": 5,
    "axes.formatter.useoffset": False, "xtick.major.pad": 6,
    "figure.dpi": 72, "savefig.dpi": 72, "svg.hashsalt": "facet",
    "figure.constrained_layout.h_pad": 0.06, "figure.constrained_layout.w_pad": 0.06,
}
WIDTHS = {"wide": 560, "full": 760, "narrow": 330}
LEGEND_BELOW = 44               # pixels from the axes down to the legend: tick labels and title
LEGEND_LINE = 18


@dataclasses.dataclass(frozen=True)
class Picture:
    name: str
    kind: str
    title: str
    caption: str
    wide: str                   # SVG for the page
    narrow: str
    file: str                   # SVG by itself
    full: bool = False          # it takes the width of the page


@dataclasses.dataclass
class Canvas:
    """What a painter draws on: a number of axes, one below another."""

    width: int
    narrow: bool

    def axes(self, heights, legend_rows=0, below=0, **options):
        """A figure with axes of these heights in pixels, without labels. `below` pixels are kept
        for what is more than one line under them."""
        heights = [heights] if isinstance(heights, (int, float)) else list(heights)
        total = sum(heights) + 62 * len(heights) + LEGEND_LINE * legend_rows \
            + (6 if legend_rows else 0) + below
        figure = Figure(figsize=(self.width / 72, total / 72), layout="constrained")
        found = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights, **options)
        return figure, [row[0] for row in found]

    def columns(self, labels, mark=34) -> int:
        """In how many columns a legend with these labels fits."""
        widest = max(map(text_width, labels)) + mark
        return max(1, min(len(labels), int((self.width - 60) // widest)))

    def legend_rows(self, labels) -> int:
        return -(-len(labels) // self.columns(labels)) if labels else 0

    def legend(self, axes, handles, labels, below=0):
        figure = axes.figure
        down = ScaledTranslation(0, -(LEGEND_BELOW + below) / 72, figure.dpi_scale_trans)
        axes.legend(handles, labels, loc="upper left", ncol=self.columns(labels),
                    bbox_to_anchor=(0, 0), bbox_transform=axes.transAxes + down,
                    borderaxespad=0, borderpad=0, handlelength=2.2, columnspacing=1.4,
                    labelcolor=INK)


def text_width(text: str, size=10.5) -> float:
    return len(text) * size * 0.62


def draw(name, kind, title, caption, paint: "typing.Callable[[Canvas], Figure]",
         full=False) -> Picture:
    """Has it painted in both widths. The caption is read to whoever does not see it, too."""
    found = {}
    for form in ("full" if full else "wide", "narrow"):
        with matplotlib.rc_context(SETTINGS):
            figure = paint(Canvas(WIDTHS[form], form == "narrow"))
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None})
        found[form != "narrow"] = clean(text.getvalue(), f"{name}-{form}", title, caption)
    return Picture(name, kind, title, caption, themed(found[True]), themed(found[False]),
                   alone(found[True]), full)


def clean(svg: str, prefix: str, title: str, description: str) -> str:
    """Without what belongs to a file of its own, and with names that no other picture has."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"\s*<!--.*?-->|\s*<style.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r"[ \t]+$", "", svg, flags=re.M)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r'(?:xlink:)?href="#([^"]+)"', rf'href="#{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)
    box = re.search(r'viewBox="([^"]+)"', svg)[1]
    head = (f'<svg viewBox="{box}" role="img" aria-labelledby="{prefix}-t {prefix}-d">'
            f'<title id="{prefix}-t">{escape(title)}</title>'
            f'<desc id="{prefix}-d">{escape(description)}</desc>')
    return re.sub(r"<svg[^>]*>", lambda _: head, svg, count=1)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def themed(svg: str) -> str:
    """For the page: variables for colours, and the page's letters."""
    names = {light: f"var(--{name})" for name, light in LIGHT.items()}
    svg = re.sub(r"#[0-9a-f]{6}\b(?=[;\"'])", lambda match: names.get(match[0], match[0]), svg)
    return svg.replace(f"'{FONT}'", f"system-ui, '{FONT}', sans-serif")


def alone(svg: str) -> str:
    """For a file: as it was drawn, on white."""
    _, _, width, height = re.search(r'viewBox="([^"]+)"', svg)[1].split()
    name = 'xmlns="http://www.w3.org/2000/svg"'
    svg = svg.replace("<svg ", f'<svg {name} width="{width}" height="{height}" ', 1)
    svg = svg.replace("</desc>", f'</desc><rect width="100%" height="100%" fill="{PAPER}"/>', 1)
    return svg.replace(f"'{FONT}'", f"'{FONT}', Verdana, sans-serif")


def variables(dark: bool) -> str:
    return " ".join(f"--{name}: {pair[dark]};" for name, pair in COLOURS.items())
