"""Reading what `bench --raw` printed: damage on the serial line must never look like a figure."""

import pytest

from compare.transcript import TranscriptError, read

GOOD = """\
\x1bc\x1b[?7l\x1b[2J[    0.004612] boot: 4612 us from entry to the first process
[    0.004700] facet: sched=rr fork=cow timer=lapic programs=embedded hz=250
# Facet 0.1 #1
samples: null_call tsc 83 83 91:1
[    0.120000] a line of the kernel in between
samples: null_call tsc 83 84
counters: null_call switches=0 ticks=1
bench: null_call 83 tsc min=83 mode=83 rounds=5
bench-skip: fork_call_64m fork: Cannot allocate memory
series: fairness hog.1 0:0.5 10:0.25
series: fairness hog.1 20:-1
activity: null_call interrupts=1 idle_ms=10
"""


def test_everything_is_read():
    found = read(GOOD)
    samples = found.samples["null_call"]
    assert (samples.unit, samples.values) == ("tsc", [83, 83, 91, 83, 84])
    assert samples.interrupts == [0, 0, 1, 0, 0]
    assert found.summaries["null_call"].value == 83
    assert found.skipped == {"fork_call_64m": "fork: Cannot allocate memory"}
    assert found.activity == {"null_call": {"interrupts": 1, "idle_ms": 10}}
    assert found.counters == {"null_call": {"switches": 0, "ticks": 1}}
    assert found.series == {"fairness": {"hog.1": [[0, 0.5], [10, 0.25], [20, -1]]}}
    assert found.boot == {"entry to the first process": 4612}
    assert found.panic is None
    assert found.missing(["null_call", "fork_call_64m", "yield_2"]) == ["yield_2"]
    assert found.as_run()["samples"]["null_call"] == {
        "unit": "tsc", "values": [83, 83, 91, 83, 84], "interrupts": [0, 0, 1, 0, 0]}


PASS = """\
samples: null_call tsc {} {}
bench: null_call {} tsc min={} mode={} rounds=2
bench-skip: fork_call_64m fork: {}
activity: null_call forks=2
counters: null_call switches=3
"""
FIRST, SECOND = PASS.format(5, 6, 6, 5, 5, "first"), PASS.format(7, 8, 8, 7, 7, "second")


def test_passes_are_put_together():
    found = read(FIRST + SECOND, passes=2)
    assert found.samples["null_call"].values == [5, 6, 7, 8]
    assert found.activity == {"null_call": {"forks": 4}}
    assert found.counters == {"null_call": {"switches": 6}}
    assert found.skipped == {"fork_call_64m": "fork: first"}


@pytest.mark.parametrize("text, passes, fault", [
    (FIRST + SECOND, 1, "samples of null_call after it was done"),
    (FIRST + SECOND + "bench: null_call 5 tsc\n", 2, "null_call stands here once too often"),
    (FIRST + SECOND.replace("samples", "smaples", 1), 2, "the samples of null_call are missing"),
    (FIRST + SECOND.replace("null_call tsc", "null_call ns").replace("8 tsc", "8 ns"), 2,
     "null_call is in tsc above"),
    (FIRST + SECOND + "activity: null_call forks=2\n", 2, "activity: null_call stands here once"),
    (FIRST + SECOND.replace("7 8", "7"), 2, "median is 7 by the samples")])
def test_a_pass_that_is_damaged_is_found(text, passes, fault):
    with pytest.raises(TranscriptError, match=fault):
        read(text, passes)


def test_what_has_not_all_passes_counts_as_missing():
    found = read(FIRST, passes=2)
    assert found.missing(["null_call", "fork_call_64m"]) == ["null_call", "fork_call_64m"]


def test_line_ends_of_a_terminal_do_not_matter():
    assert read(GOOD.replace("\n", "\r\n")) == read(GOOD)
    assert read(GOOD.replace("\n", "\r\r\n")) == read(GOOD)


def test_summary_without_samples_is_read():
    found = read("bench: null_call 83 tsc min=83 mode=83 rounds=5\n")
    assert found.summaries["null_call"].details == {"min": 83, "mode": 83, "rounds": 5}
    assert found.samples == {}


@pytest.mark.parametrize("old, new, number, fault", [
    ("null_call tsc 83 83 91", "null_call tsc 83 8[    0.2] x\n3 91", 4, "not a whole"),
    ("samples: null_call tsc 83 84", "[    0.2] timer: samples: null_call tsc 83 84", 6,
     "one line runs into another"),
    ("83 84\ncounters", "83 84counters", 6, "not a whole"),
    ("83 84\n", "83\r84\n", 6, "not a whole"),
    ("83 84\n", "83 84:\n", 6, "not a whole"),
    ("83 84\n", "83\n", 8, "rounds is 4 by the samples"),
    ("samples: null_call tsc 83 84", "sampls: null_call tsc 83 84", 8, "rounds is 3"),
    ("83 84\n", "73 84\n", 8, "min is 73"),
    ("call tsc 83 84", "call tsc 91 91", 8, "median is 91"),
    ("call tsc 83 84", "call ns 83 84", 6, "null_call is in tsc above"),
    ("bench: null_call 83 tsc", "bench: null_call 83 ns", 8, "unit is tsc"),
    ("bench: null_call 83 tsc min", "bench: null_call 83 tsc, min", 8, "not a whole"),
    ("bench: null_call 83", "bench: nosuch: there is no such measure; see --list\nbe: 83", 8,
     "not a whole"),
    ("bench: null_call", "benc: null_call", 4, "null_call has no 'bench:' line after it"),
    ("series: fairness hog.1 0:0.5 10", "series: fairness hog.1 0:0.5 ", 10, "not a whole"),
    ("ticks=1\n", "ticks=\n", 7, "not a whole"),
    ("fork: Cannot allocate memory", "", 9, "not a whole"),
    ("idle_ms=10\n", "idle_ms=10", 12, "the last line has no end"),
    ("idle_ms=10\n", "idle_ms=1 0\n", 12, "not a whole"),
    ("bench-skip: fork_call_64m", "bench-skip: null_call", 9, "once too often"),
    ("bench-skip: fork_call_64m fork: Cannot", "samples: null_call tsc 1\nx", 9, "after it was"),
    ("series: fairness hog.1 0", "bench: null_call 83 tsc min=83\nseries: fairness hog.1 0", 10,
     "once too often"),
])
def test_every_kind_of_damage_is_found_with_its_line(old, new, number, fault):
    assert GOOD.count(old) == 1, "the plant is in the text"
    with pytest.raises(TranscriptError) as caught:
        read(GOOD.replace(old, new))
    assert fault in caught.value.fault
    assert caught.value.number == number


def test_machine_that_ended_in_a_measure_is_found():
    with pytest.raises(TranscriptError, match="line 4: null_call has no 'bench:' line"):
        read(GOOD[:GOOD.index("bench: ")])


def test_panic_keeps_what_was_done_before_it():
    panic = "\r\n---- kernel panic ----\r\nbroken: queue->count\r\n"
    found = read(GOOD + "samples: yield_2 tsc 200 201\n" + panic)
    assert found.panic == "broken: queue->count"
    assert list(found.samples) == ["null_call"]
    assert found.missing(["null_call", "yield_2"]) == ["yield_2"]


def test_given_up_measure_leaves_no_samples():
    found = read("samples: yield_2 tsc 200 201\nbench-skip: yield_2 fork: no\n")
    assert found.samples == {} and found.skipped == {"yield_2": "fork: no"}
