"""The reports of `make compare`: that they say what result.json says, and can be read anywhere."""

import functools
import html.parser
import io
import json
import re
import xml.etree.ElementTree as xml

import pytest

from compare import schema, terminal
from compare.model import ToolError
from compare.report import curves, drawing, html as page_html, words
from compare.report.view import View
from facet import compare_sample as sample
from facet.compare_sample import result
from facet.browser import look, needs_browser
from rich.console import Console

# Drawing a page takes seconds, and all tests of one page share it.
pytestmark = pytest.mark.xdist_group("compare-report")

VOID = {"meta", "br", "hr", "img", "link", "input"}


@functools.lru_cache(maxsize=None)
def rendered(name):
    """The page and its pictures."""
    return page_html.render(result(name))


# --- result.json --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sample.SAMPLES)
def test_results_follow_the_schema(name):
    schema.check(result(name))


@pytest.mark.parametrize("spoil", [
    lambda made: made.pop("seed"),
    lambda made: made.update(schema="facet-compare/2"),
    lambda made: made.update(surprise=1),
    lambda made: made["results"][0].update(verdict="faster"),
    lambda made: made["results"][0].update(p=1.5),
    lambda made: made["columns"][0]["image"].update(sha256="abc"),
    lambda made: made["runs"][0]["key"].pop("host"),
    lambda made: made["columns"][1].update(requested=[["FORK_COW", "y"]]),
], ids=range(8))
def test_schema_refuses_what_is_not_described(spoil):
    made = json.loads(json.dumps(result("fork_with_linux")))
    spoil(made)
    with pytest.raises(ToolError, match="result.json: "):
        schema.check(made)


def test_every_field_is_described():
    def undescribed(node, path):
        for name, field in node.get("properties", {}).items():
            if "$ref" not in field and not field.get("description"):
                yield f"{path}/{name}"
            yield from undescribed(field, f"{path}/{name}")
        for inner in ("items", "additionalProperties"):
            if isinstance(node.get(inner), dict):
                yield from undescribed(node[inner], f"{path}/{inner}")

    described = schema.load()
    parts = {"": described, **described["$defs"]}
    assert [each for name, node in parts.items() for each in undescribed(node, name)] == []


# --- report.html --------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """Elements in their nesting; what does not nest is a fault."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.faults, self.references = [], [], [], [], []
        self.rows, self.cell = [], None
        self.feed(text)
        self.faults += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        self.look_at(tag, attributes)

    def handle_startendtag(self, tag, attributes):
        self.look_at(tag, dict(attributes))

    def look_at(self, tag, attributes):
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [value for name, value in attributes.items() if name in ("src", "href")]
        for value in attributes.values():
            self.references += re.findall(r"url\(([^)]*)\)", value or "")
        if tag == "tr":
            self.rows.append((attributes.get("class", ""), []))
        if tag in ("td", "th"):
            self.rows[-1][1].append("")
            self.cell = self.rows[-1][1]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes nothing")
        if tag in ("td", "th"):
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[-1] = " ".join(f"{self.cell[-1]} {data}".split())


@pytest.mark.parametrize("name", ["fork_with_linux", "sixteen", "failing"])
def test_page_is_whole_and_needs_no_network(name):
    text, _ = rendered(name)
    page = Page(text)
    assert page.faults == []
    assert [each for each in page.ids if page.ids.count(each) > 1] == []
    targets = {link.strip("'\"") for link in page.links + page.references}
    assert {target for target in targets if target[0] != "#" or target[1:] not in page.ids} == set()
    assert "@import" not in text and "<script" not in text


def test_parser_finds_what_is_wrong():
    assert Page("<p><b>text</p>").faults and Page("<div>").faults
    assert Page('<a href="http://x.org">x</a>').links == ["http://x.org"]


UNITS = {"bars-instructions": "instructions", "bars-virtual": "virtual time", "bars-time":
         "emulator time", "growth-instructions": "instructions", "growth-time": "cycles",
         "growth-virtual": "ms (log scale)",
         "distribution": "s (log scale);|s; lower",
         "series": "ms of the machine's clock|page, number",
         "timeline": "ms of the machine's clock", "boot": "ms since|ms of", "memory": "MiB",
         "matrix": "in % or times", "effects": "in % or times"}


@pytest.mark.parametrize("name", ["fork_with_linux", "sixteen"])
def test_every_picture_tells_title_units_direction_and_kind(name):
    text, pictures = rendered(name)
    for picture in pictures:
        units = next(unit for start, unit in UNITS.items() if picture.name.startswith(start))
        for svg in (picture.wide, picture.narrow, picture.file):
            root = xml.fromstring(svg.replace("xlink:", ""))
            title, description = (next((each.text for each in root if each.tag.endswith(tag)), "")
                                  for tag in ("title", "desc"))
            assert title == picture.title and description == picture.caption
            written = " ".join(filter(None, (each.text for each in root.iter()
                                             if each.tag.endswith("text"))))
            assert any(unit in written for unit in units.split("|")), (picture.name, written)
            assert picture.name == "timeline" or "better" in written, picture.name
        figure = text[text.index(f'id="{picture.name}"'):]
        assert words.KIND_TITLES[picture.kind] in figure[:figure.index("<svg")]


def test_all_pictures_are_drawn_where_their_data_is():
    names = {picture.name for picture in rendered("fork_with_linux")[1]}
    assert names >= {"bars-instructions-primary", "bars-virtual-primary", "bars-time-primary",
                     "growth-instructions-fork_call", "growth-time-yield", "timeline",
                     "growth-virtual-sleep_error",
                     "distribution-wake_latency_8", "distribution-sleep_error_10",
                     "series-virtual-fairness-ppm", "series-virtual-fairness-cpu_us",
                     "series-virtual-fairness-ns", "boot-virtual", "memory-virtual-shell_script",
                     "series-virtual-fork_write_16m-page", "memory-virtual-fork_write_16m"}
    names = {picture.name for picture in rendered("sixteen")[1]}
    assert names >= {"matrix-instructions", "effects-instructions", "effects-virtual"}


def test_picture_says_what_a_cost_grows_with():
    told = {picture.name: " ".join(xml.fromstring(picture.file.replace("xlink:", "")).itertext())
            for picture in rendered("fork_with_linux")[1]}
    for name, across in (("virtual-sleep_error", "sleep in ms (log scale)"),
                         ("time-yield", "processes (log scale)"),
                         ("instructions-fork_call", "memory touched (log scale)")):
        assert across in told[f"growth-{name}"], name


def test_curve_says_what_it_shows_with_unit_and_direction():
    told = {picture.name: " ".join(xml.fromstring(picture.file.replace("xlink:", "")).itertext())
            for picture in rendered("fork_with_linux")[1]}
    for name, shown in (
            ("fairness-ppm", "jain: index, 1 is the best; higher is better"),
            ("fairness-ns", "largest lag: ms; lower is better"),
            ("fairness-cpu_us", "hog 1 to 4: ms of CPU; neither direction is better"),
            ("fork_write_16m-page", "; lower is better")):
        assert shown in told[f"series-virtual-{name}"], name
        across = "page, number" if name.endswith("page") else "ms of the machine's clock"
        assert across in told[f"series-virtual-{name}"], name


@pytest.mark.parametrize("low, high", [(1.6, 2.6), (0.07, 4), (1.01, 9.9), (0.11, 9), (9e3, 1e5),
                                       (100.3, 100.9), (1, 1e5), (1e-3, 1e9)])
def test_logarithmic_axis_has_labels_enough_and_not_too_many(low, high):
    ticks = curves.log_ticks(low, high)
    assert 3 <= len(ticks) <= 8 and ticks == sorted(ticks) and low <= ticks[0] <= ticks[-1] <= high


def test_no_line_of_a_picture_ends_in_blanks():
    for picture in rendered("fork_with_linux")[1] + rendered("sixteen")[1]:
        assert not re.search(r"[ \t]$", picture.file, re.M), picture.name


def test_picture_without_data_is_left_out():
    made = json.loads(json.dumps(result("fork_with_linux")))
    for run in made["runs"]:
        run.update(series={}, boot={}, counters={})
    for column in made["columns"]:
        column.pop("timeline")
    text, pictures = page_html.render(made)
    names = " ".join(picture.name for picture in pictures)
    assert not re.search("(^| )(series|boot|memory|timeline)", names) and "bars" in names
    assert text.count("<figure") == len(pictures)


def test_pictures_follow_the_theme():
    for picture in rendered("fork_with_linux")[1] + rendered("sixteen")[1]:
        for svg in (picture.wide, picture.narrow):
            assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\"'])", svg) == [], picture.name
            assert set(re.findall(r"var\(--(\w+)\)", svg)) <= drawing.COLOURS.keys()
        assert "var(" not in picture.file
    for dark in (False, True):
        assert set(re.findall(r"--(\w+):", drawing.variables(dark))) == set(drawing.COLOURS)


@pytest.mark.parametrize("base, value, ratio", [(74, 0, 0.0), (0, 0, None), (0, 5, None)])
def test_figure_of_zero_has_no_place_on_a_logarithmic_axis(base, value, ratio):
    made = json.loads(json.dumps(result("fork_with_linux")))
    made["results"] = [each for each in made["results"] if each["kind"] == "instructions"]
    for each in made["results"]:
        each.update(base=base, value=value, ratio=ratio)
    drawn = page_html.render(made)[1]
    assert not [picture.name for picture in drawn if picture.name.startswith("bars")]
    grown = [picture.name for picture in drawn if picture.name.startswith("growth")]
    assert bool(grown) == bool(base or value)


def test_growth_speaks_of_what_was_measured():
    made = json.loads(json.dumps(result("fork_with_linux")))
    for each in made["results"]:
        if each["metric"] == "fork_call_64m":
            each.update(base=None, value=None, ratio=None, verdict="unclear")
    captions = [picture.caption for picture in page_html.render(made)[1]
                if picture.name.startswith("growth-instructions-fork_call")]
    assert "64 MiB" not in captions[0] and "it grows: cow \N{MULTIPLICATION SIGN}" in captions[0]


def test_bars_leave_out_as_many_metrics_as_they_say():
    made = json.loads(json.dumps(result("fork_with_linux")))
    for each in made["results"]:
        if each["metric"] != "fork_call_1m":
            each.update(base=None, value=None, ratio=None, verdict="unclear")
    captions = [picture.caption for picture in page_html.render(made)[1]
                if picture.name.startswith("bars-instructions")]
    assert captions and "without any difference" not in " ".join(captions)


SCALES = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9, "B": 1, "KiB": 1024, "MiB": 2 ** 20, "ppm": 1}


def read_figure(text, unit):
    """A figure of the page, as a number in the metric's unit."""
    number, _, name = text.replace(",", "").replace(words.MINUS, "-").partition(" ")
    return float(number) * SCALES.get(name, 1) / (1e3 if unit == "us" else 1)


def read_change(text):
    text = text.replace(",", "").replace(words.MINUS, "-")
    return float(text[1:]) if text[0] == words.TIMES else 1 + float(text.removesuffix(" %")) / 100


@pytest.mark.parametrize("name", ["fork_with_linux", "failing"])
def test_page_shows_the_numbers_of_the_result(name):
    made, view = result(name), View(result(name))
    rows = Page(rendered(name)[0]).rows
    shown = []
    for kind_of_row, cells in rows:
        if kind_of_row == "metric":
            metric = cells[0].split()[0]
            base = cells[1]
        elif kind_of_row == "column":
            shown.append((metric, base, cells))
    # The page's order is the kinds', so each judgement is in one row.
    expected = [each for kind in view.kinds() for _, names in view.sections(kind)
                for each_name in names for each in view.results_of(kind, each_name)]
    assert len(shown) == len(expected) == len(made["results"])
    for (metric, base, cells), each in zip(shown, expected):
        assert (metric, cells[0]) == (each["metric"], each["column"])
        if each["value"] is None:
            assert cells[1] == "\N{EM DASH}"
            continue
        unit = view.unit(each["kind"], metric)
        assert read_figure(cells[1], unit) == pytest.approx(each["value"], rel=1e-3)
        assert read_figure(base, unit) == pytest.approx(each["base"], rel=1e-3)
        if each["ratio"]:
            assert read_change(cells[2]) == pytest.approx(each["ratio"], rel=0.01)
        assert words.WORDS.get(each["verdict"], each["verdict"]) in cells[4]


@pytest.mark.parametrize("name, said", [
    ("uncontrolled", "Not controlled: mine differs from qemu"),
    ("failing", "eager fails 3 tests and was not measured: fork.c"),
    ("failing", "Regression against old.json: null_call of cow (instructions): 74 instructions"),
    ("partial", "Not finished: interrupted in time, round 4 of 9")])
def test_what_makes_a_result_doubtful_stands_first(name, said):
    problems = View(result(name)).problems()
    assert any(problem.startswith(said) for problem in problems)
    page = page_html.environment().get_template("page.html.jinja").render(
        view=View(result(name)), result=result(name), style="", light="", dark="",
        facts=[], summary=page_html.summary, pictures={kind: [] for kind in
                                                       View(result(name)).kinds()})
    shown = io.StringIO()
    terminal.show(result(name), Console(file=shown, width=80))
    for text in (page, " ".join(shown.getvalue().replace("|", " ").split())):
        assert text.index(said) < text.index("Instructions")


def test_time_of_a_real_processor_is_called_so():
    made = json.loads(json.dumps(result("fork_with_linux")))
    made["request"]["words"]["ACCEL"] = "kvm"
    shown = io.StringIO()
    terminal.show(made, Console(file=shown, width=80))
    page, pictures = page_html.render(made)
    assert "Time under KVM, " in shown.getvalue() and "<h2>Time under KVM</h2>" in page
    assert "<h2>Time</h2>" not in page and '<span class="kind">Time</span>' not in page
    bars = [picture for picture in pictures if picture.name.startswith("bars-time")]
    assert bars and all("time under KVM, change" in picture.file for picture in bars)
    for text in (shown.getvalue(), page, *(picture.file for picture in pictures)):
        assert not re.search("emulator time|time of the emulator", text, re.I)


@needs_browser
@pytest.mark.parametrize("name", ["fork_with_linux", "sixteen"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_page_can_be_read_at_this_width(name, width, tmp_path):
    (tmp_path / "report.html").write_text(rendered(name)[0], encoding="utf-8")
    assert look(tmp_path / "report.html", width) == []


@needs_browser
def test_figures_of_short_bars_can_be_read(tmp_path):
    """On the left, where the names are, and of samples that are next to equal."""
    made = json.loads(json.dumps(result("fork_with_linux")))
    for each in made["results"]:
        if each["ratio"]:
            each.update(ratio=0.998 if each["metric"].endswith("4m") else 1.39, low=None, high=None)
    for run in made["runs"]:
        for samples in run["samples"].values():
            if run["key"]["kind"] == "virtual" and samples["unit"] == "ns":
                samples["values"] = [60001094 + place % 100 for place, _ in
                                     enumerate(samples["values"])]
    (tmp_path / "report.html").write_text(page_html.render(made)[0], encoding="utf-8")
    assert [look(tmp_path / "report.html", width) for width in (360, 768)] == [[], []]


@needs_browser
def test_browser_finds_what_cannot_be_read(tmp_path):
    page = tmp_path / "page.html"
    text = '<text x="{}" y="20" style="font-size: {}px">{}</text>'
    page.write_text('<!DOCTYPE html><div style="width: 500px">wide</div>'
                    '<figure id="f"><svg viewBox="0 0 100 40" width="100">'
                    + text.format(5, 10, "first") + text.format(8, 10, "second")
                    + text.format(90, 10, "outside") + text.format(60, 4, "tiny")
                    + "</svg></figure>", encoding="utf-8")
    found = " ".join(look(page, 360))
    for fault in ("wider than 360", "first / second", "outside leaves", "tiny is 4 pixels"):
        assert fault in found, found
