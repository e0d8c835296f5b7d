"""The whole command: what it ends with, what it keeps, and that its figures are exact.

Where booting is not the point, the kernel is a shell script, and so is the QEMU that runs it.
"""

import collections
import contextlib
import csv
import io
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from facet import ROOT
from facet.fake_machines import FAKE_OPTIONS
from compare import __main__ as command
from compare import comparison, store, terminal
from compare.build import BuildError
from compare.machine import Image
from compare.model import RequestError, ToolError

QEMU = FAKE_OPTIONS + r"""
bench() {
	for name in $names; do
		echo "samples: $name tsc$(printf " $1%.0s" {1..101})"
		echo "bench: $name $1 tsc min=$1 mode=$1 rounds=101"
	done
}
case $append in
*testrun*) task=tests ;;
*) task=bench ;;
esac
. "$kernel"
exit 1
"""
GOOD_TESTS = 'echo "facet-tests: 3 passed, 0 failed"'
KERNEL = 'case $task in tests) {tests} ;; bench) {bench} ;; esac\n'


def kernel(cost=100, tests=GOOD_TESTS, bench=None):
    """What a kernel does whose every operation costs so much."""
    return KERNEL.format(tests=tests, bench=bench or f"bench {cost}")


class Builder:
    """Kernels by the value of SCHED_QUANTUM_MS; one that is None does not build."""

    kernels: dict = {}

    def __init__(self, _source, _folder, images, _jobs):
        self.images = images

    def image(self, configuration, _seed=None):
        quantum = configuration.values["SCHED_QUANTUM_MS"]
        text = self.kernels.get(quantum, kernel())
        if text is None:
            raise BuildError("main.c:1: no such thing")
        self.images.mkdir(parents=True, exist_ok=True)
        path = self.images / f"{configuration.hash}.elf"
        path.write_text(f"# {configuration.hash}\n{text}")
        return Image.of(path)

    def archive(self, _configuration):
        return ROOT / "Makefile"


@pytest.fixture
def fakes(tmp_path, monkeypatch):
    """run(*words, kernels={quantum: text}): (exit status, result, what was printed)."""
    qemu = tmp_path / "bin" / "qemu-system-x86_64"
    qemu.parent.mkdir()
    qemu.write_text(QEMU)
    qemu.chmod(0o755)
    monkeypatch.setenv("PATH", f"{qemu.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(comparison, "Builder", Builder)
    monkeypatch.setattr(comparison.Comparison, "compare_sizes", lambda self: None)
    monkeypatch.setattr(command.html, "write", lambda result, path: None)
    out = tmp_path / "out"

    def run(*words, kernels=None, folder=out):
        Builder.kernels = kernels or {}
        console = terminal.make_console(printed := io.StringIO())
        status = command.compare(str(ROOT), [*words, f"OUT={folder}", "JOBS=2"], console)
        return status, json.loads((folder / "result.json").read_text()), printed.getvalue()

    return run


SMALL = ("OPT=SCHED_QUANTUM_MS=20,5,10", "BENCH=null_call", "MODE=instructions")


def verdicts(result):
    return {each["column"]: each["verdict"] for each in result["results"]}


# --- how it ends --------------------------------------------------------------------------------


def test_a_difference_is_no_failure(fakes):
    status, result, text = fakes(*SMALL, kernels={"5": kernel(103), "10": kernel(97)})
    assert status == 0 and result["stopped"] == "complete"
    assert verdicts(result) == {"5": "worse", "10": "better"}
    assert "again: make compare OPT=SCHED_QUANTUM_MS=20,5,10" in text
    assert "test 5" in text and "build 10" in text


@pytest.mark.parametrize("broken, why", [
    (None, "main.c:1: no such thing"),
    (kernel(tests="echo 'not ok - fork: no child'; echo 'facet-tests: 2 passed, 1 failed'"),
     "1 failed: fork: no child"),
    (kernel(tests=r"printf '\033[2J---- kernel panic ----\n'"), "did not come to an end"),
    (kernel(tests=f"{GOOD_TESTS}; exit 3"), "did not power off (status 3)")])
def test_a_column_that_fails_is_reported_and_the_others_are_measured(fakes, broken, why):
    status, result, text = fakes(*SMALL, kernels={"5": broken})
    assert status == 1
    assert {column["name"]: why in (column["failure"] or "") for column in result["columns"]} == {
        "20": False, "5": True, "10": False}
    assert verdicts(result) == {"10": "same"}
    assert {run["key"]["column"] for run in result["runs"]} == {"20", "10"}
    assert "5" in text and why in text and "\x1b" not in text
    logs = re.findall(r"\((/.*tests/5\.log)\)", result["columns"][1]["failure"])
    assert [Path(log).is_file() for log in logs] == [True] * bool(broken)


def test_a_base_that_fails_ends_it(fakes):
    status, result, _ = fakes(*SMALL, kernels={"20": None})
    assert status == 1 and not result["runs"]
    assert result["stopped"] == "too few columns came through the build and the tests"


def test_a_base_that_fails_takes_linux_with_it(fakes):
    status, result, _ = fakes(*SMALL, "WITH=linux", kernels={"20": None})
    assert status == 1
    assert result["columns"][-1]["failure"] == "it boots the archive of 20, which is not built"


def test_another_comparison_in_its_place_is_refused_before_anything_is_built(fakes, monkeypatch):
    def build(*_):
        raise AssertionError("it builds")

    fakes(*SMALL)
    monkeypatch.setattr(Builder, "image", build)
    with pytest.raises(RequestError, match="the journal of another comparison"):
        fakes(*SMALL, "SEED=2")


@pytest.mark.parametrize("late, changed", [("abc", False), ("def", True)])
def test_source_is_that_of_the_beginning(fakes, monkeypatch, late, changed):
    commits = iter(["abc", late])
    monkeypatch.setattr(comparison.host, "source_facts",
                        lambda _: {"commit": next(commits), "dirty_diff": ""})
    _, result, text = fakes(*SMALL)
    assert result["source"] == {"commit": "abc", "dirty_diff": "", "changed": changed}
    assert ("The source changed meanwhile" in text) is changed


def test_a_panic_in_a_measurement_is_named_in_every_report(fakes, tmp_path):
    panic = kernel(bench="echo '---- kernel panic ----'; echo 'page fault'")
    status, result, text = fakes(*SMALL, kernels={"5": panic})
    assert status == 1
    assert any("5, instructions, calls, round 1" in each and "page fault" in each
               for each in result["faults"])
    assert verdicts(result) == {"5": "unclear", "10": "same"}
    assert "A machine failed: 5" in text
    assert "page fault" in (tmp_path / "out" / "junit.xml").read_text()


def test_passes_that_disagree_are_an_error(fakes):
    status, result, text = fakes(*SMALL, kernels={"5": kernel(bench="bench $((100 + $$ % 997))")})
    assert status == 1 and result["results"] == []
    assert "disagree" in result["errors"][0] and "contradicts" in text


def test_a_result_that_is_not_as_described_is_not_written(fakes, tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "SCHEMA", "something else")
    with pytest.raises(ToolError, match="schema"):
        fakes(*SMALL)
    assert not (tmp_path / "out" / "result.json").exists()


# --- against an older result --------------------------------------------------------------------


def test_three_instructions_more_than_the_baseline_are_a_regression(fakes, tmp_path):
    status, old, _ = fakes(*SMALL, folder=tmp_path / "old")
    assert status == 0
    baseline = f"BASELINE={tmp_path / 'old' / 'result.json'}"
    slower = {"5": kernel(103)}
    status, result, text = fakes(*SMALL, baseline, "GATE=1", kernels=slower)
    assert status == 3
    assert [each["column"] for each in result["gate"]["regressions"]] == ["5"]
    assert "Regression against" in text
    assert "100 -&gt; 103" in (tmp_path / "out" / "junit.xml").read_text()
    assert fakes(*SMALL, baseline, kernels=slower)[0] == 0
    assert fakes(*SMALL, baseline, "GATE=1", kernels={"5": kernel(97)}, folder=tmp_path / "n")[0] \
        == 0


@pytest.fixture
def baseline(fakes, tmp_path):
    """The word that names an older result."""
    assert fakes(*SMALL, folder=tmp_path / "old")[0] == 0
    return f"BASELINE={tmp_path / 'old' / 'result.json'}"


def test_a_figure_that_is_gone_is_a_regression(fakes, baseline):
    skips = kernel(bench="echo 'bench-skip: null_call it would take too long'")
    status, result, _ = fakes(*SMALL, baseline, "GATE=1", kernels={"5": skips})
    assert status == 3 and result["gate"]["checked"] == 3
    assert [(each["column"], each["note"]) for each in result["gate"]["regressions"]] == [
        ("5", "100 -> no figure")]


def test_what_was_not_measured_is_no_regression_and_has_its_report(fakes, baseline):
    status, result, _ = fakes(*SMALL, baseline, "GATE=1", kernels={"20": None})
    assert status == 1 and result["gate"]["checked"] == 0
    assert result["gate"]["regressions"] == []


@pytest.mark.parametrize("spoil, why", [
    (lambda old: old.update(schema="facet-compare/2"), "not a result of this version"),
    (lambda old: old.pop("host"), "not a whole result"),
    (lambda old: old.update(host={}), "not a whole result"),
    (lambda old: old.update(columns=[]), "not a whole result"),
    (lambda old: old["host"]["tools"].update(gcc="gcc 2.95"), "other tools: gcc: gcc 2.95"),
    (lambda old: old.update(results=[]), "no figure in common"),
    (lambda old: [each.update(title="OTHER=1") for each in old["columns"]],
     "no figure in common")], ids=range(7))
def test_an_older_result_that_tells_nothing_is_refused_before_anything_is_built(
        fakes, baseline, monkeypatch, spoil, why):
    path = Path(baseline.partition("=")[2])
    old = json.loads(path.read_text())
    spoil(old)
    path.write_text(json.dumps(old))
    monkeypatch.setattr(Builder, "image", lambda *_: pytest.fail("it builds"))
    with pytest.raises(RequestError, match=why):
        fakes(*SMALL, baseline, "GATE=1")


# --- taken up again -----------------------------------------------------------------------------


def keys_of(folder):
    entries = map(json.loads, (folder / store.NAME).read_text().splitlines()[1:])
    return collections.Counter(tuple(entry["key"].values()) for entry in entries if "key" in entry)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_what_is_measured_when_it_is_interrupted_is_not_measured_again(fakes, tmp_path,
                                                                       monkeypatch, name):
    @contextlib.contextmanager
    def interrupting(_console):
        def tell(done, _total, text):
            if done == 2 and text.startswith("instructions"):
                os.kill(os.getpid(), getattr(signal, name))
        yield tell

    with monkeypatch.context() as patch:
        patch.setattr(terminal, "progress", interrupting)
        status, result, text = fakes(*SMALL)
    assert status == 130 and result["stopped"].startswith("interrupted")
    assert "Not finished" in text
    kept = keys_of(tmp_path / "out")
    assert 2 <= sum(kept.values()) < 6
    status, result, _ = fakes(*SMALL)
    assert status == 0
    found = keys_of(tmp_path / "out")
    assert len(found) == 6 and set(found.values()) == {1} and not kept - found
    assert fakes(*SMALL)[0] == 0 and keys_of(tmp_path / "out") == found


def test_a_kernel_that_changed_is_measured_anew(fakes, tmp_path):
    fakes(*SMALL)
    status, result, _ = fakes(*SMALL, kernels={"5": kernel(110)})
    assert status == 0 and verdicts(result) == {"5": "worse", "10": "same"}
    counts = collections.Counter()
    for (_, _, _, column, _), times in keys_of(tmp_path / "out").items():
        counts[column] += times
    assert counts == {"20": 2, "5": 4, "10": 2}


def test_an_image_that_has_passed_its_tests_is_not_tested_again(fakes, tmp_path):
    done = tmp_path / "done"

    def tested(name, good=GOOD_TESTS):
        return kernel(tests=f"echo {name} >> {done}; {good}")

    bad = tested("bad", "echo 'facet-tests: 0 passed, 1 failed'")
    assert fakes(*SMALL, kernels={"5": tested("good"), "10": bad})[0] == 1
    status, result, _ = fakes(*SMALL, kernels={"5": tested("good"), "10": bad})
    assert status == 1 and result["columns"][1]["tests"]["passed"] == 3
    assert collections.Counter(done.read_text().split()) == {"good": 1, "bad": 2}
    assert fakes(*SMALL, kernels={"5": tested("other"), "10": kernel()})[0] == 0
    assert "other" in done.read_text()


@pytest.mark.parametrize("asked, why", [([], "no interval of a primary metric is wider"),
                                        (["ROUNDS=7"], "7 were asked for")])
def test_why_there_are_no_more_rounds_is_told(fakes, asked, why):
    words = ("OPT=SCHED_QUANTUM_MS=20,5", "BENCH=null_call", "MODE=time")
    _, result, _ = fakes(*words, *asked)
    assert why in result["rounds_ended"]


# --- not controlled -----------------------------------------------------------------------------


def test_a_comparison_that_is_not_controlled_says_so_first(fakes, tmp_path, monkeypatch):
    monkeypatch.undo()
    folder = tmp_path / "out"
    result = {"A": "qemu_defconfig",
              "B": "qemu_defconfig CONFIG_FORK_EAGER=y CONFIG_SCHED_QUANTUM_MS=5"}
    words = [f"{key}={value}" for key, value in result.items()]
    made = comparison.Comparison(command.request.parse(str(ROOT), words), print).finish()
    command.write(made, folder)
    printed = io.StringIO()
    terminal.show(made, terminal.make_console(printed))
    page = (folder / "report.html").read_text()
    assert 0 < page.index("Not controlled") < page.index("<table")
    assert "Not controlled" in printed.getvalue()
    assert 'name="controlled" value="no' in (folder / "junit.xml").read_text().partition(
        "<testsuite ")[0]
    assert (folder / "result.json").read_text().splitlines()[2] == '"controlled": false,'
    assert next(csv.reader(open(folder / "result.csv")))[0] == "controlled"


# --- on machines --------------------------------------------------------------------------------


@contextlib.contextmanager
def busy():
    """Every processor has something else to do."""
    loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def make_compare(folder: Path) -> dict:
    done = subprocess.run(["make", "-s", "compare", "CHOICE=FORK", f"OUT={folder}",
                           "BENCH=null_call,fork_exit_wait", "MODE=instructions"],
                          cwd=ROOT, text=True, capture_output=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "result.json").read_text())


def figures(result):
    """All that must be the same whenever and wherever it is measured."""
    return [{key: run[key] for key in ("image", "samples", "activity", "counters", "seed")}
            for run in sorted(result["runs"], key=lambda run: str(run["key"]))], result["results"]


@pytest.mark.timeout(900)           # it builds, tests and measures two kernels twice
def test_instructions_are_the_same_on_a_busy_host(tmp_path):
    one = make_compare(tmp_path / "one")
    with busy():
        two = make_compare(tmp_path / "two")
    assert figures(one) == figures(two)
    found = {each["metric"]: each for each in one["results"]}
    assert found["null_call"]["verdict"] == "same"
    assert found["fork_exit_wait"]["verdict"] == "worse"
    assert {each["metric"] for each in one["explanations"]} == {"null_call", "fork_exit_wait"}
    assert all(column["tests"]["passed"] >= 30 for column in one["columns"])
