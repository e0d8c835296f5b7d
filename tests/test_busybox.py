"""BusyBox, the userland of the default image: its applets print on Facet what they print on this
host, and its shell serves a person who types."""

import functools
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from facet import BUILD, ROOT, archive
from facet.build import build
from facet.machine import REAL_TIME, Hardware, Machine, MachineError, direct
from facet.session import ANSWER_S, Session
from facet.sessions import KERNEL_LINE

PC = Hardware(clock=REAL_TIME)
SMALL = Hardware(memory="16M")
RUN, COMMANDS = (ROOT / "tests" / "busybox" / name for name in ("run", "commands"))
LINES = [line for line in COMMANDS.read_text().splitlines() if line and line[0] != "#"]
ANSWER = re.compile(r"^=== (?!status)(.*)\n((?s:.*?))^=== status (\d+)\n", re.M)
LIMIT_S = 60
# Why an applet that has a link is in no line of the table.
UNTRIED = {
    "they ask for a password": "login passwd su sulogin",
    "they serve for ever": "crond getty",
    "they would end the host's run": "halt poweroff reboot",
    "they are typed at below": "vi",
    "each machine tells something else": "last",
    "it sleeps 5 s": "nologin",
    "it looks for a console": "cttyhack",
}
PROMPT_US = 40_000              # of a machine that does an instruction a nanosecond
# The time of the prompt is that of a line in the kernel's log, written while it is made.
TIMED_PROFILE = "PS1='$(echo at the prompt > /dev/kmsg)# '\n"


def links() -> dict[str, str]:
    """The names in /bin and what each is a link to, as the archive has them."""
    said = subprocess.run([sys.executable, "-B", ROOT / "scripts" / "busybox.py", "/bin/busybox"],
                          text=True, capture_output=True, check=False)
    if said.returncode:
        pytest.skip(said.stderr.strip())
    return dict(re.findall(r"^link bin/(\S+) (\S+)$", said.stdout, re.M))


def read(text: str) -> dict[str, tuple[str, str]]:
    """What each command printed, and its status."""
    return {command: (said, status) for command, said, status in ANSWER.findall(text)}


@functools.lru_cache(maxsize=None)
def on_this_host() -> dict[str, tuple[str, str]]:
    with tempfile.TemporaryDirectory() as name:
        programs, work = Path(name) / "bin", Path(name) / "work"
        programs.mkdir()
        work.mkdir()
        for link in ("busybox", "true", *links()):
            (programs / link).symlink_to("/bin/busybox")
        done = subprocess.run([programs / "sh", RUN], cwd=work, text=True, timeout=60,
                              stdin=open(COMMANDS, encoding="ascii"), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, start_new_session=True, check=True,
                              env={"PATH": str(programs), "HOME": "/root"}, umask=0o022)
    return read(done.stdout)


def busybox_archive(target: Path, more: dict[str, Path]) -> list[str]:
    """QEMU's words for the default image with these files more."""
    kernel = build("programs-initrd", ("qemu_defconfig", "programs-initrd.config"))
    root = archive.make_archive(target, more, lists=(kernel.folder / "busybox.list",))
    return direct(kernel, "", root)


@functools.lru_cache(maxsize=None)
def on_facet() -> dict[str, tuple[str, str]]:
    folder = BUILD / "busybox"
    folder.mkdir(parents=True, exist_ok=True)
    words = busybox_archive(folder / "root.cpio", {"/root/run": RUN, "/root/commands": COMMANDS})
    words[words.index("-append") + 1] += \
        ' run="mkdir /tmp/work; cd /tmp/work; setsid sh /root/run < /root/commands 2>&1 | cat"'
    machine = Machine(words, Hardware(), BUILD / "logs" / "busybox" / "table.log", LIMIT_S)
    try:
        machine.finish()
    except MachineError:
        pass                    # the commands that it did not come to say so
    finally:
        machine.close()
    return read(KERNEL_LINE.sub("", machine.printed()))


@pytest.mark.xdist_group("busybox")
@pytest.mark.parametrize("command", LINES)
def test_command_prints_what_it_prints_here(command):
    wanted = on_this_host().get(command)
    assert wanted, "this host's BusyBox did not come so far"
    assert on_facet().get(command, "Facet did not come so far") == wanted


def test_each_applet_is_tried():
    tried = set(re.findall(r"[\w\[-]+", "\n".join(LINES)))
    untried = set(" ".join(UNTRIED.values()).split())
    assert not links().keys() - tried - untried


@pytest.fixture(scope="module")
def kernel():
    return build("qemu_defconfig", ("qemu_defconfig",))


def test_shell_is_ash(kernel, shell):
    session = shell(direct(kernel), PC)
    assert session.run("echo $0 $PATH $HOME; hostname; whoami").lines == \
        ["-sh /bin /root", "facet", "root"]
    assert session.run("readlink /bin/sh").text == "busybox\n"
    assert session.run("su nobody -s /bin/sh -c 'id -un'").lines[-1] == "nobody"
    assert session.run("x=7").status == 0
    assert session.run("echo $x; false").status == 1
    session.machine.type("echo wrong\x15echo rigth\x7f\x7fht\r")
    session.machine.expect(r"\nright\n")
    session.prompt()
    session.machine.type("\x1b[A\x1b[D\x1b[D-\r")           # the line before, changed
    session.machine.expect(r"\nrig-ht\n")
    session.prompt()
    session.machine.type("poweroff\r")
    assert session.machine.finish().value in (0, None)


def test_vi_edits_a_file(kernel, shell):
    session = shell(direct(kernel), PC)
    session.run("stty columns 80; seq 5 > file")
    session.machine.type("vi file\r")
    session.machine.expect("- file 1/5")
    # An escape with more at once behind it would be the start of a key's sequence.
    for keys, line in (("jddpkOnew\x1b", "2/6"), ("Gotext\x1b", "7/7"),
                       (":s/text/the end/\r1GxA one\x1b", "1/7"), ("/5\rcwfive\x1b", "6/7")):
        session.machine.type(keys)
        session.machine.expect(rf"I file.*- file \[Modified\] {line}", ANSWER_S)
    session.machine.type(":wq\r")
    session.machine.expect(r"\x1b\[\?1049l# ")
    assert session.run("cat file").lines == [" one", "new", "3", "2", "4", "five", "the end"]
    session.machine.type("reboot\r")
    assert session.machine.finish().value in (0, None)


def test_prompt_comes_soon_and_in_16_mib(boot, tmp_path, record_property):
    (tmp_path / "profile").write_text(TIMED_PROFILE)
    words = busybox_archive(tmp_path / "root.cpio", {"/etc/profile": tmp_path / "profile"})
    machine = boot(words, SMALL)
    Session(machine).prompt()
    seconds, = re.findall(r"\[ *(\d+\.\d+)\] at the prompt", machine.printed())
    record_property("prompt_us", float(seconds) * 1e6)
    assert 0 < float(seconds) * 1e6 < PROMPT_US
