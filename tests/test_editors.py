"""Programs that read keys one by one, typed at by hand: vim, less, the line editing of four shells
and their job control, on Facet and on Debian's kernel in the same machine. Each key waits for what
has to be shown for the one before; the files that come out must be the same on both."""

import re
import subprocess
import sys

import pytest

from compare import linux
from compare.machine import FACET, LINUX, WORDS
from compare.model import RequestError
from facet import BUILD, ROOT, sessions
from facet.build import build_shape
from facet.machine import CTRL_C, CTRL_D, REAL_TIME, Hardware, Machine, MachineError
from facet.shapes import all_shapes

LIMIT_S, STEP_S = 300, 60
CTRL_A, CTRL_B, CTRL_E, CTRL_F, CTRL_K, CTRL_R, CTRL_U, CTRL_V, CTRL_W, CTRL_Z = (
    chr(ord(letter) & 31) for letter in "ABEFKRUVWZ")
ESC, TAB, UP, RIGHT, LEFT = "\x1b", "\t", "\x1b[A", "\x1b[C", "\x1b[D"
PROMPT = "PS>"

START = """\
export PATH=/bin:/usr/bin:/typed HOME=/root TERM=linux LC_ALL=C LESSHISTFILE=-
busybox mount -t proc proc /proc 2> /dev/null
busybox mount -t devtmpfs dev /dev 2> /dev/null
stty rows 24 cols 80
PS1='PS>' busybox cttyhack busybox ash
"""
# It says when it gets the terminal and when it loses it. It makes no child: ^Z could stop that
# between vfork() and exec, and then its parent could not stop.
JOB = """\
#!/usr/bin/perl
use POSIX "tcgetpgrp";
$| = 1;
for ($was = ""; ; select(undef, undef, undef, 0.05)) {
	$is = tcgetpgrp(0) == getpgrp() ? "front" : "behind";
	print "in $is\\n" if $is ne $was;
	$was = $is;
}
"""

VIM = [
    ("vim.tiny -N -u NONE -i NONE -n text\r", r'"text".*5L'),
    (f"Ofirst line{ESC}:w one\r", r"one.*written"),
    ("jwved:w two\r", r"two.*written"),
    (f"j0{CTRL_V}jld:w block\r", r"block.*written"),
    ("kVjd:w lines\r", r"lines.*written"),
    ("uu:w undone\r", r"undone.*written"),
    (f"{CTRL_R}:w redone\r", r"redone.*written"),
    (":%s/a/<&>/g\r", r"substitutions"), (":w three\r", r"three.*written"),
    (f"u/theta\rA!{ESC}yyp:w pasted\r", r"pasted.*written"),
    (f"GoX{ESC}{UP}iup{ESC}:w arrows\r", r"arrows.*written"),
    (":r !seq 60\r", "60"), (f"gg{CTRL_F}{CTRL_F}{CTRL_B}ihere {ESC}:w pages\r", r"pages.*written"),
    (CTRL_Z, f"Stopped.*{PROMPT}"), ("fg\r", "here"),
    (f"ggixx{CTRL_W}again {ESC}:wq\r", f"written.*{PROMPT}"),
]
# By its path: BusyBox's shell has a less of its own, and so with ps and top.
LESS = [
    ("/usr/bin/less -M numbers\r", "lines 1-23/500"), (" ", "lines 24-46"), ("b", "lines 1-23"),
    ("/^9[05]\r", "lines 90-112"), ("n", "lines 95-117"), ("N", "lines 90-112"),
    ("/no such line\r", "Pattern not found"), ("\r", "lines 90-112"), ("?^33\r", "lines 33-55"),
    ("G", r"lines 478-500/500 \(END\)"), ("y", "477-499"), ("50g", "50-72"), ("d", "62-84"),
    ("!echo shel''led > from-less\r", "done"), ("\r", "lines 62-84"),
    (CTRL_Z, f"Stopped.*{PROMPT}"), ("fg\r", "lines 62-84"), ("q", PROMPT),
    ("tac numbers | /usr/bin/less -M\r", "lines 1-23"), ("ssaved\r", "1-23"), ("q", PROMPT),
]
JOBS = [
    ("job\r", "in front"), (CTRL_Z, "([Ss]topped|suspended).*@>"),
    ("echo status $? | tee -a jobs-@\r", r"[\r\n]status \d+\r.*@>"),
    ("jobs\r", "([Ss]topped|[Ss]uspended).*@>"), ("jobs\r", "@>"),
    ("bg\r", "in behind"), ("jobs\r", "([Rr]unning).*@>"), ("fg\r", "in front"), (CTRL_C, "@>"),
    ("echo status $? | tee -a jobs-@\r", r"[\r\n]status 130\r.*@>"),
    ("cat > typed-@ &\r", "@>"),
    ("sleep 1; jobs; echo slep''t\r", "([Ss]topped|suspended).*slept.*@>"),
    ("fg\r", "cat"), ("some input\r", "some input.*\n"), (CTRL_D, "@>"),
    ("job &\r", "in behind"),
    ("kill %1; sleep 1; jobs; echo no''ne\r", "none.*@>"),
]
FILES = {
    "start": START, "job": JOB, "prompt": "PS1='mksh>'\n",
    "text": "alpha beta\ngamma delta\nepsilon\nzeta eta\ntheta\n",
    "numbers": "".join(f"{number}\n" for number in range(1, 501)),
    "a-long-name": "completed\n",
}
SHELLS = {
    "bash": "bash --norc --noprofile",
    "zsh": "zsh -f +o promptsp",
    "mksh": "ENV=/typed/prompt mksh",
    "ash": "busybox ash",
}


def editing(shell: str) -> list[tuple[str, str]]:
    """Each line, as it is after editing, prints one and adds it to a file."""
    to = f"| tee -a edited-{shell}"
    lines = [
        (f"cho middle{CTRL_A}e{CTRL_E} end {to}\r", "middle end"),
        (f"echo keep gone{CTRL_W}there {to}\r", "keep there"),
        (f"garbage{CTRL_U}echo clean {to}\r", "clean"),
        (f"echo ac{LEFT}b{RIGHT}d {to}\r", "abcd"),
        (f"echo cut here{CTRL_A}{RIGHT * 8}{CTRL_K} {to}\r", "cut"),
        (f"{UP}\r", "cut"),
        (f"{UP * 4}\r", "(abcd|clean|keep there)"),
        (f"{CTRL_R}mid\r", "middle end"),
        (f"cat a-lo{TAB}{to}\r", "completed"),
    ]
    if shell == "ash":
        lines = [line for line in lines if CTRL_R not in line[0]]
    start = f"PS1='{shell[0]}''{shell[1:]}>' {SHELLS[shell]}\r"
    return [(start, "@>"), *((typed, rf"[\r\n]{wanted}\r.*@>") for typed, wanted in lines)]


def at(shell: str, steps):
    return [tuple(part.replace("@", shell) for part in step) for step in steps]


DIALOGUES = {
    "vim": VIM,
    "less": LESS,
    **{shell: at(shell, editing(shell) + JOBS) + [("exit\r", PROMPT)] for shell in SHELLS},
    "procps": [("/bin/ps aux > ps; /usr/bin/top -b -n1 > top; wc -l ps top\r", f"total.*{PROMPT}")],
}
SHOW = """for each in *; do echo "== $each"; cat -v "$each"; done; echo == e''nd\r"""
FILE = re.compile(r"^== (\S+)\n(.*?)(?=^== )", re.M | re.S)


@pytest.fixture(scope="module")
def kernel():
    shape = next(each for each in all_shapes() if each.boot_line["programs"] == "initrd")
    return build_shape(shape).kernel


@pytest.fixture(scope="module")
def initrd(kernel, tmp_path_factory):
    """The packages' root, Facet's process 1, and what the dialogues begin with."""
    tree, folder = sessions.userland(), tmp_path_factory.mktemp("typed")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "list").write_text("".join(f"{entry}\n" for entry in [
        "dir /root 700", "dir /dev 755", "dir /proc 755", "dir /typed 755",
        f"file /init 755 {BUILD}/usr/bin/init",
        *(f"file /typed/{name} 755 {folder}/{name}" for name in FILES)]))
    subprocess.run([sys.executable, "-B", ROOT / "scripts" / "mkcpio.py", "--tree", tree,
                    "-o", folder / "root.cpio", folder / "list"], check=True)
    return folder / "root.cpio"


def converse(machine: Machine) -> dict[str, "dict[str, str] | str"]:
    """The files that come out of each dialogue, by their names; or where one came to nothing, after
    which no other can begin."""
    outcome = {}
    try:
        machine.expect(PROMPT)
        for name, steps in DIALOGUES.items():
            outcome[name] = "it could not begin"
            machine.type(f"mkdir /tmp/{name}; cd /tmp/{name}; cp /typed/[ant]* .\r")
            machine.expect(PROMPT, STEP_S)
            for keys, shown in steps:
                outcome[name] = f"{shown} was not shown for {keys!r}"
                machine.type(keys)
                machine.expect(shown, STEP_S)
            machine.type(SHOW)
            shown = machine.expect(r"\n(==.*== end)\n.*PS>", STEP_S)[1].replace("\r", "")
            outcome[name] = dict(FILE.findall(shown))
        machine.type("exit\r")
        machine.finish()
    except MachineError as error:
        outcome[name] += f"\n{error}"
    return outcome


@pytest.fixture(scope="module")
def answers(kernel, initrd):
    """(of Facet, of Linux)"""
    try:
        kernels = {FACET: kernel, LINUX: linux.kernel(BUILD / "linux")}
    except RequestError as error:
        pytest.skip(f"no Linux to compare with: {error}")
    found = []
    for system, path in kernels.items():
        line = " ".join([*WORDS[system], "quiet", 'run="/bin/busybox sh /typed/start"'])
        machine = Machine(["-kernel", str(path), "-initrd", str(initrd), "-append", line],
                          Hardware(memory="512M", clock=REAL_TIME),
                          BUILD / "logs" / "editors" / f"{system}.log", LIMIT_S)
        try:
            found.append(converse(machine))
        finally:
            machine.close()
    return found


@pytest.mark.timeout(2 * LIMIT_S + 300)
@pytest.mark.xdist_group("editors")
@pytest.mark.parametrize("name", [name for name in DIALOGUES if name != "procps"])
def test_keys_do_what_they_do_on_linux(answers, name):
    facet, linux_ = (each.get(name, "it was not reached") for each in answers)
    assert isinstance(linux_, dict), f"Linux: {linux_}"
    assert isinstance(facet, dict), facet
    assert facet == linux_ and all(facet.values())


@pytest.mark.timeout(2 * LIMIT_S + 300)
@pytest.mark.xdist_group("editors")
@pytest.mark.parametrize("system", [0, 1], ids=["facet", "linux"])
def test_ps_and_top_have_sane_rows(answers, system):
    files = answers[system].get("procps", "it was not reached")
    assert isinstance(files, dict), files
    header, *rows = (line.split(None, 10) for line in files["ps"].splitlines())
    assert header == "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND".split()
    by_pid = {int(row[1]): row for row in rows}
    assert len(by_pid) == len(rows) and by_pid[1][10].startswith("/init")
    for user, _, cpu, memory, size, resident, _, state, _, time, _ in rows:
        assert user == "root" and state[0] in "RSDI" and re.fullmatch(r"\d+:\d\d", time)
        # Who began within the last tick has had more than all of the time since.
        assert 0 <= float(cpu) and 0 <= float(memory) <= 100
        assert int(resident) <= int(size)
    own, = (row for row in rows if row[10] == "/bin/ps aux")
    assert own[7] == "R+" and own[6] == "ttyS0" and int(own[5]) > 0

    lines = files["top"].splitlines()
    start = next(i for i, line in enumerate(lines) if line.split()[:2] == ["PID", "USER"])
    summary = "\n".join(lines[:start])
    total, running = map(int, re.search(r"Tasks: +(\d+) total, +(\d+) running", summary).groups())
    own, = (row for row in map(str.split, lines[start + 1:]) if row[-1] == "top")
    assert total == len(lines) - start - 1 and 1 <= running <= total and own[7] == "R"
    assert re.search(r"load average: \d+\.\d\d, ", summary)
    memory, free = map(float, re.search(r"MiB Mem : +(\S+) total, +(\S+) free", summary).groups())
    assert 0 < free < memory < 512
    shares = map(float, re.findall(r"([\d.]+) (?:us|sy|ni|id|wa|hi|si|st)\b", summary))
    assert 99 <= sum(shares) <= 101
