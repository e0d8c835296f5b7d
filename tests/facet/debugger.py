"""What gdb does to a machine when it comes to a function of the kernel: changing what firmware and
loader have left in memory, as no option of QEMU does."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from facet.build import Build

# Where QEMU enters the kernel. Paging is off there, so that addresses are physical ones.
ENTRY = "pvh_entry"
LIMIT_S = 100
needs_gdb = pytest.mark.skipif(not shutil.which("gdb"), reason="needs gdb")
PROLOGUE = """\
set architecture i386:x86-64
target remote {socket}
hbreak *&{function}
continue
"""


def waiting(socket: Path) -> tuple[str, ...]:
    """QEMU's words for a machine that waits for gdb there."""
    return ("-S", "-chardev", f"socket,id=gdb,path={socket},server=on,wait=off",
            "-gdb", "chardev:gdb")


def stop_at(function: str, built: Build, socket: Path, commands: str) -> None:
    """Lets a machine that is `waiting` run to a function's first instruction, has gdb do
    `commands`, and lets it go on."""
    deadline = time.monotonic() + LIMIT_S
    while not socket.exists():
        assert time.monotonic() < deadline, "QEMU has made no socket for gdb"
        time.sleep(0.02)
    script = socket.with_suffix(".gdb")
    script.write_text(f"{PROLOGUE.format(socket=socket, function=function)}{commands}\ndetach\n")
    done = subprocess.run(["gdb", "-nx", "-q", "-batch", "-x", script, built.kernel], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout
