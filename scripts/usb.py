#!/usr/bin/env python3
"""Writes an image to a USB stick, after a look at what that would overwrite.

    usb.py IMAGE DEVICE         CONFIRM=NAME in the environment answers its question

What cannot be meant is refused: a partition, a disk that is neither removable nor on USB, one that
is mounted, swapped to or part of something else, one that is too small. What was written is read
back from the stick and compared, for cheap ones lie about their size.
"""

import contextlib
import dataclasses
import fcntl
import os
import re
import stat
import sys
from pathlib import Path

SECTOR = 512                    # sysfs counts in these, whatever the disk has
CHUNK = 4 << 20
USB = re.compile(r"/usb\d+/")
DISK = "0"                      # SCSI's type of a device that is a disk
BLKFLSBUF = 0x1261              # <linux/fs.h>: forget what is cached of a device


class Refusal(Exception):
    """Why nothing was written, or that what was written is not there."""


@dataclasses.dataclass(frozen=True)
class System:
    """Where the kernel tells of devices."""

    sys: Path = Path("/sys")
    proc: Path = Path("/proc")

    def number(self, node):
        """The device number of a node, or of an open one, as sysfs writes it; None: it has none."""
        status = os.stat(node)
        if not stat.S_ISBLK(status.st_mode):
            return None
        return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


class Disk:
    """What sysfs knows of a block device."""

    def __init__(self, system, node):
        self.system = system
        self.node = node
        try:
            self.number = system.number(node)
        except OSError as error:
            raise Refusal(f"{node}: {error.strerror}") from None
        if self.number is None:
            raise Refusal(f"{node} is no block device")
        self.folder = (system.sys / "dev" / "block" / self.number).resolve()
        self.name = self.folder.name

    def read(self, name):
        """A file of sysfs, empty if it is not there."""
        with contextlib.suppress(OSError):
            return (self.folder / name).read_text("utf-8").strip()
        return ""

    @property
    def size(self):
        return int(self.read("size") or 0) * SECTOR

    @property
    def model(self):
        return f"{self.read('device/vendor')} {self.read('device/model')}".strip() or "unnamed"

    @property
    def partitions(self):
        """Their names and sizes in bytes."""
        return {path.parent.name: int((path.parent / "size").read_text("ascii")) * SECTOR
                for path in sorted(self.folder.glob("*/partition"))}

    def numbers(self):
        """The device numbers of the disk and its partitions."""
        return {self.number, *(path.read_text("ascii").strip()
                               for path in self.folder.glob(f"{self.name}*/dev"))}

    def is_own(self, source):
        """Whether a path that something is mounted from or swapped to leads here."""
        try:
            return self.system.number(source) in self.numbers()
        except OSError:
            return False

    def uses(self):
        """What the running system does with it, in words."""
        for line in (self.system.proc / "self" / "mountinfo").read_text("utf-8").splitlines():
            fields = line.split()
            source = fields[fields.index("-") + 2]
            # btrfs gives a number of its own for what it mounts, so the path counts as well.
            if fields[2] in self.numbers() or self.is_own(source):
                yield f"mounted on {fields[4]}"
        for line in (self.system.proc / "swaps").read_text("utf-8").splitlines()[1:]:
            if self.is_own(line.split()[0]):
                yield f"swapped to ({line.split()[0]})"
        for pattern in ("holders/*", "*/holders/*"):
            for path in self.folder.glob(pattern):
                yield f"part of {path.name}"


def units(size):
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def check(disk, needed):
    """Raises Refusal unless this is a stick that nobody needs at the moment."""
    if (disk.folder / "partition").exists():
        raise Refusal(f"{disk.node} is a partition: the image is of a whole disk "
                      f"({disk.folder.parent.name})")
    if disk.read("removable") != "1" and not USB.search(str(disk.folder)):
        raise Refusal(f"{disk.node} ({disk.model}) is neither removable nor on USB")
    if disk.read("device/type") != DISK:
        raise Refusal(f"{disk.node} ({disk.model}) is no disk")
    uses = sorted(set(disk.uses()))
    if uses:
        raise Refusal(f"{disk.node} is in use: {', '.join(uses)}")
    if disk.read("ro") == "1":
        raise Refusal(f"{disk.node} is write-protected")
    if disk.size < needed:
        raise Refusal(f"{disk.node} holds {units(disk.size)}, the image has {units(needed)}"
                      if disk.size else f"{disk.node} has no medium in it")


def confirm(disk, answer):
    """Shows what will be lost, and has its name typed."""
    print(f"{disk.node}: {disk.model}, {units(disk.size)}")
    for name, size in disk.partitions.items():
        print(f"  {name}: {units(size)}")
    if answer is None:
        print(f"All of this will be overwritten. Type {disk.name} to go on: ", end="", flush=True)
        answer = sys.stdin.readline().strip()
    if answer != disk.name:
        raise Refusal(f"nothing was written: {answer!r} is not {disk.name}")


def chunks(file):
    return iter(lambda: file.read(CHUNK), b"")


def write(image, disk):
    """O_EXCL: the kernel refuses if anything has come to use the disk since it was looked at."""
    fd = os.open(disk.node, os.O_WRONLY | os.O_EXCL)
    with open(fd, "wb", buffering=0) as out, open(image, "rb") as file:
        if disk.system.number(fd) != disk.number:
            raise Refusal(f"{disk.node} is another disk than before")
        for chunk in chunks(file):
            view = memoryview(chunk)
            while view:
                view = view[out.write(view):]
        os.fsync(fd)
        with contextlib.suppress(OSError):      # not a device that has a cache to forget
            fcntl.ioctl(fd, BLKFLSBUF)


def compare(image, disk):
    """Whether the stick has what was written to it."""
    at = 0
    with open(image, "rb") as file, open(disk.node, "rb", buffering=0) as stick:
        os.posix_fadvise(stick.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        for chunk in chunks(file):
            found = b""
            while len(found) < len(chunk) and (more := stick.read(len(chunk) - len(found))):
                found += more
            if found != chunk:
                differs = next((i for i, (a, b) in enumerate(zip(chunk, found)) if a != b),
                               len(found))
                raise Refusal(f"{disk.node} has not kept what was written, from byte "
                              f"{at + differs} on: take another stick")
            at += len(chunk)
    return at


def run(image, node, answer, system=System()):
    """All of it."""
    try:
        size = os.path.getsize(image)
    except OSError as error:
        raise Refusal(f"{image}: {error.strerror}") from None
    disk = Disk(system, node)
    check(disk, size)
    confirm(disk, answer)
    try:
        print(f"Writing {units(size)} ...")
        write(image, disk)
        print("Reading back ...")
        print(f"{units(compare(image, disk))} are on {node}. It can be pulled out.")
    except PermissionError:
        raise Refusal(f"no permission to write to {node}. Try: sudo {sys.argv[0]} "
                      f"{os.path.abspath(image)} {node}") from None
    except OSError as error:
        raise Refusal(f"{node}: {error.strerror}") from None


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: usb.py IMAGE DEVICE")
    try:
        run(sys.argv[1], sys.argv[2], os.environ.get("CONFIRM"))
    except Refusal as refusal:
        sys.exit(f"usb: {refusal}")


if __name__ == "__main__":
    main()
