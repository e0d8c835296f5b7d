"""The line discipline against Linux's: the same typing at the same settings, on Facet's serial line
and at a pseudo-terminal of this host, must show and give the same bytes."""

import os

import pexpect
import pytest

from facet import archive
from facet.build import build
from facet.machine import REAL_TIME, Hardware, direct

# What the terminal is set to, and what is typed. Both systems begin with the same settings.
SANE = ("istrip=0 icrnl ixon -ixany -inlcr -igncr -iutf8 -iuclc opost onlcr -ocrnl -onocr -onlret "
        "-olcuc isig icanon echo echoe echok -echonl -noflsh echoctl echoke -echoprt iexten"
        ).replace("istrip=0", "-istrip")
CASES = [
    ("", b"one\r"),
    ("reads=2", b"one\r", ">", b"two\r"),
    ("reads=3 size=2", b"abcd\r"),
    ("", b"abc\x7fd\r"),
    ("", b"abc\x7f\x7f\x7f\x7f\x7fx\r"),
    ("", b"a\tb\x7f\x7fc\r"),
    ("", b"a\x01b\x7f\x7f\x7fc\r"),
    ("", b"one two  \x17three\r"),
    ("", b"one-two\x17x\r"),
    ("", b"gone\x15kept\r"),
    ("-echoke", b"gone\x15kept\r"),
    ("-echoke -echok", b"gone\x15kept\r"),
    ("-echoe", b"abc\x7fd\r"),
    ("-echoe -echoctl", b"abc\x7fd\r"),
    ("-echoctl", b"a\x01b\r"),
    ("-echo", b"abc\r"),
    ("-echo echonl", b"abc\r"),
    ("", b"abc\x12d\r"),
    ("", b"a\x16\x03b\r"),
    ("", b"a\x16\x7fb\r"),
    ("", b"a\x16\rb\r"),
    ("-iexten", b"a\x16b\x17c\x12\r"),
    ("", b"abc\x04"),
    ("reads=2", b"abc\x04\x04"),
    ("", b"\x04"),
    ("reads=2 size=3", b"abc\x04\x04"),
    ("eol=59", b"abc;"),
    ("eol2=33", b"abc!"),
    ("eol2=33 -iexten", b"abc!d\r"),
    ("", b"ab", "b", b"\x03", "}", b"cd\r"),
    ("noflsh", b"ab", "b", b"\x03", "}", b"cd\r"),
    ("", b"ab", "b", b"\x1c", "}", b"cd\r"),
    ("", b"ab", "b", b"\x1a", "}", b"cd\r"),
    ("-isig", b"ab\x03\x1c\x1a\r"),
    ("-icrnl", b"a\rb\n"),
    ("igncr", b"a\rb\n"),
    ("inlcr -icrnl", b"a\nb\x04"),
    ("istrip", b"\xe1b\r"),
    ("iutf8", b"a\xe2\x82\xac\x7fb\r"),
    ("-ixon", b"a\x13b\x11\r"),
    ("", b"a\x13\x11b\r"),
    ("ixany", b"a\x13b\r"),
    ("", b"ab", "b", b"\x13\x03", "}", b"cd\r"),
    ("iuclc", b"ABC\r"),
    ("erase=35", b"abc##d\r"),
    ("intr=35", b"abc", "c", b"#", "}", b"d\r"),
    ("echoprt", b"abc\x7f\x7fd\r"),
    ("echoprt", b"ab cd\x17e\x7f\r"),
    ("echoprt", b"ab\x7f\x7f\x7fc\x15d\r"),
    ("-echoe", b"ab cd\x17e\r"),
    ("-icanon min=1", b"x"),
    ("-icanon min=3", b"xyz"),
    ("-icanon min=3 reads=2 size=2", b"xy", ">", b"zw"),
    ("-icanon min=1 -echo", b"\x04"),
    ("-icanon min=1 -icrnl", b"\r"),
    ("-icanon min=1 -isig", b"\x03"),
    ("-icanon min=2", b"\x03", "}", b"ab"),
    ("-icanon min=0 time=2", b""),
    ("-icanon min=0 time=0", b""),
    ("-icanon min=0 time=20", b"q"),
    ("-icanon min=3 time=2", b"q"),
    ("-icanon min=1 -ixon -isig -iexten", b"\x11"),
    ("", b"x" * 300 + b"\r"),
    ("write=410a42", "[|]", b"\r"),
    ("write=410a42 -onlcr", "[|]", b"\r"),
    ("write=410a42 -opost", "[|]", b"\r"),
    ("write=410d42 ocrnl", "[|]", b"\r"),
    ("write=0d410d42 onocr", "[|]", b"\r"),
    ("write=4109420a0943 tab3", "[|]", b"\r"),
    ("write=6162 olcuc", "[|]", b"\r"),
    ("write=410a0942 onlret -onlcr tab3", "[|]", b"\r"),
    ("-echo reads=0 flow=owrwnw", b"\x11\r"),
    ("-echo reads=0 flow=rwnwxw", b"\x13\r"),
    ("-echo reads=0 flow=ownw",),
    ("-echo reads=0 flow=rwxw", b"\x13\r"),
    ("-echo reads=0 flow=orwxwnw", b"\x13\r"),
]


def outcome(child, program, line, *typed):
    """All that is shown from the program's first word to its last. Bytes are typed, a string is
    waited for."""
    child.send(f"{program} {SANE} {line}\r")
    child.expect("(?i)ready:")
    shown = ""
    for part in (*typed, "(?i):over"):
        if isinstance(part, bytes):
            os.write(child.child_fd, part)
        else:
            child.expect(part)
            shown += child.before + child.after
    return shown


@pytest.fixture(scope="module")
def program():
    return archive.compile_program("terminal")


@pytest.fixture(scope="module")
def on_linux(program):
    """What this host's pseudo-terminal shows, for each case."""
    child = pexpect.spawn("/bin/sh", env={"PS1": "# "}, timeout=20,
                          encoding="utf-8", codec_errors="replace")
    child.delaybeforesend = None
    shown = [outcome(child, program, *case) for case in CASES]
    child.close(force=True)
    return shown


def test_as_linux_has_it(program, on_linux, boot, tmp_path):
    kernel = build("initrd", ("qemu_defconfig", "programs-initrd.config"))
    root = archive.make_archive(tmp_path / "terminal.cpio", {"/bin/terminal": program})
    child = boot(direct(kernel, "run=/bin/sh", root), Hardware(clock=REAL_TIME)).child
    child.expect("# ")
    different = []
    for case, wanted in zip(CASES, on_linux):
        # QEMU's own terminal puts a return before each newline.
        shown = outcome(child, "/bin/terminal", *case).replace("\r\n", "\n")
        if shown != wanted:
            different.append(f"{case}: {shown!r} for {wanted!r}")
    assert not different, "\n".join(different)
