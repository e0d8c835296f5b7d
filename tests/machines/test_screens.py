"""The framebuffer console on every screen that QEMU's firmware offers, up to 4K."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from facet import keyboard, screen
from facet.debugger import needs_gdb, stop_at, waiting
from facet.framebuffer import Mode, differences, render
from facet.machine import REAL_TIME, Hardware
from facet.screen import Picture
from facet.screen_modes import LIMIT_S, TYPED, check, start, written
from machines.conversation import drive, kernel
from machines.table import IDE

UP, DOWN = "\x1b[A", "\x1b[B"
BIOS_MODES = [f"{size}x{bits}" for size in ("640x480", "800x600", "1024x768", "1280x1024")
              for bits in (15, 16, 24, 32)]
BIOS_MODES += [f"{size}x{bits}" for size in ("1920x1080", "2560x1440") for bits in (16, 24, 32)]
BIOS_MODES += ["3840x2160x16", "3840x2160x32"]
UEFI_MODES = ["640x480x32", "1024x768x32", "1920x1080x32", "2560x1600x32", "3840x2160x32"]
SCREENS = [("BIOS", mode) for mode in BIOS_MODES] + [("UEFI", mode) for mode in UEFI_MODES]


@pytest.mark.parametrize("machine", ["pc", "q35"])
@pytest.mark.parametrize("firmware, mode", SCREENS,
                         ids=[" ".join(screen) for screen in SCREENS])
def test_screen(machine, firmware, mode, shell, tmp_path):
    check(shell, machine, firmware, mode, tmp_path)


def test_menu_has_an_entry_for_pixels(boot):
    machine = boot([*drive(), *IDE], Hardware(clock=REAL_TIME))
    machine.expect("Screen only")
    machine.type(20 * DOWN)
    machine.expect(r"\*Screen only")
    machine.type(2 * UP)
    machine.expect(r"\*Framebuffer")
    machine.type("\r")
    machine.expect("console: framebuffer of 1024 x 768")
    machine.expect("# ")


def test_measuring_has_the_screen_of_comparing(boot):
    """Text by BIOS, also from the submenu."""
    machine = boot([*drive(), *IDE], Hardware(clock=REAL_TIME))
    machine.expect("Screen only")
    machine.type(20 * DOWN)
    machine.expect(r"\*Screen only")
    machine.type(4 * UP + "\r")
    machine.expect(r"\*Measure ")
    machine.type("\r")
    machine.expect("Measuring")
    assert "console: framebuffer" not in machine.printed()


@pytest.mark.parametrize("lines", range(10_000, 90_000, 10_000))
def test_panic_is_seen_while_a_program_prints(lines, boot):
    """It comes in the middle of a write to the screen as often as not."""
    built = kernel()
    machine = boot(["-kernel", str(built.kernel), "-initrd", str(built.initrd),
                    "-append", 'console=tty0 run="seq 1000000000"'], Hardware(clock=REAL_TIME))
    deadline = time.monotonic() + LIMIT_S
    while not any(line.isdigit() and int(line) > lines for line in screen.read_lines(machine)):
        assert time.monotonic() < deadline, screen.read_lines(machine)
    machine.qmp.machine_check()
    while "---- end of panic ----" not in (shown := screen.read_lines(machine)):
        assert time.monotonic() < deadline, shown


# No card of QEMU's has its framebuffer above 4 GiB. Memory that two machines share is such a
# device, being large; gdb puts its address into what the loader said.
FAR = """\
python
import re
bar = re.search(r"64 bit prefetchable memory at (0x[0-9a-f]{9,})",
                gdb.execute("monitor info pci", to_string=True))[1]
gdb.execute(f"set variable ((struct bootinfo *)$rdi)->framebuffer.base = {bar}")
end
"""


@needs_gdb
def test_screen_above_4_gib(shell, tmp_path):
    mode, memory, socket = Mode.parse("1024x768x32"), tmp_path / "memory", tmp_path / "gdb"
    backend = f"memory-backend-file,id=far,size=4G,mem-path={memory},share=on"
    with ThreadPoolExecutor() as pool:
        gdb = pool.submit(stop_at, "framebuffer_init", kernel(), socket, FAR)
        session = start(shell, "q35", "BIOS", mode, tmp_path, "-object", backend,
                        "-device", "ivshmem-plain,memdev=far", *waiting(socket))
        gdb.result()
    keyboard.press(session.machine.qmp, TYPED)
    expected, deadline = render(written(), mode), time.monotonic() + LIMIT_S
    while (found := differences(expected, picture_in(memory, mode))):
        assert time.monotonic() < deadline, found


def picture_in(memory, mode: Mode) -> Picture:
    """Pixels of 32 bits, blue first."""
    with open(memory, "rb") as file:
        raw = file.read(4 * mode.width * mode.height)
    pixels = bytearray(3 * mode.width * mode.height)
    for channel in range(3):
        pixels[channel::3] = raw[2 - channel::4]
    return Picture(mode.width, mode.height, bytes(pixels))
