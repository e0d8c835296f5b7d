"""Why, beside how much: the same workloads once more on kernels that count and trace what they do.

Never among the figures: counting and tracing cost instructions themselves.
"""

from pathlib import Path

from . import configurations, machine, schedule, single, store, trace
from .hosts import Farm
from .machine import Image
from .store import Journal
from .transcript import TranscriptError

OPTIONS = ("COUNTERS", "TRACE")     # what these kernels have besides
# Long and short jobs at once: policies look least alike there.
TRACED = "trace -b 4096 -e switch,process,fork,exec bench -r 1 turnaround"
TRACED_GROUPS = {"scheduling", "switch"}            # where a timeline says something
LIMIT_S = 120
MOST_INTERVALS = 400


def goals(words) -> list[str]:
    """Of the kernel that explains the one of these; the two options may be what is compared."""
    return [*configurations.without(words, OPTIONS), *(f"CONFIG_{name}=y" for name in OPTIONS)]


def counters(plan: schedule.Plan, images: "dict[str, Image]", folder: Path, words: dict, jobs: int,
             progress) -> "tuple[list[dict], list[str]]":
    """What was counted across each metric, and what went wrong. `plan` has one round a kind."""
    with Journal(folder, words) as journal:
        measurement = schedule.Measurement(plan, lambda column, _kind, _round: images[column],
                                           journal, Farm(folder / "work"), jobs, progress=progress)
        measurement.run()
        runs = measurement.runs()
    found = [{"kind": run["key"]["kind"], "column": run["key"]["column"], "metric": metric,
              "counters": values}
             for run in runs for metric, values in run["counters"].items()]
    return found, [f"with counters, {fault}" for fault in store.faults(runs)]


def stretches(text: str) -> list[dict]:
    """The timeline of a trace, as a result has it."""
    found = trace.intervals(trace.read_trace(text))
    return [{"pid": each.pid, "name": each.comm, "start_ns": each.start_ns, "end_ns": each.end_ns,
             "why": each.why} for each in found[:MOST_INTERVALS]]


def timelines(images: "dict[str, Image]", jobs: int,
              done=lambda name: None) -> "tuple[dict[str, list[dict]], list[str]]":
    """By column; and what went wrong."""
    wanted = {name: machine.boot(image, TRACED) for name, image in images.items()}
    found, faults = {}, []
    for name, ended in single.run_all(wanted, jobs, LIMIT_S, done).items():
        try:
            found[name] = stretches(ended.text)
        except (trace.TraceError, TranscriptError) as error:
            faults.append(f"{name}, trace: {error}")
    return found, faults
