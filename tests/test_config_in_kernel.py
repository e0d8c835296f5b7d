"""The configuration in force: what the kernel says of it, and what an image gives back."""

import bz2
import gzip
import lzma
import platform
import re
import subprocess
from pathlib import Path

import pytest
from configuration import record

from facet import BUILD, ROOT, shapes
from facet.build import build, build_shape, make
from facet.machine import direct
from facet.transcript import PANIC, boot_line, read_bench

EXTRACT = ROOT / "scripts" / "extract-config"
TEXT = '# A comment\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=0x1f\nCONFIG_D="a b"\nCONFIG_E=7\n'


@pytest.fixture(scope="module")
def built():
    """Not all defaults, so that /proc/defconfig has something to say."""
    return build("not_default", ("qemu_defconfig", "sched-prio.config"), ("all", "iso"))


def hash_by_hand(path: Path) -> str:
    """As the documentation says to get it without any of our programs."""
    command = "grep ^CONFIG_ | LC_ALL=C sort | sha256sum | cut -c1-8"
    with open(path, "rb") as file:
        return subprocess.run(command, shell=True, stdin=file, text=True, capture_output=True,
                              check=True).stdout.strip()


def extract(path) -> subprocess.CompletedProcess:
    return subprocess.run([EXTRACT, path], capture_output=True, check=False, timeout=60)


# --- the hash ---------------------------------------------------------------------------------

@pytest.mark.parametrize("old, new", [
    ("# A comment\n", ""),
    ("# CONFIG_B is not set\n", ""),
    ("CONFIG_C=0x1f\n", "CONFIG_C=0X1F\n"),
    ("CONFIG_E=7\n", "CONFIG_E=07\n"),
    ("CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=0x1f\n", "CONFIG_C=0x1f\nCONFIG_A=y\n"),
])
def test_hash_is_not_over_how_it_is_written(old, new):
    assert old in TEXT
    assert record.config_hash(TEXT.replace(old, new)) == record.config_hash(TEXT)


def test_hash_is_over_every_value():
    texts = [TEXT] + [TEXT.replace(old, new) for old, new in (
        ("A=y", "X=y"), ("# CONFIG_B is not set", "CONFIG_B=y"), ("0x1f", "0x1e"), ("a b", "a  b"),
        ("E=7", "E=8"), ("E=7", 'E="7"'), ("CONFIG_E=7\n", ""))]
    assert len({record.config_hash(text) for text in texts}) == len(texts)


def test_every_fragment_that_changes_a_value_changes_the_hash(tmp_path):
    found = {}
    for fragment in sorted(path.name for path in (ROOT / "configs").glob("*.config")):
        done = make(f"O={tmp_path}", "qemu_defconfig", fragment)
        assert done.returncode == 0, done.stdout
        text = (tmp_path / ".config").read_text()
        values = tuple(sorted(line for line in text.splitlines() if line.startswith("CONFIG_")))
        assert record.config_hash(text) == hash_by_hand(tmp_path / ".config")
        found.setdefault(values, set()).add(record.config_hash(text))
    assert len(found) > 5, "fragments change something"
    assert all(len(hashes) == 1 for hashes in found.values())
    assert len(set().union(*found.values())) == len(found)


# --- what the kernel says ---------------------------------------------------------------------

def test_kernel_tells_its_configuration(built, shell, tmp_path):
    session = shell(direct(built))
    config = built.folder / ".config"
    short = hash_by_hand(config)
    assert boot_line(session.machine.printed())["config"] == short

    assert session.run("cat /proc/config").text == config.read_text()
    assert session.run("wc -c </proc/config").text.strip() == str(config.stat().st_size)

    copy = tmp_path / ".config"
    copy.write_bytes(config.read_bytes())
    assert make(f"O={tmp_path}", "savedefconfig").returncode == 0
    chosen = [line for line in (tmp_path / "defconfig").read_text().splitlines()
              if line.startswith("CONFIG_") or line.endswith("is not set")]
    assert "CONFIG_SCHED_PRIO=y" in chosen
    assert session.run("cat /proc/defconfig").lines == chosen

    assert f"#1 Facet config={short} " in session.run("uname -a").text
    assert session.run("cat /proc/version").text.endswith(f"#1 Facet config={short}\n")
    measure = read_bench(session.run("bench -r 3 null_call").text)["null_call"]
    assert measure.details["config"] == short
    assert "release" not in measure.details


def test_measure_on_another_kernel_names_its_release(built):
    bench = BUILD / "usr" / "bin" / "bench"
    text = subprocess.run([bench, "-r", "3", "null_call"], text=True, capture_output=True,
                          check=True, timeout=60).stdout
    details = read_bench(text)["null_call"].details
    assert details["release"] == platform.release() and "config" not in details


def test_panic_names_the_configuration(boot):
    shape = next(shape for shape in shapes.all_shapes() if "embedded" in shape.members)
    kernel = build_shape(shape)
    text = boot(direct(kernel, "plant=null_read")).finish().text
    screen = text[PANIC.search(text).start():]
    # Its own line: the boot's is among the last messages, indented.
    named = re.findall(r"^facet: sched=.* config=(\w+)$", screen, re.M)
    assert named == [hash_by_hand(kernel.folder / ".config")]


# --- what an image gives back -----------------------------------------------------------------

def stripped(built, target):
    subprocess.run(["strip", "-o", target, built.kernel], check=True)


def bare(built, target):
    subprocess.run(["objcopy", "-O", "binary", built.kernel, target], check=True)


def compressed(by):
    return lambda built, target: target.write_bytes(by(built.kernel.read_bytes()))


@pytest.mark.parametrize("convert", [
    lambda built, target: target.symlink_to(built.kernel),
    lambda built, target: target.symlink_to(built.image),
    stripped, bare, compressed(lambda data: gzip.compress(data, 1)),
    compressed(lambda data: bz2.compress(data, 1)),
    compressed(lambda data: lzma.compress(data, preset=0)),
], ids=["elf", "iso", "stripped", "bare", "gzip", "bzip2", "xz"])
def test_configuration_comes_back_out_of(convert, built, tmp_path):
    convert(built, tmp_path / "image")
    done = extract(tmp_path / "image")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (built.folder / ".config").read_bytes()


def test_configuration_that_came_back_is_the_same(built, tmp_path):
    (tmp_path / ".config").write_bytes(extract(built.kernel).stdout)
    done = make(f"O={tmp_path}", "olddefconfig")
    assert done.returncode == 0, done.stdout
    assert hash_by_hand(tmp_path / ".config") == hash_by_hand(built.folder / ".config")
    assert (tmp_path / ".config").read_bytes() == (built.folder / ".config").read_bytes()


IMAGE = b"before" + record.START + record.config_hash(TEXT).encode() + b"\0" + TEXT.encode() \
    + record.END + b"behind"


def test_a_made_up_image_has_one(tmp_path):
    (tmp_path / "image").write_bytes(IMAGE)
    assert extract(tmp_path / "image").stdout.decode() == TEXT


def test_the_mark_of_the_end_may_stand_in_an_option():
    text = f'CONFIG_A="{record.END.decode()}"\n'
    start = record.START + record.config_hash(text).encode() + b"\0"
    assert record.find(start + text.encode() + record.END) == text


@pytest.mark.parametrize("image, error", [
    (b"", "there is no configuration in it"),
    (b"\x7fELF and more", "there is no configuration in it"),
    (IMAGE[:-len(record.END) - 6], "has no end: the file is cut off or damaged"),
    (IMAGE.replace(b"CONFIG_E=7", b"CONFIG_E=8"), "is damaged: its hash is"),
    (gzip.compress(IMAGE)[:-12], "cannot be decompressed"),
    (b"\x1f\x8bnot gzip", "cannot be decompressed"),
    (b"BZhnot bzip2", "cannot be decompressed"),
    (lzma.compress(IMAGE)[:-9], "cannot be decompressed"),
    (gzip.compress(b"text"), "there is no configuration in it"),
], ids=["empty", "other ELF", "cut off", "damaged", "cut gzip", "broken gzip", "broken bzip2",
        "cut xz", "other gzip"])
def test_image_without_a_configuration_is_refused(image, error, tmp_path):
    path = tmp_path / "image"
    path.write_bytes(image)
    done = extract(path)
    assert done.returncode == 1 and done.stdout == b""
    assert f"extract-config: {path}: " in done.stderr.decode() and error in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


@pytest.mark.parametrize("words, error", [
    (["/nonexistent"], "extract-config: /nonexistent: No such file or directory"),
    (["/"], "extract-config: /: Is a directory"),
    ([], "extract-config IMAGE >.config"),
    (["--help"], "extract-config IMAGE >.config"),
    (["a", "b"], "extract-config IMAGE >.config"),
])
def test_extract_config_says_what_it_wants(words, error):
    done = subprocess.run([EXTRACT, *words], text=True, capture_output=True, check=False)
    assert done.returncode == 1 and error in done.stderr
