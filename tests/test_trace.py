"""The event trace: it agrees with the kernel's counters and with itself, and says what it lacks."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest

from facet import BUILD, ROOT, archive, shapes
from facet.build import Build, build, build_shape, locked, make
from facet.machine import Hardware, direct
from compare.trace import (REASONS, TraceError, intervals, lost,
                           read_trace)
from compare.transcript import TranscriptError

NAPS, NAP_NS = 5, 10_000_000                    # as in tests/progs/hogs.c
TICK_NS, QUANTUM_NS = 4_000_000, 20_000_000     # qemu_defconfig's
COUNTED = re.compile(r"switch_(?!kernel_|user_)\w+|fault_\w+")
SMALLEST = 4096 // 16                           # records of the smallest buffer

GOOD = """\
trace-start: cpu=0 hz=1000000000
event:        0.500 7:trace process trace
event:        1.000 7:trace fork 8:trace
event:        2.000 7:trace switch_blocked 8:trace
event:        3.000 8:ls exec ls
event:        4.000 8:ls exit 0
event:        5.000 8:ls wake 7:trace
event:        6.000 8:ls switch_exited 7:trace
trace-end:        9.000 events=7 lost=0
"""


# --- the reader -------------------------------------------------------------------------------

def test_intervals_follow_from_the_switches():
    runs = intervals(read_trace(GOOD))
    assert [(run.pid, run.comm, run.start_ns, run.end_ns, run.why) for run in runs] == [
        (7, "trace", 0, 2000, "blocked"), (8, "ls", 2000, 6000, "exited"),
        (7, "trace", 6000, 9000, "runs")]


def test_other_lines_may_stand_between():
    noisy = GOOD.replace("event:        4", "[    0.1] hello\nevent:        4")
    assert read_trace("ls\n" + noisy.replace("\n", "\r\n") + "bye\n") == read_trace(GOOD)


@pytest.mark.parametrize("old, new, fault", [
    ("event:        4.000 8:ls exit 0\n", "", "there are 6"),
    ("4.000 8:ls exit 0", "4.000 8:ls ex", "not a whole line"),
    ("4.000 8:ls exit 0\nevent:", "4.000 8:ls event:", "not a whole line"),
    ("event:        4.000", "[    0.1] event:        4.000", "runs into another"),
    ("event:        4.000", "event:        2.999", "earlier than"),
    ("trace-end: ", "trace-ended ", "has no end"),
    ("trace-start", "trace-began", "outside of a trace"),
    ("event:        0.500", "trace-start: cpu=0 hz=1\nevent:        0.500", "a second trace"),
])
def test_damage_is_found(old, new, fault):
    assert old in GOOD
    with pytest.raises(TranscriptError, match=fault):
        read_trace(GOOD.replace(old, new))


def test_no_trace_is_said():
    with pytest.raises(TranscriptError, match="there is no trace"):
        read_trace("trace: this kernel has no event trace\n")


def test_a_switch_that_was_left_out_is_found():
    text = GOOD.replace("event:        2.000 7:trace switch_blocked 8:trace\n", "")
    with pytest.raises(TraceError, match="while 7 runs"):
        intervals(read_trace(text.replace("events=7", "events=6")))


def test_after_a_loss_nothing_is_drawn():
    events = read_trace(GOOD.replace("lost=0", "lost=3"))
    assert lost(events) == 3 and events[-2].kind == "lost"
    assert intervals(events)[-1].end_ns == 6000


# --- a machine --------------------------------------------------------------------------------

def shape_with(scheduler: str) -> shapes.Shape:
    """Some shape with this scheduler whose archive can be another one."""
    return next(shape for shape in shapes.all_shapes()
                if shape.boot_line["sched"] == scheduler
                and shape.boot_line["programs"] == "initrd")


@pytest.fixture(scope="module", params=shapes.MEMBERS["sched"])
def kernel(request):
    """With every check on, and so with trace and counters."""
    return build_shape(shape_with(request.param))


@pytest.fixture
def traced(kernel, boot, tmp_path):
    """What a machine prints that traces a command; /bin/hogs is there."""
    root = archive.make_archive(tmp_path / "hogs.cpio",
                                {"/bin/hogs": archive.compile_program("hogs")})

    def run(command: str) -> str:
        return boot(direct(kernel, f'run="{command}"', archive=root)).finish().text

    return run


def counters(text: str) -> "dict[str, int]":
    return {name: int(value) for name, value in re.findall(r"^counter: (\w+) (\d+)$", text, re.M)}


def between_marks(events):
    first, last = (next(index for index, event in enumerate(events)
                        if event.kind == "mark" and event.text == text)
                   for text in ("before", "after"))
    return events[first:last]


def test_hogs_and_a_sleeper(traced):
    text = traced("trace -b 4096 hogs")
    events = read_trace(text)
    assert not lost(events)

    seen = Counter(event.kind for event in between_marks(events))
    grown = counters(text)
    wanted = {name: value for name, value in grown.items() if COUNTED.fullmatch(name)}
    assert len(wanted) == len(REASONS) + 8
    wanted.update(wake=grown["wake_ups"], fork=grown["forks"], exec=grown["execs"],
                  tick=grown["ticks"], interrupt=grown["interrupts"])
    assert {kind: seen[kind] for kind in wanted} == wanted

    runs = intervals(events)
    assert runs[0].start_ns == 0 and runs[-1].end_ns == events[-1].time_ns
    assert all(one.end_ns == other.start_ns for one, other in pairwise(runs))
    assert all(one.start_ns < one.end_ns for one in runs)

    hog, other_hog, sleeper = (event.argument for event in between_marks(events)
                               if event.kind == "fork")
    for pid in (hog, other_hog):
        mine = [run for run in runs if run.pid == pid]
        assert mine[-1].why == "exited" and len(mine) > 4
        assert {run.why for run in mine[:-1]} == {"expired"}
        assert all(run.end_ns - run.start_ns < QUANTUM_NS + TICK_NS for run in mine)
        assert any(run.end_ns - run.start_ns > QUANTUM_NS - TICK_NS for run in mine)
    naps = [run for run in runs if run.pid == sleeper]
    assert Counter(run.why for run in naps) == {"blocked": NAPS, "exited": 1}
    assert all(later.start_ns - earlier.end_ns >= NAP_NS - TICK_NS
               for earlier, later in pairwise(naps))
    assert sum(event.kind == "wake" and event.argument == sleeper for event in events) == NAPS


def test_two_boots_give_the_same_trace(traced):
    first, second = (re.findall(r"^(?:event|trace).*$", traced("trace sleep 0.05"), re.M)
                     for _ in range(2))
    assert len(first) > 50 and first == second


def test_a_full_buffer_is_said(traced):
    events = read_trace(traced("trace -b 4 sh -c 'ls /bin | cat | wc'"))
    texts = sum(event.kind in ("exec", "process", "mark") for event in events)
    assert lost(events) > 100
    assert len(events) - 3 + texts in (SMALLEST - 1, SMALLEST)
    assert intervals(events)[-1].end_ns == events[-2].time_ns < events[-1].time_ns


def test_memory_comes_back(traced):
    """A first run brings in what stays: the programs' pages and the slabs'."""
    look = "echo 3 >/proc/sys/vm/drop_caches; cat /proc/meminfo"
    start, clear = (f"echo {command} >/proc/facet/trace"
                    for command in ("start 0x100000 1", "clear"))
    text = traced(f"trace true; {look}; trace true; {look}; {start}; {look}; {clear}; {look}")
    free = [int(value) for value in re.findall(r"^MemFree: +(\d+) kB", text, re.M)]
    assert len(free) == 4 and free[0] == free[1] and free[3] - free[2] == 1024


@pytest.mark.parametrize("command", ["start", "start 4096", "start 0 1", "start 0x800000 1",
                                     "start 4096 1 1", "begin", "stop it"])
def test_wrong_commands_are_refused(kernel, boot, command):
    text = boot(direct(kernel, f'run="echo {command} >/proc/facet/trace; echo status $?"')).finish()
    assert "Invalid argument" in text.text and "status 1" in text.text


def test_without_the_option_there_is_none(boot):
    text = boot(direct(build("qemu_defconfig", ("qemu_defconfig",)),
                       'run="trace true; echo status $?; ls /proc/facet"')).finish().text
    assert "trace: this kernel has no event trace: build it with CONFIG_TRACE=y" in text
    assert re.search(r"^status 1\nboot +clock\n\[", text, re.M)


# --- make trace -------------------------------------------------------------------------------

FOLDER = BUILD / "trace"


def make_trace(*words: str):
    with locked(FOLDER):
        return make(f"O={FOLDER}", f"U={BUILD / 'usr'}", "qemu_defconfig", "trace", *words)


def test_picture(tmp_path):
    done = make_trace("BENCH=yield_2", "EVENTS=switch,wake,fork,exec,exit,tick,call,return",
                      f"OUT={tmp_path / 'picture.json'}")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^bench: yield_2 \d+ tsc", done.stdout, re.M)
    picture = json.loads((tmp_path / "picture.json").read_text())
    events, tracks, named = picture["traceEvents"], {}, set()
    for event in events:
        track = (event["pid"], event["tid"])
        assert event["ph"] in "XiM" and event["name"] and all(type(part) is int for part in track)
        if event["ph"] == "M":
            named.add((track, event["name"]))
        else:
            assert event["ts"] >= 0 and (event["ph"] == "X" or event["s"] in "gpt")
            tracks.setdefault(track, [])
        if event["ph"] == "X":
            tracks[track].append((event["ts"], event["ts"] + event["dur"]))
    for track, spans in tracks.items():
        assert {(track, "process_name"), (track, "thread_name")} <= named
        assert all(end <= start + 1e-6 for (_, end), (start, _) in pairwise(sorted(spans)))
    stops = Counter(event["args"]["stopped"] for event in events
                    if event["ph"] == "X" and "stopped" in event["args"])
    assert stops["yielded"] > 1000 and set(stops) <= {*REASONS, "runs"}
    assert {"sched_yield"} < {event["name"] for event in events}


def test_what_to_trace_has_to_be_said():
    done = make_trace()
    assert done.returncode and "BENCH=NAME or RUN=COMMAND" in done.stdout


def test_a_trace_that_is_none_fails(tmp_path):
    done = subprocess.run([sys.executable, "-B", ROOT / "scripts" / "trace", "-o",
                           tmp_path / "none.json"], input="hello\n", text=True,
                          capture_output=True, env=os.environ)
    assert done.returncode == 1 and "there is no trace" in done.stderr and done.stdout == "hello\n"
    assert not (tmp_path / "none.json").exists()


def test_it_fits_a_small_machine(boot):
    done = make_trace("RUN=true", f"OUT={FOLDER / 'true.json'}", "CONFIG_USER_BUSYBOX=n")
    assert done.returncode == 0, done.stdout
    words = direct(Build(FOLDER / "trace"), 'run="trace true; echo status $?"')
    text = boot(words, Hardware(memory="8M")).finish().text
    assert "status 0" in text and not lost(read_trace(text))
