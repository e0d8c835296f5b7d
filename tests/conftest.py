"""Fixtures for all tests, and the order in which they run."""

import os
import re
import signal

import pytest

from facet import BUILD, shapes
from facet.bochs import BochsHardware, BochsMachine
from facet.build import clean_environment, make
from facet.fake_machines import fake_qemu
from facet.machine import LIMIT_S, Hardware, Machine
from facet.session import WIDE, Session

# The longest first, so that the processors finish together; what is not named comes last.
ORDER = ("test_build_time", "test_sessions", "test_compare_driver", "test_reproducible",
         "test_rebuild_walks", "test_shapes", "test_configurations", "test_editors", "test_perf",
         "test_figures", "test_timers", "test_boot", "test_panic", "test_shell", "test_config",
         "test_host")


def pytest_configure(config):
    """The tests call make themselves, with folders and goals of their own. They interrupt what they
    start, which inherits from a job in the background that it ignores that. A wrong FACET_SHAPE is
    said once, and not by every test."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    for name in os.environ.keys() - clean_environment().keys():
        del os.environ[name]
    try:
        shapes.selected()
    except LookupError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_collection_modifyitems(config, items):
    if len(shapes.selected()) == 1:
        others = [item for item in items if "shape" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]

    def rank(item):
        module = item.module.__name__
        return ORDER.index(module) if module in ORDER else len(ORDER)

    items.sort(key=rank)


@pytest.fixture
def folder(tmp_path):
    """Where `configure` configures and builds."""
    return tmp_path / "build"


@pytest.fixture
def configure(folder):
    """Runs make in a build folder of its own, or in another one beside it."""

    def run(*words: str, beside: str = "build", **environment: str):
        return make(f"O={folder.parent / beside}", *words, environment=environment)

    return run


@pytest.fixture
def log_path(request):
    """Where this test's machines leave what they printed."""
    name = re.sub(r"[^\w.-]+", "_", request.node.name).strip("_")
    module = request.node.module.__name__.removeprefix("test_")
    count = 0

    def next_path():
        nonlocal count
        count += 1
        suffix = f"-{count}" if count > 1 else ""
        return BUILD / "logs" / module / f"{name}{suffix}.log"

    return next_path


@pytest.fixture
def boot(log_path):
    """Starts machines that end with the test: boot(words, hardware, limit in seconds)."""
    machines = []

    def start(words: list[str], hardware: Hardware = Hardware(),
              limit_s: float = LIMIT_S) -> Machine:
        kind = BochsMachine if isinstance(hardware, BochsHardware) else Machine
        machine = kind(words, hardware, log_path(), limit_s)
        machines.append(machine)
        return machine

    yield start
    for machine in machines:
        machine.close()


@pytest.fixture
def fake(tmp_path):
    """A QEMU that runs no kernel: facet/fake_machines.py."""
    with fake_qemu(tmp_path) as path:
        yield path


@pytest.fixture
def shell(boot):
    """Starts a machine and waits for the shell's first prompt."""

    def start(words: list[str], hardware: Hardware = Hardware(),
              limit_s: float = LIMIT_S) -> Session:
        session = Session(boot(words, hardware, limit_s))
        session.prompt(limit_s)
        session.run(WIDE)
        return session

    return start
