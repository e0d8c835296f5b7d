"""Job control typed by hand in BusyBox's shell, the same on this host and on Facet: what is typed
and what has to be shown for it."""

import shutil
from pathlib import Path

import pexpect
import pytest

from facet import archive
from facet.build import build
from facet.machine import CTRL_C, REAL_TIME, Hardware, direct

CTRL_Z, CTRL_BACKSLASH = "\x1a", "\x1c"
BUSYBOX = shutil.which("busybox")
NAMES = ("ash", "sh", "sleep", "cat", "stty")

# A job says that it runs, and that it goes on: it is in the foreground by then.
JOB = """sh -c 'trap "echo go"es CONT; echo ru''ns; while :; do sleep 1; done'"""
STEPS = [
    (f"{JOB}\r", "runs"), (CTRL_Z, "Stopped"), ("echo =$?\r", "=148"),
    ("jobs\r", "Stopped"), ("bg\r", "goes"), ("jobs\r", "Running"),
    ("fg\r", "goes"), (CTRL_C, "PS>"), ("echo =$?\r", "=130"), ("jobs; echo no''ne\r", "none"),
    ("sh -c 'echo ru''ns; exec sleep 100'\r", "runs"), (CTRL_BACKSLASH, "Quit"),
    ("echo =$?\r", "=131"),
    ("sleep 100 &\r", "PS>"), (f"{JOB} &\r", "runs"), ("jobs\r", "100"),
    ("kill %1; wait %1; echo =$?\r", "=143"), ("fg %2\r", "goes"), (CTRL_Z, "Stopped"),
    ("kill -9 %2; sleep 1; jobs; echo no''ne\r", "none"),
    ("cat &\r", "PS>"), ("sleep 1\r", "PS>"), ("jobs\r", r"Stopped \(tty input\)"),
    ("fg\r", "cat"), ("typed\r", "typed\r+\ntyped"), ("\x04", "PS>"), ("echo =$?\r", "=0"),
    ("stty tostop; echo hid''den &\r", "PS>"), ("sleep 1\r", "PS>"),
    ("jobs\r", r"Stopped \(tty output\)"), ("fg\r", "\nhidden"), ("stty -tostop\r", "PS>"),
    ("sh -c 'trap \"echo re''sized\" WINCH; echo ru''ns; read x; echo e''nd'\r", "runs"),
    (CTRL_Z, "Stopped"), ("stty rows 30; fg\r", "trap"), ("x\r", "end"),
    ("cat\r", "\n"), ("a\r", "a\r+\na"), (CTRL_Z, "Stopped"), ("fg\r", "cat"),
    ("b\r", "b\r+\nb"), (CTRL_C, "PS>"), ("echo =$?\r", "=130"),
    ("(sleep 100 & echo child; exit 5); echo =$?\r", "=5"),
    ("sh -c 'kill -STOP $$; echo ba''ck'\r", "Stopped"), ("fg\r", "back"),
]


def perform(child):
    child.expect("PS>")
    for typed, wanted in STEPS:
        child.send(typed)
        child.expect(wanted, timeout=20)


@pytest.mark.skipif(not BUSYBOX, reason="no busybox")
def test_on_this_host(tmp_path):
    for name in NAMES:
        (tmp_path / name).symlink_to(BUSYBOX)
    child = pexpect.spawn(BUSYBOX, ["ash"], env={"PS1": "PS>", "PATH": str(tmp_path)},
                          encoding="utf-8", timeout=20)
    child.delaybeforesend = 0.05
    try:
        perform(child)
    finally:
        child.close(force=True)


@pytest.mark.skipif(not BUSYBOX, reason="no busybox")
def test_on_facet(boot, tmp_path):
    kernel = build("initrd", ("qemu_defconfig", "programs-initrd.config"))
    root = archive.make_archive(tmp_path / "jobs.cpio",
                                {f"/tmp/{name}": Path(BUSYBOX) for name in NAMES})
    child = boot(direct(kernel, "", root), Hardware(clock=REAL_TIME)).child
    child.delaybeforesend = 0.05
    child.expect("# ")
    child.send("PATH=/tmp PS1='PS''>' /tmp/ash\r")
    perform(child)
