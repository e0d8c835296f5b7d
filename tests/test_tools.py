"""The commands around the kernel, as a newcomer types them: run, run-iso, debug, symbolize."""

import re
import subprocess

import pexpect
import pytest

from facet import BUILD, ROOT, shapes
from facet.build import build, build_shape
from facet.machine import die_with_parent, direct
from facet.session import PROMPT

GDB_PORT = 41234


@pytest.fixture(scope="module")
def built():
    return build("qemu_defconfig", ("qemu_defconfig",))


@pytest.fixture
def make_run(built, log_path):
    """Starts a make target that takes the terminal, and ends it with the test."""
    started = []

    def start(*words: str) -> pexpect.spawn:
        log = log_path()
        log.parent.mkdir(parents=True, exist_ok=True)
        child = pexpect.spawn("make", [f"O={built.folder}", f"U={BUILD / 'usr'}", *words],
                              cwd=str(ROOT), timeout=60, encoding="utf-8",
                              codec_errors="replace", preexec_fn=die_with_parent)
        child.logfile_read = open(log, "w", encoding="utf-8", newline="")
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)
        child.logfile_read.close()


@pytest.mark.parametrize("target", ["run", "run-iso"])
def test_one_command_gives_a_shell(target, make_run):
    child = make_run(target)
    child.expect(PROMPT)
    child.send("echo hello from $HOME\r")
    child.expect(r"\nhello from /root\r*" + PROMPT)
    child.send("sleep 100\r")
    child.expect(r"sleep 100\r*\n")
    child.send("\x03")
    child.expect(PROMPT)
    child.send("\x01x")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_debugger_sees_threads_processes_and_tables(make_run, built):
    """Stopped before the first instruction; then where init waits for its shell."""
    child = make_run("debug", f"GDB_PORT={GDB_PORT}")
    child.expect("Stopped before the first instruction")
    commands = (f"target remote :{GDB_PORT}", "break sys_wait4", "continue", "facet threads",
                "facet processes", "facet areas", "facet pages 0x400000", "facet cpu", "backtrace",
                "kill")
    words = [word for command in commands for word in ("-ex", command)]
    done = subprocess.run(["gdb", "-q", "-batch", "-x", ROOT / "scripts" / "gdb" / "facet.py",
                           *words, built.kernel], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    assert "Error" not in done.stdout and "Traceback" not in done.stdout, done.stdout
    assert re.search(r"Breakpoint 1, sys_wait4", done.stdout), done.stdout
    assert "init" in done.stdout and "r-x" in done.stdout, done.stdout


def test_symbolize_names_files_and_lines(boot):
    shape = next(shape for shape in shapes.all_shapes() if "embedded" in shape.members)
    kernel = build_shape(shape)
    text = boot(direct(kernel, "plant=null_read")).finish().text
    done = subprocess.run(["make", f"O={kernel.folder}", f"U={BUILD / 'usr'}", "symbolize"],
                          cwd=ROOT, input=text, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert re.search(r"kernel/debug/plant\.c:\d+", done.stdout), done.stdout
