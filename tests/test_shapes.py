"""All shapes, with every check on, pass all user tests.

A shape is built and booted once; each test program's verdict is a result of its own. Where only
some programs were asked for (T=fork), only those are run.
"""

import functools

import pytest

from facet import BUILD, ROOT, archive, shapes
from facet.build import Build, build_shape
from facet.machine import Hardware, Machine, direct, tail
from facet.transcript import Run, boot_line, read_run

PROGRAMS = sorted(path.stem for path in (ROOT / "usr" / "tests").glob("*.c"))
SHAPES = [pytest.param(shape, id=shape.name, marks=pytest.mark.xdist_group(shape.name))
          for shape in shapes.selected()]
LIMIT_S = 200


@functools.lru_cache(maxsize=None)
def run_tests(shape: shapes.Shape, programs: tuple[str, ...]) -> tuple[Build, Run, str, int]:
    """Builds and boots a shape; the build, the verdicts, all that was printed, QEMU's status."""
    built = build_shape(shape)
    log = BUILD / "logs" / "shapes" / f"{shape.name}.log"
    machine = Machine(direct(built, f"init=/bin/testrun {' '.join(programs)}"), Hardware(), log,
                      LIMIT_S)
    try:
        ending = machine.finish()
    except AssertionError:
        status, text = -1, machine.printed()
    else:
        status, text = ending.status, ending.text
    finally:
        machine.close()
    return built, read_run(text), text, status


@pytest.fixture(scope="session")
def asked(request):
    """The test programs that were asked for: none means all."""
    names = {item.callspec.params["program"] for item in request.session.items
             if item.function is test_program}
    return tuple(sorted(names)) if names != set(PROGRAMS) else ()


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_program(shape, program, asked):
    _, run, text, _ = run_tests(shape, asked)
    result = run.programs.get(program)
    if result is None:
        pytest.fail(f"{program} did not run: {run.panic or run.unfinished or tail(text, 5)}",
                    pytrace=False)
    if not result.passed:
        pytest.fail(f"{program}: {result.fault}\n" + "\n".join(result.lines[-30:]), pytrace=False)


@pytest.mark.parametrize("shape", SHAPES)
def test_verdict(shape, asked):
    """The run as a whole: every test of the archive ran, user mode said so last, and the machine
    was powered off."""
    built, run, text, status = run_tests(shape, asked)
    in_archive = archive.test_programs(built.archive)
    expected = list(asked) or in_archive
    faults = run.faults(expected)
    if in_archive != PROGRAMS:
        faults.append(f"the archive has {in_archive}, the sources are {PROGRAMS}")
    line = boot_line(text)
    wanted = {**shape.boot_line, "hz": built.options["HZ"]}
    if line != wanted:
        faults.append(f"the boot line says {line}, wanted {wanted}")
    if status not in (0, 1):
        faults.append(f"QEMU ended with {status}; 0 and 1 are a power-off")
    if faults:
        pytest.fail("\n".join(faults) + f"\n--- the end of what it printed ---\n{tail(text)}",
                    pytrace=False)


@pytest.mark.parametrize("shape", SHAPES)
def test_invariants_in_the_machine_code(shape):
    """scripts/check/invariants.py over the disassembly; it also tries itself on planted faults."""
    build_shape(shape, ("check",))
