"""All shapes, with every check on, pass all user tests.

A shape is built and booted once; each test program's verdict is a result of its own. Where only
some programs were asked for (T=fork), only those are run.
"""

import functools
import resource
from dataclasses import dataclass

import pytest

from configuration.record import config_hash
from facet import BUILD, ROOT, archive, shapes
from facet.build import Build, build_shape
from facet.machine import Hardware, Machine, direct, tail
from facet.transcript import Run, boot_line, read_run, switch_counts

PROGRAMS = sorted(path.stem for path in (ROOT / "usr" / "tests").glob("*.c"))
SHAPES = [pytest.param(shape, id=shape.name, marks=pytest.mark.xdist_group(shape.name))
          for shape in shapes.selected()]
LIMIT_S = 200
# To build and test a shape, on two processors; no more where a policy has to look at a thousand
# threads.
QUICK_S = 60


@dataclass(frozen=True)
class Outcome:
    """A shape was built and booted."""

    build: Build
    run: Run
    text: str
    status: "int | None"        # QEMU's; None: it had to be ended
    build_s: float              # of processor time
    run_s: float


def processor_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@functools.lru_cache(maxsize=None)
def run_tests(shape: shapes.Shape, programs: tuple[str, ...]) -> Outcome:
    start = processor_s()
    built = build_shape(shape)
    built_at = processor_s()
    machine = Machine(direct(built, f"init=/bin/testrun {' '.join(programs)}"), Hardware(),
                      BUILD / "logs" / "shapes" / f"{shape.name}.log", LIMIT_S)
    status = None
    try:
        status = machine.finish().status
    except AssertionError:
        pass                    # test_verdict says what is missing
    finally:
        machine.close()
    text = machine.printed()
    return Outcome(built, read_run(text), text, status, built_at - start, processor_s() - built_at)


@pytest.fixture(scope="session")
def asked(request):
    """The test programs that were asked for: none means all."""
    names = {item.callspec.params["program"] for item in request.session.items
             if item.function is test_program}
    return tuple(sorted(names)) if names != set(PROGRAMS) else ()


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_program(shape, program, asked):
    outcome = run_tests(shape, asked)
    run, result = outcome.run, outcome.run.programs.get(program)
    if result is None:
        reason = run.panic or run.unfinished or tail(outcome.text, 5)
        pytest.fail(f"{program} did not run: {reason}", pytrace=False)
    if not result.passed:
        pytest.fail(f"{program}: {result.fault}\n" + "\n".join(result.lines[-30:]), pytrace=False)


@pytest.mark.parametrize("shape", SHAPES)
def test_verdict(shape, asked):
    """The run as a whole: every test of the archive ran, user mode said so last, and the machine
    was powered off."""
    outcome = run_tests(shape, asked)
    in_archive = archive.test_programs(outcome.build.archive)
    faults = outcome.run.faults(list(asked) or in_archive)
    if in_archive != PROGRAMS:
        faults.append(f"the archive has {in_archive}, the sources are {PROGRAMS}")
    line = boot_line(outcome.text)
    wanted = {**shape.boot_line, "hz": outcome.build.options["HZ"],
              "config": config_hash((outcome.build.folder / ".config").read_text())}
    if line != wanted:
        faults.append(f"the boot line says {line}, wanted {wanted}")
    if outcome.status not in (0, 1):
        faults.append(f"QEMU ended with {outcome.status}; 0 and 1 are a power-off")
    if faults:
        pytest.fail("\n".join(faults) + "\n--- the end of what it printed ---\n"
                    + tail(outcome.text), pytrace=False)


@pytest.mark.parametrize("shape", SHAPES)
def test_all_four_kinds_of_switch(shape, asked):
    """From the kernel or user mode of one thread to that of another, by the kernel's own count."""
    counts = switch_counts(run_tests(shape, asked).text)
    assert len(counts) == 4 and all(counts.values()), counts


@pytest.mark.parametrize("shape", SHAPES)
def test_is_quick(shape, asked):
    """In processor time, for the wall clock is shared; a build uses both processors."""
    outcome = run_tests(shape, asked)
    taken = outcome.build_s / 2 + outcome.run_s
    assert taken < QUICK_S, (
        f"{shape}: {taken:.0f} s of {QUICK_S} (build {outcome.build_s / 2:.0f} s, run "
        f"{outcome.run_s:.0f} s): something walks a list that grows with the number of processes?")


@pytest.mark.parametrize("shape", SHAPES)
def test_invariants_in_the_machine_code(shape):
    """scripts/check/invariants.py over the disassembly; it also tries itself on planted faults."""
    build_shape(shape, ("check",))
