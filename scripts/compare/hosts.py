"""Where blocks run: GNU parallel on this machine, or on the hosts of HOSTS=, reached by ssh.

HOSTS= is a sshloginfile: a line a host, as `user@host` or `ssh OPTIONS host`. A host needs QEMU,
python3 and rsync; images and block.py are shipped to a folder in its home, which is removed at the
end. A host that is lost takes its blocks with it; who is alive is asked anew before they are run
again, so it costs nothing else.

Everything is in `folder`, laid out as blocks see it: block.py, images/SUM, jobs/NAME.json.
"""

import contextlib
import ctypes
import hashlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Iterator

from . import block, machine
from .machine import Image
from .model import RequestError, ToolError

PARALLEL = ("parallel", "--will-cite", "--line-buffer")
# A host that does not answer is as good as dead; parallel uses this for hosts without ssh options.
SSH = "ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3"
PROBE = ('echo "facet-host|$PARALLEL_SSHLOGIN|$PARALLEL_SSHHOST|$(nproc)|$(command -v python3)|'
         '$(command -v rsync)|$({qemu} --version | head -n 1)|'
         '$(sed -n "s/^model name.*: //p" /proc/cpuinfo | head -n 1)|'
         '$(cat /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor 2>&-)"')
STOP_S = 10


@dataclass(frozen=True)
class Host:
    login: str              # as parallel takes it
    name: str
    processors: int
    qemu: str               # its version
    cpu: str                # its name
    governor: str


class Farm:
    """This machine, and nothing else. `name` is its name; None where there are several."""

    def __init__(self, folder: Path, qemu: str = machine.QEMU):
        self.folder, self.qemu = folder, qemu
        self.name: "str | None" = socket.gethostname()
        for name in ("images", "jobs", "parallel"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(block.__file__, folder / "block.py")
        self.errors = folder / "parallel" / "errors"

    def take(self, image: Image) -> Image:
        """The image where blocks find it. It is copied: a build may go on."""
        def copy(path, wanted):
            target = Path("images") / wanted
            if not (self.folder / target).exists():
                passing = self.folder / f"{target}.new"
                shutil.copyfile(path, passing)
                if machine.sha256_of(passing) != wanted:
                    raise ToolError(f"{path}: changed since it was built")
                passing.rename(self.folder / target)
            return target

        return replace(image, kernel=copy(image.kernel, image.kernel_sha256),
                       initrd=image.initrd and copy(image.initrd, image.initrd_sha256))

    def command(self, jobs: int) -> list[str]:
        return [*PARALLEL, f"-j{jobs}", "--arg-file", "jobs/list",
                f"exec {shlex.quote(sys.executable)} -B block.py {{}}"]

    def run(self, names: list[str], jobs: int) -> Iterator[str]:
        """Runs these jobs, so many at once on a host, and gives the lines that they print. Whoever
        leaves early ends them."""
        listed = self.folder / "jobs" / "list"
        listed.write_text("".join(f"jobs/{name}.json\n" for name in names), encoding="utf-8")
        with self.parallel(self.command(jobs)) as process:
            yield from process.stdout

    @contextlib.contextmanager
    def parallel(self, command: list[str]):
        """GNU parallel, without this user's settings for it; it leaves its files in the folder."""
        home = str((self.folder / "parallel").resolve())
        environment = {**os.environ, "PARALLEL": "", "PARALLEL_HOME": home, "PARALLEL_SSH": SSH,
                       "PARALLEL_SHELL": "/bin/sh", "TMPDIR": home}
        with open(self.errors, "w", encoding="utf-8") as errors:
            try:
                process = subprocess.Popen(
                    command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=errors, text=True, errors="replace",
                    start_new_session=True, preexec_fn=die_with_us)
            except FileNotFoundError:
                raise RequestError("GNU parallel is missing: make setup installs it") from None
            with process:
                try:
                    yield process
                    process.wait()
                finally:
                    stop(process)

    def why(self) -> str:
        """What parallel and the blocks complained of, each thing once."""
        lines = self.errors.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(dict.fromkeys(filter(None, lines)))

    def facts(self) -> "dict[str, dict]":
        """Of each other host, by its name."""
        return {}

    def close(self):
        """Leaves nothing running or lying about elsewhere."""


class Hosts(Farm):
    """The machines of a sshloginfile."""

    def __init__(self, folder: Path, logins: Path, qemu: str = machine.QEMU):
        super().__init__(folder, qemu)
        if not logins.is_file():
            raise RequestError(f"HOSTS={logins}: there is no such file")
        self.name, self.logins = None, logins.resolve()
        digest = hashlib.sha256(f"{socket.gethostname()}:{folder.resolve()}".encode())
        self.remote = f".facet-compare-{digest.hexdigest()[:12]}"
        self.hosts = self.probe()
        self.known = {host.name: host for host in self.hosts}

    def facts(self):
        return {name: {"cpus": host.processors, "qemu": host.qemu, "cpu": host.cpu,
                       "governor": host.governor} for name, host in self.known.items()}

    def probe(self) -> list[Host]:
        """Those that answer. All must have the same QEMU: another may count otherwise."""
        command = [*PARALLEL, "--nonall", "--sshloginfile", str(self.logins),
                   PROBE.format(qemu=shlex.quote(self.qemu))]
        with self.parallel(command) as process:
            answers = sorted(line.rstrip("\n").split("|")[1:] for line in process.stdout
                             if line.startswith("facet-host|"))
        found = []
        for login, name, processors, python, rsync, qemu, cpu, governor in answers:
            lacking = [what for what, there in (("python3", python), ("rsync", rsync),
                                                (self.qemu, qemu)) if not there]
            if lacking:
                raise RequestError(f"{name}: there is no {' and no '.join(lacking)}")
            found.append(Host(login, socket.gethostname() if name == ":" else name,
                              int(processors), qemu, cpu, governor or "not known"))
        versions = {host.qemu for host in found}
        if len(versions) > 1:
            raise RequestError("the hosts have different QEMUs: " + "; ".join(
                f"{host.name} has {host.qemu}" for host in found))
        if len({host.name for host in found}) < len(found):
            raise RequestError("two hosts have one name: " + ", ".join(
                host.name for host in found))
        if not found:
            raise RequestError(f"HOSTS={self.logins}: no host answers: {self.why()}")
        return sorted(found, key=lambda host: host.name)

    def command(self, jobs: int) -> list[str]:
        """`jobs` above one stand for this machine's processors: a host has its own number."""
        alive = self.folder / "parallel" / "hosts"
        alive.write_text("".join(f"{host.processors}/{host.login}\n" for host in self.hosts),
                         encoding="utf-8")
        return [*PARALLEL, "-j1" if jobs == 1 else "-j100%", "--sshloginfile", str(alive.resolve()),
                "--workdir", self.remote, "--rsync-opts", "-rltzR",
                "--basefile", "./block.py", "--basefile", "./images", "--basefile", "./jobs",
                "--arg-file", "jobs/list", "exec python3 -B block.py {}"]

    def run(self, names: list[str], jobs: int) -> Iterator[str]:
        try:
            self.hosts = self.probe()
        except RequestError as error:       # they did answer: what they have measured counts
            raise ToolError(str(error)) from None
        yield from super().run(names, jobs)

    def close(self):
        with self.parallel([*PARALLEL, "--nonall", "--timeout", "30", "--sshloginfile",
                            str(self.logins), f"rm -rf {self.remote}"]) as process:
            process.communicate()


def die_with_us():
    ctypes.CDLL(None).prctl(block.PR_SET_PDEATHSIG, signal.SIGKILL)


def stop(process: subprocess.Popen):
    """parallel ends its jobs, here and elsewhere. If it cannot, blocks end themselves."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
