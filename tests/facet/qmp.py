"""Talking to QEMU itself while its machine runs: the QEMU machine protocol, as far as needed."""

import json
import socket
import time
from pathlib import Path

# What a processor says of a cache's error that was not corrected: its bank's status, and its own.
BANK, STATUS, PROCESSOR = 2, 0xB600_0000_0000_0135, 5


class QmpError(AssertionError):
    """QEMU refused a command."""


class Qmp:
    """A connection: one JSON object a line, in both directions."""

    def __init__(self, path: Path, limit_s: float = 10):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(limit_s)
        self._connect(path, time.monotonic() + limit_s)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.lines.readline()               # the greeting
        self.execute("qmp_capabilities")

    def _connect(self, path: Path, deadline: float) -> None:
        """QEMU makes its socket some time after it was started."""
        while True:
            try:
                self.socket.connect(str(path))
                return
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def execute(self, command: str, **arguments):
        """Runs a command and returns what it returns; events in between are dropped."""
        request = {"execute": command, "arguments": arguments}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self.lines.readline()
            if not line:
                raise QmpError(f"{command}: QEMU has gone")
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise QmpError(f"{command}: {answer['error']['desc']}")

    def monitor(self, line: str) -> None:
        """A line for QEMU's own monitor, of what it does not offer here."""
        self.execute("human-monitor-command", **{"command-line": line})

    def machine_check(self, address: int = 0, misc: int = 0) -> None:
        """An error that no kernel can go on after."""
        self.monitor(f"mce 0 {BANK} {STATUS:#x} {PROCESSOR} {address:#x} {misc:#x}")

    def memory(self, address: int, size: int, scratch: Path) -> bytes:
        """Physical memory of the machine."""
        self.execute("pmemsave", val=address, size=size, filename=str(scratch))
        return scratch.read_bytes()

    def press(self, *keys: str) -> None:
        """Presses keys together on the machine's keyboard, by QEMU's names for them."""
        self.execute("send-key", keys=[{"type": "qcode", "data": key} for key in keys])

    def close(self) -> None:
        self.lines.close()
        self.socket.close()
