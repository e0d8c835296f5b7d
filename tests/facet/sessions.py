"""Sessions: the same programs with the same input, on Facet and on Linux, in the same machine.

All sessions of an archive run one after the other in one boot. What Linux prints is kept, by the
archive's hash: so Linux is booted again only where a session or a program has changed.
"""

import fcntl
import hashlib
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from compare import linux
from compare.machine import LINUX, WORDS
from compare.model import RequestError
from facet import BUILD, ROOT
from facet.build import Build
from facet.machine import REAL_TIME, Hardware, Machine

FOLDER = BUILD / "sessions"
MEMORY = "1G"
LIMIT_S = 900
HERE = ROOT / "tests" / "sessions"

ALL = """\
export PATH=/bin:/usr/bin HOME=/root TERM=linux LC_ALL=C TZ=UTC0
busybox mount -t proc proc /proc 2> /dev/null
busybox mount -t devtmpfs dev /dev 2> /dev/null
cd /sessions
for each in *.do; do
	echo "=== ${each%.do}"
	(cd /root; sh "/sessions/$each" < /dev/null 2>&1)
	echo "=== status $?"
done
"""
SESSION = re.compile(r"^=== (\S+)\n(.*?)^=== status (\d+)\n", re.M | re.S)
# Lines of the kernel's own log, which share the serial line with the programs.
KERNEL_LINE = re.compile(r"\[ *\d+\.\d+\] .*\n")


@dataclass(frozen=True)
class Answer:
    text: str
    status: int


def read(text: str) -> dict[str, Answer]:
    return {name: Answer(said, int(status))
            for name, said, status in SESSION.findall(KERNEL_LINE.sub("", text))}


def userland() -> Path:
    """The files of Debian's packages, as `make run USERLAND=debian` takes them; skips the test
    where apt cannot get them."""
    scripts = ROOT / "scripts" / "userland"
    done = run_locked(FOLDER / ".lock", [scripts / "debian", scripts / "debian.list", FOLDER])
    if done.returncode:
        pytest.skip(done.stderr.strip())
    return FOLDER / "root"


def run_locked(lock: Path, command: list) -> subprocess.CompletedProcess:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return subprocess.run(command, text=True, capture_output=True, check=False)


def archive(tree: Path, commands: dict[str, str]) -> Path:
    """A root archive that runs these commands, by the sessions' names."""
    entries = ["dir /sessions 755", "dir /root 700", "dir /dev 755", "dir /proc 755",
               f"file /init 755 {BUILD}/usr/bin/init", f"file /sessions/all 644 {FOLDER}/all"]
    entries += [f"file /sessions/{file.name} 644 {file}" for file in sorted(HERE.iterdir())]
    for session, command in commands.items():
        (FOLDER / f"{session}.do").write_text(command + "\n")
        entries.append(f"file /sessions/{session}.do 644 {FOLDER}/{session}.do")
    (FOLDER / "all").write_text(ALL)
    (FOLDER / "list").write_text("".join(f"{entry}\n" for entry in entries))
    path = FOLDER / "root.cpio"
    subprocess.run([sys.executable, "-B", ROOT / "scripts" / "mkcpio.py", "--tree", tree,
                    "-o", path, FOLDER / "list"], check=True)
    return path


def boot(kernel: Path, initrd: Path, words: tuple[str, ...], log: Path) -> str:
    line = " ".join([*words, 'run="/bin/busybox sh /sessions/all"'])
    machine = Machine(["-kernel", str(kernel), "-initrd", str(initrd), "-append", line],
                      Hardware(memory=MEMORY, clock=REAL_TIME), log, LIMIT_S)
    try:
        return machine.finish().text
    finally:
        machine.close()


def on_facet(build: Build, initrd: Path, log: Path) -> dict[str, Answer]:
    return read(boot(build.kernel, initrd, ("console=ttyS0", "debug_exit"), log))


def on_linux(initrd: Path, log: Path) -> dict[str, Answer]:
    """What Debian's kernel makes of the archive: kept from an earlier boot, if there was one."""
    digest = hashlib.sha256(initrd.read_bytes()).hexdigest()
    kept = FOLDER / "linux" / f"{digest}.txt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with open(kept.parent / ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            try:
                kernel = linux.kernel(BUILD / "linux")
            except RequestError as error:
                pytest.skip(f"no Linux to compare with: {error}")
            text = boot(kernel, initrd, WORDS[LINUX], log)
            kept.write_text(text)
    return read(kept.read_text())
