"""The ratchet: no hot path costs more than is recorded, and no object depends on a foreign choice.

Each rule is tried on made-up figures and on planted faults.
"""

import os
import subprocess
import sys

import pytest
from perf import Unavailable, objects, record
from perf.changes import changes, pattern, unrecorded
from perf.measure import FIGURES, measure
from perf.recorded import build as build_recorded
from perf.recorded import last_commit
from perf.tools import tools

from facet import BUILD, ROOT, shapes
from facet.build import build, jobs, read_options
from facet.tree import copy_tree

PLAIN = BUILD / "plain"
NAMES = [shape.name for shape in shapes.all_shapes()]
SKIPPED = 77
CHECKS = read_options(ROOT / "configs" / "checks.config").keys()
COMMITTER = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
             "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": "/dev/null"}


def build_plain(shape):
    """Without checks, which cost more than what they check."""
    built = build(f"{PLAIN.name}/{shape.name}", ("qemu_defconfig", *shape.fragments))
    assert not CHECKS & built.options.keys()
    return built.folder


@pytest.fixture(scope="module")
def plain():
    """All shapes, each in a folder of its name below this one."""
    for shape in shapes.all_shapes():
        build_plain(shape)
    return PLAIN


# --- the tree as it is ------------------------------------------------------------------------


@pytest.mark.xdist_group("perf")
@pytest.mark.timeout(1200)          # it may have to build sixteen kernels of an older commit too
def test_no_hot_path_has_grown(plain):
    done = subprocess.run([sys.executable, "-B", "-m", "perf", "check",
                           "--shapes", plain, "--programs", BUILD / "usr",
                           "--work", BUILD / "perf", "--jobs", str(jobs())],
                          cwd=ROOT / "scripts", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode == SKIPPED:
        pytest.skip(done.stdout)
    if done.returncode:
        pytest.fail(done.stdout, pytrace=False)


@pytest.mark.xdist_group("perf")
def test_a_choice_that_is_not_taken_costs_nothing(plain):
    assert objects.faults(plain, NAMES) == []


# --- planted faults ---------------------------------------------------------------------------


def plant(folder, path, old, new):
    """A shape's folder, built from a source in which one line is another."""
    tree = copy_tree(folder, small=False)
    text = (tree.source / path).read_text()
    assert text.count(old) == 1, path
    (tree.source / path).write_text(text.replace(old, new))
    name = NAMES[0]
    tree.make(name, "qemu_defconfig", *shapes.all_shapes()[0].fragments, "all")
    return name


@pytest.mark.xdist_group("perf")
def test_three_instructions_more_in_each_system_call_are_found(tmp_path):
    name = plant(tmp_path, "arch/x86_64/entry/entry.asm", "\nsyscall_entry:\n",
                 "\nsyscall_entry:\n\tnop\n\tnop\n\tnop\n")
    before = measure(build_plain(shapes.all_shapes()[0]).parent, [name], 1)["figures"]
    after = measure(tmp_path, [name], 1)["figures"]
    found = {each.figure: each for each in changes(before, after)}
    assert found["null_call"].difference == found["yield_2"].difference == 3
    assert found["null_call"].too_much, "3 of 81 instructions are more than 1%"
    assert "first_touch" not in found, "it makes no call"
    assert not found["fork_exit_wait"].too_much


def copied_objects(folder, plain):
    """The linked objects of two shapes that differ in the fork alone, to be spoilt."""
    names = [next(shape.name for shape in shapes.all_shapes() if shape.members[1] == member)
             for member in shapes.MEMBERS["fork"]]
    for name in names:
        for path in [*objects.linked(plain / name), "facet.elf.cmd"]:
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_bytes((plain / name / path).read_bytes())
    return names


@pytest.mark.xdist_group("perf")
def test_object_that_depends_on_a_foreign_choice_is_found(plain, tmp_path):
    names = copied_objects(tmp_path, plain)
    assert objects.faults(tmp_path, names) == []
    with open(tmp_path / names[1] / "mm" / "fault.o", "ab") as file:
        file.write(b"\0")
    fault, = objects.faults(tmp_path, names)
    assert fault == (f"mm/fault.o depends on the choice fork: it is not the same in {names[0]} "
                     f"and {names[1]}")


@pytest.mark.xdist_group("perf")
def test_exception_wants_a_reason_and_a_need(plain, tmp_path):
    exceptions = tmp_path / "exceptions.toml"
    exceptions.write_text(objects.EXCEPTIONS.read_text() + '["lib/format.o"]\nreason = ""\n')
    assert objects.faults(plain, NAMES, exceptions) == [
        "exceptions.toml: nothing needs the exception for lib/format.o",
        "exceptions.toml: lib/format.o has no reason"]


# --- the rules --------------------------------------------------------------------------------


@pytest.mark.parametrize("before, after, too_much, matters", [
    (81, 81, None, None),
    (81, 82, False, False),         # more than 1%, and one instruction
    (81, 83, True, True),
    (10_000, 10_100, False, False),     # exactly 1%
    (10_000, 10_101, True, True),
    (81, 79, False, True),
    (10_000, 9_899, False, True),
    (10_000, 9_900, False, False),
])
def test_growth_is_more_than_a_per_cent_and_an_instruction(before, after, too_much, matters):
    found = changes({"x": {"s": before}}, {"x": {"s": after}})
    assert [(each.too_much, each.matters) for each in found] == \
        ([] if too_much is None else [(too_much, matters)])


def test_equal_changes_are_said_once():
    before = {"a-x": 100, "a-y": 100, "b-x": 100, "b-y": 200}
    names = list(before)
    found = changes({"f": before}, {"f": {**before, "a-x": 150, "a-y": 150}})
    assert [each.shapes for each in found] == [("a-x", "a-y")]
    assert found[0].line(names) == "f                    100 ->     150  +50 (+50.0%)  in a-*"


@pytest.mark.parametrize("some, said", [
    (["a-x", "a-y", "b-x", "b-y"], "all 4 shapes"),
    (["a-y", "b-y"], "*-y"),
    (["b-x"], "b-x"),
    (["a-x", "b-y"], "a-x, b-y"),
    (["a-x", "a-y", "b-x"], "a-x, a-y, b-x"),
])
def test_shapes_are_named_by_what_they_share(some, said):
    assert pattern(tuple(some), ["a-x", "a-y", "b-x", "b-y"]) == said


def test_figure_without_a_record_is_no_change_and_is_named():
    before, after = {"x": {"one": 1}}, {"x": {"one": 1, "two": 5}, "y": {"one": 7}}
    assert changes(before, after) == [] and unrecorded(before, after) == ["x", "y"]


# --- the record -------------------------------------------------------------------------------


def entry(compiler, workload="w", count=81, cpu="max"):
    return {"tools": {"compiler": compiler, "cpu": cpu}, "workload": workload,
            "configurations": {"one": "1a"}, "figures": {"null_call": {"one": count, "two": 9}}}


def test_update_replaces_only_what_the_same_tools_gave(tmp_path):
    record.save(tmp_path, [], entry("gcc 2"))
    record.save(tmp_path, record.load(tmp_path), entry("gcc 1"))
    before = (tmp_path / record.FILE).read_text()
    record.save(tmp_path, record.load(tmp_path), entry("gcc 2", "new", 84))
    assert record.load(tmp_path) == [entry("gcc 1"), entry("gcc 2", "new", 84)]
    after = (tmp_path / record.FILE).read_text()
    changed = set(before.splitlines()) ^ set(after.splitlines())
    assert sorted(line.strip() for line in changed) == ['"one": 84,', '"workload": "new",']


def test_other_tools_or_another_program_have_no_record():
    records = [entry("gcc 1")]
    for compiler, workload, found in (("gcc 1", "w", records[0]), ("gcc 2", "w", None),
                                      ("gcc 1", "other", None)):
        assert record.find(records, entry(compiler)["tools"], workload) == found


def test_record_of_a_machine_that_is_no_more_goes(tmp_path):
    for compiler, cpu in (("gcc 1", "old"), ("gcc 2", "old"), ("gcc 1", "new")):
        record.save(tmp_path, record.load(tmp_path), entry(compiler, cpu=cpu))
    assert record.load(tmp_path) == [entry("gcc 1", cpu="new")]


def test_record_of_the_tree_has_all_shapes_and_figures():
    for each in record.load(ROOT):
        assert list(each["figures"]) == list(FIGURES)
        assert all(list(values) == NAMES for values in each["figures"].values())
        assert list(each["configurations"]) == NAMES


def test_tools_are_those_that_made_the_kernel():
    found = tools(build_plain(shapes.all_shapes()[0]) / "facet.elf")
    for name, command in {"compiler": "gcc", "assembler": "nasm"}.items():
        said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
        version = said.stdout.split("\n")[0].split()[-1 if name == "compiler" else 2]
        assert version in found[name]
    assert all(found.values())


# --- the last recorded commit -----------------------------------------------------------------


def git(folder, *words):
    return subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True,
                          text=True, env={**os.environ, **COMMITTER}).stdout.strip()


@pytest.fixture
def history(tmp_path):
    """Three commits; the second is the last that changed the record."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "-q")
    for count in (1, 2, 3):
        record.save(folder, [], entry("gcc", count=min(count, 2)))
        (folder / "kernel.c").write_text(f"{count}\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", f"{count}")
    return folder


def test_last_recorded_commit_is_the_newest_that_changed_the_record(history):
    assert last_commit(history) == git(history, "rev-parse", "HEAD~1")


def test_shallow_clone_has_no_recorded_commit(history, tmp_path):
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{history}", "shallow")
    with pytest.raises(Unavailable, match="--unshallow"):
        last_commit(tmp_path / "shallow")
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{history}", "deeper")
    with pytest.raises(Unavailable, match="--unshallow"):
        last_commit(tmp_path / "deeper")
    git(tmp_path, "clone", "-q", "--depth=3", f"file://{history}", "whole")
    assert last_commit(tmp_path / "whole") == git(history, "rev-parse", "HEAD~1")


@pytest.mark.xdist_group("perf")
def test_recorded_commit_runs_the_program_of_today(tmp_path):
    """Of a commit with more instructions in each call and another bench, the first shows, and the
    second does not."""
    name, folder = NAMES[0], tmp_path / "source"
    here = build_plain(shapes.all_shapes()[0])
    copy_tree(tmp_path, small=False)
    for path, old, new in (("arch/x86_64/entry/entry.asm", "\nsyscall_entry:\n",
                            "\nsyscall_entry:\n\tnop\n\tnop\n"),
                           ("usr/bench/main.c", "# %s %s %s", "#### %s %s %s")):
        text = (folder / path).read_text()
        assert old in text
        (folder / path).write_text(text.replace(old, new))
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "recorded")
    git(folder, "rm", "-q", "-r", "mm")
    built = build_recorded(folder, git(folder, "rev-parse", "HEAD"), tmp_path / "work",
                           BUILD / "usr", [name])
    assert (built / name / "root.cpio").read_bytes() == (here / "root.cpio").read_bytes()
    before, after = (measure(each, [name], 1)["figures"] for each in (built, here.parent))
    assert [(each.figure, each.difference) for each in changes(before, after)][0] == (
        "null_call", -2)


def test_unpacked_archive_says_what_it_lacks(tmp_path):
    with pytest.raises(Unavailable, match="no git checkout.*make perf-update"):
        last_commit(tmp_path)
