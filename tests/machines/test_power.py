"""Restarting a PC: ACPI's reset register, else the keyboard controller, else a triple fault. QEMU's
own log, up to the reset, tells which of them it was."""

import pytest

from facet.machine import REAL_TIME, Hardware, direct
from machines.conversation import kernel

TRIPLE_FAULT, PULSE = "Triple fault", "pckbd_kbd_write_command 0xfe"

# PC: what QEMU's log has, and what it has not. q35's ACPI has a reset register, pc's has none.
WAYS = {
    "q35": ((), (PULSE, TRIPLE_FAULT)),
    "q35,i8042=off": ((), (PULSE, TRIPLE_FAULT)),
    "pc": ((PULSE,), (TRIPLE_FAULT,)),
    "q35,acpi=off": ((PULSE,), (TRIPLE_FAULT,)),
    "q35,acpi=off,i8042=off": ((TRIPLE_FAULT,), (PULSE,)),
}


@pytest.mark.parametrize("machine", WAYS)
def test_restart(machine, shell, tmp_path):
    log = tmp_path / "qemu.log"
    extra = ("-d", "cpu_reset", "-D", str(log), "-trace", "pckbd_kbd_write_command")
    session = shell(direct(kernel(), debug_exit=False),
                    Hardware(machine=machine, clock=REAL_TIME, extra=extra))
    session.line("reboot")
    ending = session.machine.finish()
    assert ending.status == 0 and "reboot: restarting" in ending.text
    text = log.read_text()
    done, not_done = WAYS[machine]
    assert all(way in text for way in done) and not any(way in text for way in not_done), text
