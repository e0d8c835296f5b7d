"""Booting: each product by GRUB2, the kernel alone on many a PC, and boots that must fail well."""

import re
import time

import pytest

from facet import ROOT, screen, shapes
from facet.build import build, build_shape
from facet.machine import (CTRL_D, REAL_TIME, REAL_TIME_ONE_THREAD, Hardware, direct, from_image,
                           uefi)
from facet.transcript import boot_line, panic_cause

PRODUCTS = sorted(path.name for path in (ROOT / "configs").glob("*_defconfig"))
PC = Hardware(clock=REAL_TIME)

MACHINES = {
    "8 MiB": Hardware(memory="8M"),
    "16 MiB": Hardware(memory="16M"),
    "16 GiB": Hardware(memory="16G"),
    "memory on both sides of the PCI hole": Hardware(memory="5G"),
    "memory hole at 1 GiB": Hardware(machine="pc,max-ram-below-4g=1G", memory="2G"),
    "odd amount of memory": Hardware(memory="77M"),
    "q35": Hardware(machine="q35"),
    "q35 with 5 GiB": Hardware(machine="q35", memory="5G"),
    "qemu64": Hardware(cpu="qemu64"),
    "qemu64 on q35": Hardware(machine="q35", cpu="qemu64"),
    "single-threaded emulation": Hardware(clock=REAL_TIME_ONE_THREAD),
    "default emulation": Hardware(clock=REAL_TIME),
    "no display adapter": Hardware(extra=("-vga", "none")),
    "four processors of which one is used": Hardware(clock=REAL_TIME, extra=("-smp", "4")),
}


def shape_with(**members: str) -> shapes.Shape:
    return next(shape for shape in shapes.all_shapes()
                if members.items() <= shape.boot_line.items())


@pytest.fixture(scope="module")
def kernel():
    return build("qemu_defconfig", ("qemu_defconfig",))


@pytest.fixture(scope="module")
def small_kernel():
    """With our own shell and tools alone, for machines that have no room for BusyBox."""
    return build("small", ("qemu_defconfig", "CONFIG_USER_BUSYBOX=n"))


@pytest.fixture(scope="module")
def initrd_kernel():
    """A kernel that gets its programs from the loader."""
    return build_shape(shape_with(programs="initrd"))


# --- products, through GRUB2 -------------------------------------------------------------------

def try_prompt(session):
    """What a newcomer would type first."""
    assert session.run("echo hello").text == "hello\n"
    assert "sh" in session.run("ls /bin").text.split()
    assert session.run("echo one two three | wc -w").text.split() == ["3"]
    assert session.run("false").status == 1
    session.start("sh -c 'echo started; sleep 100'")
    session.interrupt()
    assert session.run("echo still here").text == "still here\n"


@pytest.mark.parametrize("product", PRODUCTS)
def test_product_boots_from_its_image(product, shell):
    built = build(product, (product,), ("iso",))
    session = shell(from_image(built.image), PC)
    assert boot_line(session.machine.printed())["hz"] == built.options["HZ"]
    try_prompt(session)
    session.machine.type(CTRL_D)
    session.machine.expect(r"ended with status 0")
    session.prompt()
    assert session.run("echo again").text == "again\n"


@pytest.mark.parametrize("product", PRODUCTS)
def test_screen_shows_what_is_typed(product, shell):
    """What the text memory says is also what one would see, and the keyboard works."""
    built = build(product, (product,), ("iso",))
    session = shell(from_image(built.image), PC)
    machine = session.machine
    for key in ("e", "c", "h", "o", "spc", "7"):
        machine.qmp.press(key)
    machine.qmp.press("shift", "x")
    machine.qmp.press("ret")
    machine.expect(r"echo 7X\n7X\n")
    session.prompt()

    # The serial line is ahead: a thread of the kernel draws some 20 ms later.
    deadline = time.monotonic() + 10
    while True:
        cells = screen.read_cells(machine)
        lines = screen.text_lines(cells)
        if "\n# echo 7X\n7X\n#\n" in "\n".join(lines):
            break
        assert time.monotonic() < deadline, "\n".join(lines)
    picture = screen.take_picture(machine.qmp, machine.scratch)
    assert len(screen.disagreements(cells, picture)) <= 1, screen.disagreements(cells, picture)


def test_image_boots_by_uefi(shell):
    built = build("qemu_defconfig", ("qemu_defconfig",), ("iso",))
    session = shell(from_image(built.image), Hardware(clock=REAL_TIME, extra=uefi()))
    try_prompt(session)


# --- the kernel alone ----------------------------------------------------------------------------

@pytest.mark.parametrize("name", MACHINES)
def test_machine(name, kernel, small_kernel, boot):
    """The kernel finds its way on this PC, and a program runs and ends it."""
    built = small_kernel if name == "8 MiB" else kernel
    machine = boot(direct(built, 'run="free; echo hello from user mode"'), MACHINES[name])
    ending = machine.finish()
    assert "hello from user mode" in ending.text, machine.error("no program ran")
    assert ending.value in (0, None)


@pytest.mark.parametrize("memory, least_mib, most_mib", [("8M", 5, 8), ("128M", 120, 128),
                                                         ("16G", 15900, 16384)])
def test_memory_is_found(memory, least_mib, most_mib, small_kernel, boot):
    """All of the machine's memory is there, above the hole too."""
    machine = boot(direct(small_kernel, 'run="cat /proc/meminfo"'), Hardware(memory=memory))
    total = re.search(r"^MemTotal: +(\d+) kB", machine.finish().text, re.M)
    assert total, machine.error("no MemTotal")
    assert least_mib * 1024 <= int(total[1]) <= most_mib * 1024


def test_without_the_apic(boot):
    """The 8259 takes over, and the tick still comes."""
    kernel = build_shape(shape_with(timer="pit", programs="embedded"))
    machine = boot(direct(kernel, 'noapic run="sleep 1; echo slept"'))
    text = machine.finish().text
    assert "8259" in text
    assert "slept" in text


def test_words_of_the_command_line_reach_init(kernel, shell):
    session = shell(direct(kernel, 'greeting=hello "PS1=# " init=/bin/sh -- -i'), PC)
    assert session.run("echo $greeting").text == "hello\n"


# --- boots that must fail, and say why -----------------------------------------------------------

def test_archive_missing(initrd_kernel, boot):
    """Where it should have come from is said."""
    words = direct(initrd_kernel)
    position = words.index("-initrd")
    del words[position:position + 2]
    cause = panic_cause(boot(words).finish().text)
    assert cause.startswith("boot: no root archive: with programs=initrd"), cause


# What is done to the archive, and what becomes of the boot.
DAMAGES = {
    "cut in a header": (lambda data: data[:50], None),
    "no archive at all": (lambda data: b"no cpio " * 1000, None),
    "name too long": (lambda data: data[:94] + b"ffffffff" + data[102:], None),
    "size too large": (lambda data: data[:54] + b"fffffff0" + data[62:], None),
    "cut in a file": (lambda data: data[:len(data) * 3 // 4], "hello from what was read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_archive_damaged(damage, initrd_kernel, tmp_path, boot):
    """The kernel says what is wrong and where. As on Linux it goes on with what stood before the
    damage; without a first program among that, it says so and stops."""
    change, spoken = DAMAGES[damage]
    path = tmp_path / "root.cpio"
    path.write_bytes(change(initrd_kernel.archive.read_bytes()))
    text = boot(direct(initrd_kernel, f'run="echo {spoken}"', path)).finish().text
    assert re.search(r"archive: .*offset \d+", text), text
    assert "the root archive is broken" in text
    if spoken:
        assert f"\n{spoken}\n" in text
    else:
        assert panic_cause(text).startswith("boot: no init"), text


def test_init_missing(kernel, boot):
    """What was asked for is named, and nothing else is taken for it."""
    text = boot(direct(kernel, "init=/bin/nothing")).finish().text
    assert panic_cause(text) == "boot: init=/bin/nothing cannot be run: error -2"
