"""What gdb does to a machine before the kernel's first instruction: breaking what firmware and
loader have left in memory, as no option of QEMU does.

Paging is off then, so that addresses are physical ones.
"""

import subprocess
import time
from pathlib import Path

from facet.build import Build

LIMIT_S = 60
PROLOGUE = """\
set architecture i386:x86-64
target remote {socket}
hbreak *&pvh_entry
continue
"""


def waiting(socket: Path) -> tuple[str, ...]:
    """QEMU's words for a machine that waits for gdb there."""
    return ("-S", "-chardev", f"socket,id=gdb,path={socket},server=on,wait=off",
            "-gdb", "chardev:gdb")


def at_entry(built: Build, socket: Path, commands: str) -> None:
    """Lets a machine that is `waiting` run to where QEMU enters the kernel, has gdb do `commands`,
    and lets it go on."""
    deadline = time.monotonic() + LIMIT_S
    while not socket.exists():
        assert time.monotonic() < deadline, "QEMU has made no socket for gdb"
        time.sleep(0.02)
    script = socket.with_suffix(".gdb")
    script.write_text(f"{PROLOGUE.format(socket=socket)}{commands}\ndetach\n")
    done = subprocess.run(["gdb", "-nx", "-q", "-batch", "-x", script, built.kernel], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout
