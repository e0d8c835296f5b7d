"""The tests' machine itself, on a kernel of a few lines: it must see the end, the silence and the
death of what it runs, and never leave one behind."""

import os
import subprocess
import sys
import time

import pytest

from facet import BUILD, ROOT
from facet.build import locked
from facet.machine import REAL_TIME, Hardware, Machine, MachineError
from facet.session import PROMPT


@pytest.fixture(scope="module")
def parrot():
    """QEMU's words to load the kernel of a few lines."""
    target, source = BUILD / "progs" / "parrot", ROOT / "tests" / "progs" / "parrot.asm"
    with locked(BUILD / "progs"):
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["nasm", "-f", "elf32", "-o", f"{target}.o", source], check=True)
        subprocess.run(["ld", "-m", "elf_i386", "-e", "start", "-Ttext=0x100000", "-o",
                        f"{target}.new", f"{target}.o"], check=True)
        os.replace(f"{target}.new", target)     # another process may be about to boot it
    return ["-kernel", str(target)]


@pytest.mark.parametrize("hardware", [Hardware(), Hardware(clock=REAL_TIME)],
                         ids=["instructions", "real time"])
def test_conversation(parrot, hardware, boot):
    machine = boot(parrot, hardware)
    machine.expect(PROMPT)
    machine.type("hello\r")
    assert machine.expect(r"(\w+)\nsaid").group(1) == "hello"
    machine.expect(PROMPT)
    machine.type("q")
    ending = machine.finish()
    assert ending.value == 0x21
    assert ending.text.split() == ["#", "hello", "said", "#"]


def test_silence_ends_in_time_with_the_log(parrot, boot):
    machine = boot(parrot, limit_s=1)
    start = time.monotonic()
    with pytest.raises(MachineError, match="in vain for 'never'.*\n(.*\n)*# $"):
        machine.expect("never")
    assert time.monotonic() - start < 3
    with pytest.raises(MachineError, match="did not end in time"):
        machine.finish()


def test_early_end_is_no_match(parrot, boot):
    machine = boot(parrot)
    machine.expect(PROMPT)
    machine.type("q")
    with pytest.raises(MachineError, match="ended before"):
        machine.expect("never")


def test_refused_arguments_are_shown(boot):
    with pytest.raises(MachineError, match="no-such-option"):
        boot(["-no-such-option"]).expect(PROMPT)


def test_nothing_is_left_behind(parrot, boot):
    machine = boot(parrot)
    machine.expect(PROMPT)
    machine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(machine.child.pid, 0)
    assert not machine.scratch.exists()


def test_machine_dies_with_who_started_it(parrot, tmp_path):
    """As when the tests are killed in the middle."""
    program = ("import os, sys; from pathlib import Path\n"
               "from facet.machine import Hardware, Machine\n"
               f"machine = Machine({parrot!r}, Hardware(), Path({str(tmp_path / 'log')!r}))\n"
               "print(machine.child.pid, flush=True)\n"
               "os.kill(os.getpid(), 9)\n")
    done = subprocess.run([sys.executable, "-B", "-c", program], cwd=ROOT / "tests", text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
                          stdout=subprocess.PIPE, check=False)
    assert done.returncode == -9
    status = f"/proc/{int(done.stdout)}/stat"
    for _ in range(100):
        if not os.path.exists(status) or ") Z " in open(status, encoding="ascii").read():
            return
        time.sleep(0.05)
    pytest.fail("QEMU is still there")


def test_the_same_run_is_the_same(parrot, log_path):
    """Counted instructions leave no room for chance."""
    texts = []
    for _ in range(2):
        machine = Machine(parrot, Hardware(), log_path())
        machine.expect(PROMPT)
        texts.append(machine.printed())
        machine.close()
    assert texts[0] == texts[1]


def test_memory_and_keyboard_are_reached(parrot, boot):
    machine = boot(parrot)
    machine.expect(PROMPT)
    memory = machine.qmp.memory(0x100000, 4096, machine.scratch / "memory")
    assert len(memory) == 4096 and any(memory)
    machine.qmp.press("shift", "a")
