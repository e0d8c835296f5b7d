"""The log of the boot before this one: there after a reset and after a panic, its newest lines."""

import pytest

from facet.build import build
from facet.machine import REAL_TIME, Hardware, direct

RESETS = Hardware(clock=REAL_TIME, extra=("-action", "reboot=reset"))


@pytest.fixture(scope="module")
def kernel():
    return build("baremetal_defconfig", ("baremetal_defconfig",))


@pytest.fixture
def session(kernel, shell):
    found = shell(direct(kernel, "panic=-1", debug_exit=False), RESETS)
    assert found.run("cat /proc/facet/last_log").text == ""
    return found


def last_log(session) -> str:
    session.prompt()
    return session.run("cat /proc/facet/last_log").text


def test_reset_leaves_the_log(session):
    for text in ("once", "twice", "thrice"):
        session.run(f"echo said {text} > /dev/kmsg")
        session.machine.qmp.execute("system_reset")
        assert f"said {text}\n" in last_log(session)


def test_panic_is_in_it(session):
    session.machine.qmp.machine_check()
    assert "---- kernel panic ----" in last_log(session)


def test_newest_lines_are_kept(session):
    session.run("dmesg -n 1")
    session.run("for i in $(seq 3000); do echo line number $i > /dev/kmsg; done")
    session.machine.qmp.execute("system_reset")
    session.prompt()
    assert "line number 3000\n" in session.run("tail -n 1 /proc/facet/last_log").text
    assert 500 < int(session.run("grep -c line /proc/facet/last_log").text) < 1500
