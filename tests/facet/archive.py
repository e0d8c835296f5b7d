"""Root archives (cpio newc): reading what is in one, and making others to try."""

import subprocess
import sys
from pathlib import Path

from facet import BUILD, ROOT
from facet.build import locked

HEADER = 110                    # six bytes of magic, 13 fields of eight hexadecimal digits
USER_FLAGS = ("-std=gnu17", "-static", "-Os", "-s", "-Wall", "-Wextra", "-Werror")


def entries(data: bytes) -> dict[str, tuple[int, bytes]]:
    """Mode and content of each entry, by name."""
    found, offset = {}, 0
    while True:
        header = data[offset:offset + HEADER]
        if header[:6] != b"070701":
            raise ValueError(f"no cpio header at offset {offset}")
        fields = [int(header[6 + 8 * i:14 + 8 * i], 16) for i in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = data[offset + HEADER:offset + HEADER + name_size - 1].decode()
        start = offset + (HEADER + name_size + 3) // 4 * 4
        offset = start + (size + 3) // 4 * 4
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, data[start:start + size])


def test_programs(path: Path) -> list[str]:
    """Names of the user tests in an archive."""
    names = entries(path.read_bytes())
    return sorted(name.removeprefix("tests/") for name in names if name.startswith("tests/"))


def compile_program(name: str) -> Path:
    """Compiles tests/progs/NAME.c as a static user program."""
    source = ROOT / "tests" / "progs" / f"{name}.c"
    target = BUILD / "progs" / name
    with locked(BUILD / "progs"):
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            target.parent.mkdir(exist_ok=True)
            subprocess.run(["musl-gcc", *USER_FLAGS, "-o", target, source], check=True)
    return target


def make_archive(target: Path, programs: dict[str, Path], plain: bool = True,
                 lists: tuple[Path, ...] = ()) -> Path:
    """The archive of our own programs with more in it, and with what lists of mkcpio.py name;
    `plain`: without the user tests."""
    adds = [f"--add={name}={path}" for name, path in programs.items()]
    subprocess.run([sys.executable, "-B", ROOT / "scripts" / "mkcpio.py", "-o", target,
                    *(["--without", "/tests"] if plain else []), *adds, BUILD / "usr" / "list",
                    *lists],
                   check=True)
    return target
