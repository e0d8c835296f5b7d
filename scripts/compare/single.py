"""Machines beside the measurement: the functional tests, and the trace. Nothing is timed here, so
as many run at once as there may be jobs.
"""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from typing import Callable

from . import machine
from .hosts import die_with_us
from .model import ToolError


@dataclass(frozen=True)
class Ended:
    """What became of a machine."""

    text: str
    status: "int | None"            # None: it did not end in time
    seconds: float


async def run(arguments: list[str], limit_s: float, qemu: str) -> Ended:
    """Leaves no machine behind, however it ends. What is printed goes to a file, so that what a
    machine said before it hung is not lost."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as output:
        try:
            process = await asyncio.create_subprocess_exec(
                qemu, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=output,
                stderr=asyncio.subprocess.STDOUT, preexec_fn=die_with_us)
        except OSError as error:
            raise ToolError(f"{qemu}: {error.strerror}") from None
        try:
            status = await asyncio.wait_for(process.wait(), limit_s)
        except asyncio.TimeoutError:
            status = None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Ended(text, status, time.monotonic() - begun)


def run_all(wanted: "dict[str, list[str]]", jobs: int, limit_s: float,
            done: Callable[[str], None] = lambda name: None,
            qemu: str = machine.QEMU) -> "dict[str, Ended]":
    """Runs machines by name, from QEMU's words; `done` is told each as it ends."""
    async def one(name, free):
        async with free:
            ended = await run(wanted[name], limit_s, qemu)
        done(name)
        return ended

    async def everything():
        free = asyncio.Semaphore(jobs)
        return await asyncio.gather(*(one(name, free) for name in wanted))

    return dict(zip(wanted, asyncio.run(everything())))
