"""vim and top on the machine's own screen and keyboard, and what it shows when it stands still.

What they write goes to the serial line as well. Of these bytes the terminal's code, run here, makes
the cells that must be seen: each pixel of a framebuffer, each byte of a VGA's text memory. That the
cells are right is seen by words that must be among them.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from facet import BUILD, ROOT, keyboard, screen, sessions
from facet.build import build
from facet.framebuffer import Mode, differences, image_of, render
from facet.machine import REAL_TIME, Hardware, Machine, direct, from_image
from facet.terminal import Terminal, shown_by

PC = Hardware(memory="128M", clock=REAL_TIME)
LIMIT_S, STEP_S = 200, 30
CLEAR = b"\x1bc"
NOT_IN_FONT = 0xFE
PROGRAMS = ("bin/busybox", "usr/bin/vim.tiny", "usr/bin/top")

START = r"""#!/bin/sh
export PATH=/typed:/bin HOME=/root TERM=linux LC_ALL=C.UTF-8
busybox mount -t proc proc /proc
busybox mount -t devtmpfs dev /dev
cd /typed
printf '\033c'
PS1='PS>' busybox cttyhack busybox ash
"""
FILES = {
    "start": START,
    "v": "#!/bin/sh\nexec /usr/bin/vim.tiny -N -u NONE -i NONE -n text\n",
    "t": "#!/bin/sh\nexec /usr/bin/top\n",
    "text": "".join(f"{number:3} Grüße an ┌{'─' * (number % 9)}┐ und │ αβγ\n"
                    for number in range(90)),
}
# What is typed, and what is to be read on the screen then.
STEPS = [
    ("stty size\r", r"stty size\n{rows} {columns}\nPS>$"),
    ("printf '\\033[5n'; read -rs -n4 a; echo \"$a\" | cat -v\r", r"\^\[\[0n\nPS>$"),
    ("ls --color=always /\r", r"proc.*\nPS>$"),
    ("v\r", r"^  0 Grüße an ┌┐ und │ αβγ\n.*\"text\" 90L"),
    (":set nu\r", r"^ +1   0 Grüße"),
    ("G", r"\n +90  89 Grüße"),
    ("\x02", r"^(?!.* 89 Grüße).* \d+ Grüße"),                        # ^B scrolls back
    ("ggdddd", r"^ +1   2 Grüße.*\n +2   3"),
    ("p3<down>Oabc <up>def", r"-- INSERT --"),
    ("\x1bV<down><down>", r"-- VISUAL LINE --"),
    ("\x1b:sp\r", r"text \[\+\]\n.*\ntext \[\+\]\n"),
    ("\x04\x19\x19", r"^ +(?![14] )\d+ +\d+ Grüße"),                   # ^D and ^Y
    (":q!\r:q!\r", r"PS>$"),
    ("t\r", r"Tasks: +\d+ total.*\n +PID USER .*COMMAND\n"),
    ("?", r"Help for Interactive Commands"),
    ("\x1b", r"PID USER"),
    ("q", r"PS>$"),
]


def libraries(tree: Path, program: Path) -> set[Path]:
    """The libraries of `tree` that ld.so would load for a program of it."""
    said = subprocess.run(["readelf", "-d", program], capture_output=True, text=True,
                          check=True).stdout
    found = set()
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", said):
        path = next(path for folder in ("lib", "usr/lib")
                    if (path := tree / folder / "x86_64-linux-gnu" / name).exists())
        found |= {path} | libraries(tree, path)
    return found


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """vim and top of Debian's packages with what they need, and Facet's process 1."""
    tree, folder = sessions.userland(), tmp_path_factory.mktemp("screen")
    build("baremetal_defconfig", ("baremetal_defconfig",))
    for name, text in FILES.items():
        (folder / name).write_text(text)
    paths = {tree / name for name in PROGRAMS}
    paths |= {library for path in paths for library in libraries(tree, path)}
    paths |= {tree / "lib64/ld-linux-x86-64.so.2", tree / "lib/terminfo/l/linux",
              *(tree / "usr/lib/locale/C.utf8").rglob("*")}
    files = {path.relative_to(tree): path for path in paths if path.is_file()}
    folders = {parent for path in files for parent in path.parents[:-1]}
    (folder / "list").write_text("".join(f"{entry}\n" for entry in [
        *(f"dir /{name} 755" for name in ("root", "dev", "proc", "typed", *sorted(folders))),
        *(f"file /{name} 755 {path}" for name, path in sorted(files.items())),
        "link /bin/sh busybox", f"file /init 755 {BUILD}/usr/bin/init",
        *(f"file /typed/{name} 755 {folder}/{name}" for name in FILES)]))
    subprocess.run([sys.executable, "-B", ROOT / "scripts" / "mkcpio.py",
                    "-o", folder / "root.cpio", folder / "list"], check=True)
    return folder / "root.cpio"


class Framebuffer:
    """1024 x 768 pixels of 32 bits, set up by GRUB and the BIOS."""

    mode = Mode.parse("1024x768x32")
    size = mode.size

    def boot(self, boot, archive, folder) -> Machine:
        product = build("baremetal_defconfig", ("baremetal_defconfig",))
        image = image_of(product, self.mode, folder, archive, "run=/typed/start")
        return boot(from_image(image), PC, LIMIT_S)

    def end(self, machine: Machine) -> str:
        machine.qmp.machine_check()
        return r"---- end of panic ----"

    def differences(self, machine: Machine, terminal: Terminal) -> str:
        expected = render(terminal.with_cursor(), self.mode)
        return differences(expected, screen.take_picture(machine.qmp, machine.scratch))


class Vga:
    """The VGA's text screen. Its font is not known here: cells that are alike must look alike."""

    size = screen.ROWS, screen.COLUMNS

    def boot(self, boot, archive, folder) -> Machine:
        product = build("baremetal_defconfig", ("baremetal_defconfig",))
        words = direct(product, "console=tty0 run=/typed/start", archive, debug_exit=False)
        return boot(words, PC, LIMIT_S)

    def end(self, machine: Machine) -> str:
        keyboard.press(machine.qmp, "busybox halt -f\r")
        return r"reboot: halted"

    def differences(self, machine: Machine, terminal: Terminal) -> str:
        cells = screen.read_cells(machine)
        expected = [self.in_memory(cell) for row in terminal.rows for cell in row]
        for place, (found, wanted) in enumerate(zip(cells, expected)):
            if found != wanted:
                return f"cell {place % screen.COLUMNS}, {place // screen.COLUMNS}: " \
                       f"{found} and not {wanted}"
        picture = screen.take_picture(machine.qmp, machine.scratch)
        odd = screen.disagreements(cells, picture)
        return "; ".join(odd) if len(odd) > 1 else ""

    @staticmethod
    def in_memory(cell) -> tuple[int, int]:
        """Character and attribute; red and blue have exchanged places, and no ground is bright."""
        def card(color):
            return (color & 1) << 2 | color & 10 | (color & 4) >> 2

        character = chr(cell.code).encode("cp437", "replace")[0]
        if character == ord("?") != cell.code:
            character = NOT_IN_FONT
        return character, (card(cell.background) & 7) << 4 | card(cell.foreground)


def look(machine: Machine, display, wanted: str) -> None:
    """Waits until the screen shows what was written, and `wanted` in it."""
    wanted = wanted.format(rows=display.size[0], columns=display.size[1])
    deadline = time.monotonic() + STEP_S
    while True:
        machine.listen(0.1)
        sent = machine.sent()
        terminal = shown_by(sent[max(sent.rfind(CLEAR), 0):], *display.size)
        text = "\n".join(terminal.lines)
        found = f"not {wanted!r}" if not re.search(wanted, text.rstrip("\n"), re.S) else \
            display.differences(machine, terminal)
        if not found:
            return
        assert time.monotonic() < deadline, f"{found}\n{text}"


@pytest.mark.timeout(LIMIT_S + 100)
@pytest.mark.parametrize("display", [Framebuffer(), Vga()], ids=["framebuffer", "vga"])
def test_vim_and_top_look_as_they_should(display, archive, boot, tmp_path):
    machine = display.boot(boot, archive, tmp_path)
    machine.expect("PS>")
    for typed, wanted in STEPS:
        keyboard.press(machine.qmp, typed)
        look(machine, display, wanted)
    look(machine, display, display.end(machine))
