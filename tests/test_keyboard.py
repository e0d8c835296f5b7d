"""The keyboard: what programs read of it, its lights, Ctrl-Alt-Del, and PCs without a usable one.

What each key sends in which layout is tests/host/test_scancodes*.c; here it goes through the
controller, the interrupt and the terminal.
"""

import re

import pytest

from facet.build import build
from facet.machine import Hardware, direct

NUM_LOCK, CAPS_LOCK = 2, 4          # as QEMU's ps2_set_ledstate shows them
KEYS = [("a", "a"), ("shift-a", "A"), ("caps_lock", ""), ("a", "A"), ("num_lock", ""),
        ("kp_7", "7"), ("num_lock", ""), ("kp_7", "\033[1~"), ("caps_lock", ""), ("f1", "\033[[A"),
        ("f12", "\033[24~"), ("end", "\033[4~"), ("up", "\033[A"), ("delete", "\033[3~"),
        ("alt-x", "\033x"), ("ctrl-c", "\003"), ("ctrl-spc", "\0"), ("shift-tab", "\033\t"),
        ("pause", ""), ("print", ""), ("ret", "\r")]
LIGHTS = [0, CAPS_LOCK, CAPS_LOCK | NUM_LOCK, CAPS_LOCK, 0]
GERMAN_KEYS = [("apostrophe", "ä"), ("shift-semicolon", "Ö"), ("minus", "ß"), ("y", "z"),
               ("alt_r-q", "@"), ("alt_r-e", "€"), ("alt_r-less", "|"), ("grave_accent", ""),
               ("e", "ê"), ("ret", "\r")]
# A controller that is stuck: a serial port in its place keeps its input buffer full, it seems.
STUCK = ("-chardev", "null,id=none", "-device", "isa-serial,iobase=0x60,irq=7,chardev=none")
LATER_US_MAX = 30_000


def press(session, keys) -> str:
    """What a program in raw mode reads while keys are pressed."""
    size = len("".join(text for _, text in keys).encode())
    session.start("old=$(stty -g); stty raw -echo; echo started; "
                  f"dd bs=1 count={size} 2> /dev/null | od -An -v -tx1; stty $old")
    for key, _ in keys:
        session.machine.qmp.press(*key.split("-"))
    found = session.machine.expect(r"((?: [0-9a-f]{2}|\s)+)\n# ", 30)
    return bytes.fromhex(found[1]).decode()


@pytest.fixture(scope="module")
def kernel():
    return build("qemu_defconfig", ("qemu_defconfig",))


def test_keys_reach_programs_and_lights_follow(kernel, shell, tmp_path):
    hardware = Hardware(extra=("-trace", "ps2_set_ledstate", "-D", str(tmp_path / "trace")))
    session = shell(direct(kernel), hardware)
    assert press(session, KEYS) == "".join(text for _, text in KEYS)
    session.machine.close()
    states = re.findall(r"ledstate (\d)\n", (tmp_path / "trace").read_text())
    assert [int(state) for state in states][-len(LIGHTS):] == LIGHTS


def test_german_keyboard_and_its_erased_umlaut(shell):
    """With a screen, the terminal takes characters for UTF-8."""
    kernel = build("keyboard_de", ("qemu_defconfig", "CONFIG_KEYBOARD_DE=y"))
    session = shell(direct(kernel, "console=tty0"))
    assert press(session, GERMAN_KEYS) == "".join(text for _, text in GERMAN_KEYS)
    session.start("echo started; head -n 1 | od -An -tx1")
    for key in ("apostrophe", "backspace", "x", "ret"):
        session.machine.qmp.press(key)
    session.machine.expect(r"\n 78 0a\n", 30)


def test_three_keys_ask_process_1(kernel, shell):
    session = shell(direct(kernel))
    session.machine.qmp.press("ctrl", "alt", "delete")
    assert "init: Ctrl-Alt-Del\n" in session.machine.finish().text


def test_three_keys_restart_where_nobody_said_otherwise(kernel, boot):
    machine = boot(direct(kernel, "init=/bin/sh"))
    machine.expect("/ # ")
    machine.qmp.press("ctrl", "alt", "delete")
    text = machine.finish().text
    assert "reboot: restarting" in text and "init:" not in text


def entry_us(boot, kernel, hardware: Hardware) -> "tuple[str, int]":
    """What a machine without a usable keyboard prints, and when its first process starts."""
    text = boot(direct(kernel, 'run="dmesg | grep keyboard:"'), hardware).finish().text
    return text, int(re.search(r"boot: (\d+) us from entry", text)[1])


def test_tables_say_that_there_is_no_controller(kernel, boot):
    text, _ = entry_us(boot, kernel, Hardware(machine="q35,i8042=off", extra=STUCK))
    assert "keyboard: no PS/2 controller\n" in text


def test_boots_without_a_controller_that_answers(kernel, boot):
    without, usual_us = entry_us(boot, kernel, Hardware(machine="q35,acpi=off,i8042=off"))
    assert "keyboard: no PS/2 controller\n" in without
    stuck, later_us = entry_us(boot, kernel,
                               Hardware(machine="q35,acpi=off,i8042=off", extra=STUCK))
    assert "keyboard: the PS/2 controller does not answer\n" in stuck
    assert later_us - usual_us < LATER_US_MAX
