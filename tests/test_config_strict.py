"""How configuration is read: to the letter what was written by hand, with patience an old .config."""

import os
import re
import resource
import signal
import subprocess
import sys

import pytest

from facet import ROOT
from facet.sandbox import Sandbox, clean_environment

sys.path.insert(0, str(ROOT / "scripts"))
from configuration import record    # noqa: E402  (the driver is no package of the tests)

KCONFIG = """\
mainmenu "Sandbox"

config NET
	bool "Network"

config NET_DEBUG
	bool "Debugging of the network"
	depends on NET && (LEVEL > 3 || !QUIET)

config LEVEL
	int "Level"
	range 0 7
	default 2

config BASE
	hex "Base"
	range 0x100 0xff00 if NET
	default 0x1000

config QUIET
	bool "Quiet"
	default y

config NAME
	string "Name"
	default "facet"

choice COLOUR
	prompt "Colour"
	default RED

config RED
	bool "Red"
config GREEN
	bool "Green"
	depends on !QUIET
config BLUE
	bool "Blue"
endchoice

config HUE
	int
	default 3 if BLUE
	default 1

menu "Hidden"
	visible if NET

config INSIDE
	bool "Inside"
endmenu

config DRIVER
	bool "Driver"
	select HELPER

config HELPER
	bool "Helper"

config WHEN
	bool "Sometimes asked" if LEVEL = 5

config BROKEN
	bool "Selects what cannot be"
	select NET_DEBUG

config THREE
	tristate "Three values"
"""


@pytest.fixture
def box(tmp_path):
    return Sandbox(tmp_path, KCONFIG)


def good(said):
    assert said.status == 0, said.err
    return said.err


def bad(said):
    assert said.status != 0 and "Traceback" not in said.err, said.err
    return said.err.splitlines()


# --- written by hand ---------------------------------------------------------------------------

REFUSED = [
    ("CONFIG_NTE=y", "unknown symbol CONFIG_NTE; did you mean CONFIG_NET?"),
    ("CONFIG_net_debug=y", "unknown symbol CONFIG_net_debug; did you mean CONFIG_NET_DEBUG?"),
    ("# CONFIG_ZZZZZZ is not set", "unknown symbol CONFIG_ZZZZZZ"),
    ("NET=y", "not an assignment: NET=y"),
    (" CONFIG_NET=y", "not an assignment:  CONFIG_NET=y"),
    ("CONFIG_NET = y", "not an assignment: CONFIG_NET = y"),
    ("CONFIG_NET\x1b[31m", "not an assignment: CONFIG_NET\\x1b[31m"),
    ("CONFIG_NET=yes", "yes is no value for CONFIG_NET (bool)"),
    ("CONFIG_NET=m", "m is no value for CONFIG_NET (bool)"),
    ("CONFIG_NET=", " is no value for CONFIG_NET (bool)"),
    ("CONFIG_NET=y # on", "y # on is no value for CONFIG_NET (bool)"),
    ("CONFIG_THREE=x", "x is no value for CONFIG_THREE (tristate)"),
    ("CONFIG_THREE=m", "CONFIG_THREE=m has no effect (the value is y): it cannot be m without "
                       "CONFIG_MODULES"),
    ("CONFIG_LEVEL=0x5", "0x5 is no value for CONFIG_LEVEL (int)"),
    ("CONFIG_LEVEL=1_0", "1_0 is no value for CONFIG_LEVEL (int)"),
    ("CONFIG_LEVEL=05", "05 is no value for CONFIG_LEVEL (int)"),
    ("CONFIG_LEVEL=", " is no value for CONFIG_LEVEL (int)"),
    ("# CONFIG_LEVEL is not set", "CONFIG_LEVEL is of type int, so it cannot be unset"),
    ("CONFIG_LEVEL=9", "CONFIG_LEVEL=9 has no effect (the value is 2): it is out of range (0 to 7)"),
    ("CONFIG_LEVEL=-1",
     "CONFIG_LEVEL=-1 has no effect (the value is 2): it is out of range (0 to 7)"),
    ("CONFIG_BASE=0xg", "0xg is no value for CONFIG_BASE (hex)"),
    ("CONFIG_NAME=facet", "facet is no value for CONFIG_NAME (string): it wants double quotes, "
                          'with \\" and \\\\ inside'),
    ('CONFIG_NAME="a"b"', '"a"b" is no value for CONFIG_NAME (string): it wants double quotes, '
                          'with \\" and \\\\ inside'),
    ('CONFIG_NAME="a', '"a is no value for CONFIG_NAME (string): it wants double quotes, '
                       'with \\" and \\\\ inside'),
    ("CONFIG_HUE=3", "CONFIG_HUE has no prompt: it follows from other options and cannot be set"),
    ("CONFIG_HUE=1", "CONFIG_HUE has no prompt: it follows from other options and cannot be set"),
    ("CONFIG_INSIDE=y",
     "CONFIG_INSIDE=y has no effect (the value is n): it can be set only with NET (=n)"),
    ("CONFIG_WHEN=y",
     "CONFIG_WHEN=y has no effect (the value is n): it can be set only with LEVEL = 5 (LEVEL=2)"),
    ("CONFIG_GREEN=y",
     "CONFIG_GREEN=y has no effect (the value is n): it depends on !QUIET (=y)"),
    ("# CONFIG_RED is not set", "CONFIG_RED=n has no effect (the value is y): it is what its choice "
                                "falls back to: set another member to y instead"),
    ("CONFIG_NET_DEBUG=y", "CONFIG_NET_DEBUG=y has no effect (the value is n): it depends on "
                           "NET (=n) and LEVEL > 3 (LEVEL=2) or !QUIET (=y)"),
]


@pytest.mark.parametrize("line, complaint", REFUSED, ids=[line for line, _ in REFUSED])
def test_line_is_refused_with_file_line_and_reason(line, complaint, box):
    path = box.write("wrong.config", f"# a comment\n\n{line}\n")
    assert bad(box.run("wrong.config")) == [f"{path}:3: {complaint}"]
    assert not box.config.exists()


REFUSED_TOGETHER = [
    ("CONFIG_NET=y\nCONFIG_NET_DEBUG=y\n",
     [":2: CONFIG_NET_DEBUG=y has no effect (the value is n): it depends on LEVEL > 3 (LEVEL=2) "
      "or !QUIET (=y)"]),
    ("CONFIG_NET=y\nCONFIG_BASE=0xFFFF\n",
     [":2: CONFIG_BASE=0xffff has no effect (the value is 0x1000): it is out of range "
      "(0x100 to 0xff00)"]),
    ("CONFIG_DRIVER=y\n# CONFIG_HELPER is not set\n",
     [":2: CONFIG_HELPER=n has no effect (the value is y): it is selected by DRIVER (=y)"]),
    ("CONFIG_NET=y\nCONFIG_LEVEL=3\n# CONFIG_NET is not set\n",
     [":3: CONFIG_NET=n contradicts CONFIG_NET=y (line 1)"]),
    ("CONFIG_LEVEL=3\nCONFIG_LEVEL=4\n",
     [":2: CONFIG_LEVEL=4 contradicts CONFIG_LEVEL=3 (line 1)"]),
    ("CONFIG_RED=y\nCONFIG_BLUE=y\n",
     [":2: CONFIG_BLUE and CONFIG_RED (line 1) are members of one choice, COLOUR: "
      "only one can be y"]),
]


@pytest.mark.parametrize("text, complaints", REFUSED_TOGETHER)
def test_lines_that_do_not_go_together_are_refused(text, complaints, box):
    path = box.write("wrong.config", text)
    assert bad(box.run("wrong.config")) == [f"{path}{complaint}" for complaint in complaints]


@pytest.mark.parametrize("text, options", [
    ("CONFIG_NET=y\nCONFIG_NET=y\n", {"NET": "y"}),
    ("CONFIG_BASE=0x1F00\nCONFIG_BASE=1f00\n", {"BASE": "0x1f00"}),
    ("CONFIG_NET=y\r\nCONFIG_LEVEL=4\r\n", {"NET": "y", "LEVEL": "4"}),
    ("CONFIG_LEVEL=4", {"LEVEL": "4"}),
    ('CONFIG_NAME="a \\"b\\" \\\\ c"\n', {"NAME": '"a \\"b\\" \\\\ c"'}),
    ("CONFIG_NAME=\"gr\u00fcn\"\n", {"NAME": "\"gr\u00fcn\""}),
    ("CONFIG_BLUE=y\n# CONFIG_RED is not set\n", {"BLUE": "y", "HUE": "3"}),
    ("CONFIG_QUIET=n\nCONFIG_GREEN=y\n", {"GREEN": "y"}),
    ("# CONFIG_INSIDE is not set\n", {}),
    ("CONFIG_NET=y\nCONFIG_NET_DEBUG=y\nCONFIG_LEVEL=4\n", {"NET_DEBUG": "y"}),
])
def test_what_holds_is_taken(text, options, box):
    box.write("right.config", text)
    assert good(box.run("right.config")) == ""
    assert options.items() <= box.options().items()


def test_all_faults_of_all_files_come_at_once_and_nothing_is_written(box):
    good(box.run("olddefconfig"))
    before = box.config.read_bytes()
    one = box.write("one.config", "CONFIG_NTE=y\nCONFIG_LEVEL=9\n")
    two = box.write("two.config", "CONFIG_NET=maybe\nCONFIG_HUE=1\n")
    lines = bad(box.run("one.config", "two.config", "none.config", "CONFIG_QUIETT=n"))
    assert [line.rpartition(": ")[0].partition(": ")[0] for line in lines] == [
        f"{one}:1", f"{two}:1", f"{two}:2", "none.config", "command line", f"{one}:2"]
    assert box.config.read_bytes() == before


def test_later_file_wins_over_an_earlier_one(box):
    box.write("one.config", "CONFIG_LEVEL=3\nCONFIG_BLUE=y\n")
    box.write("two.config", "CONFIG_LEVEL=4\nCONFIG_RED=y\n")
    good(box.run("one.config", "two.config"))
    assert {"LEVEL": "4", "RED": "y"}.items() <= box.options().items()


def test_defconfig_starts_from_nothing(box):
    box.write("one.config", "CONFIG_LEVEL=3\n")
    good(box.run("one.config"))
    good(box.run("qemu_defconfig"))
    assert box.options()["LEVEL"] == "2"
    assert bad(box.run("one.config", "qemu_defconfig")) == [
        "qemu_defconfig starts from nothing: one.config before it would have no effect"]


def test_defconfig_and_allconfig_file_are_read_to_the_letter(box):
    box.write("source/configs/bad_defconfig", "CONFIG_NTE=y\n")
    assert bad(box.run("bad_defconfig")) == [
        "configs/bad_defconfig:1: unknown symbol CONFIG_NTE; did you mean CONFIG_NET?"]
    path = box.write("build/mini", "CONFIG_LEVEL=9\nCONFIG_NTE=y\n")
    assert bad(box.run("allnoconfig", KCONFIG_ALLCONFIG="mini")) == [
        f"{path}:2: unknown symbol CONFIG_NTE; did you mean CONFIG_NET?",
        f"{path}:1: CONFIG_LEVEL=9 has no effect (the value is 2): it is out of range (0 to 7)"]


@pytest.mark.parametrize("word, complaint", [
    ("CONFIG_NTE=y", "unknown symbol CONFIG_NTE; did you mean CONFIG_NET?"),
    ("CONFIG_LEVEL=9", "CONFIG_LEVEL=9 has no effect (the value is 2): it is out of range (0 to 7)"),
    ("CONFIG_GREEN=y", "CONFIG_GREEN=y has no effect (the value is n): it depends on !QUIET (=y)"),
])
def test_command_line_is_read_to_the_letter(word, complaint, box):
    assert bad(box.run(word)) == [f"command line: {complaint}"]


@pytest.mark.parametrize("word", ["CONFIG_NAME=a \"b\"", 'CONFIG_NAME="a \\"b\\""'])
def test_command_line_has_the_last_word(word, box):
    box.write("one.config", "CONFIG_LEVEL=3\n")
    good(box.run("one.config", word, "CONFIG_LEVEL=5", "CONFIG_QUIET=n"))
    assert {"NAME": '"a \\"b\\""', "LEVEL": "5"}.items() <= box.options().items()
    assert "QUIET" not in box.options()


# --- where the files are -----------------------------------------------------------------------

def test_missing_fragment_names_those_there_are(box):
    box.write("source/configs/a.config", "")
    box.write("source/configs/b.config", "")
    assert bad(box.run("c.config")) == [
        "c.config: no such file, here or in configs/, which has: a.config b.config"]
    assert bad(box.run("c_defconfig")) == [
        "c_defconfig: no such file, here or in configs/, which has: qemu_defconfig"]


@pytest.mark.parametrize("name", ["{}/far/x.config", "far/x.config", "far/../far/x.config",
                                  "source/../far/x.config", "far/with space.config"])
def test_fragment_may_be_anywhere(name, box, tmp_path):
    (tmp_path / "far").mkdir()
    box.write("far/x.config", "CONFIG_LEVEL=3\n")
    box.write("far/with space.config", "CONFIG_LEVEL=3\n")
    good(box.run(name.format(tmp_path)))
    assert box.options()["LEVEL"] == "3"


def test_fragment_of_configs_comes_before_one_that_lies_here(box):
    box.write("source/configs/x.config", "CONFIG_LEVEL=3\n")
    box.write("x.config", "CONFIG_LEVEL=4\n")
    good(box.run("x.config"))
    assert box.options()["LEVEL"] == "3"


def test_unreadable_fragments_are_refused_by_name(box, tmp_path):
    (tmp_path / "broken.config").symlink_to("nowhere")
    (tmp_path / "folder.config").mkdir()
    path = box.write("latin.config", b'CONFIG_NAME="gr\xfcn"\n')
    assert bad(box.run("broken.config", "folder.config", "latin.config")) == [
        f"{tmp_path}/broken.config: a symbolic link to nowhere, which is not there",
        f"{tmp_path}/folder.config: Is a directory",
        f'{path}:1: not an assignment: CONFIG_NAME="gr\\xfcn"']


# --- an old .config ----------------------------------------------------------------------------

OLD = [
    ("CONFIG_GONE=y\n", [":1: dropped CONFIG_GONE=y: there is no such option"]),
    ("CONFIG_NETT=y\n",
     [":1: dropped CONFIG_NETT=y: there is no such option; did you mean CONFIG_NET?"]),
    ("CONFIG_LEVEL=9\n", [":1: CONFIG_LEVEL=9 became 2: it is out of range (0 to 7)"]),
    ("CONFIG_LEVEL=y\n",
     [":1: warning: dropped CONFIG_LEVEL=y: y is no value for CONFIG_LEVEL (int)"]),
    ("# CONFIG_LEVEL is not set\n",
     [":1: dropped # CONFIG_LEVEL is not set: CONFIG_LEVEL is of type int, so it cannot be unset"]),
    ("what?\n", [":1: warning: dropped what is no assignment: what?"]),
    ("CONFIG_NET=y\nCONFIG_NET=n\n",
     [":2: warning: CONFIG_NET=n overrides CONFIG_NET=y (line 1)"]),
    ("CONFIG_RED=y\nCONFIG_BLUE=y\n",
     [":2: warning: CONFIG_BLUE=y overrides CONFIG_RED=y (line 1): members of one choice"]),
    ("CONFIG_GREEN=y\n", [":1: CONFIG_GREEN=y became n: it depends on !QUIET (=y); "
                          "COLOUR falls back to CONFIG_RED"]),
    ("CONFIG_PINK=y\n# CONFIG_BLUE is not set\n# CONFIG_RED is not set\n",
     [":1: dropped CONFIG_PINK=y: there is no such option",
      ": no member of COLOUR is set: it falls back to CONFIG_RED"]),
    ("CONFIG_HUE=7\n", [":1: CONFIG_HUE=7 became 1: it has no prompt: it follows from other options "
                        "and cannot be set"]),
    ("CONFIG_NET_DEBUG=y\n", [":1: CONFIG_NET_DEBUG=y became n: it depends on NET (=n) and "
                              "LEVEL > 3 (LEVEL=2) or !QUIET (=y)"]),
    ("", []),
    ("CONFIG_NET=y\r\nCONFIG_LEVEL=3\r\n", []),
    ("CONFIG_NAME=\"gr\u00fcn\"\n", []),
]


@pytest.mark.parametrize("text, lines", OLD)
def test_old_config_is_taken_and_each_loss_is_said(text, lines, box):
    box.config.write_bytes(text.encode())
    assert good(box.run("olddefconfig")).splitlines() == [f".config{line}" for line in lines]
    assert good(box.run("olddefconfig")) == ""


@pytest.mark.parametrize("content, said", [
    (bytes(range(256)) * 40, ".config:1: warning: dropped what is no assignment: \\x00\\x01"),
    (b"\xff\xfe" + "CONFIG_NET=y\n".encode("utf-16-le"), "no assignment: \\xff\\xfeC\\x00O\\x00"),
    (b"a" * (17 << 20), ".config: warning: larger than 16 MiB: taking defaults\n"),
    (b"x\n" * 1000, ".config: warning: dropped 990 more lines that are no assignments\n"),
    (b'CONFIG_NAME="gr\xfcn"\n', 'dropped what is no assignment: CONFIG_NAME="gr\\xfcn"\n'),
], ids=["binary", "utf-16", "huge", "prose", "latin-1"])
def test_no_content_of_config_is_fatal(content, said, box):
    box.config.write_bytes(content)
    text = good(box.run("olddefconfig"))
    assert said in text and len(text.splitlines()) <= 12 and text.isascii()
    assert box.options()["LEVEL"] == "2"


def test_config_that_is_no_file_is_read_as_empty_and_never_replaced(box):
    box.config.mkdir()
    assert bad(box.run("olddefconfig")) == [
        ".config: warning: not a regular file: taking defaults",
        f"{box.config}: not a regular file, so no configuration is written there"]
    assert box.config.is_dir()
    assert bad(box.run("olddefconfig", KCONFIG_CONFIG="/dev/null"))[-1] == \
        "/dev/null: not a regular file, so no configuration is written there"
    os.mkfifo(box.build / "pipe")
    assert "not a regular file" in bad(box.run("olddefconfig", KCONFIG_CONFIG="pipe"))[-1]


# --- variables ---------------------------------------------------------------------------------

def test_werror_fails_on_warnings_alone(box):
    box.config.write_text("CONFIG_GONE=y\nCONFIG_LEVEL=9\n")
    good(box.run("olddefconfig", KCONFIG_WERROR="1"))
    box.config.write_text("CONFIG_LEVEL=y\n")
    assert bad(box.run("olddefconfig", KCONFIG_WERROR="1"))[-1] == \
        ".config: KCONFIG_WERROR is set, so the warnings are errors"
    assert box.config.read_text() == "CONFIG_LEVEL=y\n"


def test_unknown_symbols_are_warnings_where_asked_for(box):
    box.config.write_text("CONFIG_GONE=y\n")
    bad(box.run("olddefconfig", KCONFIG_WARN_UNKNOWN_SYMBOLS="1", KCONFIG_WERROR="1"))
    assert good(box.run("olddefconfig", KCONFIG_WARN_UNKNOWN_SYMBOLS="1")) == \
        ".config:1: warning: dropped CONFIG_GONE=y: there is no such option\n"


def test_kconfig_config_names_the_file_of_every_command(box):
    box.write("one.config", "CONFIG_LEVEL=3\n")
    for goals in ("one.config",), ("olddefconfig",), ("syncconfig",), ("savedefconfig",):
        good(box.run(*goals, KCONFIG_CONFIG="other"))
    assert "CONFIG_LEVEL=3\n" in (box.build / "other").read_text()
    assert "CONFIG_LEVEL 3\n" in (box.build / "include/generated/autoconf.h").read_text()
    assert (box.build / "defconfig").read_text() == "CONFIG_LEVEL=3\n"
    assert not box.config.exists()


@pytest.mark.parametrize("name", ["two words", "a:b"])
def test_kconfig_config_that_make_cannot_name_is_refused(name, box):
    assert bad(box.run("olddefconfig", KCONFIG_CONFIG=name)) == [
        f"KCONFIG_CONFIG cannot contain spaces or colons: '{name}'"]


def test_nosilentupdate_wants_a_complete_config(box):
    box.config.write_text("CONFIG_LEVEL=3\n")
    bad(box.run("syncconfig", KCONFIG_NOSILENTUPDATE="1"))
    assert box.config.read_text() == "CONFIG_LEVEL=3\n"
    good(box.run("olddefconfig"))
    lines = box.config.read_text().splitlines(keepends=True)
    box.config.write_text("# mine\n" + "".join(reversed(lines)))
    good(box.run("syncconfig", KCONFIG_NOSILENTUPDATE="1"))


def test_overwriteconfig_keeps_a_symbolic_link(box):
    shared = box.write("shared", "CONFIG_LEVEL=3\n")
    box.config.symlink_to(shared)
    good(box.run("olddefconfig", KCONFIG_OVERWRITECONFIG="1"))
    assert box.config.is_symlink() and "CONFIG_NAME" in shared.read_text()
    box.write("one.config", "CONFIG_LEVEL=4\n")
    good(box.run("one.config"))
    assert not box.config.is_symlink() and "CONFIG_LEVEL=3\n" in shared.read_text()


# --- Kconfig files -----------------------------------------------------------------------------

WRONG_TREES = [
    ('choice\n\tprompt "One of"\nconfig A\n\tbool "a"\nendchoice\n',
     r'Kconfig:1: the choice "One of" has no name'),
    ('config A\n\tbool "a"\n\tdepends on B\n', r"undefined symbol B:"),
    ('config A\n\tint "a"\n\tdefault x\n', r"non-int default"),
    ('config A\n\tbool a\n', r"Kconfig:2: .*quotes"),
    ('config A\n\tbolo "a"\n', r"Kconfig:2: error: couldn't parse 'bolo \"a\"'"),
    ('config A\n\tbool "a"\n\tdepends on (B\n', r"Kconfig:3: error: couldn't parse"),
    ('source "no/Kconfig"\n', r"Kconfig:1: 'no/Kconfig' not found"),
    ('config A\n\tbool "a"\n\tdepends on B\nconfig B\n\tbool "b"\n\tdepends on A\n',
     r"Dependency loop"),
    ('config A\n\tbool "gr\udcfcn"\n', r"Malformed utf-8 in .*Kconfig"),
]


@pytest.mark.parametrize("text, complaint", WRONG_TREES)
@pytest.mark.parametrize("goal", ["olddefconfig", "savedefconfig", "syncconfig"])
def test_doubtful_kconfig_file_is_an_error(goal, text, complaint, box):
    (box.source / "Kconfig").write_text(text, errors="surrogateescape")
    assert re.search(complaint, "\n".join(bad(box.run(goal))))
    assert not box.config.exists()


def test_missing_kconfig_file_is_named(box):
    (box.source / "Kconfig").unlink()
    assert bad(box.run("olddefconfig")) == [f"{box.source}/Kconfig: No such file or directory"]


@pytest.mark.parametrize("goal", ["olddefconfig", "savedefconfig", "syncconfig"])
def test_unmet_select_is_never_written(goal, box):
    text = "CONFIG_BROKEN=y\n"
    box.config.write_text(text)
    assert bad(box.run(goal)) == [
        "Kconfig:6: CONFIG_NET_DEBUG is selected by BROKEN (=y), but depends on NET (=n) and "
        "LEVEL > 3 (LEVEL=2) or !QUIET (=y)"]
    assert box.config.read_text() == text and not (box.build / "defconfig").exists()


def test_default_out_of_range_is_an_error(box):
    box.write("source/Kconfig", 'config A\n\tint "a"\n\trange 1 3\n\tdefault 7\n')
    assert "default value 7 on A (defined at Kconfig:1) clamped to 3" in \
        bad(box.run("olddefconfig"))[0]


# --- writing -----------------------------------------------------------------------------------

def test_old_config_is_kept_beside_the_new_one(box):
    good(box.run("olddefconfig"))
    first = box.config.read_text()
    good(box.run("CONFIG_LEVEL=5"))
    assert (box.build / ".config.old").read_text() == first
    assert sorted(path.name for path in box.build.iterdir()) == [".config", ".config.old"]


def test_what_is_the_same_is_not_written_again(box):
    good(box.run("olddefconfig"))
    before = box.config.stat()
    assert box.run("olddefconfig").out == f"No change to configuration in '{box.config}'\n"
    after = box.config.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not (box.build / ".config.old").exists()


def test_full_disk_leaves_the_old_config(box):
    good(box.run("olddefconfig"))
    before = box.config.read_bytes()
    done = subprocess.run(box.command("CONFIG_LEVEL=5"), cwd=box.build, capture_output=True,
                          text=True, env=clean_environment(), check=False, preexec_fn=lambda:
                          resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
    assert done.returncode != 0 and done.stderr.endswith("File too large\n")
    assert len(done.stderr.splitlines()) == 1
    assert box.config.read_bytes() == before
    assert sorted(path.name for path in box.build.iterdir()) == [".config"]


def test_folder_that_cannot_be_written_is_one_line(box):
    lines = bad(box.run("olddefconfig", KCONFIG_CONFIG="/proc/none/config"))
    assert len(lines) == 1 and lines[0].endswith("No such file or directory")


def test_interruption_leaves_the_old_config(box):
    """A reader of .config that never gets to its end is interrupted where it stands."""
    good(box.run("olddefconfig"))
    before = box.config.read_bytes()
    os.mkfifo(box.source.parent / "slow.config")
    with subprocess.Popen(box.command("slow.config"), cwd=box.build, text=True,
                          env=clean_environment(), stderr=subprocess.PIPE) as driver:
        with open(box.source.parent / "slow.config", "w", encoding="ascii") as pipe:
            pipe.write("CONFIG_LEVEL=5\n")
            pipe.flush()
            driver.send_signal(signal.SIGINT)
            assert driver.wait(30) == 130
        assert driver.stderr.read() == ""
    assert box.config.read_bytes() == before


def test_missing_kconfiglib_is_said_with_what_to_do(box):
    """Python without its packages is Python without kconfiglib."""
    command = [sys.executable, "-S", *box.command("olddefconfig")[1:]]
    done = subprocess.run(command, cwd=box.build, capture_output=True, text=True,
                          env=clean_environment(), check=False)
    assert done.returncode != 0 and done.stderr == \
        "kconfiglib is missing. `make setup` installs it (Debian: python3-kconfiglib).\n"


def test_python_without_kconfiglib_is_passed_over_and_none_at_all_is_said(tmp_path):
    empty = subprocess.run(["/bin/sh", str(ROOT / "scripts" / "python")], env={"PATH": "/none"},
                           capture_output=True, text=True, check=False)
    assert empty.stdout.strip().startswith("/usr/bin/python3")
    fake = tmp_path / "python3"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    other = subprocess.run(["/bin/sh", str(ROOT / "scripts" / "python")], check=False,
                           env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert other.stdout == empty.stdout


# --- what a configuration is -------------------------------------------------------------------

def digest(box, text):
    """The short hash of what a fragment makes."""
    box.config.unlink(missing_ok=True)
    box.write("of.config", text)
    good(box.run("of.config"))
    return record.config_hash(box.config.read_text())


def test_hash_is_of_values_alone(box):
    one = digest(box, "CONFIG_NET=y\nCONFIG_LEVEL=4\nCONFIG_BASE=0x1F00\n")
    assert re.fullmatch("[0-9a-f]{8}", one)
    assert one == digest(box, "# a comment\nCONFIG_BASE=1f00\n\nCONFIG_LEVEL=4\nCONFIG_NET=y\n"
                              "# CONFIG_DRIVER is not set\nCONFIG_RED=y\n")


def test_every_value_changes_the_hash(box):
    texts = ["", "CONFIG_NET=y\n", "CONFIG_LEVEL=4\n", "CONFIG_BASE=0x2000\n", "CONFIG_BLUE=y\n",
             'CONFIG_NAME=""\n', 'CONFIG_NAME="n"\n', "# CONFIG_QUIET is not set\n",
             "CONFIG_HELPER=y\n", "CONFIG_DRIVER=y\n"]
    assert len({digest(box, text) for text in texts}) == len(texts)
