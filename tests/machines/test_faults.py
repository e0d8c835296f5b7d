"""PCs on which something is broken or missing: each boots as far as it can, and says what it is."""

import re
import time

import pytest

from facet import keyboard, screen, stick
from facet.debugger import ENTRY, needs_gdb, stop_at, waiting
from facet.machine import REAL_TIME, Hardware, direct, from_image
from facet.transcript import panic_cause
from image_menu.__main__ import render
from machines.conversation import drive, kernel
from machines.table import CD

# ebx has PVH's start info: the root pointer's address is at 32, the memory map's length at 48.
ROOT_POINTER = "set $rsdp = *(unsigned long *)($rbx + 32)\n"
ROOT_TABLE = ROOT_POINTER + "set $rsdt = (unsigned long)*(unsigned *)($rsdp + 16)\n"
NO_MEMORY_MAP = "set *(unsigned *)($rbx + 48) = 0\n"
# For each table of a signature: its checksum is at 9.
OF_TABLE = ROOT_TABLE + """\
set $at = $rsdt + 36
while $at < $rsdt + *(unsigned *)($rsdt + 4)
  set $table = (unsigned long)*(unsigned *)$at
  if *(unsigned *)$table == {signature:#x}
    {change}
  end
  set $at += 4
end
"""
CHECKSUM = "set *(unsigned char *)($table + 9) += 1"
HUGE = "set *(unsigned *)($table + 4) = 0xfffffff0"


def of_table(signature: str, change: str) -> str:
    return OF_TABLE.format(signature=int.from_bytes(signature.encode(), "little"), change=change)


# What gdb does, what the kernel then says, and what it takes instead.
BROKEN_ACPI = {
    "root pointer": (ROOT_POINTER + "set *(unsigned char *)($rsdp + 8) += 1", "acpi: no tables",
                     "by the PIT, .* interrupts by 8259"),
    "root table": (ROOT_TABLE + "set *(unsigned char *)($rsdt + 9) += 1",
                   "acpi: no usable root table", "by the PIT, .* interrupts by 8259"),
    "MADT": (of_table("APIC", CHECKSUM), "acpi: table APIC at .* has a wrong checksum, not used",
             "by the HPET, .* interrupts by 8259"),
    "FADT": (of_table("FACP", CHECKSUM), "acpi: table FACP at .* has a wrong checksum, not used",
             "by the HPET, .* interrupts by ioapic"),
    "HPET": (of_table("HPET", CHECKSUM), "acpi: table HPET at .* has a wrong checksum, not used",
             "by the ACPI PM timer, .* interrupts by ioapic"),
    "length": (of_table("APIC", HUGE), "acpi: the table at .* has a length of 4294967280, not used",
               "by the HPET, .* interrupts by 8259"),
}


def boot_broken(commands, boot, tmp_path):
    """A machine of which gdb has broken something before the kernel."""
    socket = tmp_path / "gdb"
    machine = boot(direct(kernel(), 'run="echo it runs"'), Hardware(extra=waiting(socket)))
    stop_at(ENTRY, kernel(), socket, commands)
    return machine


@needs_gdb
@pytest.mark.parametrize("what", BROKEN_ACPI)
def test_broken_acpi_is_said_and_done_without(what, boot, tmp_path):
    commands, said, instead = BROKEN_ACPI[what]
    text = boot_broken(commands, boot, tmp_path).finish().text
    assert re.search(said, text), text
    assert re.search(instead, text), text
    assert "\nit runs\n" in text


@needs_gdb
def test_no_memory_map_is_refused(boot, tmp_path):
    text = boot_broken(NO_MEMORY_MAP, boot, tmp_path).finish().text
    assert "the loader passed no memory map" in panic_cause(text)


def boot_by_grub(folder, boot, archive: "bytes | None", run: str):
    """A machine with a stick of one kernel, and of this archive."""
    menu = render(["facet"], append=f'debug_exit run="{run}"', archive=True, at_once=True)
    files = [f"facet={kernel().kernel}"]
    if archive is not None:
        (folder / "programs").write_bytes(archive)
        files.append("programs")
    return boot(from_image(stick.pack(folder, menu, *files)), Hardware(clock=REAL_TIME))


def test_archive_cut_short_on_the_stick(boot, tmp_path):
    """What stood before the end of it is there."""
    whole = kernel().archive.read_bytes()
    text = boot_by_grub(tmp_path, boot, whole[:len(whole) * 3 // 4], "echo it runs").finish().text
    assert re.search(r"archive: malformed at offset \d+", text), text
    assert "the root archive is broken" in text
    assert "\nit runs\n" in text


def test_archive_missing_on_the_stick(boot, tmp_path):
    """GRUB says so, waits for a key or ten seconds and starts the kernel, which says what it is
    that is missing."""
    machine = boot_by_grub(tmp_path, boot, None, "echo it runs")
    machine.expect("error: file `/boot/root.cpio' not found.")
    machine.expect("Press any key to continue")
    machine.type(" ")
    cause = panic_cause(machine.finish().text)
    assert cause.startswith("boot: no root archive: with programs=initrd"), cause
    assert "GRUB: module2" in cause


def wait_for_line(machine, line: str) -> None:
    """Until the screen shows it."""
    while line not in (lines := screen.read_lines(machine)):
        assert time.monotonic() < machine.deadline, "\n".join(lines)
        time.sleep(0.1)


def test_no_serial_port(boot):
    """The screen and the keyboard are enough."""
    machine = boot([*drive(), *CD], Hardware(clock=REAL_TIME, serial=False))
    wait_for_line(machine, "#")
    keyboard.press(machine.qmp, "echo 7\r")
    wait_for_line(machine, "7")
    keyboard.press(machine.qmp, "poweroff\r")
    assert machine.finish().status == 0
