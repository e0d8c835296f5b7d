"""The trace of system calls: its lines are those of strace(1), and it follows whom it is told to.

tests/progs/calls.c makes the calls. What strace prints of it on Linux and what the kernel prints
are held against one text, so neither is taken on trust.
"""

import re
import shutil
import subprocess

import pytest

from facet import archive
from facet.build import build, build_shape
from facet.machine import direct
from test_trace import shape_with

LINE = re.compile(r"^(?:\[ *\d+\.\d+\] strace: (\d+): |(\d+) +)(.*)$")
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
FIRST, LAST = "umask(0123) = 022", "umask(000) = 0123"

# Of the parent, its addresses and its children's pids left out.
CALLS = r'''
openat(AT_FDCWD, "/dev/null", O_RDWR|O_CLOEXEC) = 3
open("/tmp/made", O_WRONLY|O_CREAT, 0640) = 4
write(4, "a string of more than 32 bytes, "..., 53) = 53
writev(4, [{iov_base="one", iov_len=3}, {iov_base="\ttwo\n\1", iov_len=6}], 2) = 9
lseek(4, 7, SEEK_SET) = 7
fstat(4, {st_mode=S_IFREG|0640, st_size=62, ...}) = 0
stat("/none", ADDRESS) = -1 ENOENT
open("/tmp/made", O_RDONLY) = 5
read(5, "a str", 5) = 5
read(99, ADDRESS, 5) = -1 EBADF
open(0x8, O_RDONLY) = -1 EFAULT
access("/tmp/made", R_OK|X_OK) = -1 EACCES
fcntl(5, F_GETFD, 0) = 0
unlinkat(AT_FDCWD, "/tmp/made", 0) = 0
chdir("/tmp") = 0
getcwd("/tmp", 64) = 5
ioctl(3, TCGETS, ADDRESS) = -1 ENOTTY
mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ADDRESS
mmap(NULL, 0, PROT_NONE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = -1 EINVAL
madvise(0x8, 4096, MADV_DONTNEED) = -1 EINVAL
rt_sigaction(SIGUSR2, {sa_handler=SIG_IGN, sa_mask=[HUP USR1], sa_flags=SA_RESTART}, NULL, 8) = 0
rt_sigaction(SIGUSR2, NULL, {sa_handler=SIG_IGN, sa_mask=[HUP USR1], sa_flags=SA_RESTART}, 8) = 0
rt_sigprocmask(SIG_BLOCK, [TERM RT_3], NULL, 8) = 0
rt_sigprocmask(SIG_SETMASK, NULL, [TERM RT_3], 8) = 0
rt_sigprocmask(SIG_SETMASK, ~[], NULL, 8) = 0
rt_sigprocmask(SIG_SETMASK, [], NULL, 8) = 0
kill(134217727, SIGKILL) = -1 ESRCH
nanosleep({tv_sec=0, tv_nsec=1000}, NULL) = 0
clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=0, tv_nsec=1000}, NULL) = 0
poll([{fd=3, events=POLLIN|POLLOUT}], 1, 0) = 1
getrlimit(RLIMIT_STACK, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0
sched_setscheduler(0, SCHED_FIFO, [5]) = 0
sched_setscheduler(0, SCHED_OTHER, [0]) = 0
wait4(-1, ADDRESS, WNOHANG, NULL) = -1 ECHILD
syscall_0x1f4(0x1, 0x2, ...) = -1 ENOSYS
pipe([6, 7]) = 0
fork() = PID
wait4(PID, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = PID
fork() = PID
nanosleep({tv_sec=0, tv_nsec=50000000}, NULL) = 0
kill(PID, SIGKILL) = 0
wait4(PID, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = PID
execve("/none", ["none", "with \"quotes\""], ADDRESS /* 2 vars */) = -1 ENOENT
'''.strip().splitlines()


def lines_by_pid(text: str) -> "dict[str, list[str]]":
    found: dict[str, list[str]] = {}
    for match in filter(None, map(LINE.match, text.splitlines())):
        found.setdefault(match[1] or match[2], []).append(match[3])
    return found


def joined(lines: "list[str]") -> "list[str]":
    """strace's lines, of which it cuts in two what another process's come between."""
    whole, begun = [], ""
    for line in lines:
        if line.endswith("<unfinished ...>") and not line.startswith("<..."):
            begun = line.removesuffix("<unfinished ...>").rstrip(" ")
        elif line.startswith("<..."):
            rest = re.sub(r"^<\.\.\. \w+ resumed>", "", line)
            whole.append(begun + (" " if begun.endswith(",") and rest[:1] != " " else "") + rest)
        else:
            whole.append(line)
    return whole


def normalized(lines: "list[str]") -> "list[str]":
    """What differs between two runs, and what strace says more than the kernel, left out."""
    first, last = (next(index for index, line in enumerate(lines) if line.startswith(end))
                   for end in ("umask(0123)", "umask(000)"))
    between = [line for line in lines[first + 1:last] if not line.startswith("---")]
    text = "\n".join(between)
    for pid in {line.split(" = ")[1] for line in between if line.startswith("fork()")}:
        text = re.sub(rf"^(fork\(\) = |wait4\(|kill\(){pid}\b", r"\1PID", text, flags=re.M)
        text = re.sub(rf"^(wait4\(PID, .* = ){pid}$", r"\1PID", text, flags=re.M)
    text = re.sub(r"(= -1 E\w+) \(.*\)$", r"\1", text, flags=re.M)
    text = re.sub(r"(syscall_0x1f4\(0x1, 0x2), .*\)", r"\1, ...)", text)
    return ADDRESS.sub("ADDRESS", text).splitlines()


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_strace_prints_these_lines(tmp_path):
    """On Linux: a line here that strace does not print is wrong."""
    log = tmp_path / "log"
    program = archive.compile_program("calls")
    subprocess.run(["strace", "-f", "-o", log, program], check=True, cwd=tmp_path)
    text = re.sub(r"\) +=", ") =", log.read_text())
    text = text.replace("F_GETFD)", "F_GETFD, 0)").replace(
        " = 1 ([{fd=3, revents=POLLIN|POLLOUT}])", " = 1")
    first = next(iter(lines_by_pid(text).values()))
    assert normalized(joined(first)) == CALLS


@pytest.fixture(scope="module", params=["rr", "prio"])
def kernel(request):
    """With every check on, and so with this."""
    return build_shape(shape_with(request.param))


@pytest.fixture
def run(kernel, boot, tmp_path):
    root = archive.make_archive(tmp_path / "calls.cpio",
                                {"/bin/calls": archive.compile_program("calls")})

    def run(command: str, words: str = "") -> str:
        return boot(direct(kernel, f'{words} run="{command}"', archive=root)).finish().text

    return run


def test_the_kernel_prints_these_lines(run):
    found = lines_by_pid(run("calls", "strace=all"))
    parent = next(pid for pid, lines in found.items() if FIRST in lines)
    assert LAST in found[parent]
    assert normalized(found[parent]) == CALLS
    assert found[parent][-2:] == ["exit_group(0) = ?", "+++ exited with 0 +++"]
    children = [pid for pid in found if int(pid) > int(parent)]
    assert [[ADDRESS.sub("ADDRESS", line) for line in found[pid]] for pid in children[:2]] == [
        ["exit_group(7) = ?", "+++ exited with 7 +++"],
        ["read(6, ADDRESS, 5) = ? ERESTARTSYS", "+++ killed by SIGKILL +++"]]


def test_one_process_and_its_children(run):
    text = run("sh -c 'true; echo $$ >/proc/facet/strace; cat /proc/facet/strace; ls /none'; true")
    found = lines_by_pid(text)
    listed = re.search(r"^(\d+)\n(\d+)\n", text, re.M)
    assert listed and listed[1] in found and listed[2] in found
    assert any('stat("/none"' in line and line.endswith("= -1 ENOENT")
               for lines in found.values() for line in lines)
    assert all(int(pid) >= int(listed[1]) for pid in found)
    assert found[listed[1]][-1].startswith("+++ exited with ")


def test_a_signal_that_is_acted_on(run):
    found = lines_by_pid(run("sh -c 'kill -TERM $$; true'", "strace=all"))
    killed = next(pid for pid, lines in found.items()
                  if lines[-1] == "+++ killed by SIGTERM +++")
    sender = next(pid for pid, lines in found.items() if f"kill({killed}, SIGTERM) = 0" in lines)
    assert found[killed][-2] == f"--- SIGTERM {{si_code=0, si_pid={sender}}} ---"


def test_a_process_that_is_to_come(run):
    found = lines_by_pid(run("true; true; true", "strace=4"))
    assert set(found) == {"4"} and found["4"][-1] == "+++ exited with 0 +++"


def test_it_ends(run):
    text = run("echo all >/proc/facet/strace; echo off >/proc/facet/strace; calls;"
               "cat /proc/facet/strace; echo end")
    assert FIRST not in "\n".join(sum(lines_by_pid(text).values(), []))
    assert re.search(r"^end$", text, re.M)


@pytest.mark.parametrize("word, error", [("x", "Invalid argument"), ("-", "Invalid argument"),
                                         ("1x", "Invalid argument"), ("''", "Invalid argument"),
                                         ("30000", "No such process")])
def test_wrong_words_are_refused(run, word, error):
    text = run(f"echo {word} >/proc/facet/strace; echo status $?")
    assert error in text and "status 1" in text and not lines_by_pid(text)


def test_a_wrong_word_on_the_command_line_is_said(run):
    assert "strace=some: neither a pid nor all" in run("true", "strace=some")


def test_without_the_option_nothing_of_it_is_there():
    plain = build("qemu_defconfig", ("qemu_defconfig",))
    symbols = subprocess.run(["nm", plain.kernel], text=True, check=True, capture_output=True)
    assert not re.search(r"\bstrace|strace_(?:enter|leave)", symbols.stdout)
