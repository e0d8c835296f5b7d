"""Runs a block: machines one after the other, back to back, on whatever host this file lies on.

    python3 block.py JOB

JOB is a file of JSON: {"qemu": its command, "host": this host's name or null, "runs":
[{"arguments": [...], "limit_s": seconds, ...}]}; paths in the arguments are relative to the current
folder. As each machine ends, its run goes to the standard output as one line of JSON, with what it
printed.

It stands alone, on the standard library: it is all of the comparison that other hosts get. No
machine outlives it, however it ends, and it does not outlive who reads its lines: a host that was
cut off has no use for the rest.
"""

import ctypes
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

PR_SET_PDEATHSIG = 1
MOST_BYTES = 16 << 20       # a machine that prints for ever must not fill the disk
libc = ctypes.CDLL(None)


def die_with_parent(signal_number):
    libc.prctl(PR_SET_PDEATHSIG, signal_number)


def prepare_machine():
    die_with_parent(signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))


def wait(process, limit_s):
    """Returns the status, or None if the machine did not end in time. Ends this program if nobody
    reads its output any more."""
    waiting = select.poll()
    machine = os.pidfd_open(process.pid)
    try:
        waiting.register(machine, select.POLLIN)
        waiting.register(sys.stdout.fileno(), 0)    # 0: that the other end has gone is always told
        for descriptor, _ in waiting.poll(limit_s * 1000):
            if descriptor != machine:
                raise SystemExit("nobody reads the output")
            return process.wait()
        return None
    finally:
        os.close(machine)


def run_machine(qemu, arguments, limit_s):
    """Returns the status, or None, and what it printed. The serial line goes to a file: a pipe that
    fills up would make the guest wait, and that would show in its figures."""
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen([qemu, *arguments], stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=output, preexec_fn=prepare_machine)
        except OSError as error:
            sys.exit(f"{qemu}: {error.strerror}")
        try:
            status = wait(process, limit_s)
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        return status, output.read().decode("utf-8", errors="replace")


def main():
    # Raised wherever the program is, so that the machine is ended on the way out.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    die_with_parent(signal.SIGTERM)
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    host = job["host"] or os.environ.get("PARALLEL_SSHHOST", ":")
    host = socket.gethostname() if host == ":" else host
    attempt = f"{host}-{os.getpid()}-{time.time_ns()}"
    for run in job["runs"]:
        limit_s = run.pop("limit_s")
        started = time.time(), time.monotonic()
        status, text = run_machine(job["qemu"], run["arguments"], limit_s)
        run["key"]["host"] = host
        run.update(attempt=attempt, started=round(started[0], 3), status=status,
                   seconds=round(time.monotonic() - started[1], 3), text=text)
        print(json.dumps(run), flush=True)


if __name__ == "__main__":
    main()
