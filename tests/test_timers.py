"""Each source of the tick: exact where time is counted, and right where it is real."""

import re
import time

import pytest

from facet import archive, shapes
from facet.build import build_shape
from facet.machine import REAL_TIME, Hardware, direct
from facet.transcript import read_bench

DRIFT_MAX = 0.001
CALIBRATION_US = 1_000
REAL_SPAN_S = 3
TRIES = 5


def shape_with(timer: str) -> shapes.Shape:
    """Some shape with this timer whose archive can be another one."""
    return next(shape for shape in shapes.all_shapes()
                if shape.boot_line["timer"] == timer and shape.boot_line["programs"] == "initrd")


@pytest.fixture(scope="module", params=shapes.MEMBERS["timer"])
def kernel(request):
    return build_shape(shape_with(request.param))


@pytest.fixture
def clocks(kernel, tmp_path):
    """The root archive with /bin/clocks in it; the kernel's build has made the rest."""
    return archive.make_archive(tmp_path / "clocks.cpio",
                                {"/bin/clocks": archive.compile_program("clocks")})


def read_clocks(text: str) -> dict[str, int]:
    line = re.search(r"^clocks: (.*)$", text, re.M)
    assert line, f"no line of clocks in\n{text}"
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", line[1])}


def test_no_drift_over_ten_emulated_seconds(kernel, clocks, boot):
    """Under counted instructions the time-stamp counter is true time in nanoseconds."""
    machine = boot(direct(kernel, "init=/bin/clocks 10", clocks))
    passed = read_clocks(machine.finish().text)
    by_ticks = passed["ticks"] * 1e9 / int(kernel.options["HZ"])
    for name, value in {**passed, "ticks": by_ticks}.items():
        if name not in ("tsc", "date"):
            drift = value / passed["tsc"] - 1
            assert abs(drift) < DRIFT_MAX, f"{name} drifts by {drift:.4%}: {passed}"


def test_calibration_is_short(kernel, boot):
    text = boot(direct(kernel, 'run="true"')).finish().text
    line = re.search(r"time: .*calibrated in (\d+) us", text)
    assert line, text
    assert 0 < int(line[1]) <= CALIBRATION_US


def test_each_tick_is_one_interrupt(kernel, boot):
    """By /proc/stat, whichever way the tick comes."""
    found = read_bench(boot(direct(kernel, 'run="bench interrupts_busy"')).finish().text)
    assert found["interrupts_busy"].value == int(kernel.options["HZ"])


def test_date_is_that_of_the_machine(kernel, clocks, boot):
    """The machine's calendar starts at 2026-01-01 and nothing here takes a minute."""
    passed = read_clocks(boot(direct(kernel, "init=/bin/clocks 1", clocks)).finish().text)
    assert 0 <= passed["date"] - 1767225600 < 60


def test_seconds_of_real_time(kernel, clocks, shell):
    """Without counted instructions a guest's seconds are the host's. A busy host can only make them
    seem longer, so the shortest of some tries counts."""
    session = shell(direct(kernel, "", clocks), Hardware(clock=REAL_TIME))
    for _ in range(TRIES):
        start = time.monotonic()
        answer = session.run(f"clocks {REAL_SPAN_S}")
        elapsed = time.monotonic() - start
        passed = read_clocks(answer.text)
        assert answer.status == 0
        assert passed["monotonic"] >= REAL_SPAN_S * 1e9
        assert elapsed > REAL_SPAN_S * 0.98, f"{passed} took {elapsed:.2f} s of the host's time"
        assert passed["ticks"] <= (REAL_SPAN_S + 0.1) * int(kernel.options["HZ"])
        if elapsed < REAL_SPAN_S * 1.2:
            return
    pytest.fail(f"{passed} took {elapsed:.2f} s of the host's time")
