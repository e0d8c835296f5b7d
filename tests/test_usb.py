"""Writing a stick: what is refused, what is asked, and that what was written is looked at again.

The disks are files, described by a sysfs that is made up: no device of this machine is touched.
"""

import io
import os
from pathlib import Path

import pytest

import usb
from facet.build import make

IMAGE = bytes(range(256)) * 4096 * 5 + b"the end"       # more than a chunk, and no multiple of one
SIZE = 8 << 20
ON_USB = "pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb"
ON_SATA = "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sdb"


class Made(usb.System):
    """A system with one disk, sdb, of one partition."""

    def __init__(self, folder: Path, place: str = ON_USB, **files: str):
        super().__init__(folder / "sys", folder / "proc")
        self.disk = self.sys / "devices" / place
        self.node, self.partition = folder / "sdb", folder / "sdb1"
        self.numbers = {}
        self.describe("", "8:16", SIZE // 512, self.node)
        self.describe("sdb1", "8:17", 2048, self.partition)
        settings = {"removable": "1", "ro": "0", "device/vendor": "Acme", "device/model": "Stick",
                    "device/type": "0", "sdb1/partition": "1", **files}
        for name, text in settings.items():
            self.put(self.disk / name, text)
        self.mounts(), self.swaps()
        with open(self.node, "wb") as file:
            file.truncate(SIZE)
        self.partition.touch()

    @staticmethod
    def put(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")

    def describe(self, name: str, number: str, sectors: int, node: Path) -> None:
        self.put(self.disk / name / "size", str(sectors))
        self.put(self.disk / name / "dev", number)
        link = self.sys / "dev" / "block" / number
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(self.disk / name)
        node.touch()
        self.numbers[node.stat().st_ino] = number

    def mounts(self, number: str = "8:1", source: str = "/dev/sda1", place: str = "/") -> None:
        self.put(self.proc / "self" / "mountinfo",
                 f"22 1 {number} / {place} rw,relatime shared:1 - ext4 {source} rw")

    def swaps(self, *paths) -> None:
        self.put(self.proc / "swaps", "\n".join(
            ["Filename Type Size Used Priority", *(f"{path} partition 9 0 -2" for path in paths)]))

    def number(self, node):
        return self.numbers.get(os.stat(node).st_ino)


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "image"
    path.write_bytes(IMAGE)
    return path


def refusal(image: Path, system: Made, node: "Path | None" = None, answer: str = "sdb") -> str:
    before = system.node.read_bytes()
    with pytest.raises(usb.Refusal) as caught:
        usb.run(image, str(node or system.node), answer, system)
    assert system.node.read_bytes() == before, "and nothing is written"
    return str(caught.value)


def test_stick_has_the_image(image, tmp_path, capsys):
    system = Made(tmp_path)
    usb.run(image, str(system.node), "sdb", system)
    assert system.node.read_bytes() == IMAGE + bytes(SIZE - len(IMAGE))
    shown = capsys.readouterr().out
    assert "Acme Stick, 8.4 MB" in shown and "sdb1: 1.0 MB" in shown


def test_usb_disk_need_not_be_removable(image, tmp_path):
    system = Made(tmp_path, removable="0")
    usb.run(image, str(system.node), "sdb", system)


@pytest.mark.parametrize("place, files, words", [
    (ON_SATA, {"removable": "0"}, "neither removable nor on USB"),
    (ON_USB, {"device/type": "5"}, "is no disk"),
    (ON_USB, {"ro": "1"}, "write-protected"),
    (ON_USB, {"size": "2048"}, "holds 1.0 MB, the image has 5.2 MB"),
    (ON_USB, {"size": "0"}, "no medium"),
    (ON_USB, {"holders/dm-0/x": ""}, "part of dm-0"),
    (ON_USB, {"sdb1/holders/md127/x": ""}, "part of md127"),
], ids=["internal", "cd", "protected", "small", "empty", "held", "partition-held"])
def test_disk_that_will_not_do(place, files, words, image, tmp_path):
    assert words in refusal(image, Made(tmp_path, place, **files))


@pytest.mark.parametrize("mount, place", [
    ({"number": "8:16"}, "/mnt"), ({"number": "8:17"}, "/"), ({"number": "8:17"}, "/boot"),
    ({"number": "0:40", "source": "sdb1"}, "/home"),
], ids=["disk", "root", "boot", "btrfs"])
def test_mounted_disk_is_refused(mount, place, image, tmp_path):
    system = Made(tmp_path)
    source = str(tmp_path / mount.get("source", "sda1"))
    system.mounts(mount["number"], source, place)
    assert f"in use: mounted on {place}" in refusal(image, system)


def test_swap_is_refused(image, tmp_path):
    system = Made(tmp_path)
    system.swaps("/dev/sda2", system.partition)
    assert "swapped to" in refusal(image, system)


def test_partition_and_file_are_refused(image, tmp_path):
    system = Made(tmp_path)
    assert "is a partition" in refusal(image, system, system.partition)
    assert "no block device" in refusal(image, system, image)
    assert "No such file" in refusal(image, system, tmp_path / "sdx")


def test_image_that_is_not_there_is_refused(tmp_path):
    assert "missing: No such file" in refusal(tmp_path / "missing", Made(tmp_path))


def test_name_has_to_be_typed(image, tmp_path, monkeypatch, capsys):
    system = Made(tmp_path)
    for typed in ("", "y\n", "sda\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert "nothing was written" in refusal(image, system, answer=None)
    assert "Type sdb to go on" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("sdb\n"))
    usb.run(image, str(system.node), None, system)


@pytest.mark.parametrize("at", [0, 4096, len(IMAGE) - 1])
def test_stick_that_forgets_is_found(at, image, tmp_path, monkeypatch):
    system, right = Made(tmp_path), usb.write

    def forgetful(*arguments):
        right(*arguments)
        with open(system.node, "r+b") as file:
            file.seek(at)
            file.write(bytes([IMAGE[at] ^ 1]))

    monkeypatch.setattr(usb, "write", forgetful)
    with pytest.raises(usb.Refusal, match=f"from byte {at} on"):
        usb.run(image, str(system.node), "sdb", system)


def test_stick_that_ends_early_is_found(image, tmp_path, monkeypatch):
    system, right = Made(tmp_path), usb.write

    def short(*arguments):
        right(*arguments)
        os.truncate(system.node, 5000)

    monkeypatch.setattr(usb, "write", short)
    with pytest.raises(usb.Refusal, match="from byte 5000 on"):
        usb.run(image, str(system.node), "sdb", system)


def test_disk_that_was_swapped_meanwhile_is_refused(image, tmp_path, monkeypatch):
    """Between the question and the answer somebody plugs in another one."""
    system, ask = Made(tmp_path), usb.confirm

    def swap(*arguments):
        ask(*arguments)
        system.numbers[system.node.stat().st_ino] = "8:32"

    monkeypatch.setattr(usb, "confirm", swap)
    assert "another disk than before" in refusal(image, system)


def test_make_usb_asks_for_both(folder):
    done = make(f"O={folder}", "usb")
    assert done.returncode and "DEV=/dev/sdX" in done.stdout
    done = make(f"O={folder}", "usb", "DEV=/dev/null")
    assert done.returncode and '"make image" makes it' in done.stdout
    (folder / "facet.img").write_bytes(b"x")
    done = make(f"O={folder}", "usb", "DEV=/dev/null")
    assert done.returncode and "/dev/null is no block device" in done.stdout
