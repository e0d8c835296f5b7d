"""Linux's configuration targets with Linux's meaning, and make's options around them."""

import difflib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from facet import ROOT
from facet.build import clean_environment, make, read_options, start_make
from facet.sandbox import Sandbox

sys.path.insert(0, str(ROOT / "scripts"))
import goals    # noqa: E402  (the scripts are no package of the tests)
from configuration import presets, randomness    # noqa: E402
from configuration.tree import load_kconfig      # noqa: E402

KCONFIG = """\
mainmenu "Sandbox"

menu "Network"

config NET
	bool "Network"
	help
	  Packets.

config NET_DEBUG
	bool "Debugging of the network"
	depends on NET

config QUEUE
	int "Queue"
	range 4 64
	default 16
	help
	  Packets that wait.

endmenu

config BASE
	hex "Base"
	range 0x100 0xff00
	default 0x1000

config NAME
	string "Name"
	default "facet"

choice COLOUR
	prompt "Colour"
	default GREEN
	help
	  Of the case.

config RED
	bool "Red"
config GREEN
	bool "Green"
config BLUE
	bool "Blue"
	depends on NET
endchoice
"""
SEEDS = range(200)


@pytest.fixture
def sandbox(tmp_path):
    return Sandbox(tmp_path, KCONFIG)


@pytest.fixture
def answer(sandbox):
    """Runs a goal of the driver with answers on standard input."""

    def run(goal: str, text: str) -> subprocess.CompletedProcess:
        return subprocess.run(sandbox.command(goal), cwd=sandbox.build, input=text, text=True,
                              env=clean_environment(), capture_output=True, timeout=60, check=False)

    return run


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "build"


@pytest.fixture
def configure(folder):
    """Runs make in a build folder of its own."""

    def run(*words: str, **environment: str):
        return make(f"O={folder}", *words, environment=environment)

    return run


def good(done):
    status = done.status if hasattr(done, "status") else done.returncode
    assert status == 0, done
    return done


# --- by rule ------------------------------------------------------------------------------------

@pytest.mark.parametrize("rule, wanted", [
    ("allnoconfig", {"QUEUE": "16", "BASE": "0x1000", "NAME": '"facet"', "GREEN": "y"}),
    ("alldefconfig", {"QUEUE": "16", "BASE": "0x1000", "NAME": '"facet"', "GREEN": "y"}),
    ("allyesconfig", {"NET": "y", "NET_DEBUG": "y", "QUEUE": "16", "BASE": "0x1000",
                      "NAME": '"facet"', "GREEN": "y"}),
])
def test_rule_answers_every_option_whatever_there_was(rule, wanted, sandbox):
    sandbox.write("build/.config", "CONFIG_QUEUE=5\nCONFIG_RED=y\nCONFIG_NET=y\n")
    good(sandbox.run(rule))
    assert sandbox.options() == wanted


RULES = {"allnoconfig": "allno", "allyesconfig": "allyes", "alldefconfig": "alldef",
         "randconfig": "allrandom"}


@pytest.mark.parametrize("rule, name", RULES.items())
def test_allconfig_holds_under_each_rule(rule, name, sandbox):
    """As a path, and by `1` and nothing from the file of the rule, or from all.config."""
    fragment = "CONFIG_NET=y\n# CONFIG_NET_DEBUG is not set\nCONFIG_BLUE=y\nCONFIG_QUEUE=5\n"
    wanted = {"NET": "y", "BLUE": "y", "QUEUE": "5", "BASE": "0x1000", "NAME": '"facet"'}
    sandbox.write("build/mine", fragment)
    good(sandbox.run(rule, KCONFIG_ALLCONFIG="mine"))
    assert sandbox.options() == wanted
    sandbox.write(f"build/{name}.config", fragment)
    sandbox.write("build/all.config", "CONFIG_QUEUE=6\n")
    for value in ("1", ""):
        good(sandbox.run("alldefconfig"))
        good(sandbox.run(rule, KCONFIG_ALLCONFIG=value))
        assert sandbox.options() == wanted
    (sandbox.build / f"{name}.config").unlink()
    good(sandbox.run(rule, KCONFIG_ALLCONFIG="1"))
    assert sandbox.options()["QUEUE"] == "6"


@pytest.mark.parametrize("rule", ["allnoconfig", "randconfig"])
def test_answer_that_would_take_away_what_allconfig_asks_for_is_not_given(rule, tmp_path):
    sandbox = Sandbox(tmp_path, 'config LOG\n\tbool "Log"\n\tdefault y\n'
                                'config TIMES\n\tbool "Times in it"\n\tdepends on LOG\n')
    sandbox.write("build/all.config", "CONFIG_TIMES=y\n")
    good(sandbox.run(rule, KCONFIG_ALLCONFIG="1", KCONFIG_PROBABILITY="0"))
    assert sandbox.options() == {"LOG": "y", "TIMES": "y"}


def test_allconfig_that_is_missing_or_cannot_hold_is_refused(sandbox):
    done = sandbox.run("allnoconfig", KCONFIG_ALLCONFIG="1")
    assert done.status != 0 and "no allno.config or all.config" in done.err
    done = sandbox.run("allnoconfig", KCONFIG_ALLCONFIG="absent")
    assert done.status != 0 and "absent" in done.err
    sandbox.write("build/blue", "CONFIG_BLUE=y\n")
    done = sandbox.run("allyesconfig", KCONFIG_ALLCONFIG="blue")
    assert done.status != 0 and "blue:1:" in done.err and "NET" in done.err
    assert not sandbox.config.exists()


def test_allconfig_is_found_among_the_fragments(configure, folder):
    good(configure("allnoconfig", KCONFIG_ALLCONFIG="sched-prio.config"))
    assert "SCHED_PRIO" in read_options(folder / ".config")


# --- at random ----------------------------------------------------------------------------------

def test_same_seed_gives_the_same_bytes(sandbox):
    texts = {}
    for seed in ("42", "0x2a", "052", "43"):
        done = good(sandbox.run("randconfig", KCONFIG_SEED=seed))
        assert f"KCONFIG_SEED=0x{int(seed, 8 if seed[0] == '0' and 'x' not in seed else 0):X}\n" \
            in done.out
        texts[seed] = sandbox.config.read_bytes()
    assert texts["42"] == texts["0x2a"] == texts["052"]
    printed = re.search(r"KCONFIG_SEED=(\w+)", good(sandbox.run("randconfig")).out).group(1)
    drawn = sandbox.config.read_bytes()
    good(sandbox.run("randconfig", KCONFIG_SEED=printed))
    assert sandbox.config.read_bytes() == drawn


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """What 200 seeds make of Facet's own options, in one process."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("random"))
        for name in list(os.environ):
            if name.startswith("KCONFIG_"):
                patch.delenv(name)
        kconf = load_kconfig(str(ROOT))
        for seed in SEEDS:
            patch.setenv("KCONFIG_SEED", str(seed))
            presets.randconfig(kconf, str(ROOT))
            found.append({symbol.name: symbol.str_value for symbol in kconf.unique_defined_syms})
    return kconf, found


def test_every_member_of_each_choice_is_reached(drawn):
    kconf, found = drawn
    for choice in kconf.unique_choices:
        for member in choice.syms:
            assert any(values[member.name] == "y" for values in found), member.name
        for values in found:
            assert [values[member.name] for member in choice.syms].count("y") == 1


def test_every_switch_is_drawn_both_ways_and_numbers_stay(drawn):
    kconf, found = drawn
    for symbol in presets.options(kconf):
        values = {values[symbol.name] for values in found}
        assert len(values) == (2 if symbol.type == presets.BOOL else 1), symbol.name


def test_numbers_are_drawn_on_request_within_their_ranges(sandbox):
    queues, bases = set(), set()
    for seed in range(8):
        good(sandbox.run("randconfig", KCONFIG_SEED=str(seed), KCONFIG_RANDOM_NUMBERS="1"))
        queues.add(int(sandbox.options()["QUEUE"]))
        bases.add(int(sandbox.options()["BASE"], 16))
    assert len(queues) > 3 and all(4 <= value <= 64 for value in queues)
    assert len(bases) > 3 and all(0x100 <= value <= 0xff00 for value in bases)


@pytest.mark.parametrize("text, percent", [
    ("", 50), ("0", 0), ("100", 100), ("10", 10), ("15:25", 40), ("10:15:15", 10), ("0:50:50", 0)])
def test_probability_has_the_forms_of_linux(text, percent, monkeypatch):
    monkeypatch.setenv("KCONFIG_PROBABILITY", text)
    assert randomness.percent_yes() == percent


@pytest.mark.parametrize("text", ["101", "-1", "x", "60:41", "1:60:41", "1:2:3:4", "1:", "0x10"])
def test_wrong_probability_is_refused(text, sandbox):
    done = sandbox.run("randconfig", KCONFIG_PROBABILITY=text)
    assert done.status != 0 and f"KCONFIG_PROBABILITY={text} " in done.err
    assert not sandbox.config.exists()


def test_probability_shows_in_what_is_drawn(sandbox):
    for text, wanted in ("0", set()), ("100", {"NET", "NET_DEBUG"}):
        good(sandbox.run("randconfig", KCONFIG_PROBABILITY=text))
        assert sandbox.options().keys() & {"NET", "NET_DEBUG"} == wanted


def test_wrong_seed_is_refused(sandbox):
    done = sandbox.run("randconfig", KCONFIG_SEED="sesame")
    assert done.status != 0 and "KCONFIG_SEED=sesame" in done.err


# --- what is new, and questions -----------------------------------------------------------------

OLD = ("CONFIG_NET=y\nCONFIG_BASE=0x200\nCONFIG_NAME=\"old\"\nCONFIG_RED=y\n"
       "# CONFIG_GREEN is not set\n")


def test_listnewconfig_prints_defaults_and_nothing_else(sandbox):
    sandbox.write("build/.config", OLD + "CONFIG_LAST_YEAR=y\n")
    done = good(sandbox.run("listnewconfig"))
    assert done.out == "CONFIG_NET_DEBUG=n\nCONFIG_QUEUE=16\nCONFIG_BLUE=n\n"
    assert sandbox.config.read_text().startswith(OLD)


def test_helpnewconfig_prints_the_help_of_what_is_new(sandbox):
    sandbox.write("build/.config", OLD)
    text = good(sandbox.run("helpnewconfig")).out
    assert "CONFIG_QUEUE:\n\nPackets that wait." in text and "Of the case." in text
    assert "Packets.\n" not in text
    assert text.count("-----\n") == 2 * len(("NET_DEBUG", "QUEUE", "COLOUR"))


def test_nothing_is_new_in_what_was_just_written(sandbox):
    good(sandbox.run("alldefconfig"))
    assert good(sandbox.run("listnewconfig")).out == ""
    assert good(sandbox.run("helpnewconfig")).out == ""
    assert good(sandbox.run("oldconfig")).out.startswith("No change")


def test_oldconfig_asks_for_what_is_new_in_linux_form(sandbox, answer):
    sandbox.write("build/.config", OLD)
    done = good(answer("oldconfig", "?\ny\n65\nx\n5\n\n"))
    assert done.stdout.startswith("*\n* Restart config...\n*\n*\n* Network\n*\n"
                                  "Network (NET) [Y/n/?] y\n"
                                  "  Debugging of the network (NET_DEBUG) [N/y] (NEW) ?\n")
    assert "Queue (QUEUE) [16] (NEW) 65\n65 is out of range (4 to 64)\n" in done.stdout
    assert done.stdout.count("Queue (QUEUE) [16] (NEW)") == 3
    assert "Colour\n> 1. Red (RED)\n  2. Green (GREEN)\n  3. Blue (BLUE) (NEW)\nchoice[1-3?]: \n" \
        in done.stdout
    assert sandbox.options() == {"NET": "y", "NET_DEBUG": "y", "QUEUE": "5", "BASE": "0x200",
                                 "NAME": '"old"', "RED": "y"}
    assert (sandbox.build / ".config.old").read_text() == OLD


def test_config_asks_for_everything_in_linux_form(sandbox, answer):
    sandbox.write("build/.config", OLD)
    done = good(answer("config", "yes\nmaybe\nn\n\nff\n200\nnew name\n3?\n?\n9\n3\n"))
    assert done.stdout.startswith("*\n* Sandbox\n*\n*\n* Network\n*\nNetwork (NET) [Y/n/?] yes\n")
    assert "Queue (QUEUE) [16] (NEW) \n" in done.stdout
    assert "Base (BASE) [0x200] ff\n0xff is out of range (0x100 to 0xff00)\n" in done.stdout
    assert "CONFIG_BLUE:" in done.stdout and "Of the case." in done.stdout
    assert sandbox.options() == {"NET": "y", "QUEUE": "16", "BASE": "0x200", "NAME": '"new name"',
                                 "BLUE": "y"}


def test_an_end_of_the_answers_leaves_the_configuration_alone(sandbox, answer):
    sandbox.write("build/.config", OLD)
    for goal, text in ("oldconfig", ""), ("oldconfig", "y\n20"), ("config", "n\n"):
        done = answer(goal, text)
        assert done.returncode == 1 and "input ended" in done.stderr and "Trace" not in done.stderr
        assert sandbox.config.read_text() == OLD
        assert os.listdir(sandbox.build) == [".config"]


# --- the difference of two ----------------------------------------------------------------------

def diffconfig(folder, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "scripts" / "diffconfig", *words], cwd=folder, text=True,
                          env=clean_environment(), capture_output=True, timeout=60, check=False)


ONE = "CONFIG_GONE=y\nCONFIG_SAME=y\nCONFIG_LEVEL=6\n# CONFIG_OFF is not set\nCONFIG_TEXT=\"a b\"\n"
TWO = "CONFIG_LEVEL=7\nCONFIG_SAME=y\nCONFIG_OFF=y\nCONFIG_TEXT=\"a=b\"\nCONFIG_COME=\"x\"\n" \
      "# CONFIG_NEW_OFF is not set\n"


def test_diffconfig_prints_what_linux_prints(tmp_path):
    (tmp_path / "one").write_text(ONE)
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / ".config").write_text(TWO)
    assert good(diffconfig(tmp_path, "one", "two")).stdout == (
        '-GONE y\n LEVEL 6 -> 7\n OFF n -> y\n TEXT "a b" -> "a=b"\n+COME "x"\n+NEW_OFF n\n')
    assert good(diffconfig(tmp_path, "-m", "one", "two")).stdout == (
        'CONFIG_LEVEL=7\nCONFIG_OFF=y\nCONFIG_TEXT="a=b"\nCONFIG_COME="x"\n'
        '# CONFIG_NEW_OFF is not set\n')
    assert good(diffconfig(tmp_path, "one", "one")).stdout == ""
    assert diffconfig(tmp_path, "one").returncode == 2
    done = diffconfig(tmp_path, "one", "three")
    assert done.returncode == 1 and done.stderr == "diffconfig: three: No such file or directory\n"


def test_make_diffconfig_takes_defconfigs_and_what_was_there_before(configure, folder):
    good(configure("qemu_defconfig"))
    done = good(configure("sched-prio.config", "diffconfig"))
    lines = " SCHED_PRIO n -> y\n SCHED_RR y -> n\n"
    assert lines in done.stdout
    assert good(configure("-s", "diffconfig", "A=qemu_defconfig", f"B={folder}")).stdout == lines


@pytest.mark.parametrize("goals", [("teaching_defconfig", "fork-cow.config", "CONFIG_LOG_LEVEL=3"),
                                   ("qemu_defconfig", "CONFIG_HZ_1000=y")])
def test_a_difference_merged_onto_the_first_gives_the_second(goals, configure, folder, tmp_path):
    good(configure(*goals))
    wanted = read_options(folder / ".config")
    done = good(diffconfig(tmp_path, "-m", "qemu_defconfig", str(folder)))
    (tmp_path / "difference.config").write_text(done.stdout)
    good(configure("qemu_defconfig", str(tmp_path / "difference.config")))
    assert read_options(folder / ".config") == wanted


def test_make_diffconfig_compares_with_this_build_what_stands_alone(configure):
    good(configure("qemu_defconfig", "sched-prio.config"))
    assert good(configure("-s", "diffconfig", "A=qemu_defconfig")).stdout == \
        " SCHED_PRIO n -> y\n SCHED_RR y -> n\n"


def test_diffconfig_refuses_what_is_no_configuration(tmp_path):
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "folder").mkdir()
    for name in ("noise", "folder", str(ROOT / "README.md")):
        done = diffconfig(tmp_path, name, "qemu_defconfig")
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done
        assert f"diffconfig: {name}: " in done.stderr and "onfig" in done.stderr


def test_messages_name_what_is_wrong(configure, tmp_path):
    (tmp_path / "marked.config").write_bytes(b"\xef\xbb\xbf# by an editor\nCONFIG_HZ_100=y\n")
    for goal, environment, said in (
            ("CONFIG_UBSAN=yes", {}, "yes is no value for CONFIG_UBSAN (bool): it wants y or n"),
            ("CONFIG_LOG_LEVEL=", {}, "an empty text is no value for CONFIG_LOG_LEVEL (int)"),
            (f"{tmp_path}/marked.config", {}, "marked.config:1: the file begins with a byte order"),
            ("qemu_defconfig", {"KCONFIG_CONFIG": "no/such"}, "there is no folder ")):
        done = configure(goal, **environment)
        assert done.returncode != 0 and said in done.stdout, done.stdout
    for goal in ("olddefconfig", "savedefconfig"):
        assert "taking qemu_defconfig" in good(make(f"O={tmp_path / goal}", goal)).stdout


@pytest.mark.parametrize("tool", ["nasm", "musl-gcc"])
def test_missing_tool_is_named_before_anything_is_built(tool, configure, folder, tmp_path):
    for path in reversed(os.get_exec_path()):
        for name in os.listdir(path) if os.path.isdir(path) else []:
            link = tmp_path / "tools" / name
            link.parent.mkdir(exist_ok=True)
            if name != tool and not link.is_symlink():
                link.symlink_to(os.path.join(path, name))
    done = configure("qemu_defconfig", "all", PATH=str(tmp_path / "tools"))
    assert done.returncode != 0 and f'{tool} is missing: "make setup" installs it.\n' in done.stdout
    assert os.listdir(folder) == [".config"] or not (folder / "lib").exists()


def test_cache_that_cannot_be_written_is_left_out(configure):
    good(configure("qemu_defconfig", "lib/string.o", HOME="/proc/nowhere", CCACHE_DIR="/proc/none"))


def test_whole_configuration_is_no_fragment(configure, folder, tmp_path):
    good(configure("teaching_defconfig"))
    done = make(f"O={tmp_path / 'other'}", str(folder / ".config"))
    assert done.returncode != 0 and "copy it to .config in the build folder" in done.stdout


def test_savedefconfig_saves_what_the_command_line_sets(configure, folder):
    good(configure("qemu_defconfig", "CONFIG_HZ_100=y", "savedefconfig"))
    assert "CONFIG_HZ_100=y\n" in (folder / "defconfig").read_text()


def test_configuration_that_cannot_be_read_is_all_that_is_said(configure, folder):
    folder.mkdir()
    (folder / ".config").write_text("CONFIG_HZ_100=y\n")
    done = configure("facet.elf", KCONFIG_NOSILENTUPDATE="1")
    assert done.returncode != 0 and "make oldconfig" in done.stdout
    assert "No rule" not in done.stdout


def test_interrupt_while_modules_are_read_is_quiet(sandbox, tmp_path):
    (tmp_path / "kconfiglib.py").write_text(
        "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(5)\n")
    done = sandbox.run("olddefconfig", PYTHONPATH=str(tmp_path))
    assert done.status == -signal.SIGINT and done.err == ""


# --- make ---------------------------------------------------------------------------------------

def test_help_names_the_targets_that_exist():
    """The driver's table, the rules of the top Makefile, and what the build calls phony."""
    rules = re.findall(r"^([a-z][\w -]*):(?!=)", (ROOT / "Makefile").read_text(), re.M)
    phony = re.findall(r"^\.PHONY: (.*)$", "".join(
        (ROOT / "scripts" / name).read_text() for name in ("build.mk", "targets.mk")), re.M)
    commands = re.findall(r'^    "(\w+)": ', (ROOT / "scripts" / "kconfig.py").read_text(), re.M)
    exist = {*" ".join(rules + phony).split(), *commands, "defconfig", "compile_commands.json"}
    assert set(goals.targets()) == exist - {"prepare", "configure", "build", "FORCE"}


def test_misspelt_target_is_refused_with_what_was_meant(configure, folder):
    for word, meant in ("menuconfg", "menuconfig"), ("menuuconfig", "menuconfig"), \
            ("distclaen", "distclean"), ("runiso", "run-iso"):
        done = configure("qemu_defconfig", word)
        assert done.returncode != 0 and f"no target {word}; did you mean {meant}?" in done.stdout
    assert not folder.exists()
    assert "qemu_defconfig" in configure("qmu_defconfig").stdout


def test_goals_are_done_in_the_order_given(configure, folder):
    good(configure("timer-pit.config", "allyesconfig", "sched-prio.config", "-j8"))
    options = read_options(folder / ".config")
    assert "SCHED_PRIO" in options and "TIMER_LAPIC" in options and "USER_BUSYBOX" in options
    good(configure("sched-prio.config", "allnoconfig"))
    assert "SCHED_RR" in read_options(folder / ".config")


def test_configuring_builds_nothing(configure, folder):
    good(configure("qemu_defconfig", "sched-prio.config", "olddefconfig", "listnewconfig",
                   "savedefconfig"))
    assert set(os.listdir(folder)) <= {".config", ".config.old", ".lock", "defconfig"}


def test_assignments_of_the_command_line_hold(configure, folder):
    good(configure("qemu_defconfig", "CONFIG_HZ_100=y", "CONFIG_CMDLINE=it's two words"))
    options = read_options(folder / ".config")
    assert options["HZ"] == "100" and options["CMDLINE"] == "it's two words"
    done = configure("qemu_defconfig", "CONFIG_HZ=100")
    assert done.returncode != 0 and "CONFIG_HZ" in done.stdout


@pytest.mark.parametrize("goals", [("test",), ("lint", "all"), ("docs",), ("check-docs",),
                                   ("compare",), ("compare-list",), ("perf-check",),
                                   ("list-defconfigs",), ("help",), ("clean",), ("setup",)])
def test_options_for_what_no_option_changes_are_refused(goals, configure, folder):
    done = configure(*goals, "CONFIG_HZ_100=y", "CONFIG_UBSAN=y")
    assert done.returncode != 0 and not folder.exists()
    assert "CONFIG_HZ_100 CONFIG_UBSAN of the command line would make no difference to: " \
        f"{goals[0]}. " in done.stdout


def test_options_hold_beside_goals_that_only_come_before(configure, folder):
    good(configure("clean", "olddefconfig", "CONFIG_HZ_100=y"))
    assert read_options(folder / ".config")["HZ"] == "100"


def test_silent_make_says_nothing_and_loud_make_everything(configure):
    assert good(configure("-s", "qemu_defconfig")).stdout == ""
    assert "kconfig.py" in good(configure("V=1", "qemu_defconfig")).stdout
    assert "kconfig.py" not in good(configure("V=0", "qemu_defconfig")).stdout


def snapshot(folder):
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("goal", ["all", "run", "debug", "run-iso", "shapes"])
def test_dry_run_does_nothing(goal, configure, folder):
    """Neither in a folder that is not there yet, nor in one that has a build."""
    assert "kconfig.py" in good(configure("-n", "qemu_defconfig", goal)).stdout
    assert configure("-q", goal).returncode == 1
    assert not folder.exists()
    good(configure("qemu_defconfig", "include/generated/offsets.inc"))
    before = snapshot(folder)
    tools = folder.parent / "tools"
    tools.mkdir()
    (tools / "qemu-system-x86_64").write_text(f"#!/bin/sh\ntouch {folder}/started\n")
    (tools / "qemu-system-x86_64").chmod(0o755)
    path = f"{tools}:{os.environ['PATH']}"
    assert good(configure("-n", "CONFIG_HZ_100=y", goal, PATH=path)).stdout
    assert configure("-q", goal, PATH=path).returncode == 1
    assert snapshot(folder) == before


def test_wrong_configuration_is_not_built_even_by_make_k(configure, folder):
    done = configure("-k", "qemu_defconfig", "CONFIG_NO_SUCH_THING=y", "all")
    assert done.returncode != 0 and "NO_SUCH_THING" in done.stdout and "  CC " not in done.stdout
    assert not (folder / ".config").exists()


def test_folder_may_be_relative(tmp_path):
    done = subprocess.run(["make", "-f", ROOT / "Makefile", "O=rel/path", "qemu_defconfig"],
                          cwd=tmp_path, env=clean_environment(), capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "rel" / "path" / ".config").exists()


def test_list_defconfigs_says_a_line_of_each(configure):
    lines = good(configure("list-defconfigs")).stdout.splitlines()
    names = sorted(path.name for path in (ROOT / "configs").glob("*_defconfig"))
    assert [line.split()[0] for line in lines] == names
    assert all(len(line.split()) > 4 for line in lines)


def test_another_name_for_the_configuration(configure, folder):
    good(configure("teaching_defconfig", "include/generated/autoconf.h", KCONFIG_CONFIG="mine"))
    assert not (folder / ".config").exists()
    assert "CONFIG_UBSAN 1" in (folder / "include" / "generated" / "autoconf.h").read_text()
    good(configure("clean", KCONFIG_CONFIG="mine"))
    assert os.listdir(folder) == ["mine"]
    good(configure("mrproper", KCONFIG_CONFIG="mine"))
    assert not folder.exists()


def test_syncconfig_writes_what_a_build_reads(configure, folder):
    good(configure("qemu_defconfig", "syncconfig"))
    assert "CONFIG_SCHED_RR=y" in (folder / "include" / "config" / "auto.conf").read_text()


# --- cleaning -----------------------------------------------------------------------------------

def test_source_tree_is_no_build_folder(tmp_path):
    """Nor any part of it, by whichever name; below build/ is where builds belong."""
    link = tmp_path / "link"
    link.symlink_to(ROOT / "docs")
    for place in (ROOT, ROOT.parent, "/", ROOT / "docs", ROOT / "no-such", link, link / "no-such"):
        for variable in ("O", "U"):
            done = make(f"{variable}={place}", "-n", "clean")
            assert done.returncode != 0 and "source tree" in done.stdout, place
    good(make(f"O={ROOT / 'build' / 'test' / 'no-such'}", "-n", "clean"))


MINE = ("letter", "defconfig", "lib/mine.o", "lib/deep/mine.c", "include/mine.h", "usr/bin/prog",
        "usr/notes", "docs/a.md", "facet.iso", "symbols.c.txt", "shapes/of/things", "test/mine",
        "other/.config", "other/lib/x.o", "other/lib/x.o.d")
BUILT = ("facet.elf", "facet.elf.cmd", "lib/format.o", "lib/format.o.d", "symbols.o", "symbols.o.d",
         "usr/list", "usr/list.cmd", "usr/bin/sh", "usr/bin/sh.cmd", "usr/cat.o", "usr/cat.o.d",
         "compile_commands.json", "root.cpio", "root.cpio.cmd")


def test_clean_removes_what_a_build_makes_and_nothing_else(configure, folder):
    for name in MINE + BUILT:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name}\n")
    for place in (folder, folder / "usr"):
        (place / "source").symlink_to(ROOT)
    good(configure("qemu_defconfig", "syncconfig", "fork-eager.config"))
    good(configure("clean"))
    files = {str(path.relative_to(folder)) for path in folder.rglob("*")
             if path.is_file() or path.is_symlink()}
    assert files == {*MINE, ".config", ".config.old"}
    good(configure("mrproper"))
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == \
        set(MINE)


def test_mrproper_removes_what_savedefconfig_saved(configure, folder):
    good(configure("qemu_defconfig", "savedefconfig"))
    assert (folder / "defconfig").exists()
    good(configure("mrproper"))
    assert not folder.exists()


def test_cleaning_a_build_leaves_nothing(configure, folder):
    good(configure("teaching_defconfig", "facet.elf", "compile_commands.json"))
    good(configure("clean"))
    assert os.listdir(folder) == [".config"]


@pytest.mark.parametrize("goal", ["clean", "mrproper", "sched-prio.config"])
def test_cleaning_and_configuring_wait_for_a_build(goal, configure, folder):
    good(configure("qemu_defconfig"))
    with open(folder / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with start_make(f"O={folder}", goal) as process:
            said = process.stdout.readline()
            assert (folder / ".config").exists() and process.poll() is None
            fcntl.flock(lock, fcntl.LOCK_UN)
            process.communicate(timeout=60)
    assert said == f"Another make is at work in {folder}: waiting for it.\n"
    assert process.returncode == 0


def test_mrproper_leaves_what_is_not_ours(configure, folder):
    folder.mkdir()
    (folder / "letter").write_text("dear")
    (folder / ".config").mkdir()
    good(configure("mrproper"))
    assert sorted(os.listdir(folder)) == [".config", "letter"]


def test_distclean_removes_leavings_and_no_source(tmp_path):
    tree = tmp_path / "tree"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True,
                            check=True).stdout.split("\0")
    sources = sorted(name for name in listed if name and (ROOT / name).is_file())
    for name in sources:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    for name in ("kernel/main.c~", "a.orig", "mm/b.rej", "c.bak", "#d#", "e%", "tags", "TAGS",
                 "cscope.out", "core", "build/other/.config"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("x")
    (tree / "scripts" / "__pycache__").mkdir()
    done = subprocess.run(["make", "distclean"], cwd=tree, env=clean_environment(), text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    left = sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())
    assert left == sources, "\n".join(difflib.unified_diff(sources, left, lineterm=""))
    assert not (tree / "scripts" / "__pycache__").exists()
