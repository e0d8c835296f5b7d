"""Make's targets around the configuration, their order and their messages."""

import os
import re
import signal
import subprocess

import goals
import pytest

from facet import ROOT
from facet.build import clean_environment, good, make, read_options
from facet.sandbox import OPTIONS, Sandbox


def test_help_names_the_targets_that_exist():
    """The driver's table, the rules of the top Makefile, and what the build calls phony."""
    rules = re.findall(r"^([a-z][\w -]*):(?!=)", (ROOT / "Makefile").read_text(), re.M)
    phony = re.findall(r"^\.PHONY: (.*)$", "".join(
        (ROOT / "scripts" / name).read_text() for name in ("build.mk", "targets.mk")), re.M)
    commands = re.findall(r'^    "(\w+)": ', (ROOT / "scripts" / "kconfig.py").read_text(), re.M)
    exist = {*" ".join(rules + phony).split(), *commands, "defconfig", "compile_commands.json"}
    assert set(goals.targets()) == exist - {"prepare", "configure", "build", "FORCE"}


def test_help_names_products_and_fragments():
    words = good(make("help")).stdout.split()
    for pattern in ("*_defconfig", "*.config"):
        assert {path.name for path in (ROOT / "configs").glob(pattern)} <= set(words)


def test_misspelt_target_is_refused_with_what_was_meant(configure, folder):
    for word, meant in ("menuconfg", "menuconfig"), ("menuuconfig", "menuconfig"), \
            ("distclaen", "distclean"), ("runiso", "run-iso"):
        done = configure("qemu_defconfig", word)
        assert done.returncode != 0 and f"no target {word}; did you mean {meant}?" in done.stdout
    assert not folder.exists()
    assert "qemu_defconfig" in configure("qmu_defconfig").stdout


def test_goals_are_done_in_the_order_given(configure, folder):
    good(configure("timer-pit.config", "allyesconfig", "sched-prio.config", "-j8"))
    options = read_options(folder / ".config")
    assert "SCHED_PRIO" in options and "TIMER_LAPIC" in options and "USER_BUSYBOX" in options
    good(configure("sched-prio.config", "allnoconfig"))
    assert "SCHED_RR" in read_options(folder / ".config")


def test_configuring_builds_nothing(configure, folder):
    good(configure("qemu_defconfig", "sched-prio.config", "olddefconfig", "listnewconfig",
                   "savedefconfig"))
    assert set(os.listdir(folder)) <= {".config", ".config.old", ".lock", "defconfig"}


@pytest.mark.parametrize("goals", [("test",), ("lint", "all"), ("docs",), ("check-docs",),
                                   ("compare",), ("compare-list",), ("perf-check",),
                                   ("list-defconfigs",), ("help",), ("clean",), ("setup",)])
def test_options_for_what_no_option_changes_are_refused(goals, configure, folder):
    done = configure(*goals, "CONFIG_HZ_100=y", "CONFIG_UBSAN=y")
    assert done.returncode != 0 and not folder.exists()
    assert "CONFIG_HZ_100 CONFIG_UBSAN of the command line would make no difference to: " \
        f"{goals[0]}. " in done.stdout


def test_options_hold_beside_goals_that_only_come_before(configure, folder):
    good(configure("clean", "olddefconfig", "CONFIG_HZ_100=y"))
    assert read_options(folder / ".config")["HZ"] == "100"


def test_silent_make_says_nothing_and_loud_make_everything(configure):
    assert good(configure("-s", "qemu_defconfig")).stdout == ""
    assert "kconfig.py" in good(configure("V=1", "qemu_defconfig")).stdout
    assert "kconfig.py" not in good(configure("V=0", "qemu_defconfig")).stdout


def snapshot(folder):
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("goal", ["all", "run", "debug", "run-iso", "shapes"])
def test_dry_run_does_nothing(goal, configure, folder):
    """Neither in a folder that is not there yet, nor in one that has a build."""
    assert "kconfig.py" in good(configure("-n", "qemu_defconfig", goal)).stdout
    assert configure("-q", goal).returncode == 1
    assert not folder.exists()
    good(configure("qemu_defconfig", "include/generated/offsets.inc"))
    before = snapshot(folder)
    tools = folder.parent / "tools"
    tools.mkdir()
    (tools / "qemu-system-x86_64").write_text(f"#!/bin/sh\ntouch {folder}/started\n")
    (tools / "qemu-system-x86_64").chmod(0o755)
    path = f"{tools}:{os.environ['PATH']}"
    assert good(configure("-n", "CONFIG_HZ_100=y", goal, PATH=path)).stdout
    assert configure("-q", goal, PATH=path).returncode == 1
    assert snapshot(folder) == before


def test_wrong_configuration_is_not_built_even_by_make_k(configure, folder):
    done = configure("-k", "qemu_defconfig", "CONFIG_NO_SUCH_THING=y", "all")
    assert done.returncode != 0 and "NO_SUCH_THING" in done.stdout and "  CC " not in done.stdout
    assert not (folder / ".config").exists()


def test_folder_may_be_relative(tmp_path):
    done = subprocess.run(["make", "-f", ROOT / "Makefile", "O=rel/path", "qemu_defconfig"],
                          cwd=tmp_path, env=clean_environment(), capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "rel" / "path" / ".config").exists()


def test_list_defconfigs_says_a_line_of_each(configure):
    lines = good(configure("list-defconfigs")).stdout.splitlines()
    names = sorted(path.name for path in (ROOT / "configs").glob("*_defconfig"))
    assert [line.split()[0] for line in lines] == names
    assert all(len(line.split()) > 4 for line in lines)


def test_another_name_for_the_configuration(configure, folder):
    good(configure("teaching_defconfig", "include/generated/autoconf.h", KCONFIG_CONFIG="mine"))
    assert not (folder / ".config").exists()
    assert "CONFIG_UBSAN 1" in (folder / "include" / "generated" / "autoconf.h").read_text()
    good(configure("clean", KCONFIG_CONFIG="mine"))
    assert os.listdir(folder) == ["mine"]
    good(configure("mrproper", KCONFIG_CONFIG="mine"))
    assert not folder.exists()


def test_syncconfig_writes_what_a_build_reads(configure, folder):
    good(configure("qemu_defconfig", "syncconfig"))
    assert "CONFIG_SCHED_RR=y" in (folder / "include" / "config" / "auto.conf").read_text()


def test_messages_name_what_is_wrong(configure, tmp_path):
    (tmp_path / "marked.config").write_bytes(b"\xef\xbb\xbf# by an editor\nCONFIG_HZ_100=y\n")
    for goal, environment, said in (
            ("CONFIG_UBSAN=yes", {}, "yes is no value for CONFIG_UBSAN (bool): it wants y or n"),
            ("CONFIG_LOG_LEVEL=", {}, "an empty text is no value for CONFIG_LOG_LEVEL (int)"),
            (f"{tmp_path}/marked.config", {}, "marked.config:1: the file begins with a byte order"),
            ("qemu_defconfig", {"KCONFIG_CONFIG": "no/such"}, "there is no folder ")):
        done = configure(goal, **environment)
        assert done.returncode != 0 and said in done.stdout, done.stdout
    for goal in ("olddefconfig", "savedefconfig"):
        assert "taking qemu_defconfig" in good(make(f"O={tmp_path / goal}", goal)).stdout


@pytest.mark.parametrize("tool", ["nasm", "musl-gcc"])
def test_missing_tool_is_named_before_anything_is_built(tool, configure, folder, tmp_path):
    for path in reversed(os.get_exec_path()):
        for name in os.listdir(path) if os.path.isdir(path) else []:
            link = tmp_path / "tools" / name
            link.parent.mkdir(exist_ok=True)
            if name != tool and not link.is_symlink():
                link.symlink_to(os.path.join(path, name))
    done = configure("qemu_defconfig", "all", PATH=str(tmp_path / "tools"))
    assert done.returncode != 0 and f'{tool} is missing: "make setup" installs it.\n' in done.stdout
    assert os.listdir(folder) == [".config"] or not (folder / "lib").exists()


def test_cache_that_cannot_be_written_is_left_out(configure):
    good(configure("qemu_defconfig", "lib/string.o", HOME="/proc/nowhere", CCACHE_DIR="/proc/none"))


def test_whole_configuration_is_no_fragment(configure, folder, tmp_path):
    good(configure("teaching_defconfig"))
    done = make(f"O={tmp_path / 'other'}", str(folder / ".config"))
    assert done.returncode != 0 and "copy it to .config in the build folder" in done.stdout


def test_savedefconfig_saves_what_the_command_line_sets(configure, folder):
    good(configure("qemu_defconfig", "CONFIG_HZ_100=y", "savedefconfig"))
    assert "CONFIG_HZ_100=y\n" in (folder / "defconfig").read_text()


def test_configuration_that_cannot_be_read_is_all_that_is_said(configure, folder):
    folder.mkdir()
    (folder / ".config").write_text("CONFIG_HZ_100=y\n")
    done = configure("facet.elf", KCONFIG_NOSILENTUPDATE="1")
    assert done.returncode != 0 and "make oldconfig" in done.stdout
    assert "No rule" not in done.stdout


def test_interrupt_while_modules_are_read_is_quiet(tmp_path):
    (tmp_path / "kconfiglib.py").write_text(
        "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(5)\n")
    done = Sandbox(tmp_path, OPTIONS).run("olddefconfig", PYTHONPATH=str(tmp_path))
    assert done.status == -signal.SIGINT and done.err == ""
