"""An old .config is read with patience, and a new one takes its place in one step."""

import os
import re
import resource
import signal
import subprocess
import sys

import pytest

from configuration import record
from facet import ROOT
from facet.build import clean_environment
from facet.sandbox import OPTIONS, Sandbox, bad, good


@pytest.fixture
def box(tmp_path):
    return Sandbox(tmp_path, OPTIONS)


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
    ("CONFIG_HUE=7\n", [":1: CONFIG_HUE=7 became 1: it has no prompt: it follows from other "
                        "options and cannot be set"]),
    ("CONFIG_NET_DEBUG=y\n", [":1: CONFIG_NET_DEBUG=y became n: it depends on NET (=n) and "
                              "(LEVEL > 3 (LEVEL=2) or !QUIET (=y))"]),
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
    os.mkfifo(box.build / "pipe")
    assert bad(box.run("olddefconfig", KCONFIG_CONFIG="pipe"))[-1] == \
        f"{box.build}/pipe: not a regular file, so no configuration is written there"


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
    assert (box.build / "defconfig").read_text() .endswith("\nCONFIG_LEVEL=3\n")
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
    assert len(lines) == 1 and lines[0].endswith("no folder /proc/none")


def test_interruption_leaves_the_old_config(box):
    """Interrupted while it reads a fragment, of which the rest comes after the signal."""
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


def find_python(path, instead_of_debians="/usr/bin/python3"):
    """What scripts/python says where PATH is `path`, and Debian's Python is somewhere else."""
    script = (ROOT / "scripts" / "python").read_text()
    return subprocess.run(["/bin/sh", "-c", script.replace("/usr/bin/python3", instead_of_debians)],
                          env={"PATH": path}, capture_output=True, text=True, check=False)


def test_python_without_kconfiglib_is_the_last_resort(tmp_path):
    bare = tmp_path / "python3"
    bare.write_text("#!/bin/sh\nexit 1\n")
    bare.chmod(0o755)
    assert find_python(str(tmp_path)).stdout == "/usr/bin/python3\n"
    assert find_python(str(tmp_path), "/none").stdout == f"{bare}\n"


def test_missing_python_is_said_with_what_to_do():
    said = find_python("/none", "/none")
    assert said.stderr == \
        'python3 is missing: "make setup" installs it (Debian: python3, python3-kconfiglib).\n'
    assert subprocess.run([said.stdout.strip(), "kconfig.py"], check=False).returncode == 1


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
