"""A short test for a kernel of any configuration: does it boot as what it was configured to be, run
programs that need the scheduler, fork, the tick and pipes, and power the machine off?

One line for the shell does it all. Its results come last and are few, so that the screen shows them
too: that is where they are read when the serial console is configured out.
"""

import hashlib
import re
import time

from facet import screen
from facet.build import Build
from facet.machine import Hardware, Machine, MachineError, direct
from facet.shapes import CHOICES
from facet.transcript import boot_line, panic_cause

TESTS = ("clock", "exec", "fork", "nice", "pipe", "proc", "signals", "tree", "usage", "wait")
# Each result is printed by who could not have got there without what is tested.
STEPS = {
    "a program's status": ("sh -c 'exit 7'; echo status $?", "status 7"),
    "a pipe": ("echo one two three | wc -w", "3"),
    "preemption": ("sh -c 'echo $$; while true; do true; done' | "
                   "{ read pid; kill $pid; echo preempted; }", "preempted"),
}
POWERED_OFF = 0                 # what the kernel writes to the exit device
NOTICE = 5                      # the log level of the boot line
LIMIT_S = 60


def command(options: dict[str, str]) -> str:
    programs = [f"testrun {' '.join(TESTS)}"] if "USER_TESTS" in options else []
    steps = [step for step, _ in STEPS.values()]
    return "; ".join(("cat /proc/cmdline", "cat /proc/config", *programs, "wc /proc/config",
                      *steps))


def expected_boot_line(options: dict[str, str], config: str) -> dict[str, str]:
    """What the kernel must say of itself; nothing where the log level keeps it from saying it."""
    if int(options["LOG_LEVEL"]) < NOTICE:
        return {}
    found = {}
    for choice in CHOICES:
        found[choice], = (name.removeprefix(f"{choice.upper()}_").lower()
                          for name, value in options.items()
                          if name.startswith(f"{choice.upper()}_") and value == "y")
    return {**found, "hz": options["HZ"], "config": config_hash(config)}


def config_hash(config: str) -> str:
    """As anybody can do it again: grep ^CONFIG_ .config | LC_ALL=C sort | sha256sum."""
    lines = sorted(line for line in config.splitlines(keepends=True) if line.startswith("CONFIG_"))
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:8]


def faults_at_the_end(build: Build, text: str) -> list[str]:
    """What the last lines lack: those that even a screen has room for."""
    lines = text.splitlines()
    config = (build.folder / ".config").read_text()
    counts = [len(config.splitlines()), len(config.split()), len(config.encode())]
    found = [f"no `{result}` for {step}" for step, (_, result) in STEPS.items()
             if result not in (line.strip() for line in lines)]
    if not any(line.split() == [*map(str, counts), "/proc/config"] for line in lines):
        found.append(f"/proc/config has not the {counts} lines, words and bytes of .config")
    if "USER_TESTS" in build.options and f"facet-tests: {len(TESTS)} passed, 0 failed" not in lines:
        found.append("the test programs did not all pass")
    return found


def faults_in_the_whole(build: Build, append: str, text: str) -> list[str]:
    found = faults_at_the_end(build, text)
    config = (build.folder / ".config").read_text()
    given, wanted = boot_line(text), expected_boot_line(build.options, config)
    if given != wanted:
        found.append(f"the boot line says {given}, wanted {wanted}")
    if config not in text:
        found.append("/proc/config is not .config")
    if f"{append}\n" not in text:
        found.append(f"/proc/cmdline is not {append!r}")
    return found


def cmdline_in(config: str) -> str:
    """CMDLINE as the kernel has it. kconfiglib writes a backslash before quotes and backslashes."""
    match = re.search(r'^CONFIG_CMDLINE="(.*)"$', config, re.M)
    return re.sub(r"\\(.)", r"\1", match[1])


def read_screen(machine: Machine) -> str:
    """The screen of a machine that has powered itself off and is held at that."""
    while machine.qmp.execute("query-status")["status"] != "shutdown":
        if time.monotonic() > machine.deadline:
            raise MachineError("the machine was not powered off in time")
        time.sleep(0.05)
    return "\n".join(screen.read_lines(machine))


def smoke(build: Build, boot) -> None:
    """Boots the kernel with the `boot` fixture and raises with all that is wrong."""
    __tracebackhide__ = True
    words = f'run="{command(build.options)}"'
    if "CONSOLE_SERIAL" in build.options:
        machine = boot(direct(build, words), limit_s=LIMIT_S)
        ending = machine.finish()
        cmdline = cmdline_in((build.folder / ".config").read_text())
        append = " ".join(filter(None, (cmdline, "console=ttyS0 debug_exit", words)))
        text, found = ending.text, faults_in_the_whole(build, append, ending.text)
        if ending.value != POWERED_OFF:
            found.append(f"QEMU ended with {ending.status}")
    else:
        machine = boot(direct(build, words, debug_exit=False), Hardware(extra=("-no-shutdown",)),
                       limit_s=LIMIT_S)
        text = read_screen(machine)
        found = faults_at_the_end(build, text)
        if machine.printed():
            found.append("the serial line is used, without a console there")
    if panic_cause(text):
        found.append(f"panic: {panic_cause(text)}")
    if found:
        shown = "" if "CONSOLE_SERIAL" in build.options else f"\n{text}"
        raise machine.error("\n".join(found) + shown)
