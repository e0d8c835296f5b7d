"""The image for a stick: its menu, its kernels, and the same bytes from the same input."""

import os
import re
import subprocess

import pytest

from facet import ROOT
from facet.build import build, good, make
from facet.machine import REAL_TIME, Hardware
from facet.shapes import CHOICES
from facet.transcript import boot_line
from image_menu import __main__ as image_menu
from image_menu.shapes import on_image
from policies import policies

OWN = "prio-cow-lapic-initrd"
BESIDE = ("rr-cow-lapic-initrd", "prio-eager-lapic-initrd", "prio-cow-pit-initrd")
OVMF = "/usr/share/OVMF/OVMF_CODE.fd"
DOWN = "\x1b[B"


@pytest.fixture(scope="module")
def image():
    """The image that the manual says to make."""
    return build("stick", (), ("image", "CONFIG=baremetal_defconfig")).stick


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
    machine = boot([], as_stick(
        image, "-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}"))
    machine.expect(rf"Facet {OWN}")
    machine.expect("console: framebuffer of")
    machine.expect("Enter 'help'")
    found = boot_line(machine.printed())
    assert [found[choice] for choice in CHOICES] == OWN.split("-")


MEASURED = r"\n(\w+) (\d+) (tsc|ns)(?=\n)"
MACHINE_CHECK = "mce 0 2 0xb600000000000135 5 0 0"


def test_kernels_are_compared_without_a_hand(image, boot):
    """One key starts it; each kernel is measured and leaves its figures and the next one's number
    in memory. One panics meanwhile, which costs the rest of its column and no more."""
    machine = boot([], as_stick(image, "-action", "reboot=reset"))
    machine.expect("Screen only")
    for _ in range(1 + len(BESIDE)):
        machine.type(DOWN)
    machine.expect(r"\*Compare 4 kernels")
    machine.type("\r")
    figures = []
    for step, name in enumerate((OWN, *BESIDE), start=1):
        machine.expect(rf"Measuring {name}, {step} of 4 ...")
        if step == 2:
            machine.expect("null_call")
            machine.qmp.execute("human-monitor-command", **{"command-line": MACHINE_CHECK})
            machine.expect("---- kernel panic ----")
            figures.append(None)
            continue
        measured = machine.expect(r"(.*)\x1b\[2J").group(1).replace("\r", "")
        figures.append({name: value for name, value, _ in re.findall(MEASURED, measured)})
    table = machine.expect(r"(.*)Enter: a shell").group(1).replace("\r", "").splitlines()
    rows = {line[:22].split(",")[0].strip(): line[22:].split() for line in table}
    assert len(figures[0]) == 14 and figures[0].keys() == figures[2].keys() == figures[3].keys()
    for name in figures[0]:
        assert [rows[name][step] for step in (0, 2, 3)] == \
            [figures[step][name] for step in (0, 2, 3)]
    assert rows["fork_exec_wait"][1] == "-"
    assert len(table) < 24 and max(map(len, table)) <= 80
    assert any(f"3 {BESIDE[1]}" in line for line in table)


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


def pack(folder, image, mask: int, zone: str) -> bytes:
    """A small image of anything, made at another time, with another mask, somewhere else."""
    folder.mkdir(parents=True)
    (folder / "menu").write_text(image_menu.render(["one", "two"], archive=True))
    (folder / "programs").write_bytes(b"archive")
    kernel = image.parent / "image" / "shapes" / OWN / "facet.elf"
    good(subprocess.run([ROOT / "scripts" / "image", "made", "menu", f"one={kernel}",
                         f"two={kernel}", "programs"], cwd=folder, umask=mask, text=True,
                        capture_output=True, env={**os.environ, "TZ": zone}, check=False))
    return (folder / "made").read_bytes()


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
