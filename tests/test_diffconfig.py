"""The difference of two configurations, in the form of Linux's diffconfig."""

import subprocess

import pytest

from facet import ROOT
from facet.build import clean_environment, good, read_options


def diffconfig(folder, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "scripts" / "diffconfig", *words], cwd=folder, text=True,
                          env=clean_environment(), capture_output=True, timeout=60, check=False)


ONE = "CONFIG_GONE=y\nCONFIG_SAME=y\nCONFIG_LEVEL=6\n# CONFIG_OFF is not set\nCONFIG_TEXT=\"a b\"\n"
TWO = "CONFIG_LEVEL=7\nCONFIG_SAME=y\nCONFIG_OFF=y\nCONFIG_TEXT=\"a=b\"\nCONFIG_COME=\"x\"\n" \
      "# CONFIG_NEW_OFF is not set\n"


def test_diffconfig_prints_what_linux_prints(tmp_path):
    (tmp_path / "one").write_text(ONE)
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / ".config").write_text(TWO)
    assert good(diffconfig(tmp_path, "one", "two")).stdout == (
        '-GONE y\n LEVEL 6 -> 7\n OFF n -> y\n TEXT "a b" -> "a=b"\n+COME "x"\n+NEW_OFF n\n')
    assert good(diffconfig(tmp_path, "-m", "one", "two")).stdout == (
        'CONFIG_LEVEL=7\nCONFIG_OFF=y\nCONFIG_TEXT="a=b"\nCONFIG_COME="x"\n'
        '# CONFIG_NEW_OFF is not set\n')
    assert good(diffconfig(tmp_path, "one", "one")).stdout == ""
    assert diffconfig(tmp_path, "one").returncode == 2
    done = diffconfig(tmp_path, "one", "three")
    assert done.returncode == 1 and done.stderr == "diffconfig: three: No such file or directory\n"


def test_make_diffconfig_takes_defconfigs_and_what_was_there_before(configure, folder):
    good(configure("qemu_defconfig"))
    done = good(configure("sched-prio.config", "diffconfig"))
    lines = " SCHED_PRIO n -> y\n SCHED_RR y -> n\n"
    assert lines in done.stdout
    assert good(configure("-s", "diffconfig", "A=qemu_defconfig", f"B={folder}")).stdout == lines


@pytest.mark.parametrize("goals", [("teaching_defconfig", "fork-cow.config", "CONFIG_LOG_LEVEL=3"),
                                   ("qemu_defconfig", "CONFIG_HZ_1000=y")])
def test_a_difference_merged_onto_the_first_gives_the_second(goals, configure, folder, tmp_path):
    good(configure(*goals))
    wanted = read_options(folder / ".config")
    done = good(diffconfig(tmp_path, "-m", "qemu_defconfig", str(folder)))
    (tmp_path / "difference.config").write_text(done.stdout)
    good(configure("qemu_defconfig", str(tmp_path / "difference.config")))
    assert read_options(folder / ".config") == wanted


def test_make_diffconfig_compares_with_this_build_what_stands_alone(configure):
    good(configure("qemu_defconfig", "sched-prio.config"))
    assert good(configure("-s", "diffconfig", "A=qemu_defconfig")).stdout == \
        " SCHED_PRIO n -> y\n SCHED_RR y -> n\n"


def test_diffconfig_refuses_what_is_no_configuration(tmp_path):
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "folder").mkdir()
    for name in ("noise", "folder", str(ROOT / "README.md")):
        done = diffconfig(tmp_path, name, "qemu_defconfig")
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done
        assert f"diffconfig: {name}: " in done.stderr and "onfig" in done.stderr
