"""The tests of threads linked with the other C library: glibc's pthreads use other calls, other
operations of futex(2) and robust lists where musl does without."""

import subprocess

import pytest

from facet import BUILD, ROOT, archive
from facet.build import build, locked
from facet.machine import direct

FLAGS = ("-std=gnu17", "-O1", "-static", "-pthread", "-s")
NAMES = ("pthread", "pthread_own", "threads", "thread_signals", "sigaction", "sigqueue")


def compile_with_glibc(name):
    """usr/tests/NAME.c by the host's own compiler."""
    target, source = BUILD / "glibc" / name, ROOT / "usr" / "tests" / f"{name}.c"
    with locked(BUILD / "glibc"):
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            target.parent.mkdir(exist_ok=True)
            subprocess.run(["gcc", *FLAGS, "-o", target, source], check=True)
    return target


@pytest.fixture(scope="module")
def programs():
    return {f"/tests/{name}": compile_with_glibc(name) for name in NAMES}


def test_they_pass_on_this_host(programs):
    for path in programs.values():
        output = subprocess.run([path], capture_output=True, text=True, timeout=60, check=True)
        assert "not ok" not in output.stdout


def test_they_pass_on_facet(programs, boot, tmp_path):
    kernel = build("checks", ("qemu_defconfig", "programs-initrd.config", "checks.config"))
    root = archive.make_archive(tmp_path / "glibc.cpio", programs)
    text = boot(direct(kernel, f"init=/bin/testrun {' '.join(NAMES)}", root)).finish().text
    assert f"facet-tests: {len(NAMES)} passed, 0 failed" in text
