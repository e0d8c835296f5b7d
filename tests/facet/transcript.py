"""Reading what a machine printed: the boot line, testrun's verdicts, bench's lines, a panic.

Nothing here believes a line that was printed before the fact: a test counts as passed only by the
verdict printed after it ended, and a run only by the last line.
"""

import re
from dataclasses import dataclass, field

PANIC = re.compile(r"^---- kernel panic ----\n(.*)$", re.M)
PANIC_END = "---- end of panic ----"
LAST_LINE = re.compile(r"^facet-tests: (\d+) passed, (\d+) failed$", re.M)
RUNNING = re.compile(r"# running (\S+)$")
VERDICT = re.compile(r"(ok|not ok) - (\S+?)(?::? (.*))?$")


@dataclass
class Program:
    """One test program's run."""

    name: str
    lines: list[str] = field(default_factory=list)
    passed: bool = False
    fault: str = "it has no verdict"


@dataclass
class Run:
    """One run of testrun."""

    programs: dict[str, Program]
    last_line: "tuple[int, int] | None"
    panic: "str | None"

    @property
    def unfinished(self) -> "str | None":
        """The program that was running when everything ended."""
        return next((p.name for p in self.programs.values() if p.fault == Program.fault), None)

    def faults(self, expected: list[str]) -> list[str]:
        """What keeps this run from being one in which all of `expected` ran and passed."""
        found = [f"the kernel panicked: {self.panic}"] if self.panic else []
        found += [f"{name} did not run" for name in expected if name not in self.programs]
        found += [f"{name} is not one of the tests" for name in self.programs
                  if name not in expected]
        found += [f"{p.name}: {p.fault}" for p in self.programs.values() if not p.passed]
        passed = sum(p.passed for p in self.programs.values())
        if self.last_line is None:
            found.append("there is no last line")
        elif self.last_line != (passed, len(self.programs) - passed):
            found.append(f"the last line says {self.last_line}, the verdicts say {passed} passed "
                         f"of {len(self.programs)}")
        return found


def panic_cause(text: str) -> "str | None":
    match = PANIC.search(text)
    return match[1] if match else None


def boot_line(text: str) -> dict[str, str]:
    """What the kernel says of its shape."""
    match = re.search(r"\bfacet: (sched=.*)$", text, re.M)
    return dict(re.findall(r"(\w+)=(\S+)", match[1])) if match else {}


def switch_counts(text: str) -> dict[str, int]:
    """How often the kernel switched, by kind (user-kernel: a thread in user mode was left for one
    that was left in the kernel). It says so when it powers off, in builds with KERNEL_TESTS."""
    match = re.search(r"\bswitches: (.*)$", text, re.M)
    return {kind: int(count)
            for kind, count in re.findall(r"(\w+-\w+) (\d+)", match[1] if match else "")}


def read_run(text: str) -> Run:
    """Reads a whole run off the serial line. The last line counts only if it is testrun's last."""
    programs: dict[str, Program] = {}
    current = None
    for line in text.splitlines():
        running, verdict = RUNNING.match(line), VERDICT.match(line)
        if running:
            current = programs[running[1]] = Program(running[1])
        elif verdict and current and verdict[2] == current.name:
            current.passed = verdict[1] == "ok"
            current.fault = "" if current.passed else verdict[3] or "not ok"
            current = None
        elif current:
            current.lines.append(line)
    last_lines = LAST_LINE.findall(text)
    last_line = tuple(map(int, last_lines[0])) if len(last_lines) == 1 and not current else None
    return Run(programs, last_line, panic_cause(text))


@dataclass(frozen=True)
class Measure:
    """One line of bench: `bench: NAME VALUE UNIT [key=value ...]`."""

    value: float
    unit: str
    details: dict[str, str]


def read_bench(text: str) -> dict[str, Measure]:
    """Measures by name; those that differ in their details carry the first of them: name.key=value
    where one name stands on several lines."""
    lines = [line.split()[1:] for line in text.splitlines() if line.startswith("bench: ")]
    names = [words[0] for words in lines]
    found = {}
    for name, value, unit, *details in lines:
        key = name if names.count(name) == 1 else ".".join((name, *details[:1]))
        found[key] = Measure(float(value), unit,
                             dict(detail.split("=", 1) for detail in details if "=" in detail))
    return found
