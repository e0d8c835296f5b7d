"""Made-up results of `make compare`, as rich as real ones: what the reports are tested with.

The runs are drawn from a simple model of what each choice costs, and then judged by the real judge.
So numbers fit together as they do in a measurement, and no machine has to be run.
"""

import dataclasses
import functools
import hashlib
import itertools
import json
import random

from compare import judge, registry, rounds
from compare.model import INSTRUCTIONS, TIME, VIRTUAL

from facet.shapes import all_shapes

SIZES = {"64k": 16, "1m": 256, "16m": 4096, "64m": 16384}       # pages
AMONG = (2, 10, 100, 1000)
SHORT = """
[{name}]
what = "{what}"
group = "{group}"
kinds = {kinds}
unit = "{unit}"
better = "{better}"
material_relative = {relative}
material_absolute = {absolute}
primary = {primary}
scale = "{scale}"
"""


def entry(name, what, group, kinds, unit="tsc", better="lower", relative=0.05, absolute=1,
          primary=False, scale="ratio"):
    return SHORT.format(name=name, what=what, group=group, kinds=str(list(kinds)), unit=unit,
                        better=better, relative=relative, absolute=absolute, scale=scale,
                        primary=str(primary).lower())


COSTED = (INSTRUCTIONS, TIME)
REGISTRY = "".join([
    entry("null_call", "getppid(), in a loop", "calls", COSTED, primary=True),
    *(entry(f"yield_{n}", f"sched_yield among {n:,} processes", "switch", COSTED, primary=n == 2)
      for n in AMONG),
    entry("pipe_round_trip", "a byte through a pipe and back", "pipe", COSTED, primary=True),
    entry("fork_exit_wait", "fork, exit, wait", "fork", COSTED, primary=True),
    entry("fork_exec_wait", "fork, exec, exit, wait", "fork", COSTED, primary=True),
    *(entry(f"fork_call_{size}", f"fork with {size} touched", "fork", COSTED,
            primary=size == "64m") for size in SIZES),
    *(entry(f"fork_write_{size}", f"fork, the child writes to {size}, exit, wait", "fork", COSTED,
            primary=size == "16m") for size in SIZES),
    entry("child_memory", "memory for a sleeping child", "fork", (INSTRUCTIONS,), "bytes",
          relative=0.01, absolute=64),
    *(entry(f"wake_latency_{n}", f"from the event to the running thread, {n} hogs", "wake",
            (VIRTUAL,), "ns", primary=n == 8) for n in (0, 8)),
    *(entry(f"sleep_error_{n}", "how late a sleep of so many ms ends", "sleep", (VIRTUAL,), "ns",
            absolute=1000, primary=n == 10) for n in (1, 10, 100)),
    entry("fairness", "Jain's index of ten equal hogs", "fair", (VIRTUAL,), "ratio_ppm", "higher",
          primary=True),
    entry("turnaround", "of a mix of short and long jobs", "jobs", (VIRTUAL,), "us", primary=True),
    entry("shell_script", "a script of 200 commands", "memory", (VIRTUAL,), "us"),
    entry("clock_drift", "against the host's clock", "timer", (VIRTUAL,), "ratio_ppm",
          relative=0, absolute=20, scale="difference", better="none"),
])


@dataclasses.dataclass(frozen=True)
class Kernel:
    """What the model knows of a column."""

    sched: str = "prio"
    fork: str = "cow"
    timer: str = "lapic"
    programs: str = "initrd"
    quantum_ms: int = 10
    linux: bool = False


def instructions(kernel: Kernel, name: str) -> float:
    """What one operation takes, by a model of which only the proportions matter."""
    word, _, last = name.rpartition("_")
    if kernel.linux:
        slow = dataclasses.replace(kernel, linux=False, fork="cow", sched="prio")
        return round(instructions(slow, name) * 2.3)
    switch = 212 if kernel.sched == "rr" else 241
    pages = SIZES.get(last, 0)
    eager = kernel.fork == "eager"
    return {
        "null_call": 74, "yield": switch + (3 if kernel.sched == "prio" else 0),
        "pipe_round_trip": 1800 + 2 * switch,
        "fork_exit_wait": 14_200 + (26_500 if eager else 0),
        "fork_exec_wait": 41_000 + (27_100 if eager else 0) + 2 * switch,
        "fork_call": 9_000 + pages * (1_450 if eager else 96),
        "fork_write": 21_000 + pages * (2_100 if eager else 3_150),
        "child_memory": 28_672 + (69_632 if eager else 0),
    }[word if word in ("yield", "fork_call", "fork_write") else name]


def latency_ns(kernel: Kernel, name: str, draw: random.Random) -> float:
    """What waiting makes of it: the tick's grain, and who else is there to run."""
    tick = 10_000_000 if kernel.timer == "pit" else 1_000_000
    if name.startswith("wake_latency"):
        hogs = int(name.rpartition("_")[2])
        wait = kernel.quantum_ms * 1e6 * hogs / 8 * draw.random() ** 2
        return 2_300 + draw.expovariate(1 / 900) + (wait if kernel.sched == "rr" else wait / 40)
    if name.startswith("sleep_error"):
        return 4_000 + tick * draw.random()
    if name == "fairness":
        return 1e6 - 900 * kernel.quantum_ms - 40_000 * draw.random() ** 4
    if name == "clock_drift":
        return (180 if kernel.timer == "pit" else 12) + draw.gauss(0, 4)
    if name == "turnaround":
        return (41_000 if kernel.sched == "rr" else 36_500) + 300 * draw.gauss(0, 1)
    return 52_000 + (9_000 if kernel.fork == "eager" else 0) + 150 * draw.gauss(0, 1)


def samples_of(kind, kernel, metric, draw, layout):
    """The samples of one run. `layout` is what the round's link order makes of its times."""
    if kind == VIRTUAL:
        count = 40 if metric.unit == "ns" else 1
        values = [round(latency_ns(kernel, metric.name, draw), 3) for _ in range(count)]
    elif kind == INSTRUCTIONS:
        cost, count = instructions(kernel, metric.name), 101 if metric.unit == "tsc" else 1
        values = [cost] * count
    else:
        cost = instructions(kernel, metric.name) * 2.2 * layout
        values = [round(cost * draw.lognormvariate(0, 0.02)) for _ in range(11)]
    interrupts = [0] * len(values)
    if kind == INSTRUCTIONS and len(values) > 1:
        values[7], interrupts[7] = values[7] + 640, 1
    return {"unit": metric.unit, "values": values, "interrupts": interrupts}


def series_of(kernel: Kernel, draw: random.Random) -> dict:
    times = [round(step * 5e6) for step in range(1, 60)]
    quantum = kernel.quantum_ms * 1e6
    fair = [[x, round(1e6 * (1 - 0.9 / (1 + x / quantum / 2)))] for x in times]
    lag = [[x, round(quantum * (1 + 0.4 * draw.random()))] for x in times]
    hogs = {f"hog_{hog}_cpu_us": [[x, x / 4e3 + 40 * hog] for x in times] for hog in range(1, 5)}
    pages = 900 if kernel.fork == "eager" else 260
    parts = {"kernel_frames": [[x, 410] for x in times],
             "table_frames": [[x, 60 + 30 * (i % 12)] for i, x in enumerate(times)],
             "process_frames": [[x, 800 + pages * (i % 12 in (3, 4, 5, 8))]
                                for i, x in enumerate(times)]}
    worst = [[page, 2900 + 40 * (page % 7) if kernel.fork == "cow" else 320]
             for page in range(1024)]
    return {"fairness": {"jain_ppm": fair, "largest_lag_ns": lag, **hogs},
            "shell_script": parts,
            "fork_write_16m": {"page": worst, "used_kib_by_ns": parts["process_frames"]},
            "boot_free": boot_of(kernel)}


def counters_of(kernel: Kernel, names) -> dict:
    copied = 16_400 if kernel.fork == "eager" else 12
    return {name: {"frames_copied": copied, "frames_shared": 16_412 - copied,
                   "tlb_flushes": 101 if kernel.fork == "eager" else 202, "ticks": 40,
                   "switches_yield": 0} for name in names
            if name.startswith("fork") and not kernel.linux}


def boot_of(kernel: Kernel) -> dict:
    """When each stage was done, in ns since the kernel's entry."""
    initrd = kernel.programs == "initrd"
    spent = {"memory": 310, "devices": 640 if kernel.timer == "lapic" else 520,
             "root_archive": 1_900 if initrd else 350, "first_user_instruction": 210}
    done = itertools.accumulate(spent.values())
    return {stage: [[place, us * 1000]] for place, (stage, us) in enumerate(zip(spent, done))}


def timeline_of(kernel: Kernel, draw: random.Random) -> list:
    names = ["hog", "hog", "hog", "editor"]
    now, stretches = 0, []
    for turn in itertools.count():
        pid = turn % 4 + 2
        length = kernel.quantum_ms * 1e6 if pid < 5 else 4e5 + 3e5 * draw.random()
        stretches.append({"pid": pid, "name": names[pid - 2], "start_ns": now,
                          "end_ns": now + length, "why": "expired" if pid < 5 else "blocked"})
        now += length
        if now > 2e8:
            return stretches


def make_runs(kernels: dict, metrics: dict, kinds, rounds_of_time, draw):
    runs = []
    for kind in kinds:
        chosen = {name: metric for name, metric in metrics.items() if kind in metric.kinds}
        for number in range({INSTRUCTIONS: 2, VIRTUAL: 32, TIME: rounds_of_time}[kind]):
            order = list(kernels)
            draw.shuffle(order)
            for place, column in enumerate(order):
                layout = draw.lognormvariate(0, 0.012)
                runs.append(make_run(kind, number, place, column, kernels[column], chosen,
                                     draw, layout, len(runs)))
    return runs


def make_run(kind, number, place, column, kernel, metrics, draw, layout, count):
    return {
        "key": {"kind": kind, "group": "all", "round": number, "column": column, "host": "lab1"},
        "image": digest(f"{column}-{number if kind == TIME else 0}"), "seed": 7 + number,
        "order": place, "started": 1.7e9 + count, "seconds": 3.25, "status": 0,
        "arguments": ["qemu-system-x86_64", "-cpu", "Westmere", "-m", "256M"],
        "samples": {name: samples_of(kind, kernel, metric, draw, layout)
                    for name, metric in metrics.items()},
        "series": series_of(kernel, draw) if kind == VIRTUAL and number == 0
        and not kernel.linux else {},
        "counters": {}, "skipped": {}, "boot": {"entry to the first process": 3531},
        "excluded": None}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def make_column(name, title, kernel, base, draw):
    config = {} if kernel.linux else {
        "FORK_COW": "y" if kernel.fork == "cow" else "n",
        "FORK_EAGER": "n" if kernel.fork == "cow" else "y",
        "SCHED_PRIO": "y" if kernel.sched == "prio" else "n",
        "TIMER_LAPIC": "y" if kernel.timer == "lapic" else "n",
        "SCHED_QUANTUM_MS": str(kernel.quantum_ms)}
    changes = [[key, base.get(key, ""), value] for key, value in config.items()
               if base and base.get(key) != value]
    return {"name": name, "title": title, "system": "linux" if kernel.linux else "facet",
            "goals": [] if kernel.linux else ["qemu_defconfig", *title.split()],
            "config": config, "config_hash": None if kernel.linux else digest(name)[:12],
            "image": {"sha256": digest(f"{name}-0"),
                      "kernel_bytes": 7_300_000 if kernel.linux else 141_000 + len(name) * 96,
                      "archive_bytes": 655_360, "archive_sha256": digest("archive")},
            "requested": changes, "induced": [["FORK_SHARES_FRAMES", "y", "n"]] if changes else [],
            "unrelated": [],
            "tests": {"passed": 214, "failed": 0, "seconds": 21.4, "why": ""},
            "failure": None,
            "timeline": [] if kernel.linux else timeline_of(kernel, draw)}


def size_of(column):
    return {"column": column["name"], "total": [141_288, column["image"]["kernel_bytes"]],
            "archive": [655_360, 655_360],
            "symbols": [{"name": "fork_copy_area", "file": "mm/fork/eager.c", "before": None,
                         "after": 812},
                        {"name": "page_fault", "file": "mm/fault.c", "before": 640, "after": 512},
                        {"name": "fork_share_area", "file": "mm/fork/cow.c", "before": 1_104,
                         "after": None}]}


def make_result(kernels: dict, titles: dict, words: dict, metrics=None, kinds=None, seed=1) -> dict:
    """The result.json of a comparison of these kernels by name, the base first."""
    draw = random.Random(seed)
    metrics = metrics or registry.parse(REGISTRY)
    kinds = kinds or (INSTRUCTIONS, VIRTUAL, TIME)
    columns = []
    for name, kernel in kernels.items():
        base = columns[0]["config"] if columns else {}
        columns.append(make_column(name, titles[name], kernel, base, draw))
    count = rounds.rounds_planned(TIME, rounds.comparisons(list(kernels), metrics, TIME))
    runs = make_runs(kernels, metrics, kinds, count, draw)
    results = judge.judge(list(kernels), metrics, runs)
    return {
        "schema": "facet-compare/1",
        "command": " ".join(["make compare", *(f"{key}={value}" for key, value in words.items())]),
        "request": {"words": words, "kinds": list(kinds), "benches": [], "rounds": None,
                    "seed": seed, "jobs": 2, "notes": []},
        "controlled": True, "columns": columns, "sizes": [size_of(each) for each in columns[1:]
                                                          if each["system"] == "facet"],
        "host": {"name": "lab1", "cpu": "Intel(R) Xeon(R) CPU", "governor": "performance",
                 "qemu": "QEMU emulator version 7.2.9", "compiler": "gcc 12.2.0"},
        "source": {"commit": digest("commit")[:40], "dirty_diff": ""}, "seed": seed,
        "registry": {name: dataclasses.asdict(metric) | {"kinds": list(metric.kinds)}
                     for name, metric in metrics.items()},
        "runs": runs, "results": [dataclasses.asdict(result) for result in results],
        "explanations": [{"kind": INSTRUCTIONS, "column": name, "metric": metric,
                          "counters": counters} for name, kernel in kernels.items()
                         for metric, counters in counters_of(kernel, metrics).items()],
        "stopped": "complete", "errors": [], "gate": None}


def fork_with_linux() -> dict:
    """CHOICE=FORK WITH=linux"""
    kernels = {"cow": Kernel(), "eager": Kernel(fork="eager"), "linux": Kernel(linux=True)}
    titles = {"cow": "FORK_COW", "eager": "FORK_EAGER", "linux": "Debian's kernel"}
    return make_result(kernels, titles, {"CHOICE": "FORK", "WITH": "linux"})


def sixteen() -> dict:
    """CHOICE="SCHED FORK TIMER PROGRAMS" """
    kernels, titles = {}, {}
    for shape in sorted(all_shapes(), key=lambda each: each.name != "prio-cow-lapic-initrd"):
        kernels[shape.name] = Kernel(*shape.members)
        titles[shape.name] = " ".join(f"{choice}_{member}".upper()
                                      for choice, member in shape.boot_line.items())
    metrics = registry.parse(REGISTRY)
    kept = ("null_call", "yield_2", "pipe_round_trip", "fork_exit_wait", "fork_call_64m",
            "child_memory", "wake_latency_8", "sleep_error_10", "turnaround")
    return make_result(kernels, titles, {"CHOICE": "'SCHED FORK TIMER PROGRAMS'"},
                       {name: metrics[name] for name in kept}, (INSTRUCTIONS, VIRTUAL))


def quantum() -> dict:
    """OPT=SCHED_QUANTUM_MS=5,10,20"""
    kernels = {str(ms): Kernel(sched="rr", quantum_ms=ms) for ms in (5, 10, 20)}
    titles = {name: f"SCHED_QUANTUM_MS={name}" for name in kernels}
    return make_result(kernels, titles, {"OPT": "SCHED_QUANTUM_MS=5,10,20"})


def uncontrolled() -> dict:
    """A=... B=... that differ in more than one choice."""
    kernels = {"qemu": Kernel(), "mine": Kernel(fork="eager", timer="pit")}
    titles = {"qemu": "qemu_defconfig", "mine": "configs/mine_defconfig"}
    result = make_result(kernels, titles, {"A": "qemu_defconfig", "B": "configs/mine_defconfig"})
    column = result["columns"][1]
    column["unrelated"], column["requested"] = column["requested"], []
    return result | {"controlled": False}


def failing() -> dict:
    """A column fails its functional tests and is not timed."""
    result = fork_with_linux()
    column = next(each for each in result["columns"] if each["name"] == "eager")
    column["failure"] = "fork.c: the parent's 64 pages are untouched"
    column["tests"] = {"passed": 211, "failed": 3, "seconds": 20.1,
                       "why": "fork.c: the parent's 64 pages are untouched"}
    without(result, lambda run: run["key"]["column"] == "eager")
    result["gate"] = {"baseline": "old.json", "checked": 17, "regressions": [
        {"kind": INSTRUCTIONS, "metric": "null_call", "column": "cow", "before": 70, "after": 74,
         "note": "74 instructions, 70 before"}]}
    return result


def partial() -> dict:
    """Ctrl-C in the fourth round of time: what is measured stays, and is judged."""
    result = quantum()
    without(result, lambda run: run["key"]["kind"] == TIME and run["key"]["round"] >= 3)
    return result | {"stopped": "interrupted in time, round 4 of 9"}


def without(result: dict, dropped):
    """Drops runs, and judges the rest anew."""
    result["runs"] = [run for run in result["runs"] if not dropped(run)]
    metrics = registry.parse(REGISTRY)
    names = [column["name"] for column in result["columns"]]
    judged = judge.judge(names, metrics, result["runs"])
    result["results"] = [dataclasses.asdict(each) for each in judged]


SAMPLES = {function.__name__: function
           for function in (fork_with_linux, sixteen, quantum, uncontrolled, failing, partial)}


@functools.lru_cache(maxsize=None)
def result(name):
    """As whoever reads the file has it."""
    return json.loads(json.dumps(SAMPLES[name]()))
