"""A comparison on the terminal: how far it is while it runs, and what came of it.

Verdicts have a sign and a word besides their colour, so a pipe and a printer lose nothing. A table
holds figures of one kind only, and its head names it.
"""

import contextlib
import os
import textwrap

from rich import box, markup
from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from .report import words
from .report.view import View

WIDTH = 80                      # where there is neither a terminal to ask nor COLUMNS
STYLES = {"better": "bold blue", "worse": "bold yellow", "differs": "bold", "unclear": "magenta",
          "equal": "", "same": "dim", "descriptive": "dim"}
SYMBOLS = 8                     # of each column, the symbols that changed most
METRICS_A_MATRIX = 4            # so many stand side by side in 80 columns
LEAST_EFFECT = 0.01
EFFECTS_NOTE = "Averages over all kernels; left out where below 1 % or within what chance makes."


def make_console(file=None) -> Console:
    console = Console(file=file, highlight=False)
    if console.is_terminal or os.environ.get("COLUMNS"):
        return console
    return Console(file=file, highlight=False, width=WIDTH)


@contextlib.contextmanager
def progress(console: Console):
    """A function (done, total, text) to call while the measurement goes on. Without a terminal
    each new text is a line."""
    if not console.is_terminal:
        said = []

        def say(done, total, text):
            if said[-1:] != [text]:
                console.print(f"[{done}/{total}] {text}", markup=False)
                said.append(text)
        yield say
        return
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
             TimeElapsedColumn())
    with Progress(*parts, console=console, transient=True) as bar:
        task = bar.add_task("")

        def move(done, total, text):
            bar.update(task, completed=done, total=total, description=markup.escape(text))
        yield move


def show(result: dict, console: "Console | None" = None):
    """Everything that is worth a look; the rest is in the report."""
    console, view = console or make_console(), View(result)
    for problem in view.problems():
        console.print(Panel(Text(problem), title="attention", title_align="left",
                            border_style="bold red", box=box.ASCII2))
    console.print(Text(view.title, style="bold"))
    # A path that is longer than a line is left to the terminal: who copies it needs it whole.
    console.print(textwrap.fill(f"again: {result['command']}", console.width,
                                break_long_words=False, break_on_hyphens=False),
                  markup=False, no_wrap=True, overflow="ignore", crop=False)
    console.print(head(view))
    for kind in view.kinds():
        console.print(Text(f"\n{view.kind_title(kind)}, {view.rounds(kind)}", style="bold"))
        console.print(Text(view.kind_note(kind), style="dim"))
        console.print(matrices(view, kind) if view.is_wide else figures(view, kind))
        if view.factorial:
            console.print(effect_table(view, kind))
            console.print(Text(EFFECTS_NOTE, style="dim"))
        reasons(view, kind, console)
    for part in (sizes(view), tests(view)):
        if part:
            console.print(part)


def head(view: View) -> Group:
    table = new_table("column", "differs from the base in")
    for column in view.columns:
        changes = [view.change(*each) for each in column["requested"]]
        follows = f" (and {len(column['induced'])} that follow)" if column["induced"] else ""
        table.add_row(column["name"] + (" (base)" if column is view.base else ""),
                      Text("; ".join(changes) + follows if changes else column["title"]))
    notes = [Text(note) for note in view.result["request"].get("notes", ())]
    return Group(table, *notes)


def new_table(*titles, right=()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for title in titles:
        table.add_column(title, justify="right" if title in right else "left", overflow="fold",
                         no_wrap=title in right or title in ("metric", "verdict"))
    return table


def titled(table: Table, title: str):
    table.title, table.title_justify, table.min_width = title, "left", len(title)


def figures(view: View, kind) -> Group:
    """Of each metric the base's figure, and below it each column's, with change and verdict."""
    table = new_table("metric", "figure", "change", "interval", "verdict",
                      right=("figure", "change", "interval"))
    table.columns[3].no_wrap = False    # it may break at its blanks, so that no name has to
    notes = {}
    for section, names in view.sections(kind):
        table.add_row(Text(section, style="italic underline"))
        for name in names:
            unit = view.unit(kind, name)
            table.add_row(Text(name, style="bold"), words.figure(view.base_value(kind, name), unit))
            for result in view.results_of(kind, name):
                table.add_row(f"  {result['column']}", words.figure(result["value"], unit),
                              words.change(result, unit), words.interval(result, unit),
                              Text(words.verdict(result), style=STYLES[result["verdict"]]))
                if result["note"]:
                    notes.setdefault(result["note"], []).append(name)
    return Group(table, *(Text(f"{note} ({some_of(names)})", style="dim")
                          for note, names in notes.items()))


def some_of(names: "list[str]") -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names) if len(names) <= 3 else words.several(len(names), "metric")


def matrices(view: View, kind) -> Group:
    """With many columns: the change of each primary metric, a line for each column."""
    sections = dict(view.sections(kind))
    names = sections.get("primary") or [name for each in sections.values() for name in each]
    tables = []
    for first in range(0, len(names), METRICS_A_MATRIX):
        chosen = names[first:first + METRICS_A_MATRIX]
        table = new_table("column", *chosen, right=chosen)
        table.add_row(view.base["name"], *(words.figure(view.base_value(kind, name),
                                                        view.unit(kind, name))
                                           for name in chosen))
        for column in view.others:
            table.add_row(column["name"], *(cell(view, kind, name, column["name"])
                                            for name in chosen))
        tables.append(table)
    return Group(*tables, Text(words.legend(), style="dim"))


def cell(view, kind, name, column) -> Text:
    result = view.results.get((kind, name, column))
    if not result:
        return Text("\N{EM DASH}")
    return Text(f"{words.change(result, view.unit(kind, name))} {words.SIGNS[result['verdict']]}",
                style=STYLES[result["verdict"]])


def effect_table(view: View, kind) -> Table:
    """What each choice does on its own, and where two of them do not simply add up."""
    table = new_table("metric", "effect of", "change", right=("change",))
    titled(table, f"Main effects and interactions, {view.in_words(kind)}")
    for name in view.metrics_in(kind):
        found = [each for each in view.effects(kind, name)
                 if each.is_shown and abs(each.ratio - 1) >= LEAST_EFFECT]
        for place, effect in enumerate(found):
            table.add_row(name if place == 0 else "", effect.name, words.ratio(effect.ratio))
    return table


def reasons(view: View, kind, console):
    """What the kernel counted, beside big differences."""
    found = [(each, why) for each in view.results.values()
             if each["kind"] == kind and view.metrics[each["metric"]].primary
             and (why := view.why(each))]
    if found and not view.is_wide:
        console.print(Text(f"Why, by the kernels' counters ({view.in_words(kind)}; "
                           f"{view.base['name']} \N{RIGHTWARDS ARROW} column; totals over all "
                           "repetitions):", style="bold"))
        for result, why in found:
            console.print(Text(f"  {result['metric']}, {result['column']}: {why}"))


def sizes(view: View) -> "Table | None":
    table = new_table("kernel", "bytes", "change", "symbols that changed most",
                      right=("bytes", "change"))
    titled(table, "\nSizes")
    for size in view.result["sizes"]:
        before, after = size["total"]
        changed = [] if view.is_wide else words.largest_changes(size, SYMBOLS)
        table.add_row(size["column"], f"{after:,}", words.signed(after - before, 9),
                      ", ".join(f"{each['name']} {words.signed(words.delta(each), 9)}"
                                for each in changed))
    return table if view.result["sizes"] else None


def tests(view: View) -> "Text | None":
    parts = [f"{column['name']} {column['tests']['passed']} passed"
             + (f", {column['tests']['failed']} FAILED" if column["tests"]["failed"] else "")
             for column in view.columns if column["tests"]]
    return Text("\nFunctional tests: " + "; ".join(parts)) if parts else None
