"""Typing at the shell's prompt, as a person would: a line, then waiting for the answer."""

from dataclasses import dataclass

from facet.machine import CTRL_C, Machine

# BusyBox's line editor asks the terminal behind its prompt where the cursor is.
PROMPT = r"(?:^|\n)# (?:\x1b\[6n)?\Z"
WIDE = "stty columns 1000"      # else the line editor would break what is typed
ANSWER_S = 60


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit status."""

    text: str
    status: int

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class Session:
    """A shell prompt on a machine's serial line."""

    def __init__(self, machine: Machine):
        self.machine = machine

    def prompt(self, limit_s: "float | None" = ANSWER_S) -> None:
        """Waits for the prompt."""
        __tracebackhide__ = True
        self.machine.expect(PROMPT, limit_s)

    def line(self, text: str) -> None:
        """Types a line and waits for its echo, no further."""
        __tracebackhide__ = True
        self.machine.type(text + "\r")
        self.machine.expect(r"\n", ANSWER_S)

    def run(self, command: str, limit_s: float = ANSWER_S) -> Answer:
        """Types a command and returns what it did. The status, printed behind it between signs
        that its echo does not have, says where the answer ends."""
        __tracebackhide__ = True
        self.machine.type(f"{command}; echo =$?=\r")
        self.machine.expect(r"echo =\$\?=\n", ANSWER_S)
        match = self.machine.expect(r"(.*?)=(\d+)=\n", limit_s)
        self.prompt()
        return Answer(match.group(1).replace("\r", ""), int(match.group(2)))

    def start(self, command: str) -> None:
        """Types a command that goes on after it has printed `started`, and waits for that: what is
        typed before the shell has given the terminal away is not for the command."""
        __tracebackhide__ = True
        self.line(command)
        self.machine.expect(r"started\n", ANSWER_S)

    def interrupt(self) -> None:
        """Types ^C and waits for the prompt."""
        __tracebackhide__ = True
        self.machine.type(CTRL_C)
        self.prompt()
