"""From the words of `make compare` to its columns, and to what is refused."""

import shlex
import sys

import pytest

from compare import __main__ as command
from compare import comparison, configurations, explain, request, store
from compare.build import Builder
from compare.comparison import Comparison, folder_of
from compare.model import RequestError
from facet import ROOT


def expand(*words):
    asked = request.parse(str(ROOT), words)
    return request.expand(asked), asked


def names(columns):
    return [column.name for column in columns]


def test_members_of_a_choice_the_base_first():
    columns, _ = expand("CHOICE=FORK")
    assert names(columns) == ["cow", "eager"]
    assert columns[0].requested == [] and columns[0].configuration.values["FORK_COW"] == "y"
    assert sorted(columns[1].requested) == [["FORK_COW", "y", "n"], ["FORK_EAGER", "n", "y"]]
    assert columns[1].induced == []


def test_base_decides_what_comes_first():
    columns, _ = expand("CHOICE=FORK", "BASE=qemu_defconfig fork-eager.config")
    assert names(columns) == ["eager", "cow"]


def test_base_may_name_a_member_of_the_choice():
    columns, _ = expand("CHOICE=FORK", "BASE=qemu_defconfig CONFIG_FORK_EAGER=y CONFIG_UBSAN=y")
    assert names(columns) == ["eager", "cow"]
    assert all(column.configuration.values["UBSAN"] == "y" for column in columns)
    columns, _ = expand("OPT=SCHED_QUANTUM_MS=4,8", "BASE=qemu_defconfig CONFIG_SCHED_QUANTUM_MS=8")
    assert names(columns) == ["8", "4"]


@pytest.mark.parametrize("option", explain.OPTIONS)
def test_options_of_the_kernels_that_explain_may_be_compared(option):
    columns, _ = expand(f"OPT={option}=n,y")
    for column in columns:
        values = configurations.read(str(ROOT), explain.goals(column.words)).values
        assert [values[each] for each in explain.OPTIONS] == ["y", "y"]


def test_whole_product():
    columns, _ = expand("CHOICE=FORK SCHED TIMER PROGRAMS")
    assert len(columns) == 16 == len({column.configuration.hash for column in columns})
    assert request.is_controlled(columns)


def test_values_of_an_option():
    columns, _ = expand("OPT=SCHED_QUANTUM_MS=5,10,20")
    assert names(columns) == ["20", "5", "10"]
    assert columns[1].requested == [["SCHED_QUANTUM_MS", "20", "5"]]


def test_choice_and_option_are_multiplied():
    columns, _ = expand("CHOICE=SCHED", "OPT=SCHED_QUANTUM_MS=5,20")
    assert set(names(columns)) == {"rr-20", "rr-5", "prio-20", "prio-5"}


def test_what_follows_is_told_from_what_was_asked_for():
    columns, _ = expand("CHOICE=HZ_CHOICE")
    changed = next(column for column in columns if column.name == "1000")
    assert changed.induced == [["HZ", "250", "1000"]]


def test_linux_is_one_more_column():
    columns, _ = expand("CHOICE=FORK", "WITH=linux")
    assert names(columns) == ["cow", "eager", "linux"] and columns[2].system == "linux"


def test_one_difference_between_two_sides_is_controlled():
    columns, _ = expand("A=qemu_defconfig", "B=qemu_defconfig CONFIG_UBSAN=y")
    assert request.is_controlled(columns)
    assert columns[1].requested == [["UBSAN", "n", "y"]]
    assert ["KERNEL_STACK_KIB", "8", "16"] in columns[1].induced


def test_several_differences_between_two_sides_are_called_out():
    columns, _ = expand("A=qemu_defconfig", "B=teaching_defconfig")
    assert not request.is_controlled(columns) and columns[1].requested == []
    unrelated = [change[0] for change in columns[1].unrelated]
    assert "FORK_EAGER" in unrelated and "HZ_100" in unrelated
    assert "HZ" not in unrelated and ["HZ", "250", "100"] in columns[1].induced


def test_doubles_are_dropped_and_said():
    columns, asked = expand("OPT=SCHED_QUANTUM_MS=5,20,5")
    assert names(columns) == ["20", "5"]
    assert asked.notes == ["SCHED_QUANTUM_MS=5 was asked for twice"]


def test_a_build_folder_is_a_side(tmp_path):
    columns, _ = expand("CHOICE=FORK")
    (tmp_path / ".config").write_text(columns[1].configuration.text)
    sides, _ = expand("A=qemu_defconfig", f"B={tmp_path}")
    assert sides[1].configuration.hash == columns[1].configuration.hash


@pytest.mark.parametrize("words, complaint", [
    ([], "what is to be compared"),
    (["A=qemu_defconfig"], "go together"),
    (["A=qemu_defconfig", "B=qemu_defconfig"], "asked for twice"),
    (["A=qemu_defconfig", "B=qemu_defconfig CONFIG_FORK_COW=y"], "same configuration"),
    (["A=qemu_defconfig", "B=no_such_defconfig"], "no_such_defconfig"),
    (["A=qemu_defconfig", "B=teaching_defconfig", "CHOICE=FORK"], "do not go"),
    (["CHOICE=FROK"], "no such choice"),
    (["CHOICE=KERNEL_STACK", "BASE=qemu_defconfig CONFIG_UBSAN=y"], "UBSAN"),
    (["OPT=SCHED_QUANTUM_MS=5,5000"], "out of range"),
    (["OPT=SCHED_QUANTUM_MS"], "which values"),
    (["OPT=NO_SUCH=1,2"], "no option"),
    (["OPT=FORK_COW=y,n"], "CHOICE=FORK"),
    (["OPT=SCHED_QUANTUM_MS=20"], "nothing to compare"),
    (["CHOICE=FORK", "MODE=fast"], "MODE"),
    (["CHOICE=FORK", "ROUNDS=many"], "ROUNDS"),
    (["CHOICE=FORK", "WITH=minix"], "WITH"),
    (["CHOICES=FORK"], "not understood"),
])
def test_wrong_request_is_refused_with_the_reason(words, complaint):
    with pytest.raises(RequestError) as error:
        expand(*words)
    assert complaint in str(error.value)


def test_a_configuration_called_linux_is_told_from_debians_kernel(tmp_path):
    (tmp_path / "linux_defconfig").write_text("CONFIG_UBSAN=y\n")
    words = ["A=qemu_defconfig", f"B={tmp_path}/linux_defconfig"]
    assert names(expand(*words)[0]) == ["qemu", "linux"]
    with pytest.raises(RequestError, match="has that name"):
        expand(*words, "WITH=linux")


@pytest.mark.parametrize("words, notes", [
    (["ROUNDS=6"], ["Virtual time: with 6 rounds and 12 tests no difference can be shown; "
                    "9 are needed"]),
    (["ROUNDS=9"], []), ([], []),
    (["ROUNDS=6", "MODE=instructions", "BENCH=null_call"], [])])
def test_too_few_rounds_are_called_so(words, notes):
    asked = request.parse(str(ROOT), ["OPT=SCHED_QUANTUM_MS=4,8,20", "BENCH=scheduling", *words])
    Comparison(asked, print)
    assert asked.notes == notes


def test_comparisons_with_a_journal_each_have_a_folder_each():
    def made(*words):
        return request.parse(str(ROOT), ["CHOICE=FORK", *words])

    others = [(), ("ROUNDS=12",), ("ACCEL=tcg",), ("SEED=2",), ("BENCH=" + "fork," * 99,)]
    assert len({folder_of(made(*words)) for words in others}) == len(others)
    assert all(len(folder_of(made(*words)).name) < 255 for words in others)
    assert folder_of(made("JOBS=1")) == folder_of(made()) and "JOBS" in store.FREE
    assert folder_of(made("MODE=time", "SEED=2")) == folder_of(made("SEED=2", "MODE=time"))


@pytest.mark.parametrize("value, written", [
    ("fork_*", "'fork_*'"), ("fork switch", "'fork switch'"), ("fork,switch", "fork,switch"),
    ("it's", "'it'\"'\"'s'"), ("$HOME", "'$$HOME'")])
def test_command_can_be_typed_again(value, written):
    command = request.parse(str(ROOT), ["CHOICE=FORK", f"BENCH={value}"]).command()
    assert command == f"make compare CHOICE=FORK BENCH={written}"
    assert shlex.split(command)[-1].replace("$$", "$") == f"BENCH={value}"


@pytest.mark.parametrize("words, why", [
    ([], "what is to be compared"),
    (["A=qemu_defconfig"], "A and B go together"),
    (["CHOICE=FROK"], "there is no such choice; there are"),
    (["CHOICE=FORK", "MODE=fast"], "MODE=fast"),
    (["CHOICE=FORK", "BENCH=frok"], "no benchmark or group is called frok"),
    (["CHOICE=FORK", "BENCH=null_call", "MODE=virtual"], "none of these benchmarks"),
    (["CHOICE=FORK", "WITH=bsd"], "there is only linux"),
    (["CHOICE=FORK", "ROUNDS=0"], "ROUNDS=0"),
    (["CHOICE=FORK", "GATE=1"], "BASELINE=FILE says against what"),
    (["CHOICE=FORK", "GATE=yes"], "there are 0 and 1"),
    (["CHOICE=FORK", "BASELINE=/nowhere.json"], "No such file"),
    (["CHOICE=FORK", "BASELINE=Makefile"], "not a result"),
    (["CHOICE=FORK", "HOSTS=/nowhere"], "there is no such file"),
    (["CHOICE=FORK", "ACCEL=xen"], "there are tcg and kvm"),
    (["CHIOCE=FORK"], "CHIOCE=FORK: not understood"),
    (["CHOICE=FORK", "BENHC", "O", "CC"], "BENHC: not understood; is it BENCH?"),
    (["CHOICE=FORK", "BENCH=,"], "which benchmarks?"),
    (["CHOICE=FORK", "ROUNDS=999999"], "from 1 to 1000"),
    (["CHOICE=FORK", "SEED=" + 5000 * "9"], "not a number"),
    (["CHOICE=FORK", "HOSTS=/dev/null"], "no such file"),
    (["CHOICE=FORK", "HOSTS=tests/data/no-hosts"], "there is no host in it"),
    (["CHOICE=FORK", "OUT=Makefile"], "OUT=Makefile: File exists"),
    (["CHOICE=FORK", "OUT=/proc/compare"], "OUT=/proc/compare: No such file"),
    (["OPT=SCHED_QUANTUM_MS=0,20"], "SCHED_QUANTUM_MS"),
    (["OPT=SCHED_QUANTUM_MS=20"], "there is nothing to compare")])
def test_wrong_use_is_refused_before_anything_is_built(monkeypatch, capsys, tmp_path, words, why):
    def build(*_):
        raise AssertionError("it builds")

    monkeypatch.setattr(comparison, "Builder", build)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["compare", str(ROOT), f"OUT={tmp_path}/out", *words])
    if why == "there is nothing to compare" or why == "none of these benchmarks":
        monkeypatch.setattr(comparison, "Builder", Builder)
    assert command.main() == 2
    assert why in capsys.readouterr().err
