"""dmesg: this boot's log, and after a reboot that of the boot before."""

import pytest

from facet.build import build
from facet.machine import REAL_TIME, Hardware, direct

RESETS = Hardware(clock=REAL_TIME, extra=("-action", "reboot=reset"))


@pytest.fixture
def session(shell):
    kernel = build("baremetal_defconfig", ("baremetal_defconfig",))
    return shell(direct(kernel, debug_exit=False), RESETS)


def test_reboot_leaves_the_last_log(session):
    nothing = session.run("dmesg -p")
    assert nothing.status == 1 and "nothing is left" in nothing.text
    session.run("echo said before > /dev/kmsg")
    session.line("reboot")
    session.machine.expect("log: that of the boot before")      # and not its last prompt
    session.prompt()
    last, raw = (session.run(f"dmesg {flags}").text for flags in ("-p", "-pr"))
    assert last.startswith("[ ") and last.count("\n[ ") > 5
    assert "] said before\n" in last and last.endswith("reboot: restarting\n")
    refused = session.run("dmesg -pc")
    assert refused.status == 1 and "-c empties this boot's log" in refused.text
    assert session.run("dmesg").text.count("\n[ ") > 5, "and nothing is emptied"
    assert ">[ " in raw and ">[ " not in last and len(raw.splitlines()) == len(last.splitlines())


def test_log_of_this_boot(session):
    session.run("echo '<3>said now > and then' > /dev/kmsg")
    assert session.run("dmesg").text.endswith("] said now > and then\n")
    assert session.run("dmesg -r | tail -n 1").text.startswith("<11>[")
    assert session.run("dmesg -c | grep -c now").text == "1\n"
    assert session.run("dmesg").text == ""
    session.run("dmesg -n 1; echo '<3>quiet' > /dev/kmsg")
    session.run("dmesg -n 8; echo '<3>loud' > /dev/kmsg")
    printed = session.machine.printed()
    assert "] loud\n" in printed and "] quiet\n" not in printed
    assert session.run("dmesg -p -x").status == 1


def test_call_that_is_not_offered_is_logged(session):
    """On the consoles too, but for the one that a C library asks for in each program."""
    session.run("busybox ifconfig")
    printed, log = session.machine.printed(), session.run("dmesg -r").text
    assert "system call socket (41) is not offered\n" in printed
    assert "(334) is not offered" not in printed
    assert "\n<7>[" in log and "]: system call rseq (334) is not offered\n" in log, log
