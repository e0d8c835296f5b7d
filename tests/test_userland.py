"""Programs of a distribution: dynamically linked ones of this machine, unmodified, print on Facet
what they print here; and the script that fetches packages does what its list says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from facet import BUILD, ROOT, archive
from facet.build import build_shape
from facet.machine import Hardware, direct
from facet.shapes import all_shapes

PC = Hardware(memory="256M")
BASH, PYTHON = Path("/bin/bash"), Path("/usr/bin/python3")
CLEAN = {"PATH": "/usr/bin:/bin", "HOME": "/", "LC_ALL": "C"}

# Each is said on both systems, and what is printed there must be the same.
BASH_LINES = r"""
echo $((6 * 7)) $((2 ** 62)) ${BASH_VERSINFO[0]} $0
a=(one two three); echo ${#a[@]} ${a[@]:1} ${a[-1]}; declare -A h=([x]=1 [y]=2); echo ${h[y]}
for i in {1..5}; do echo -n $i; done; echo
cat_() { while read -r line; do echo "<$line>"; done; }; printf 'a\nb\n' | cat_
cat_ < <(printf 'from a substitution\n')
read -r x <<< 'here'; echo $x; cat_ << END
a document of $x
END
(exit 3); echo $?; false | true; echo ${PIPESTATUS[@]}
trap 'echo got USR1' USR1; kill -USR1 $$; trap 'echo at the end' EXIT
sleep_() { read -t "$1" -r _ <> <(:); }; sleep_ 0.01; echo $?
{ echo in background; } & wait $!; echo $?
coproc { read -r line; echo "<<$line>>"; }
echo hello >&${COPROC[1]}; read -r x <&${COPROC[0]}; echo $x
[[ abc =~ ^a(.)c$ ]] && echo ${BASH_REMATCH[1]}; shopt -s extglob
case xyz in +([x-z])) echo yes; esac
echo text > file; [[ -s file && ! -x file ]] && echo file; echo more >> file; x=$(< file); echo $x
printf '%05.2f %q %(%Y)T\n' 3.14159 'a b' 0
exec 5<> file; read -r x <&5; echo $x; exec 5>&-; ulimit -n 64; ulimit -n; umask 027; umask
{ bash -c 'echo $0 $1; kill -9 $$' child argument; } 2> /dev/null; echo $?
./no-such-program; echo $?; /; echo $?
""".strip()

PYTHON_LINES = r"""
import os, signal, sys, threading, time, subprocess, mmap
print(sys.version_info[:2], sys.argv, 2 ** 100, 0.1 + 0.2)
box = []; threads = [threading.Thread(target=box.append, args=(i,)) for i in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]; print(sorted(box))
print(subprocess.run(["bash", "-c", "cat; exit 3"], input=b"in", capture_output=True))
signal.signal(signal.SIGALRM, lambda *_: print("alarm")); signal.setitimer(signal.ITIMER_REAL, 0.01)
signal.pause()
with open("data", "wb") as f: f.truncate(10000)
with open("data", "r+b") as f, mmap.mmap(f.fileno(), 0) as m: m[5000:5003] = b"xyz"
print(open("data", "rb").read().find(b"xyz"), os.stat("data").st_size)
pid = os.fork()
if pid == 0: os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
try: os.execv("data", ["data"])
except OSError as error: print(error)
print(time.gmtime(0)[:3], threading.active_count())
""".strip()

# What ld.so must be told; a vDSO there is not.
AUXILIARY = {"AT_MINSIGSTKSZ", "AT_HWCAP", "AT_PAGESZ", "AT_CLKTCK", "AT_PHDR", "AT_PHENT",
             "AT_PHNUM", "AT_BASE", "AT_FLAGS", "AT_ENTRY", "AT_UID", "AT_EUID", "AT_GID",
             "AT_EGID", "AT_SECURE", "AT_RANDOM", "AT_HWCAP2", "AT_EXECFN", "AT_PLATFORM"}


def shape(name):
    found, = (candidate for candidate in all_shapes() if candidate.name == name)
    return found


def libraries(program: Path) -> list[Path]:
    """What ld.so would load for a program, and ld.so, by the paths that the program names."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return [Path(word) for word in said.split() if word.startswith("/")]


def python_files(lines: str) -> list[Path]:
    """The parts of Python's library that these lines read, on this machine."""
    ask = "\nimport sys\nprint(*filter(None, (getattr(m, '__file__', None) " \
          "for m in [*sys.modules.values()])), sep='\\n')"
    imports = "\n".join(re.findall(r"^import .*", lines, re.M))
    said = subprocess.run([PYTHON, "-I", "-S", "-c", imports + ask], env=CLEAN, check=True,
                          capture_output=True, text=True).stdout
    return [Path(line) for line in said.splitlines()]


def here(words: list, folder: Path) -> str:
    """What a program prints on this machine, errors too."""
    folder.mkdir()
    return subprocess.run(words, cwd=folder, env=CLEAN, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A root with bash and Python of this machine and all that they need, and the two scripts."""
    for program in (BASH, PYTHON):
        if not program.exists() or not libraries(program):
            pytest.skip(f"{program} is missing here, or is not dynamically linked")
    root = tmp_path_factory.mktemp("tree")
    modules = python_files(PYTHON_LINES)
    native = [path for path in modules if path.suffix == ".so"]
    for path in {BASH, PYTHON, *modules, *(library for program in (BASH, PYTHON, *native)
                                           for library in libraries(program))}:
        target = root / path.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (root / "lines.sh").write_text(BASH_LINES + "\n")
    (root / "lines.py").write_text(PYTHON_LINES + "\n")
    (root / "work").mkdir()
    return root


@pytest.fixture(scope="module", params=["rr-cow-lapic-initrd", "prio-eager-pit-initrd"])
def system(request, tree, tmp_path_factory):
    """A kernel, and the archive with that tree."""
    build = build_shape(shape(request.param))
    target = tmp_path_factory.mktemp("archive") / "userland.cpio"
    subprocess.run([sys.executable, "-B", ROOT / "scripts" / "mkcpio.py", "-o", target, "--tree",
                    tree, "--without", "/tests", BUILD / "usr" / "list"], check=True)
    return build, target


def on_facet(boot, system, command: str) -> str:
    build, target = system
    variables = " ".join(f"export {name}={value};" for name, value in CLEAN.items())
    words = f'quiet run="{variables} cd /work; echo BEGIN; {command} < /dev/null 2>&1; echo END"'
    ending = boot(direct(build, words, target), PC).finish()
    match = re.search(r"^BEGIN\n(.*)^END\n", ending.text, re.M | re.S)
    assert match, f"the program did not end:\n{ending.text}"
    return match[1]


@pytest.mark.parametrize("program, script", [(BASH, "lines.sh"), (PYTHON, "lines.py")],
                         ids=["bash", "python"])
def test_prints_what_it_prints_here(boot, system, tree, tmp_path, program, script):
    options = ["-I", "-S"] if program == PYTHON else []
    wanted = here([program, *options, tree / script], tmp_path / "work")
    found = on_facet(boot, system, " ".join([str(program), *options, f"/{script}"]))
    assert found == wanted.replace(str(tree), "")
    assert len(wanted.splitlines()) >= 8 and "Traceback" not in wanted and "syntax" not in wanted


def test_auxiliary_vector(boot, system, tree, tmp_path):
    words = "LD_SHOW_AUXV=1 exec -a name /bin/bash -c :"
    found = on_facet(boot, system, f"/bin/bash -c '{words}'")
    values = dict(re.findall(r"^(AT_\w+):\s+(\S.*)", found, re.M))
    assert set(values) == AUXILIARY
    assert values["AT_EXECFN"] == "/bin/bash"
    assert values["AT_PAGESZ"] == "4096"
    assert int(values["AT_BASE"], 16) > int(values["AT_ENTRY"], 16)
    assert int(values["AT_PHDR"], 16) % 4096 == 64


# --- the archive and the packages in it --------------------------------------------------------

DEBIAN = ROOT / "scripts" / "userland" / "debian"

# An apt that knows three packages, needs one that was not asked for, and tells what it is asked.
FAKE_APT = r"""#!/bin/bash
echo "$*" >> "$FAKE/asked"
case $* in
*--print-uris*) for name; do
	if [[ -e $FAKE/$name.deb ]]; then echo "'somewhere' $name.deb 1 2"; fi; done ;;
*' download '*) for name; do
	if [[ -e $FAKE/$name.deb ]]; then cp "$FAKE/$name.deb" .; fi; done ;;
*' install '*' unknown') echo 'E: Unable to locate package unknown'; exit 100 ;;
*' install '*) printf 'Inst %s (1.0)\n' tool needed unwanted-1 ;;
esac
"""


def package(folder: Path, name: str, files: dict[str, str]) -> None:
    """A package of Debian with these files."""
    root = folder / name
    for path, text in {**files, "DEBIAN/control": f"Package: {name}\nVersion: 1.0\n"
                       "Architecture: all\nMaintainer: nobody <n@o>\nDescription: x\n"}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, folder / f"{name}.deb"],
                   check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def fetch(tmp_path):
    """Runs scripts/userland/debian with a list, against an apt that is none."""
    if not shutil.which("dpkg-deb"):
        pytest.skip("dpkg-deb is missing: not a Debian system")
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "apt-get").write_text(FAKE_APT)
    (fake / "apt-get").chmod(0o755)
    package(fake, "tool", {"usr/bin/tool": "tool", "usr/share/doc/tool/copyright": "much"})
    package(fake, "needed", {"usr/lib/needed": "needed"})
    package(fake, "unwanted-1", {"usr/bin/unwanted": "unwanted"})
    package(fake, "single", {"usr/include/single.h": "single"})

    def run(text: str, path: str = f"{fake}:/usr/bin:/bin") -> subprocess.CompletedProcess:
        (tmp_path / "list").write_text(text)
        return subprocess.run([shutil.which("bash"), DEBIAN, tmp_path / "list", tmp_path / "out"],
                              text=True, capture_output=True, check=False,
                              env={"PATH": path, "FAKE": str(fake)})

    run.out, run.fake = tmp_path / "out", fake
    return run


LIST = """# a comment
package tool
alone single
without unwanted-* other
remove usr/share/doc
link bin/alias ../usr/bin/tool
"""


def files_in(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*")
            if not path.is_dir()}


def test_list_says_what_is_unpacked(fetch):
    done = fetch(LIST)
    assert done.returncode == 0, done.stderr
    assert files_in(fetch.out / "root") == {
        "usr/bin/tool": "tool", "bin/alias": "tool", "usr/lib/needed": "needed",
        "usr/include/single.h": "single"}
    assert (fetch.out / "root/bin/alias").readlink() == Path("../usr/bin/tool")


def test_only_another_list_is_fetched(fetch):
    fetch(LIST)
    asked = (fetch.fake / "asked").read_text()
    assert fetch(LIST).returncode == 0
    assert (fetch.fake / "asked").read_text() == asked
    assert fetch(LIST.replace("alone single\n", "")).returncode == 0
    assert "usr/include/single.h" not in files_in(fetch.out / "root")


def test_failure_is_told_and_not_taken_for_done(fetch):
    done = fetch("package unknown\n")
    assert done.returncode == 1
    assert "Unable to locate package unknown" in done.stderr and "apt-get update" in done.stderr
    assert not (fetch.out / "made").exists()
    assert fetch(LIST).returncode == 0


def test_other_systems_are_told(fetch, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("readlink", "cat", "cksum", "mkdir", "rm"):
        (tools / tool).symlink_to(shutil.which(tool))
    done = fetch(LIST, path=str(tools))
    assert done.returncode == 1 and "needs a Debian system" in done.stderr


def test_tree_in_archive(tmp_path):
    """Modes, links, and files with two names; what has a name already gives way."""
    root, target = tmp_path / "root", tmp_path / "archive"
    (root / "usr/bin").mkdir(parents=True)
    (root / "bin").symlink_to("usr/bin")
    (root / "usr/bin/tool").write_text("a tool")
    (root / "usr/bin/tool").chmod(0o4755)
    (root / "usr/bin/same").hardlink_to(root / "usr/bin/tool")
    (root / "usr/bin/mine").write_text("the tree's")
    (tmp_path / "source").write_text("the list's")
    (tmp_path / "list").write_text("dir bin 755\nfile bin/own 755 source\n"
                                   "file bin/mine 755 source\n")
    subprocess.run([sys.executable, "-B", ROOT / "scripts" / "mkcpio.py", "-o", target, "--tree",
                    root, tmp_path / "list"], check=True)
    found = archive.entries(target.read_bytes())
    assert found["bin"] == (0o120777, b"usr/bin")
    assert found["usr/bin/own"] == (0o100755, b"the list's")
    assert found["usr/bin/mine"][1] == b"the tree's"
    assert {name: found[f"usr/bin/{name}"] for name in ("same", "tool")} == {
        "same": (0o104755, b"a tool"), "tool": (0o104755, b"")}
    same, tool = (file_of(target.read_bytes(), f"usr/bin/{name}") for name in ("same", "tool"))
    assert same == tool and same[1] == 2


def file_of(data: bytes, name: str) -> tuple[int, int]:
    """Inode number and count of links in the header of an entry."""
    header = data[data.index(name.encode() + b"\0") - archive.HEADER:]
    return int(header[6:14], 16), int(header[38:46], 16)
