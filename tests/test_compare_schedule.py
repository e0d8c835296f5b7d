"""What a comparison runs and in which order; killed, it loses nothing and doubles nothing.

All but one test runs with a QEMU that is a shell script: the kernel that it is given says what to
do.
"""

import dataclasses
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from facet import BUILD, ROOT
from facet.build import build
from facet.fake_machines import (GOOD, NAMES, PLAN, ROUNDS, SLOW, SMALL, all_keys,
                                 attempts_of_blocks, images, key_of, measure, only, processes,
                                 wait_for)

from compare import hosts, machine, registry, schedule, store
from compare.machine import Image
from compare.model import INSTRUCTIONS, KINDS, TIME, VIRTUAL, ToolError


# --- plans ------------------------------------------------------------------------------------


def planned(seed: int = 1, counts=range(1, 13)) -> list[schedule.Block]:
    plan = dataclasses.replace(PLAN, seed=seed)
    return [each for kind in KINDS for each in schedule.make_blocks(plan, kind, counts)]


def test_a_seed_gives_one_plan_and_another_seed_another():
    assert planned() == planned()
    assert planned(1) != planned(2)
    assert len({each.name for each in planned()}) == len(planned()) == 12 * 4


def test_each_block_has_all_columns():
    assert all(sorted(each.columns) == sorted(NAMES) for each in planned())


def test_time_takes_columns_in_random_order():
    blocks = [each for each in planned(counts=range(1, 61)) if each.kind == TIME]
    first = [each.columns[0] for each in blocks]
    assert all(20 <= first.count(name) <= 60 for name in NAMES)
    assert [each.round for each in blocks] == [count for count in range(1, 61) for _ in "12"]


def test_more_rounds_leave_the_earlier_ones_as_they_were():
    assert planned(counts=range(1, 7)) == [each for each in planned() if each.round < 7]


def test_passes_of_instructions_are_one_and_the_same():
    blocks = [each for each in planned() if each.kind == INSTRUCTIONS]
    assert len({each.seed for each in blocks}) == 1
    assert all(each.phase_us == 0 and each.columns == NAMES for each in blocks)


def test_each_phase_of_virtual_time_is_another():
    blocks = [each for each in planned(counts=range(1, 33)) if each.kind == VIRTUAL]
    assert len({each.seed for each in blocks}) == len({each.phase_us for each in blocks}) == 32
    ticks = sorted(each.phase_us % 4000 for each in blocks)
    assert ticks[0] < 1000 and ticks[-1] > 3000
    assert all(0 < each.phase_us < machine.PHASES_US for each in blocks)


def test_groups_have_the_metrics_of_their_kind():
    metrics = registry.load()
    groups = schedule.groups_of(metrics, (INSTRUCTIONS, TIME))
    assert "null_call" in groups[INSTRUCTIONS]["calls"]
    for kind, found in groups.items():
        names = [name for benches in found.values() for name in benches]
        assert sorted(names) == sorted(name for name, metric in metrics.items()
                                       if kind in metric.kinds)


# --- measurements -----------------------------------------------------------------------------


def test_everything_planned_is_run_once(tmp_path, fake):
    told = []
    done = measure(tmp_path, fake, images(tmp_path / "i"), progress=lambda *each: told.append(each))
    runs = done.runs()
    assert sorted(map(key_of, runs)) == sorted(map(key_of, done.journal.runs)) == all_keys()
    assert not [run for run in runs if run.get("excluded")]
    assert runs[0]["samples"] == {"null_call": {"unit": "tsc", "values": [5, 7, 7],
                                                "interrupts": [0, 0, 0]}}
    total = len(all_keys())
    assert told[-1][:2] == (total, total)
    assert told[0] == (0, total, "measure: begun")
    assert [each[0] for each in told if each[2] != told[0][2]] == list(range(1, total + 1))
    assert {each[1] for each in told} == {total}


def test_time_runs_one_machine_at_a_time_in_the_order_planned(tmp_path, fake):
    done = measure(tmp_path, fake, images(tmp_path / "i"), only(TIME))
    runs = sorted(done.runs(), key=lambda run: run["started"])
    assert all(one["started"] + one["seconds"] <= two["started"] + 0.002
               for one, two in zip(runs, runs[1:]))
    assert [(run["key"]["group"], run["key"]["round"], run["key"]["column"]) for run in runs] == [
        (each.group, each.round, column) for each in
        schedule.make_blocks(PLAN, TIME, range(1, ROUNDS[TIME] + 1)) for column in each.columns]


def test_each_round_of_time_is_asked_for_its_own_image(tmp_path, fake):
    ready = images(tmp_path / "i")
    asked = []

    def image_for(column, kind, count):
        asked.append((column, kind, count))
        return dataclasses.replace(ready[column], words=(f"link={count}",))

    with store.Journal(tmp_path, {}) as journal:
        done = schedule.Measurement(only(TIME), image_for, journal,
                                    hosts.Farm(tmp_path / "work", str(fake)))
        done.run()
    assert sorted(asked) == sorted((name, TIME, count) for name in NAMES for count in (1, 2, 3))
    assert all(f"link={run['key']['round']} " in run["arguments"][-1] for run in done.runs())


@pytest.mark.parametrize("does, fault", [
    ("answer; exit 3", "QEMU ended with status 3"),
    ("kill -9 $$", "QEMU ended with status -9"),
    ("exit 1", "neither measured nor skipped: null_call"),
    ("answer; echo '---- kernel panic ----'; echo 'a cause'; exit 1", "kernel panic: a cause"),
    ("echo 'samples: null_call tsc 5 x'; exit 1", "not a whole 'samples' line"),
    ("printf 'samples: null_call tsc 5'; while :; do sleep 0.1; done", "it did not end within 1 s"),
])
def test_a_faulty_machine_does_not_count_and_is_not_retried(tmp_path, fake, does, fault):
    plan = only(INSTRUCTIONS, limit_s=1)
    done = measure(tmp_path, fake, images(tmp_path / "i", other=does), plan)
    assert len(done.journal.runs) == len(all_keys(plan))
    for run in done.runs():
        assert bool(run.get("excluded")) == (run["key"]["column"] == "other")
    excluded = next(run["excluded"] for run in done.runs() if run.get("excluded"))
    assert fault in excluded
    assert Path(excluded.rpartition("; see ")[2]).is_file()


def test_what_was_faulty_is_tried_by_the_next_command(tmp_path, fake):
    mended = tmp_path / "mended"
    ready = images(tmp_path / "i", other=f"test -e {mended} && answer; exit 1")
    measure(tmp_path, fake, ready, SMALL)
    mended.touch()
    done = measure(tmp_path, fake, ready, SMALL)
    assert sorted(map(key_of, done.runs())) == all_keys(SMALL)
    assert not [run for run in done.runs() if run.get("excluded")]
    assert run_again(done) == {INSTRUCTIONS: {"other"}, TIME: {*NAMES}}


def run_again(done: schedule.Measurement) -> dict[str, set[str]]:
    """By kind: the columns that this command has run."""
    found = {}
    for run in done.journal.runs[done.journal.old:]:
        found.setdefault(run["key"]["kind"], set()).add(run["key"]["column"])
    return found


def test_nothing_is_run_again_unless_its_image_changed(tmp_path, fake):
    measure(tmp_path, fake, images(tmp_path / "i"), SMALL)
    assert run_again(measure(tmp_path, fake, images(tmp_path / "i"), SMALL)) == {}
    changed = images(tmp_path / "i", other=f"true; {GOOD}")
    done = measure(tmp_path, fake, changed, SMALL)
    assert run_again(done) == {INSTRUCTIONS: {"other"}, TIME: {*NAMES}}
    assert sorted(map(key_of, done.runs())) == all_keys(SMALL)
    assert all(run["image"] == changed[run["key"]["column"]].sha256 for run in done.runs())


@pytest.mark.parametrize("changes", [
    {"memory": "1G"}, {"groups": {INSTRUCTIONS: {"calls": ("null_call", "fault")}}}])
def test_what_another_machine_or_another_list_gave_does_not_count(tmp_path, fake, changes):
    plan, ready = only(INSTRUCTIONS), images(tmp_path / "i")
    measure(tmp_path, fake, ready, plan)
    done = measure(tmp_path, fake, ready, dataclasses.replace(plan, **changes))
    assert run_again(done) == {INSTRUCTIONS: {*NAMES}}
    assert sorted(map(key_of, done.runs())) == all_keys(plan)


def test_extra_rounds_are_added_while_they_are_asked_for(tmp_path, fake):
    asked = []

    def more_rounds(done):
        asked.append(done)
        return {3: 4, 4: 6}.get(done, done)

    done = measure(tmp_path, fake, images(tmp_path / "i"), only(TIME), more_rounds=more_rounds)
    rounds = {(run["key"]["group"], run["key"]["round"]) for run in done.runs()}
    assert rounds == {(group, n) for group in ("calls", "switch") for n in range(1, 7)}
    assert asked == [3, 4, 6]


def test_what_cannot_be_run_at_all_is_said(tmp_path):
    with pytest.raises(ToolError, match="blocks do not run: .*no-such-qemu: No such file"):
        measure(tmp_path, tmp_path / "no-such-qemu", images(tmp_path / "i"))


def test_an_image_that_changes_while_it_is_taken_is_refused(tmp_path, fake):
    ready = images(tmp_path / "i")
    ready["base"].kernel.write_text("something else")
    with pytest.raises(ToolError, match="changed since it was built"):
        measure(tmp_path, fake, ready)


# --- being killed -----------------------------------------------------------------------------

DRIVER = """
import sys
sys.path[:0] = {path!r}
from facet import fake_machines as test
from pathlib import Path
test.measure(Path({out!r}), Path({fake!r}), test.images(Path({out!r}) / "i", base=test.SLOW))
"""


def start_driver(out: Path, fake: Path) -> subprocess.Popen:
    path = [str(ROOT / "tests"), str(ROOT / "scripts")]
    return subprocess.Popen(
        [sys.executable, "-B", "-c", DRIVER.format(path=path, out=str(out), fake=str(fake))],
        stderr=subprocess.DEVNULL)


def journaled(out: Path) -> int:
    path = out / store.NAME
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_measurement_that_is_killed_goes_on_where_it_was(tmp_path, fake, number):
    for lines in (1, 8, 17, 22):
        with start_driver(tmp_path, fake) as process:
            wait_for(lambda: journaled(tmp_path) > lines, "no run is journaled", 20)
            process.send_signal(number)
            assert process.wait(15) != 0
        wait_for(lambda: not processes(str(tmp_path / "work")) and not processes(str(fake) + " "),
                 "something is left running")
    done = measure(tmp_path, fake, images(tmp_path / "i", base=SLOW))
    assert done.journal.old >= 22
    assert sorted(map(key_of, done.runs())) == all_keys()
    exact = [key_of(run) for run in done.journal.runs if run["key"]["kind"] != TIME]
    assert len(exact) == len(set(exact)), "a run was repeated that need not be"
    assert attempts_of_blocks([run for run in done.runs() if run["key"]["kind"] == TIME]) == {1}


# --- the machine itself -----------------------------------------------------------------------


def test_a_boot_of_each_kind(tmp_path):
    built = build("qemu_defconfig", ("qemu_defconfig",))
    image = Image.of(built.kernel, built.initrd)
    names = ("null_call",)
    plan = schedule.Plan(("base",), {kind: {"calls": names} for kind in KINDS},
                         {INSTRUCTIONS: 2, VIRTUAL: 2, TIME: 1}, seed=1, limit_s=60)
    with store.Journal(tmp_path, {}) as journal:
        done = schedule.Measurement(plan, lambda *place: image, journal,
                                    hosts.Farm(tmp_path / "work"), jobs=2)
        done.run()
        runs = {(run["key"]["kind"], run["key"]["round"]): run for run in done.runs()}
    assert not [run["excluded"] for run in runs.values() if run.get("excluded")]
    one, two = runs[INSTRUCTIONS, 1], runs[INSTRUCTIONS, 2]
    assert one["samples"] == two["samples"] and one["boot"] == two["boot"]
    assert len(one["samples"]["null_call"]["values"]) == 101
    first, second = (runs[VIRTUAL, number]["samples"]["null_call"] for number in (1, 2))
    assert first["interrupts"] != second["interrupts"], "the phase does not move the ticks"
    assert min(runs[TIME, 1]["samples"]["null_call"]["values"]) > 0
    assert all(str(BUILD) not in " ".join(run["arguments"]) for run in runs.values())
