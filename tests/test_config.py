"""Configuring and building: what make's targets do, and what they refuse."""

import json
import shutil

import pytest

from facet import BUILD, ROOT
from facet.build import good, make, read_options
from facet.shapes import MEMBERS

FRAGMENTS = [f"{choice}-{member}" for choice, members in MEMBERS.items() for member in members]


def option_of(fragment: str) -> str:
    """sched-rr.config is about SCHED_RR."""
    return fragment.upper().replace("-", "_")


def refused(done, *texts: str):
    assert done.returncode != 0, f"was not refused:\n{done.stdout}"
    for text in texts:
        assert text in done.stdout


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_fragment_takes_effect(fragment, configure, tmp_path):
    good(configure("qemu_defconfig", f"{fragment}.config"))
    options = read_options(tmp_path / "build" / ".config")
    choice = fragment.partition("-")[0]
    set_members = [member for member in MEMBERS[choice]
                   if options.get(f"{choice}_{member}".upper()) == "y"]
    assert f"{choice}-{set_members[0]}" == fragment and len(set_members) == 1


def test_fragments_add_up(configure, tmp_path):
    good(configure("qemu_defconfig", "fork-eager.config", "sched-prio.config"))
    good(configure("timer-pit.config"))
    options = read_options(tmp_path / "build" / ".config")
    assert {"FORK_EAGER", "SCHED_PRIO", "TIMER_PIT"} <= options.keys()


def test_later_fragment_wins(configure, tmp_path):
    good(configure("qemu_defconfig", "fork-eager.config", "fork-cow.config"))
    assert "FORK_COW" in read_options(tmp_path / "build" / ".config")


def test_folders_are_apart(configure, tmp_path):
    good(configure("qemu_defconfig", beside="one"))
    good(configure("teaching_defconfig", beside="two"))
    one, two = (read_options(tmp_path / name / ".config") for name in ("one", "two"))
    assert one["HZ"] == "250" and two["HZ"] == "100"
    assert not (ROOT / ".config").exists()


def test_default_is_qemu_defconfig(configure, tmp_path):
    good(configure("defconfig", beside="default"))
    good(configure("qemu_defconfig", beside="named"))
    assert read_options(tmp_path / "default" / ".config") == \
        read_options(tmp_path / "named" / ".config")


def test_wrong_fragment_is_refused_by_name_and_line(configure, tmp_path):
    good(configure("qemu_defconfig"))
    before = (tmp_path / "build" / ".config").read_text()
    path = tmp_path / "wrong.config"
    path.write_text("CONFIG_UBSAN=y\nCONFIG_KERNEL_STACK_8=y\n")
    refused(configure(str(path), "all"), f"{path}:2: CONFIG_KERNEL_STACK_8=y has no effect "
            "(the value is n): it depends on !UBSAN (=y)\n")
    assert (tmp_path / "build" / ".config").read_text() == before


def test_options_on_the_command_line_are_set(configure, tmp_path):
    good(configure("qemu_defconfig", "CONFIG_LOG_LEVEL=4", "CONFIG_CMDLINE=it's quiet"))
    options = read_options(tmp_path / "build" / ".config")
    assert options["LOG_LEVEL"] == "4" and options["CMDLINE"] == "it's quiet"
    refused(configure("include/generated/offsets.inc", "CONFIG_LOG_LEVLE=5"),
            "command line: unknown symbol CONFIG_LOG_LEVLE; did you mean CONFIG_LOG_LEVEL?\n")
    refused(configure("qemu_defconfig", "CONFIG_HZ=100"), "command line: CONFIG_HZ ")


def test_build_goes_by_the_configuration_alone(configure, tmp_path):
    """Make itself would take an option from the environment, and `=n` for something that is set."""
    commands = tmp_path / "build" / "compile_commands.json"
    good(make(f"O={tmp_path / 'build'}", "qemu_defconfig", "compile_commands.json",
              environment={"CONFIG_UBSAN": "y"}))
    assert "-fsanitize" not in commands.read_text()
    good(configure("teaching_defconfig", "compile_commands.json", "CONFIG_UBSAN=n"))
    assert "-fsanitize" not in commands.read_text()
    good(configure("compile_commands.json", "CONFIG_UBSAN=y"))
    assert "-fsanitize" in commands.read_text()


def test_kconfig_config_names_the_configuration_of_a_build(configure, tmp_path):
    """Also where the file that it names is older than the last build."""
    folder = tmp_path / "build"
    header, goal = folder / "include/generated/autoconf.h", "include/generated/offsets.inc"
    good(configure("qemu_defconfig", "CONFIG_LOG_LEVEL=5", "KCONFIG_CONFIG=other"))
    assert not (folder / ".config").exists()
    good(configure("qemu_defconfig", goal))
    assert "CONFIG_LOG_LEVEL 6\n" in header.read_text()
    good(configure(goal, "KCONFIG_CONFIG=other"))
    assert "CONFIG_LOG_LEVEL 5\n" in header.read_text()
    good(configure(goal))
    assert "CONFIG_LOG_LEVEL 6\n" in header.read_text()
    refused(configure(goal, "KCONFIG_CONFIG=two words"),
            "KCONFIG_CONFIG cannot contain spaces or colons: 'two words'\n")


def test_shapes_start_from_another_configuration_and_leave_it_alone(configure, tmp_path):
    mine, folder = tmp_path / "mine", tmp_path / "build"
    good(configure("qemu_defconfig", "CONFIG_LOG_LEVEL=5", f"KCONFIG_CONFIG={mine}"))
    before = mine.read_text()
    good(make("-f", str(ROOT / "scripts" / "shapes.mk"), f"srctree={ROOT}", f"O={folder}",
              f"U={BUILD / 'usr'}", f"config={mine}", f"KCONFIG_CONFIG={mine}",
              "prio-cow-lapic-embedded"))
    options = read_options(folder / "shapes" / "prio-cow-lapic-embedded" / ".config")
    assert options["LOG_LEVEL"] == "5" and "SCHED_PRIO" in options
    assert mine.read_text() == before


def test_missing_fragment_is_refused(configure):
    refused(configure("qemu_defconfig", "no-such.config"),
            "no-such.config: no such file, here or in configs/, which has: checks.config ")


def test_old_configuration_is_taken_and_what_was_dropped_is_said(configure, tmp_path):
    good(configure("qemu_defconfig"))
    with open(tmp_path / "build" / ".config", "a", encoding="ascii") as file:
        file.write("CONFIG_FROM_LAST_YEAR=y\n")
    assert "CONFIG_FROM_LAST_YEAR" in good(configure("olddefconfig")).stdout
    assert "FROM_LAST_YEAR" not in (tmp_path / "build" / ".config").read_text()


def test_savedefconfig_gives_the_configuration_back(configure, tmp_path):
    good(configure("teaching_defconfig", "sched-prio.config"))
    wanted = read_options(tmp_path / "build" / ".config")
    good(configure("savedefconfig"))
    small = tmp_path / "build" / "defconfig"
    again = tmp_path / "again_defconfig"
    again.write_text(small.read_text())
    assert len(small.read_text()) < len((tmp_path / "build" / ".config").read_text()) / 2
    good(configure(str(again), beside="again"))
    assert read_options(tmp_path / "again" / ".config") == wanted


@pytest.mark.parametrize("name", ["two words", *(f"a{sign}b"
                                                 for sign in ":;&'()*?$`\"<>|[]{}!^%#")])
def test_path_that_make_cannot_name_is_refused(name, configure, tmp_path):
    refused(configure("qemu_defconfig", beside=name), "O= and U= cannot contain spaces or any of")
    source = tmp_path / name
    source.mkdir()
    shutil.copy(ROOT / "Makefile", source)
    refused(make("-C", str(source), "help"),
            "The source folder cannot contain spaces or any of", f"({source})")


def test_empty_name_of_a_folder_is_refused():
    for word in ("O=", "U="):
        refused(make(word, "qemu_defconfig"), "O= and U= cannot be empty")


def test_compile_commands_name_every_source(configure, tmp_path):
    good(configure("qemu_defconfig", "compile_commands.json"))
    entries = json.loads((tmp_path / "build" / "compile_commands.json").read_text())
    files = {entry["file"].rpartition("/")[2] for entry in entries}
    assert {"cow.c", "rr.c", "string.c"} <= files
    assert "prio.c" not in files
    for entry in entries:
        assert entry.keys() >= {"directory", "file"} and entry.keys() & {"command", "arguments"}


def test_a_second_build_does_nothing(configure):
    good(configure("qemu_defconfig", "all"))
    lines = good(configure("all")).stdout.split("\n")
    assert [line for line in lines if line.startswith("  ")] == []
