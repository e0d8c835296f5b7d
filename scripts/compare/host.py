"""On what and from what was measured: a figure without that cannot be repeated."""

import os
import platform
import subprocess
from pathlib import Path

TOOLS = {"qemu": ["qemu-system-x86_64", "--version"], "gcc": ["gcc", "--version"],
         "ld": ["ld", "--version"], "nasm": ["nasm", "--version"],
         "musl": ["dpkg-query", "-W", "-f", "${Version}", "musl-dev"],
         "python": ["python3", "--version"]}


def first_line(command) -> str:
    try:
        done = subprocess.run(command, text=True, capture_output=True, check=False)
    except OSError:
        return "not there"
    return (done.stdout or done.stderr).partition("\n")[0].strip()


def cpu_facts() -> dict[str, str]:
    """What /proc/cpuinfo says of the first processor: its name and what it can do."""
    facts = {}
    for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines():
        name, _, value = line.partition(":")
        facts[name.strip()] = value.strip()
    return {name: facts.get(name, "") for name in ("vendor_id", "cpu family", "model", "stepping",
                                                   "model name", "microcode", "flags")}


def governor() -> str:
    path = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return path.read_text().strip() if path.exists() else "not known"


def host_facts() -> dict:
    return {"name": platform.node(), "system": platform.platform(), "cpu": cpu_facts(),
            "cpus": os.cpu_count(), "governor": governor(),
            "memory_kib": int(Path("/proc/meminfo").read_text().split()[1]),
            "load": list(os.getloadavg()),
            "tools": {name: first_line(command) for name, command in TOOLS.items()}}


def git(source, *words) -> str:
    try:
        return subprocess.run(["git", "-C", str(source), *words], text=True, errors="replace",
                              capture_output=True, check=False).stdout
    except OSError:
        return ""


def source_facts(source) -> dict:
    """The commit, and what is not committed."""
    return {"commit": git(source, "rev-parse", "HEAD").strip() or "not known",
            "dirty_diff": git(source, "diff", "HEAD") + new_files(source)}


def new_files(source) -> str:
    """What was never added, as a diff has it."""
    names = git(source, "ls-files", "-z", "--others", "--exclude-standard").split("\0")
    return "".join(git(source, "diff", "--no-index", "--", "/dev/null", name)
                   for name in names if name)
