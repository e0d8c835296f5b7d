"""The image for a stick: its menu, its kernels, and the same bytes from the same input."""

import os
import re
import subprocess

import pytest

from facet import ROOT, stick
from facet.build import build, good, make
from facet.machine import REAL_TIME, Hardware, uefi
from facet.shapes import CHOICES
from facet.stick import BESIDE, DOWN, OWN, compare
from facet.transcript import boot_line
from image_menu import __main__ as image_menu
from image_menu.shapes import on_image
from policies import policies


@pytest.fixture(scope="module")
def image():
    return stick.image()


def as_stick(image, *more: str) -> Hardware:
    return Hardware(clock=REAL_TIME, extra=(
        "-device", "qemu-xhci", "-device", "usb-storage,drive=stick,bootindex=0",
        "-drive", f"if=none,id=stick,format=raw,snapshot=on,file={image}", *more))


def test_menu_has_all_shapes_on_the_serial_line(image, boot):
    """By BIOS. The second entry is chosen, and that shape is what boots."""
    machine = boot([], as_stick(image))
    for name in (OWN, *BESIDE, "Verbose", "Serial line only", "Screen only"):
        machine.expect(name)
    machine.type(DOWN)
    machine.expect(rf"\*Facet {BESIDE[0]}")
    machine.type("\r")
    machine.expect("# ")
    found = boot_line(machine.printed())
    assert [found[choice] for choice in CHOICES] == BESIDE[0].split("-")


def test_first_entry_boots_by_itself(image, boot):
    """By UEFI, where there is no text screen."""
    machine = boot([], as_stick(image, *uefi()))
    machine.expect(rf"Facet {OWN}")
    machine.expect("console: framebuffer of")
    machine.expect("Enter 'help'")
    found = boot_line(machine.printed())
    assert [found[choice] for choice in CHOICES] == OWN.split("-")
    assert "acpi: FACP" not in machine.printed(), "that is for the verbose entry"


def test_verbose_entry_describes_the_machine(image, boot):
    machine = boot([], as_stick(image, *uefi(), "-smp", "2"))
    machine.expect("Screen only")
    machine.type(DOWN * (len((OWN, *BESIDE)) + 2))      # past both entries that measure
    machine.expect(r"\*Verbose")
    machine.type("\r")
    machine.expect("Enter 'help'")
    text = machine.printed()
    archive = image.parent / "image" / "shapes" / OWN / "root.cpio"
    for line in (
            r"cpu: signature 0x\w+, addresses of \d+ bits, memory types 0x7040600070106",
            r"cpu: has apic .*smep smap .*, hypervisor: TCG",
            r"console: ttyS0 is there",
            r"memory: 0x000000100000 to 0x\w+ usable",
            r"memory: 0x\w+ to 0x\w+ ACPI tables",
            rf"boot: module of {archive.stat().st_size} bytes at 0x",
            r"machine check: 10 banks",
            r"acpi: root pointer at 0x\w+, XSDT of \d+ bytes",
            *(rf"acpi: {name} at 0x\w+, \d+ bytes, revision \d, of BOCHS  BXPC"
              for name in ("FACP", "DSDT", "APIC", "HPET")),
            r"acpi: local APICs of 2 processors at 0xfee00000, NMI to LINT0: 0, LINT1: 1",
            r"acpi: ISA line 0 is interrupt 2, active high, edge",
            r"acpi: HPET at 0xfed00000, PM timer at port 0x\w+, 24 bits",
            r"acpi: PM1 control at ports 0x\w+ and 0, \\_S5 is 0 and 0",
            r"ioapic: at 0xfec00000, interrupts from 0 on, 24 inputs",
            r"time: HPET counts, 100000000 Hz",
            r"time: ACPI PM timer counts, 3579545 Hz",
            r"time: PIT counts, 1193182 Hz",
            r"time: by the HPET the ACPI PM timer has 35\d{5} Hz",
            r"keyboard: the PS/2 controller is there, configured 0x"):
        assert re.search(rf"\] {line}", text), f"{line}\n{text}"
    width, bits = re.search(r"framebuffer of (\d+) x \d+ pixels, (\d+) bits", text).groups()
    assert f"console: {int(width) * int(bits) // 8} bytes a line, bits of red 8 from 16, " in text


def test_kernels_are_compared_without_a_hand(image, boot):
    """One of them panics meanwhile, which costs the rest of its column and no more."""
    compare(boot([], as_stick(image, "-action", "reboot=reset")), (OWN, *BESIDE), panics=2)


@pytest.mark.parametrize("number", [len((OWN, *BESIDE)) + 1, 0xFFFF])
def test_number_of_no_kernel_is_cleared(image, boot, number):
    """The menu is there then, and the number is not left for the next boot either."""
    word = image_menu.NEXT_BOOT_SIGN | number
    place = int(image_menu.NEXT_BOOT_PLACE, 0)
    machine = boot([], as_stick(image, "-device",
                                f"loader,addr={place:#x},data={word:#x},data-len=4"))
    machine.expect("Screen only")
    assert machine.qmp.memory(place, 4, machine.scratch / "word") == bytes(4)


LOGS, TOOLS = "CONFIG_LAST_LOG=y", "CONFIG_USER_BUSYBOX=y"


@pytest.mark.parametrize("config, kernels, measured, compared", [
    ((LOGS, TOOLS), 4, True, True),
    ((LOGS, TOOLS), 1, True, False),
    ((TOOLS,), 4, True, False),
    ((LOGS,), 4, False, False),
])
def test_menu_offers_what_the_kernels_can(config, kernels, measured, compared):
    """What compares them is a script of BusyBox', and the figures travel by the log."""
    menu = image_menu.render([OWN, *BESIDE][:kernels], config="\n".join(config))
    assert (f'menuentry "Measure {OWN}"' in menu) == measured
    assert (f'menuentry "Compare {kernels} kernels' in menu) == compared
    assert ("read_dword" in menu) == compared


def config_of(name: str) -> str:
    return "".join(f"CONFIG_{choice.upper()}_{member.upper()}=y\n"
                   for choice, member in zip(CHOICES, name.split("-")))


def test_shapes_beside_differ_in_one_policy():
    found = policies(ROOT)
    assert on_image(found, config_of(OWN), []) == [OWN, *BESIDE]
    assert on_image(found, config_of(OWN), [BESIDE[2], OWN]) == [OWN, BESIDE[2]]


def test_shape_that_does_not_exist_is_refused(folder):
    done = make(f"O={folder}", "image", "SHAPES=rr-cow-lapic-embeded")
    assert done.returncode
    assert "there is no shape rr-cow-lapic-embeded; did you mean rr-cow-lapic-embedded?" in \
        done.stdout
    assert not (folder / "facet.img").exists()


def test_append_is_in_the_menu():
    made = build("image-append", (), ("image", "CONFIG=baremetal_defconfig", f"SHAPES={OWN}",
                                      "APPEND=loglevel=3 run='echo two'"))
    menu = (made.folder / "image" / "grub.cfg").read_text()
    assert "/boot/$kernel.elf\" loglevel=3 run='echo two' \"$@\"\n" in menu
    assert "Measure one kernel" in menu and "Compare" not in menu, "there is one kernel"


@pytest.mark.parametrize("words", ["it's", "}", "run=a & b"])
def test_menu_that_grub_cannot_read_is_refused(words, tmp_path):
    (tmp_path / "grub.cfg").write_text(image_menu.render([OWN], words))
    done = subprocess.run([ROOT / "scripts" / "image", tmp_path / "image", tmp_path / "grub.cfg"],
                          stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and "quote what APPEND has for it" in done.stderr, done.stderr
    assert not (tmp_path / "image").exists()


def pack(folder, image, mask: int, zone: str) -> bytes:
    """A small image of anything, made at another time, with another mask, somewhere else."""
    folder.mkdir(parents=True)
    (folder / "programs").write_bytes(b"archive")
    kernel = image.parent / "image" / "shapes" / OWN / "facet.elf"
    made = stick.pack(folder, image_menu.render(["one", "two"], archive=True), f"one={kernel}",
                      f"two={kernel}", "programs", umask=mask, env={**os.environ, "TZ": zone})
    return made.read_bytes()


def test_image_is_the_same_wherever_it_is_made(image, tmp_path):
    assert pack(tmp_path / "a", image, 0o022, "UTC") == \
        pack(tmp_path / "deeper" / "b", image, 0o077, "Asia/Tokyo")


def test_image_is_a_disk_and_a_disc(image):
    """MBR and GPT for BIOS and UEFI as a disk, El Torito for both as a CD."""
    done = good(subprocess.run(["xorriso", "-indev", image, "-report_el_torito", "plain",
                                "-report_system_area", "plain"], text=True,
                               capture_output=True, check=False))
    assert "grub2-mbr" in done.stdout and "GPT start and size" in done.stdout
    platforms = [line.split()[6] for line in done.stdout.splitlines()
                 if line.startswith("El Torito boot img")]
    assert platforms == ["BIOS", "UEFI"]
