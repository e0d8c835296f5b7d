"""A comparison on several hosts: this machine twice, by two sshd of its own, one of which dies."""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from facet.fake_machines import (NAMES, all_keys, attempts_of_blocks, images, key_of, measuring,
                                 only, processes, wait_for)

from compare import hosts
from compare.model import TIME, RequestError, ToolError


@pytest.fixture
def two_hosts(tmp_path):
    """(a sshloginfile of the hosts "one" and "two", their sshd processes): this machine, twice."""
    sshd = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
    missing = [name for name in ("ssh", "ssh-keygen", "rsync") if not shutil.which(name)]
    if missing or not sshd:
        pytest.skip(f"HOSTS= IS NOT TESTED: {' '.join(missing or ['sshd'])} missing; install "
                    "openssh-server, openssh-client and rsync")
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key],
                       check=True)
    (folder / "sshd.conf").write_text(
        f"HostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nPidFile none\n"
        "StrictModes no\nListenAddress 127.0.0.1\n")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    ports, servers, config = {}, {}, ""
    for name in ("one", "two"):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports[name] = free.getsockname()[1]
        config += f"Host {name}\n Port {ports[name]}\n"
    (folder / "ssh.conf").write_text(
        f"{config}Host *\n HostName 127.0.0.1\n User {getpass.getuser()}\n BatchMode yes\n"
        f" IdentityFile {folder}/user\n IdentitiesOnly yes\n StrictHostKeyChecking no\n"
        f" UserKnownHostsFile {folder}/known\n LogLevel ERROR\n")
    for name, port in ports.items():
        servers[name] = subprocess.Popen([sshd, "-D", "-f", folder / "sshd.conf", "-p", str(port)],
                                         stderr=subprocess.DEVNULL)
    logins = folder / "logins"
    logins.write_text("".join(f"ssh -F {folder}/ssh.conf {name}\n" for name in servers))
    for port in ports.values():
        wait_for(lambda: answers(port), "sshd does not start")
    yield logins, servers
    for server in servers.values():
        kill_tree(server.pid)
        server.wait()


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def kill_tree(root: int):
    """Kills a process and all that it has started, as a host that loses its power."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    dying = [root]
    for each in dying:
        dying += [pid for pid, parent in parents.items() if parent == each]
    for pid in dying:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_host_that_dies_costs_its_blocks_a_second_run(tmp_path, fake, two_hosts):
    logins, servers = two_hosts
    plan = only(TIME, rounds={TIME: 2})
    ready = images(tmp_path / "i", **dict.fromkeys(NAMES, "sleep 0.4; answer; exit 1"))
    killed = []

    def progress(done, total, what):
        if not killed and what.endswith("on two"):
            killed.append(what)
            kill_tree(servers["two"].pid)

    farm = hosts.Hosts(tmp_path / "work", logins, str(fake))
    assert [host.name for host in farm.hosts] == ["one", "two"]
    with measuring(tmp_path, farm, ready, plan, progress=progress) as done:
        done.run()
        farm.close()
    assert killed and [host.name for host in farm.hosts] == ["one"]
    cut = [run for run in done.runs() if run.get("excluded") == "its block was not finished"]
    assert cut and {run["key"]["host"] for run in cut} == {"two"}
    counted = [run for run in done.runs() if not run.get("excluded")]
    assert sorted(map(key_of, counted)) == all_keys(plan)
    assert attempts_of_blocks(counted) == {1}
    assert not (Path.home() / farm.remote).exists()


def working_in(folder: Path) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if os.readlink(path) == str(folder):
                found.append(path.parent.name)
    return found


def test_no_machine_is_left_on_a_host(tmp_path, fake, two_hosts):
    """Ctrl-C ends what runs elsewhere, too."""
    ready = images(tmp_path / "i", third="while :; do sleep 0.1; done")

    def progress(done, total, what):
        if what and processes(f"{fake} "):
            raise KeyboardInterrupt

    farm = hosts.Hosts(tmp_path / "work", two_hosts[0], str(fake))
    with measuring(tmp_path, farm, ready, only(TIME), progress=progress) as done:
        with pytest.raises(KeyboardInterrupt):
            done.run()
    wait_for(lambda: not processes(f"{fake} ") and not working_in(Path.home() / farm.remote),
             "a host goes on")
    farm.close()
    assert not (Path.home() / farm.remote).exists()


def test_hosts_that_cannot_do_it_are_refused(tmp_path, two_hosts):
    logins, servers = two_hosts
    with pytest.raises(RequestError, match="one: there is no .*no-such-qemu"):
        hosts.Hosts(tmp_path / "work", logins, str(tmp_path / "no-such-qemu"))
    farm = hosts.Hosts(tmp_path / "work", logins)
    assert {name: sorted(facts) for name, facts in farm.facts().items()} == dict.fromkeys(
        ("one", "two"), ["cpu", "cpus", "governor", "qemu"])
    assert all(all(facts.values()) for facts in farm.facts().values())
    for server in servers.values():
        kill_tree(server.pid)
    with pytest.raises(ToolError, match="no host answers"):
        list(farm.run([], 1))
    with pytest.raises(RequestError, match="(?s)no host answers: .*Connection refused"):
        hosts.Hosts(tmp_path / "work", logins)
