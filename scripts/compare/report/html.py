"""report.html: all of a comparison in one file, without a network, on a phone, a desk and paper.

What is shown is chosen here, how it looks is in page.html.jinja and style.css beside it.
"""

import pathlib

import jinja2

from ..model import VERDICTS
from . import drawing, pictures, words
from .view import View

SYMBOLS = 25                    # of each column, those that changed most
PICTURES = "pictures"           # the folder of the pictures as files


def environment() -> jinja2.Environment:
    made = jinja2.Environment(loader=jinja2.FileSystemLoader(pathlib.Path(__file__).parent),
                              undefined=jinja2.StrictUndefined, autoescape=True,
                              trim_blocks=True, lstrip_blocks=True)
    made.globals.update(words=words, verdicts=VERDICTS, SYMBOLS=SYMBOLS)
    return made


def summary(view: View, kind) -> "list[tuple[str, int]]":
    """How many of the verdicts there are, of each sort; a metric without a figure has none."""
    verdicts = [each["verdict"] for each in view.results.values()
                if each["kind"] == kind and words.has_figure(each)]
    return [(word, verdicts.count(word)) for word in VERDICTS if word in verdicts]


def facts(host: dict, prefix="") -> "list[tuple[str, str]]":
    """Of the host, one level of names."""
    found = []
    for name, value in host.items():
        if isinstance(value, dict):
            found += facts(value, f"{prefix}{name}, ")
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            found.append((f"{prefix}{name}".replace("_", " "), text))
    return found


def render(result: dict) -> "tuple[str, list]":
    """The page, and its pictures."""
    view = View(result)
    drawn = {kind: pictures.of_kind(view, kind) for kind in view.kinds()}
    style = pathlib.Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    page = environment().get_template("page.html.jinja").render(
        view=view, result=result, pictures=drawn, style=style, summary=summary,
        light=drawing.variables(False), dark=drawing.variables(True),
        facts=facts(result["host"]))
    return page, [each for some in drawn.values() for each in some]


def write(result: dict, path):
    """report.html, and beside it its pictures as files."""
    path = pathlib.Path(path)
    page, drawn = render(result)
    path.write_text(page, encoding="utf-8")
    folder = path.parent / PICTURES
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for picture in drawn:
        (folder / f"{picture.name}.svg").write_text(picture.file, encoding="utf-8")
