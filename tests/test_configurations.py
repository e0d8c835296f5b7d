"""What can be configured works: random kernels of fixed seeds, the configurations made by rule, and
each option at its ends build without a word, boot and pass a smoke test.

A failure begins with the make command that configures the same kernel in any folder.
"""

import os
import re

import pytest

from facet import BUILD
from facet.build import TAIL_LINES, Build, locked, make
from facet.configurations import moves
from facet.smoke import smoke

SEEDS = range(1, 41)
RANDOM = ("KCONFIG_RANDOM_NUMBERS=1", "KCONFIG_ALLCONFIG=tests/serial.config", "randconfig")
RULES = ("allnoconfig", "allyesconfig", "alldefconfig")

# All that make may say: what it made, and where the configuration went.
EXPECTED = re.compile(
    r"  [A-Z]+ +\S+"
    r"|(Configuration saved to|No change to configuration in) '\S+'"
    r"|KCONFIG_SEED=0x[0-9A-F]+"
    r"|  self-test: \d+ planted faults, each found"
    r"|  the longest path of timer_interrupt: \d+ instructions")


@pytest.fixture
def try_kernel(boot):
    """Configures and builds a kernel by make's goals and tries it. One folder for each process of
    the tests: a build takes over from the one before what is the same."""

    def run(*goals):
        __tracebackhide__ = True
        worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        folder = BUILD / f"configurations-{worker}"
        with locked(folder):
            done = make(f"O={folder}", f"U={BUILD / 'usr'}", *goals)
            said = done.stdout.splitlines()
            odd = [line for line in said if not EXPECTED.fullmatch(line)]
            again = f"make O=DIR {' '.join(goals)}"
            if done.returncode:
                pytest.fail("\n".join((f"{again}\nfailed", *said[-TAIL_LINES:])), pytrace=False)
            if not any("saved to" in line or "No change" in line for line in said):
                pytest.fail(f"{again}\nconfigures nothing", pytrace=False)
            if odd:
                pytest.fail("\n".join((f"{again}\nsays more than what it makes:", *odd)),
                            pytrace=False)
            try:
                smoke(Build(folder), boot)
            except AssertionError as error:
                pytest.fail(f"{again}\n{error}", pytrace=False)

    return run


@pytest.mark.parametrize("seed", SEEDS)
def test_random(seed, try_kernel):
    """The machine code is held against the invariants in one of four, for that takes a while."""
    try_kernel(f"KCONFIG_SEED={seed}", *RANDOM, "all", *(["check"] if seed % 4 == 0 else []))


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule, try_kernel):
    try_kernel(rule, "all", "check")


@pytest.mark.parametrize("move", moves(), ids=lambda move: move.name)
def test_option_at_its_end(move, try_kernel):
    try_kernel(str(move.write()), "all")


@pytest.mark.parametrize("length, fits", [(1023, True), (1024, False)])
def test_command_line_leaves_room_for_the_boot_loaders(length, fits, tmp_path):
    path = tmp_path / "long_defconfig"
    path.write_text(f'CONFIG_CMDLINE="{"x" * length}"\n')
    done = make(f"O={tmp_path / 'build'}", str(path), "arch/x86_64/boot/start.o")
    assert (done.returncode == 0) == fits, done.stdout
    assert ("CONFIG_CMDLINE is longer than" in done.stdout) != fits
