"""A single run of a comparison: QEMU's words, the block that runs it, its line in the journal."""

import dataclasses
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from facet.fake_machines import GOOD, HANG, images, key_of, processes, wait_for
from compare import block, machine, single, store
from compare.model import INSTRUCTIONS, KINDS, TIME, VIRTUAL, RequestError, ToolError


# --- machines ---------------------------------------------------------------------------------


def test_the_kinds_differ_in_the_clock_and_the_passes_alone(tmp_path):
    image = images(tmp_path)["base"]
    words = {kind: machine.arguments(kind, image, ("a", "b"), 5) for kind in KINDS}
    assert words[INSTRUCTIONS] == words[VIRTUAL]
    counted = " ".join(machine.COUNTED)
    assert words[TIME][:-1] == " ".join(words[VIRTUAL][:-1]).replace(counted, "-accel tcg").split()
    assert words[VIRTUAL][-1] == 'console=ttyS0 debug_exit run="bench --raw -l 4 -s 5 a b"'
    assert words[TIME][-1] == 'console=ttyS0 debug_exit run="bench --raw -l 60 -p 3 -r 5 -s 5 a b"'


def test_another_accelerator_is_for_time_alone(tmp_path):
    image = images(tmp_path)["base"]
    for kind in KINDS:
        words = machine.arguments(kind, image, ("a",), 5, accel="kvm")
        assert ("kvm" in words) == (kind == TIME)
        assert ("-icount" in words) == (kind != TIME)


def test_a_phase_is_told_to_facet_and_not_to_linux(tmp_path):
    image = images(tmp_path)["base"]
    assert " tick_phase_us=70 " in machine.arguments(VIRTUAL, image, ("a",), 5, phase_us=70)[-1]
    linux = dataclasses.replace(image, system=machine.LINUX, initrd=Path("root"))
    words = machine.arguments(VIRTUAL, linux, ("a",), 5, phase_us=70)
    assert words[-1] == ('console=ttyS0 quiet mitigations=off panic=-1 nokaslr norandmaps '
                         'run="bench --raw -l 4 -s 5 a"')
    assert words[words.index("-initrd") + 1] == "root"


def test_an_image_is_told_by_everything_in_it(tmp_path):
    image = images(tmp_path)["base"]
    others = [dataclasses.replace(image, **{key: value}) for key, value in (
        ("words", ("x",)), ("system", "linux"), ("kernel_sha256", "0"), ("initrd_sha256", "0"))]
    assert len({each.sha256 for each in (image, *others)}) == 5
    assert dataclasses.replace(image, kernel=Path("elsewhere")).sha256 == image.sha256


def test_a_qemu_that_is_not_there_is_named():
    with pytest.raises(ToolError, match="no-such-qemu: No such file"):
        single.run_all({"cow": [], "eager": []}, 2, 10, qemu="no-such-qemu")


# --- blocks -----------------------------------------------------------------------------------


def write_job(folder: Path, fake: Path, *does: str, limit_s: float = 10) -> Path:
    runs = []
    for number, script in enumerate(does):
        (folder / f"image{number}").write_text(script + "\n")
        runs.append({"key": {"round": number}, "limit_s": limit_s, "arguments": [
            "-kernel", f"image{number}", "-append", 'run="bench --raw -l 4 -s 5 a"']})
    path = folder / "job.json"
    path.write_text(json.dumps({"qemu": str(fake), "host": "here", "runs": runs}))
    return path


def start_block(folder: Path, fake: Path, *does: str, limit_s: float = 10) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-B", block.__file__,
                             write_job(folder, fake, *does, limit_s=limit_s)], cwd=folder,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_block_reports_each_machine_as_it_ended(tmp_path, fake):
    with start_block(tmp_path, fake, GOOD, HANG, "answer; exit 3", "kill -9 $$", GOOD,
                     limit_s=1) as process:
        output, errors = process.communicate(timeout=20)
    runs = [json.loads(line) for line in output.splitlines()]
    assert process.returncode == 0 and not errors
    assert [run["status"] for run in runs] == [1, None, 3, -9, 1]
    assert [run["key"] for run in runs] == [{"round": n, "host": "here"} for n in range(5)]
    printed = "samples: a tsc 5 7 7\nbench: a 7 tsc min=5 mode=7 rounds=3\n"
    assert [run["text"] for run in runs] == [printed, printed, printed, "", printed]
    assert 1 <= runs[1]["seconds"] < 5
    assert all(one["started"] + one["seconds"] <= two["started"] + 0.002
               for one, two in zip(runs, runs[1:]))
    assert len({run["attempt"] for run in runs}) == 1


def test_a_machine_that_prints_for_ever_is_ended(tmp_path, fake, monkeypatch):
    """Its file may not grow without end, whatever the limit in seconds."""
    with start_block(tmp_path, fake, "exec yes 0123456789012345678901234567890123456789",
                     limit_s=60) as process:
        output, _ = process.communicate(timeout=50)
    run = json.loads(output)
    assert run["status"] == -signal.SIGXFSZ and len(run["text"]) == block.MOST_BYTES


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_no_machine_outlives_its_block(tmp_path, fake, number):
    with start_block(tmp_path, fake, GOOD, HANG) as process:
        process.stdout.readline()
        wait_for(lambda: processes(str(fake) + " "), "the second machine does not start")
        process.send_signal(number)
        assert process.wait(10) == (-9 if number == signal.SIGKILL else 128 + number)
    wait_for(lambda: not processes(str(fake) + " "), "the machine goes on")


def test_a_block_ends_with_who_reads_it(tmp_path, fake):
    with start_block(tmp_path, fake, GOOD, HANG) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(10) == 1
        assert "nobody reads" in process.stderr.read()


# --- the journal ------------------------------------------------------------------------------


def a_run(column="base", count=1, host="h", attempt="1", kind=TIME, **more) -> dict:
    return {"key": {"kind": kind, "group": "g", "round": count, "column": column, "host": host},
            "attempt": attempt, **more}


def test_a_journal_keeps_what_it_was_given(tmp_path):
    with store.Journal(tmp_path, {"A": "a"}) as journal:
        journal.append(a_run())
        journal.append(a_run("other"))
    with store.Journal(tmp_path, {"A": "a", "OUT": "elsewhere", "JOBS": "3"}) as journal:
        assert journal.runs == [a_run(), a_run("other")] and journal.old == 2


def test_a_line_that_was_cut_short_is_dropped_at_any_place(tmp_path):
    with store.Journal(tmp_path, {}) as journal:
        journal.append(a_run())
        journal.append(a_run("other"))
    whole = journal.path.read_bytes()
    last = len(whole.splitlines(keepends=True)[-1])
    for cut in range(1, last + 1):
        journal.path.write_bytes(whole[:-cut])
        with store.Journal(tmp_path, {}) as again:
            assert again.runs == [a_run()]
            again.append(a_run("other"))
        assert journal.path.read_bytes() == whole


@pytest.mark.parametrize("words, change, sentence", [
    ({"A": "b"}, None, "the journal of another comparison (A=a)"),
    ({"A": "a"}, ("journal/1", "journal/0"), "no journal of the schema facet-compare-journal/1"),
    ({"A": "a"}, ('"time"', '"time'), "journal.jsonl:2: this line is damaged"),
])
def test_a_journal_of_something_else_is_refused(tmp_path, words, change, sentence):
    with store.Journal(tmp_path, {"A": "a"}) as journal:
        journal.append(a_run())
    if change:
        journal.path.write_text(journal.path.read_text().replace(*change))
    before = journal.path.read_bytes()
    with pytest.raises(RequestError, match=re.escape(sentence)):
        store.Journal(tmp_path, words)
    assert journal.path.read_bytes() == before


def test_a_journal_has_one_writer(tmp_path):
    with store.Journal(tmp_path, {}):
        with pytest.raises(RequestError, match="another comparison is writing"):
            store.Journal(tmp_path, {})


@pytest.mark.parametrize("kind, runs, counted", [
    (TIME, [a_run(), a_run("other")], [("base", "h", "1"), ("other", "h", "1")]),
    (TIME, [a_run(), a_run(attempt="2"), a_run("other", attempt="2")],
     [("base", "h", "2"), ("other", "h", "2")]),
    (TIME, [a_run(), a_run("other", attempt="2")], []),
    (INSTRUCTIONS, [a_run(), a_run("other", attempt="2")], [("base", "h", "1"),
                                                            ("other", "h", "2")]),
    (INSTRUCTIONS, [a_run(host="dead"), a_run(), a_run("other")],
     [("base", "h", "1"), ("other", "h", "1")]),
    (TIME, [a_run(), a_run("other", host="i")], []),
    (TIME, [a_run(), a_run(host="i"), a_run("other", host="i"), a_run("other")],
     [("base", "h", "1"), ("other", "h", "1"), ("base", "i", "1"), ("other", "i", "1")]),
])
def test_blocks_count_when_they_are_whole(kind, runs, counted):
    runs = [{**run, "key": {**run["key"], "kind": kind}} for run in runs]
    found = store.settle(runs, ("base", "other"))
    assert [(run["key"]["column"], run["key"]["host"], run["attempt"]) for run in found
            if not run.get("excluded")] == counted
    assert len({(*key_of(run), run["key"]["host"]) for run in found}) == len(found)
