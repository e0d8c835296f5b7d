"""Reads what `trace COMMAND` printed: the events, and from them who ran when and why it stopped.

    trace-start: cpu=0 hz=1000000000
    event:     1042.871 12:sh fork 13:sh
    trace-end:     1300.000 events=1 lost=0

The kernel writes to the same serial line, so anything may stand between these lines. What stands
within one is an error, and so is a number of events that is not what the end says. What happened
when the buffer was full is not there: an event `lost` says how much that was.
"""

import re
from dataclasses import dataclass

from .transcript import TranscriptError

KEYWORD = re.compile(r"(?:trace-start|event|trace-end): ")
START = re.compile(r"trace-start: cpu=(\d+) hz=(\d+)")
EVENT = re.compile(r"event: +(\d+)\.(\d{3}) (\d+):(\S+) (\w+) (\S+)")
END = re.compile(r"trace-end: +(\d+)\.(\d{3}) events=(\d+) lost=(\d+)")
OTHER = re.compile(r"(\d+):(\S+)")
TEXTS = ("exec", "process", "mark")         # kinds whose argument is a text

# What switch events are called, without that beginning: why a thread stopped. IDLE is the idle
# thread's reason, RUNS that of the one that ran when the trace ended.
REASONS = ("preempted", "expired", "yielded", "blocked", "exited", "from_idle")
IDLE, RUNS = "from_idle", "runs"


class TraceError(Exception):
    """The events contradict each other."""


@dataclass(frozen=True)
class Event:
    """`kind` is one of include/facet/trace.def, or start, end or lost. The argument is a number,
    and where that is a process, `text` is its name; or there is a text alone."""

    time_ns: int            # since the start
    cpu: int
    pid: int                # of who ran, 0: nobody
    comm: str
    kind: str
    argument: int = 0
    text: str = ""


@dataclass(frozen=True)
class Interval:
    """A thread had the processor from start to end. One that is picked again begins another."""

    pid: int
    comm: str
    start_ns: int
    end_ns: int
    why: str                # of REASONS, or RUNS
    cpu: int = 0


def nanoseconds(us: str, fraction: str) -> int:
    return int(us) * 1000 + int(fraction)


class Reader:
    """Takes one line after another."""

    def __init__(self):
        self.events: list[Event] = []
        self.ended = False

    def start(self, cpu, _hz):
        if self.events:
            raise ValueError("a second trace")
        self.events.append(Event(0, int(cpu), 0, "", "start"))

    def event(self, us, fraction, pid, comm, kind, words):
        if not self.events or self.ended:
            raise ValueError("an event outside of a trace")
        other = OTHER.fullmatch(words)
        if kind in TEXTS:
            argument, text = 0, words
        elif other:
            argument, text = int(other[1]), other[2]
        else:
            argument, text = int(words), ""
        time_ns, last = nanoseconds(us, fraction), self.events[-1]
        if time_ns < last.time_ns:
            raise ValueError("earlier than the event before it")
        self.events.append(Event(time_ns, last.cpu, int(pid), comm, kind, argument, text))

    def end(self, us, fraction, count, lost):
        if not self.events or self.ended:
            raise ValueError("an end without a trace")
        if int(count) != len(self.events) - 1:
            raise ValueError(f"there are {len(self.events) - 1}")
        last, time_ns = self.events[-1], nanoseconds(us, fraction)
        if int(lost):
            self.events.append(Event(last.time_ns, last.cpu, 0, "", "lost", int(lost)))
        self.events.append(Event(time_ns, last.cpu, 0, "", "end"))
        self.ended = True

    def line(self, line: str) -> None:
        for form, method in ((EVENT, self.event), (START, self.start), (END, self.end)):
            match = form.fullmatch(line)
            if match:
                return method(*match.groups())
        raise ValueError("not a whole line")


def read_trace(text: str) -> "list[Event]":
    """All events of the one trace in a transcript, in order, between a `start` and an `end`; before
    that a `lost` if there were more. TranscriptError names the line that is not to be believed."""
    reader, count, line = Reader(), 0, ""
    for count, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        keyword = KEYWORD.search(line)
        try:
            if keyword and keyword.start() == 0:
                reader.line(line)
            elif keyword and reader.events and not reader.ended:
                raise ValueError("one line runs into another")
        except ValueError as error:
            raise TranscriptError(count, line, str(error)) from None
    if not reader.ended:
        raise TranscriptError(count, line, "the trace has no end" if reader.events
                              else "there is no trace")
    return reader.events


def lost(events: "list[Event]") -> int:
    """How many events found no room."""
    return sum(event.argument for event in events if event.kind == "lost")


def intervals(events: "list[Event]") -> "list[Interval]":
    """Who ran when, and why it stopped, in order and without gaps; pid 0 is idle time, and what the
    kernel's own thread has of it. Where events were lost it ends with the last that was not. The
    trace must have all switches."""
    found: list[Interval] = []
    seen = [event for event in events if event.kind not in ("start", "process", "lost", "end")]
    if not seen:
        return found
    running, comm, since, last = seen[0].pid, "", 0, seen[-1]
    for event in seen:
        if event.pid != running:
            raise TraceError(f"{event.comm} ({event.pid}) does something at {event.time_ns} ns, "
                             f"while {running} runs")
        comm = event.comm
        if event.kind.startswith("switch_"):
            why = event.kind.removeprefix("switch_")
            found.append(Interval(running, comm, since, event.time_ns, why, event.cpu))
            running, comm, since = event.argument, event.text, event.time_ns
    end = last.time_ns if lost(events) else events[-1].time_ns
    return found + [Interval(running, comm, since, end, RUNS, last.cpu)]
