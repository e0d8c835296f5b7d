"""The unit tests that need no kernel: tests/host/run's points, as results of ours."""

import functools
import re
import subprocess

import pytest

from facet import BUILD, ROOT
from facet.build import build

RUNNER = ROOT / "tests" / "host" / "run"
NAMES = sorted(path.stem.removeprefix("test_") for path in RUNNER.parent.glob("test_*.c"))


@functools.lru_cache(maxsize=None)
def points(name: str) -> tuple[list[str], list[str], str]:
    """What passed, what failed, and all that was printed."""
    done = subprocess.run([RUNNER, name], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300)
    found = re.findall(r"^(ok|not ok) \d+ - (.*)$", done.stdout, re.M)
    return ([text for verdict, text in found if verdict == "ok"],
            [text for verdict, text in found if verdict != "ok"], done.stdout)


def names_in_source(name: str) -> list[str]:
    source = (RUNNER.parent / f"test_{name}.c").read_text()
    return re.findall(r"^TEST\((\w+)\)", source, re.M)


@pytest.mark.parametrize("name", NAMES)
def test_host(name):
    passed, failed, text = points(name)
    assert not failed, text
    assert sorted(passed) == sorted(f"{name}: {test}" for test in names_in_source(name)), text


def test_shell_does_what_another_shell_does():
    """tests/shell/run: our shell on this machine, beside dash."""
    build("qemu_defconfig", ("qemu_defconfig",))
    programs = BUILD / "usr" / "bin"
    done = subprocess.run([ROOT / "tests" / "shell" / "run", programs / "sh", programs], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    assert done.returncode == 0 and "\nok " in "\n" + done.stdout, done.stdout
