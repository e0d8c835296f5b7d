"""What can be said of the sources and the image without running them."""

import re
import subprocess

from facet import ROOT
from facet.build import build, make

LOADED_KIB_MAX = 568
# The archive is loaded with the kernel, and is not the kernel.
ARCHIVE_SECTION = ".programs"


def loaded_bytes(kernel) -> int:
    """Sizes of the sections that take up memory, the archive's left out."""
    table = subprocess.run(["readelf", "-SW", kernel], text=True, capture_output=True,
                           check=True).stdout
    rows = re.findall(r"^ +\[ *\d+\] (\S+) +\S+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) \S+ +(\w*)",
                      table, re.M)
    sizes = {name: int(size, 16) for name, size, flags in rows if "A" in flags}
    assert {".text", ".rodata", ".data", ".bss"} <= sizes.keys()
    return sum(size for name, size in sizes.items() if name != ARCHIVE_SECTION)


def test_loaded_kernel_is_small():
    kernel = build("qemu_defconfig", ("qemu_defconfig",)).kernel
    assert loaded_bytes(kernel) <= LOADED_KIB_MAX * 1024


def test_generated_documents_are_up_to_date(tmp_path):
    done = make(f"O={tmp_path}", "qemu_defconfig", "check-docs")
    assert done.returncode == 0, done.stdout


def test_check_of_the_machine_code_can_fire():
    """The self-test plants a fault against each rule, and each rule alone must fire."""
    subprocess.run(["python3", "-B", ROOT / "scripts" / "check" / "invariants.py", "--self-test"],
                   check=True, timeout=60)
