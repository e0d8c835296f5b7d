"""A user at the prompt of the shell of usr/sh/, which an image without BusyBox has: one boot for
each test, typed in real time."""

import re
import subprocess

import pytest

from facet import BUILD, ROOT, archive
from facet.build import build
from facet.machine import CTRL_C, CTRL_D, REAL_TIME, Hardware, direct

PC = Hardware(clock=REAL_TIME)
SCRIPTS = sorted(path.stem for path in (ROOT / "tests" / "shell").glob("*.sh"))


@pytest.fixture(scope="module")
def kernel():
    return build("programs-initrd", ("qemu_defconfig", "programs-initrd.config"))


@pytest.fixture(scope="module")
def programs(kernel, tmp_path_factory):
    """The root archive of our own programs, with the shell's test scripts in it."""
    paths = {f"/{name}.sh": ROOT / "tests" / "shell" / f"{name}.sh" for name in SCRIPTS}
    return archive.make_archive(tmp_path_factory.mktemp("programs") / "root.cpio", paths)


@pytest.fixture
def session(kernel, programs, shell):
    return shell(direct(kernel, "", programs), PC)


def processes(session) -> dict[str, list[str]]:
    """What ps says: its columns, by command."""
    rows = [line.split(None, 5) for line in session.run("ps").lines[1:]]
    return {row[5].rstrip(")"): row for row in rows if len(row) == 6}


def test_words_and_status(session):
    assert session.run("echo one 'two  three' \"four $HOME\" fi\\ ve").text == \
        "one two  three four /root fi ve\n"
    assert session.run("x=7").status == 0
    assert session.run("echo \"<$x>\" '<$x>'").text == "<7> <$x>\n"
    assert session.run("true && echo yes || echo no").text == "yes\n"
    assert session.run("false && echo yes || echo no").text == "no\n"
    assert session.run("sh -c 'exit 42'").status == 42
    assert session.run("no-such-program").status == 127
    assert session.run("cat /no/such/file").status != 0


def test_pipes_and_files(session):
    assert session.run("echo a b c | cat | wc -w").text.split() == ["3"]
    session.run("echo first > /tmp/file; echo second >> /tmp/file")
    assert session.run("cat < /tmp/file").text == "first\nsecond\n"
    assert session.run("ls /nowhere 2> /tmp/errors; cat /tmp/errors").text.count("/nowhere") == 1
    assert session.run("mkdir /tmp/d && cd /tmp/d && pwd").text == "/tmp/d\n"
    assert session.run("cd; rm /tmp/file && ls /tmp").text.split() == ["d", "errors"]
    assert session.run("cat /bin/sh | cat | cat > /tmp/sh; wc -c < /tmp/sh").text.split() == \
        session.run("wc -c < /bin/sh").text.split()


def test_script_in_a_file(session):
    session.run("echo '#!/bin/sh' > /tmp/script")
    session.run("echo 'for word in $1 $2; do echo [$word]; done; exit 3' >> /tmp/script")
    answer = session.run("sh /tmp/script a b")
    assert (answer.text, answer.status) == ("[a]\n[b]\n", 3)


def test_background_and_kill(session):
    session.line("sleep 1000 &")
    session.prompt()
    row = processes(session)["sleep"]
    assert row[2].startswith("S")
    session.run(f"kill {row[0]}")
    session.run("wait")
    assert "sleep" not in processes(session)


def test_ps_shows_states(session):
    session.line("sh -c 'while :; do :; done' &")
    session.prompt()
    session.line("sleep 1000 &")
    session.prompt()
    shown = processes(session)
    assert shown["sleep"][2][0] == "S" and shown["init"][2][0] == "S" and shown["ps"][2][0] == "R"
    spinning = [row for row in shown.values() if row[2][0] == "R" and not row[5].startswith("ps")]
    assert len(spinning) == 1
    assert shown["init"][0] == "1"


def test_free_uptime_and_nice(session):
    header, values = (line.split() for line in session.run("free").lines)
    amounts = dict(zip(header, map(int, values)))
    assert 100 * 1024 < amounts["total"] <= 128 * 1024
    assert amounts["used"] + amounts["free"] == amounts["total"]
    assert re.match(r"up \d+:\d\d:\d\d, \d+ processes\n", session.run("uptime").text)
    assert session.run("nice").text == "0\n"
    assert session.run("nice -n 5 nice").text == "5\n"


def test_no_memory_is_lost_by_typing(session):
    """Rounds of commands leave as much memory as they found. A page more or less may be in use
    while one looks, by when the shell was last preempted, so the most of some looks counts."""
    script = "ls /bin | wc > /tmp/n; sh -c true; cat /proc/meminfo > /dev/null; rm /tmp/n"
    look = "echo 3 > /proc/sys/vm/drop_caches; cat /proc/meminfo"

    def free() -> int:
        session.run(script)
        return int(re.search(r"^MemFree: +(\d+)", session.run(look).text, re.M)[1])

    free()
    before = max(free() for _ in range(4))
    assert max(free() for _ in range(4)) >= before


def test_line_is_edited(session):
    session.machine.type("echo wrong\x15echo rigth\x7f\x7fht; echo =$?=\r")
    session.machine.expect(r"\nright\n=0=\n")
    session.prompt()


def test_interrupt_ends_the_foreground_alone(session):
    session.line("sleep 1000 &")
    session.prompt()
    session.start("sh -c 'echo started; while :; do :; done' | cat")
    session.interrupt()
    assert "sleep" in processes(session)
    session.machine.type("echo half a line" + CTRL_C)
    session.prompt()
    assert session.run("echo whole").text == "whole\n"


def test_end_of_input(session):
    session.line("cat")
    session.machine.type("typed" + "\r" + CTRL_D)
    session.machine.expect(r"typed\ntyped\n# ")
    session.machine.type(CTRL_D)
    session.machine.expect(r"the shell ended with status 0")
    session.prompt()


@pytest.mark.parametrize("command, line", [("reboot -p", None), ("reboot", None)])
def test_machine_is_ended_from_the_prompt(command, line, session):
    """QEMU ends on a restart too: it was told to."""
    session.line(command)
    assert session.machine.finish().value in (0, None)


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_prints_what_it_prints_on_linux(name, kernel, programs, boot, tmp_path):
    """The same shell and programs, on two kernels."""
    here = BUILD / "usr" / "bin"
    script = ROOT / "tests" / "shell" / f"{name}.sh"
    wanted = subprocess.run([here / "sh", script], cwd=tmp_path, env={"PATH": str(here)},
                            text=True, capture_output=True, timeout=20, check=False)
    machine = boot(direct(kernel, f'run="cd /tmp; echo =start=; sh /{name}.sh 2> /dev/null; '
                                  'echo =status $?="', programs), PC)
    text = machine.finish().text
    found = re.search(r"^=start=\n(.*)^=status (\d+)=$", text, re.M | re.S)
    assert found, machine.error("the script did not end")
    assert found[1] == wanted.stdout
    assert int(found[2]) == wanted.returncode
