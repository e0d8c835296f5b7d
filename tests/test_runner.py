"""The tests' own judgement, tried on made-up logs: everything that can go wrong must be seen."""

import pytest

from facet import archive, screen
from facet.transcript import boot_line, panic_cause, read_bench, read_run, switch_counts

GOOD = """\
facet: sched=rr fork=cow timer=lapic programs=embedded hz=250
# running exec
TAP version 13
ok 1 - exec - is not a verdict
[    0.120] a line of the kernel in between
1..1
ok - exec
# running fork
TAP version 13
ok 1 - fork returns twice
1..1
ok - fork
# points: 2 passed, 0 failed
facet-tests: 2 passed, 0 failed
"""
NAMES = ["exec", "fork"]


def faults(text: str, names=tuple(NAMES)) -> list[str]:
    return read_run(text).faults(list(names))


def test_good_run_has_no_fault():
    assert faults(GOOD) == []
    assert read_run(GOOD).programs["fork"].lines[1] == "ok 1 - fork returns twice"


@pytest.mark.parametrize("old, new, fault", [
    ("ok - fork\n", "not ok - fork: points failed\n", "fork: points failed"),
    ("ok - fork\n", "not ok - fork leaks\n", "fork: leaks"),
    ("ok - fork\n", "", "fork: it has no verdict"),
    ("ok - fork\n", "ok - forks\n", "fork: it has no verdict"),
    ("ok - fork\n", "ok 2 - fork\n", "fork: it has no verdict"),
    ("facet-tests: 2 passed, 0 failed\n", "", "there is no last line"),
    ("facet-tests: 2", "facet-tests: 3", "the last line says (3, 0), the verdicts say 2 passed "
                                         "of 2"),
    ("# running exec", "facet-tests: 2 passed, 0 failed\n# running exec", "there is no last line"),
    ("1..1\nok - fork", "---- kernel panic ----\nbroken: queue->count\n",
     "the kernel panicked: broken: queue->count"),
])
def test_every_kind_of_bad_run_is_seen(old, new, fault):
    assert GOOD.count(old), "the plant is in the log"
    head, _, last = GOOD.rpartition(old)
    assert fault in faults(head + new + last)


def test_missing_program_is_seen_however_the_run_counts():
    assert "wait did not run" in faults(GOOD, ("exec", "fork", "wait"))


def test_unknown_program_is_seen():
    assert "fork is not one of the tests" in faults(GOOD, ("exec",))


def test_truncated_output_names_the_program_that_ran():
    run = read_run(GOOD[:GOOD.index("ok 1 - fork")])
    assert run.unfinished == "fork"
    assert run.last_line is None
    assert not run.programs["fork"].passed
    assert run.programs["exec"].passed


def test_nothing_printed_is_a_fault():
    assert "there is no last line" in faults("")
    assert "there is no last line" in faults("", ())


def test_switch_counts():
    text = "[    4.8] switches: kernel-kernel 9 kernel-user 0 user-kernel 12 user-user 6\n"
    assert switch_counts(GOOD + text) == {"kernel-kernel": 9, "kernel-user": 0, "user-kernel": 12,
                                          "user-user": 6}
    assert switch_counts(GOOD) == {}


def test_boot_line():
    assert boot_line(GOOD) == {"sched": "rr", "fork": "cow", "timer": "lapic",
                               "programs": "embedded", "hz": "250"}
    assert boot_line("no such line") == {}


def test_panic_cause():
    assert panic_cause("fine\n---- kernel panic ----\nout of hope\nmore") == "out of hope"
    assert panic_cause("do not panic: ---- kernel panic ----") is None


def test_bench_lines():
    text = ("bench: null_call 83 tsc min=83 rounds=101\nnoise\n"
            "bench: fork 20000 tsc touched=1M\nbench: fork 90000 tsc touched=64M\n")
    measures = read_bench(text)
    assert measures["null_call"].value == 83 and measures["null_call"].details["rounds"] == "101"
    assert measures["fork.touched=64M"].value == 90000


def cpio_entry(name: str, mode: int, data: bytes) -> bytes:
    encoded = name.encode() + b"\0"
    fields = (1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
    header = b"070701" + b"".join(b"%08x" % value for value in fields) + encoded
    return header + b"\0" * (-len(header) % 4) + data + b"\0" * (-len(data) % 4)


def test_archive_is_read():
    data = (cpio_entry("tests/fork", 0o100755, b"12345") + cpio_entry("dev", 0o40755, b"")
            + cpio_entry("TRAILER!!!", 0, b""))
    assert archive.entries(data) == {"tests/fork": (0o100755, b"12345"), "dev": (0o40755, b"")}
    with pytest.raises(ValueError):
        archive.entries(b"no archive" * 20)


def made_up_screen(text: str) -> tuple[list, screen.Picture]:
    """Cells with this text, and a picture on which each character is a pattern of one pixel."""
    text = text.ljust(screen.COLUMNS * screen.ROWS)
    pixels = b"".join(bytes((ord(character), 0, 0)) for character in text)
    return [(ord(character), 7) for character in text], \
        screen.Picture(screen.COLUMNS, screen.ROWS, pixels)


def test_screen_agrees_with_its_text():
    cells, picture = made_up_screen("hello, world")
    assert screen.disagreements(cells, picture) == []
    assert screen.text_lines(cells)[0] == "hello, world"


def test_screen_that_shows_something_else_is_seen():
    cells, _ = made_up_screen("hello, world; hello")
    _, other = made_up_screen("hello, wurld; hello")
    assert screen.disagreements(cells, other)
    _, black = made_up_screen("")
    assert screen.disagreements(cells, black)


def test_picture_is_read():
    picture = screen.parse_ppm(b"P6\n2 1\n255\n" + b"\n \t123")
    assert picture.cell(1, 0, 1, 1) == b"123"
    assert picture.cell(0, 0, 1, 1) == b"\n \t"
    with pytest.raises(ValueError):
        screen.parse_ppm(b"P6\n2 2\n255\n12")
