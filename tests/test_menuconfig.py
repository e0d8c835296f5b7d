"""Configuring by hand in a terminal: the menu, the questions, Ctrl-C, terminals that cannot."""

import subprocess
import sys

import pexpect
import pytest

from facet import BUILD, ROOT
from facet.build import Build, build, clean_environment, locked, make, read_options
from facet.machine import direct
from facet.transcript import boot_line

LIMIT_S = 60
DOWN, ENTER, ESCAPE = "j", "\r", "\x1b"


@pytest.fixture
def terminal():
    """Runs a command in a terminal: terminal(words..., cwd=, size=, TERM=)."""
    children = []

    def start(*words: str, cwd=ROOT, size=(24, 80), **environment: str) -> pexpect.spawn:
        child = pexpect.spawn(words[0], list(words[1:]), cwd=cwd, dimensions=size, timeout=LIMIT_S,
                              encoding="utf-8", codec_errors="replace",
                              env={**clean_environment(), "TERM": "xterm", **environment})
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


def choose_priorities(menu: pexpect.spawn) -> None:
    """From the first screen to the other scheduler."""
    menu.expect("Facet configuration")
    menu.expect("Quit")
    menu.send(ENTER)
    menu.expect(r"Scheduling policy \(Round-robin\)")
    menu.send(ENTER)
    menu.expect(r"\( \) Priorities")
    menu.send(DOWN + ENTER)
    menu.expect("Priorities")


def status_of(child: pexpect.spawn) -> int:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_change_in_the_menu_is_in_the_kernel_that_make_builds(terminal, boot):
    folder = BUILD / "menuconfig"
    build(folder.name, ("qemu_defconfig",))
    with locked(folder):
        menu = terminal("make", f"O={folder}", "menuconfig")
        choose_priorities(menu)
        menu.send("q")
        menu.expect("Save configuration")
        menu.send("y")
        menu.expect(f"Configuration saved to '{folder}/.config'")
        assert status_of(menu) == 0
        options = read_options(folder / ".config")
        assert "SCHED_PRIO" in options and "SCHED_RR" not in options
        assert "CONFIG_SCHED_RR=y" in (folder / ".config.old").read_text()
        done = make(f"O={folder}", f"U={BUILD / 'usr'}", "all")
        assert done.returncode == 0 and "LD      facet.elf" in done.stdout, done.stdout
        ending = boot(direct(Build(folder), "run=true")).finish()
    assert boot_line(ending.text)["sched"] == "prio"


@pytest.fixture
def folder(tmp_path):
    """A build folder that is configured."""
    path = tmp_path / "build"
    assert make(f"O={path}", "qemu_defconfig").returncode == 0
    return path


def test_nothing_is_saved_unless_asked_for(terminal, folder):
    before = (folder / ".config").read_text()
    menu = terminal("make", f"O={folder}", "nconfig")
    choose_priorities(menu)
    menu.send("q")
    menu.expect("Save configuration")
    menu.send("n")
    menu.expect("was not saved")
    assert status_of(menu) == 0
    assert (folder / ".config").read_text() == before


@pytest.mark.parametrize("goal", ["menuconfig", "config"])
def test_ctrl_c_leaves_the_configuration_whole(goal, terminal, folder):
    """Without make, which may lose its own Ctrl-C where the driver ends before it has looked."""
    before = (folder / ".config").read_text()
    session = terminal(sys.executable, "-B", str(ROOT / "scripts" / "kconfig.py"),
                       "--source", str(ROOT), goal, cwd=folder)
    if goal == "menuconfig":
        choose_priorities(session)
    else:
        session.expect(r"choice\[1-2\?\]: ")
        session.sendline("2")
        session.expect(r"\(SCHED_QUANTUM_MS\)")
    session.sendintr()
    assert status_of(session) == 130
    assert (folder / ".config").read_text() == before
    assert "Traceback" not in session.before
    assert {path.name for path in folder.iterdir()} == {".config", ".lock"}


def test_questions_in_a_terminal(terminal, folder):
    text = (folder / ".config").read_text()
    (folder / ".config").write_text(text.replace("CONFIG_LOG_LEVEL=6\n", ""))
    session = terminal("make", f"O={folder}", "oldconfig")
    session.expect(r"Log level of the console \(LOG_LEVEL\) \[6\] \(NEW\) ")
    session.sendline("4")
    session.expect("Configuration saved")
    assert status_of(session) == 0
    assert read_options(folder / ".config")["LOG_LEVEL"] == "4"


def test_menu_opens_on_any_configuration(terminal, folder):
    (folder / ".config").write_bytes(b"CONFIG_LOG_LEVEL=99\nCONFIG_GONE=y\n\x00\xff?\n"
                                     b"CONFIG_HZ_100=m\n")
    menu = terminal("make", f"O={folder}", "menuconfig", KCONFIG_WERROR="1")
    menu.expect("GONE")
    menu.expect("Facet configuration")
    menu.send("q")
    menu.expect("Save configuration")
    menu.send("y")
    menu.expect("Configuration saved")
    assert status_of(menu) == 0
    options = read_options(folder / ".config")
    assert options["LOG_LEVEL"] == "6" and "GONE" not in options


@pytest.mark.parametrize("size, name, complaint", [
    ((24, 80), "dumb", "cannot move its cursor"),
    ((24, 80), "no-such-terminal", "TERM=no-such-terminal"),
    ((5, 30), "xterm", "30x5"),
])
def test_unfit_terminal_is_refused_in_a_sentence(size, name, complaint, terminal, folder):
    menu = terminal("make", f"O={folder}", "menuconfig", size=size, TERM=name)
    assert status_of(menu) == 2
    assert complaint in menu.before and "make config" in menu.before.replace("\r\n", " ")
    assert "Traceback" not in menu.before


def test_small_terminal_is_enough_and_may_shrink(terminal, folder):
    menu = terminal("make", f"O={folder}", "menuconfig", size=(10, 40))
    menu.expect("Policies")
    menu.setwinsize(3, 12)
    menu.send(DOWN + DOWN + ENTER + ESCAPE + "q")
    menu.expect("No changes to save")
    assert status_of(menu) == 0


def test_menu_without_a_terminal_is_refused_in_a_sentence(folder):
    done = make(f"O={folder}", "menuconfig")
    assert done.returncode == 2 and "menuconfig needs a terminal" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("goal", ["guiconfig", "xconfig"])
def test_window_without_tk_or_a_display_is_refused_with_a_hint(goal, folder):
    done = make(f"O={folder}", goal, environment={"DISPLAY": "", "WAYLAND_DISPLAY": ""})
    assert done.returncode == 2 and "Traceback" not in done.stdout
    assert "python3-tk" in done.stdout or "graphic display" in done.stdout
    assert "make menuconfig" in done.stdout


def test_make_configures_in_a_menu_before_it_builds(terminal, folder):
    """A target that needs no compiler stands for the build."""
    menu = terminal("make", "-j8", f"O={folder}", "fork-eager.config", "menuconfig",
                    "include/config/auto.conf")
    choose_priorities(menu)
    menu.send("q")
    menu.expect("Save configuration")
    menu.send("y")
    assert status_of(menu) == 0
    lines = subprocess.check_output(["grep", "=y", folder / "include/config/auto.conf"], text=True)
    assert "CONFIG_SCHED_PRIO=y\n" in lines and "CONFIG_FORK_EAGER=y\n" in lines
