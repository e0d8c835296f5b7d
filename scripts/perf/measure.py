"""Boots each shape twice under the virtual clock and takes the figures of the hot paths."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from compare import exact, statistics, transcript
from compare.block import run_machine
from compare.machine import COUNTED, FACET, PC, POWERED_OFF, QEMU, WORDS
from configuration.record import config_hash

from . import PerfError

# Names of usr/bench; what each is stands in scripts/compare/registry.toml.
FIGURES = ("null_call", "yield_2", "tick_cost", "first_touch", "fork_exit_wait", "fork_exec_wait",
           "ring_2")
BOOTS = 2
ROUNDS = 31                 # the figures of a comparison's 101: they hardly vary
MEMORY = "128M"
LIMIT_S = 120
TAIL_LINES = 15


def boot(folder: Path) -> transcript.Transcript:
    """What one machine printed that was measured and powered itself off."""
    initrd = "CONFIG_PROGRAMS_INITRD=y\n" in (folder / ".config").read_text()
    run = f'run="bench --raw -r {ROUNDS} {" ".join(FIGURES)}"'
    words = [*PC, *COUNTED, "-m", MEMORY, "-kernel", str(folder / "facet.elf"),
             *(["-initrd", str(folder / "root.cpio")] if initrd else []),
             "-append", " ".join((*WORDS[FACET], run))]
    status, text = run_machine(QEMU, words, LIMIT_S)
    if status != POWERED_OFF[FACET]:
        tail = "\n".join(text.splitlines()[-TAIL_LINES:])
        raise PerfError(f"QEMU ended with {status}\n{tail}")
    return transcript.read(text)


def figure(name: str, boots: "list[transcript.Transcript]") -> int:
    """The most frequent value without an interrupt; the boots must agree window by window."""
    for each in boots:
        if name not in each.samples:
            raise PerfError(f"{name} was not measured: "
                            f"{each.skipped.get(name, 'bench did not come to it')}")
    first, *others = [vars(each.samples[name]) for each in boots]
    for other in others:
        if other != first:
            raise PerfError(f"{name}: two boots of one kernel disagree: "
                            f"{exact.first_difference(first, other)}")
    clean = [value for value, interrupts in zip(first["values"], first["interrupts"])
             if not interrupts]
    if len(clean) < exact.LEAST_WINDOWS:
        raise PerfError(f"{name}: {len(clean)} windows are without an interrupt, "
                        f"{exact.LEAST_WINDOWS} are needed")
    return statistics.mode(clean)[0]


def figures(folder: Path, boots: "list[transcript.Transcript]") -> dict[str, int]:
    try:
        return {name: figure(name, boots) for name in FIGURES}
    except PerfError as error:
        raise PerfError(f"{folder.name}: {error}") from None


def measure(folder: Path, names: list[str], jobs: int) -> dict:
    """{"configurations": {shape: hash}, "figures": {figure: {shape: instructions}}} of the shapes
    that are built in this folder."""
    with ThreadPoolExecutor(jobs) as pool:
        boots = {name: [pool.submit(boot, folder / name) for _ in range(BOOTS)] for name in names}
        found = {name: figures(folder / name, [each.result() for each in boots[name]])
                 for name in names}
    return {"configurations": {name: config_hash((folder / name / ".config").read_text())
                               for name in names},
            "figures": {each: {name: found[name][each] for name in names} for each in FIGURES}}
