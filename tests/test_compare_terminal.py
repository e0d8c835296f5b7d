"""`make compare` on a terminal: that it has room there, leaves no name broken, and says why."""

import io
import json
import re

import pytest

from compare import terminal
from compare.comparison import counted
from compare.report import words
from facet import compare_sample as sample
from facet.compare_sample import result
from rich.console import Console

# All tests share the samples, which take a while to make.
pytestmark = pytest.mark.xdist_group("compare-report")


def shown(name, **options):
    file = io.StringIO()
    terminal.show(result(name), Console(file=file, highlight=False, width=80, **options))
    return file.getvalue()


@pytest.mark.parametrize("name", sample.SAMPLES)
def test_terminal_has_room_in_80_columns(name):
    text = shown(name)
    assert max(map(len, text.splitlines())) <= 80 and "\x1b" not in text
    assert "\N{HORIZONTAL ELLIPSIS}\n" not in text, "a cell was cut off"
    assert f"again: {result(name)['command']}" in " ".join(text.split())


def test_what_is_not_controlled_is_said_before_all_else():
    assert "Not controlled" in "".join(shown("uncontrolled").splitlines()[:3])


def test_terminal_does_not_rely_on_colours():
    plain, coloured = shown("fork_with_linux"), shown("fork_with_linux", force_terminal=True,
                                                      color_system="standard")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    for each in ("\N{BALLOT X} worse", "\N{CHECK MARK} better", "= same", "\N{MIDDLE DOT} not"):
        assert each in plain


def test_terminal_tells_why_and_what_a_kind_cannot_see():
    text = " ".join(shown("fork_with_linux").split())
    assert "blind to TLB, caches and devices" in text
    assert "not what a processor would take" in text
    assert "(instructions; cow \N{RIGHTWARDS ARROW} column; totals over all repetitions)" in text
    assert "fork_call_64m, eager: frames copied 12 \N{RIGHTWARDS ARROW} 16,400" in text


@pytest.mark.parametrize("name", sample.SAMPLES)
def test_terminal_never_breaks_a_name(name):
    text = shown(name)
    for metric in result(name)["registry"]:
        assert re.search(rf"\b{metric}\b", text), metric


def test_terminal_has_room_for_the_longest_name():
    made = json.dumps(result("quantum")).replace("wake_latency_8", "response_urgent_missed")
    file = io.StringIO()
    terminal.show(json.loads(made), Console(file=file, highlight=False, width=80))
    assert "response_urgent_missed" in file.getvalue()
    assert max(map(len, file.getvalue().splitlines())) <= 80


def test_command_to_run_again_is_not_broken_inside_a_word():
    word = "OUT=/tmp/" + "a-long/path-" * 12
    file = io.StringIO()
    made = result("quantum") | {"command": f"make compare CHOICE=FORK {word} MODE=time"}
    terminal.show(made, Console(file=file, highlight=False, width=80))
    assert f"\n{word}\nMODE=time\n" in file.getvalue()


@pytest.mark.parametrize("ratio, text", [
    (1, "0 %"), (0.9999624, "-0.0038 %"), (1.00000049, "+0.000049 %"), (1.00012, "+0.012 %"),
    (0.9995, "-0.050 %"), (1 - 1e-15, "0 %"), (1.002, "+0.2 %"), (0.05, "-95.0 %"),
    (0.001, "-99.9 %"), (0.0004, "-99.96 %"), (1e-6, "-99.9999 %"), (0, "-100 %"),
    (25, f"{words.TIMES}25")])
def test_change_however_small_has_digits(ratio, text):
    assert words.ratio(ratio).replace(words.MINUS, "-") == text


def test_progress_is_lines_where_there_is_no_terminal():
    file = io.StringIO()
    with terminal.progress(terminal.make_console(file)) as say:
        say(0, 2, "builds [cow]")
        say(0, 2, "builds [cow]")
        say(1, 2, "runs cow")
    assert file.getvalue().splitlines() == ["[0/2] builds [cow]", "[1/2] runs cow"]


def test_progress_names_a_step_before_its_first_part_is_done():
    said = []
    done = counted(lambda *each: said.append(each), 2, "test")
    assert said == [(0, 2, "test: begun")]
    done("cow")
    assert said[1:] == [(1, 2, "test cow")]


def test_progress_is_a_bar_on_a_terminal():
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80)
    with terminal.progress(console) as say:
        say(1, 2, "builds [cow]")
    assert "builds [cow]" in file.getvalue() and "1/2" in file.getvalue()
