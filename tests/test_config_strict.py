"""Configuration written by hand is read to the letter, and Kconfig files too.

Each message is tested whole: file, line, symbol and the terms that are not met.
"""

import re

import pytest

from facet.sandbox import OPTIONS, Sandbox, bad, good


@pytest.fixture
def box(tmp_path):
    return Sandbox(tmp_path, OPTIONS)


# --- written by hand ---------------------------------------------------------------------------

REFUSED = [
    ("CONFIG_NTE=y", "unknown symbol CONFIG_NTE; did you mean CONFIG_NET?"),
    ("CONFIG_net_debug=y", "unknown symbol CONFIG_net_debug; did you mean CONFIG_NET_DEBUG?"),
    ("# CONFIG_ZZZZZZ is not set", "unknown symbol CONFIG_ZZZZZZ"),
    ("NET=y", "not an assignment: NET=y"),
    (" CONFIG_NET=y", "not an assignment:  CONFIG_NET=y"),
    ("CONFIG_NET = y", "not an assignment: CONFIG_NET = y"),
    ("CONFIG_NET\x1b[31m", "not an assignment: CONFIG_NET\\x1b[31m"),
    ("CONFIG_NET=yes", "yes is no value for CONFIG_NET (bool): it wants y or n"),
    ("CONFIG_NET=m", "m is no value for CONFIG_NET (bool): it wants y or n"),
    ("CONFIG_NET=", "an empty text is no value for CONFIG_NET (bool): it wants y or n"),
    ("CONFIG_NET=y # on", "y # on is no value for CONFIG_NET (bool): it wants y or n"),
    ("CONFIG_THREE=x", "x is no value for CONFIG_THREE (tristate)"),
    ("CONFIG_THREE=m", "CONFIG_THREE=m has no effect (the value is y): it cannot be m without "
                       "CONFIG_MODULES"),
    ("CONFIG_LEVEL=0x5", "0x5 is no value for CONFIG_LEVEL (int)"),
    ("CONFIG_LEVEL=1_0", "1_0 is no value for CONFIG_LEVEL (int)"),
    ("CONFIG_LEVEL=05", "05 is no value for CONFIG_LEVEL (int)"),
    ("CONFIG_LEVEL=", "an empty text is no value for CONFIG_LEVEL (int)"),
    ("# CONFIG_LEVEL is not set", "CONFIG_LEVEL is of type int, so it cannot be unset"),
    ("CONFIG_LEVEL=9",
     "CONFIG_LEVEL=9 has no effect (the value is 2): it is out of range (0 to 7)"),
    ("CONFIG_LEVEL=-1",
     "CONFIG_LEVEL=-1 has no effect (the value is 2): it is out of range (0 to 7)"),
    ("CONFIG_BASE=0xg", "0xg is no value for CONFIG_BASE (hex)"),
    ("CONFIG_NAME=facet", "facet is no value for CONFIG_NAME (string): it wants double quotes, "
                          'with \\" and \\\\ inside'),
    ('CONFIG_NAME="a"b"', '"a"b" is no value for CONFIG_NAME (string): it wants double quotes, '
                          'with \\" and \\\\ inside'),
    ('CONFIG_NAME="a', '"a is no value for CONFIG_NAME (string): it wants double quotes, '
                       'with \\" and \\\\ inside'),
    ("CONFIG_HUE=3", "CONFIG_HUE has no prompt: it follows from other options and cannot be set"),
    ("CONFIG_HUE=1", "CONFIG_HUE has no prompt: it follows from other options and cannot be set"),
    ("CONFIG_INSIDE=y",
     "CONFIG_INSIDE=y has no effect (the value is n): it can be set only with NET (=n)"),
    ("CONFIG_WHEN=y",
     "CONFIG_WHEN=y has no effect (the value is n): it can be set only with LEVEL = 5 (LEVEL=2)"),
    ("CONFIG_GREEN=y",
     "CONFIG_GREEN=y has no effect (the value is n): it depends on !QUIET (=y)"),
    ("# CONFIG_RED is not set", "CONFIG_RED=n has no effect (the value is y): it is what its "
                                "choice falls back to: set another member to y instead"),
    ("CONFIG_NEITHER=y",
     "CONFIG_NEITHER=y has no effect (the value is n): it depends on !QUIET (=y) and !RED (=y)"),
    ("CONFIG_NOT_BOTH=y",
     "CONFIG_NOT_BOTH=y has no effect (the value is n): it depends on !QUIET (=y) or !RED (=y)"),
    ("CONFIG_NET_DEBUG=y", "CONFIG_NET_DEBUG=y has no effect (the value is n): it depends on "
                           "NET (=n) and (LEVEL > 3 (LEVEL=2) or !QUIET (=y))"),
]


@pytest.mark.parametrize("line, complaint", REFUSED, ids=[line for line, _ in REFUSED])
def test_line_is_refused_with_file_line_and_reason(line, complaint, box):
    path = box.write("wrong.config", f"# a comment\n\n{line}\n")
    assert bad(box.run("wrong.config")) == [f"{path}:3: {complaint}"]
    assert not box.config.exists()


REFUSED_TOGETHER = [
    ("CONFIG_NET=y\nCONFIG_NET_DEBUG=y\n",
     [":2: CONFIG_NET_DEBUG=y has no effect (the value is n): it depends on LEVEL > 3 (LEVEL=2) "
      "or !QUIET (=y)"]),
    ("CONFIG_NET=y\nCONFIG_BASE=0xFFFF\n",
     [":2: CONFIG_BASE=0xffff has no effect (the value is 0x1000): it is out of range "
      "(0x100 to 0xff00)"]),
    ("CONFIG_DRIVER=y\n# CONFIG_HELPER is not set\n",
     [":2: CONFIG_HELPER=n has no effect (the value is y): it is selected by DRIVER (=y)"]),
    ("CONFIG_NET=y\nCONFIG_LEVEL=3\n# CONFIG_NET is not set\n",
     [":3: CONFIG_NET=n contradicts CONFIG_NET=y (line 1)"]),
    ("CONFIG_LEVEL=3\nCONFIG_LEVEL=4\n",
     [":2: CONFIG_LEVEL=4 contradicts CONFIG_LEVEL=3 (line 1)"]),
    ("CONFIG_RED=y\nCONFIG_BLUE=y\n",
     [":2: CONFIG_BLUE and CONFIG_RED (line 1) are members of one choice, COLOUR: "
      "only one can be y"]),
]


@pytest.mark.parametrize("text, complaints", REFUSED_TOGETHER)
def test_lines_that_do_not_go_together_are_refused(text, complaints, box):
    path = box.write("wrong.config", text)
    assert bad(box.run("wrong.config")) == [f"{path}{complaint}" for complaint in complaints]


@pytest.mark.parametrize("text, options", [
    ("CONFIG_NET=y\nCONFIG_NET=y\n", {"NET": "y"}),
    ("CONFIG_BASE=0x1F00\nCONFIG_BASE=1f00\n", {"BASE": "0x1f00"}),
    ("CONFIG_NET=y\r\nCONFIG_LEVEL=4\r\n", {"NET": "y", "LEVEL": "4"}),
    ("CONFIG_LEVEL=4", {"LEVEL": "4"}),
    ('CONFIG_NAME="a \\"b\\" \\\\ c"\n', {"NAME": '"a \\"b\\" \\\\ c"'}),
    ("CONFIG_NAME=\"gr\u00fcn\"\n", {"NAME": "\"gr\u00fcn\""}),
    ("CONFIG_BLUE=y\n# CONFIG_RED is not set\n", {"BLUE": "y", "HUE": "3"}),
    ("CONFIG_QUIET=n\nCONFIG_GREEN=y\n", {"GREEN": "y"}),
    ("# CONFIG_INSIDE is not set\n", {}),
    ("CONFIG_NET=y\nCONFIG_NET_DEBUG=y\nCONFIG_LEVEL=4\n", {"NET_DEBUG": "y"}),
])
def test_what_holds_is_taken(text, options, box):
    box.write("right.config", text)
    assert good(box.run("right.config")) == ""
    assert options.items() <= box.options().items()


def test_all_faults_of_all_files_come_at_once_and_nothing_is_written(box):
    good(box.run("olddefconfig"))
    before = box.config.read_bytes()
    one = box.write("one.config", "CONFIG_NTE=y\nCONFIG_LEVEL=9\n")
    two = box.write("two.config", "CONFIG_NET=maybe\nCONFIG_HUE=1\n")
    lines = bad(box.run("one.config", "two.config", "none.config", "CONFIG_QUIETT=n"))
    assert [line.rpartition(": ")[0].partition(": ")[0] for line in lines] == [
        f"{one}:1", f"{two}:1", f"{two}:2", "none.config", "command line", f"{one}:2"]
    assert box.config.read_bytes() == before


def test_later_file_wins_over_an_earlier_one(box):
    box.write("one.config", "CONFIG_LEVEL=3\nCONFIG_BLUE=y\n")
    box.write("two.config", "CONFIG_LEVEL=4\nCONFIG_RED=y\n")
    good(box.run("one.config", "two.config"))
    assert {"LEVEL": "4", "RED": "y"}.items() <= box.options().items()


def test_defconfig_starts_from_nothing(box):
    box.write("one.config", "CONFIG_LEVEL=3\n")
    good(box.run("one.config"))
    good(box.run("qemu_defconfig"))
    assert box.options()["LEVEL"] == "2"
    assert bad(box.run("one.config", "qemu_defconfig")) == [
        "qemu_defconfig starts from nothing: one.config before it would have no effect"]


def test_defconfig_and_allconfig_file_are_read_to_the_letter(box):
    box.write("source/configs/bad_defconfig", "CONFIG_NTE=y\n")
    assert bad(box.run("bad_defconfig")) == [
        "configs/bad_defconfig:1: unknown symbol CONFIG_NTE; did you mean CONFIG_NET?"]
    path = box.write("build/mini", "CONFIG_LEVEL=9\nCONFIG_NTE=y\n")
    assert bad(box.run("allnoconfig", KCONFIG_ALLCONFIG="mini")) == [
        f"{path}:2: unknown symbol CONFIG_NTE; did you mean CONFIG_NET?",
        f"{path}:1: CONFIG_LEVEL=9 has no effect (the value is 2): it is out of range (0 to 7)"]


@pytest.mark.parametrize("word, complaint", [
    ("CONFIG_NTE=y", "unknown symbol CONFIG_NTE; did you mean CONFIG_NET?"),
    ("CONFIG_LEVEL=9",
     "CONFIG_LEVEL=9 has no effect (the value is 2): it is out of range (0 to 7)"),
    ("CONFIG_GREEN=y", "CONFIG_GREEN=y has no effect (the value is n): it depends on !QUIET (=y)"),
])
def test_command_line_is_read_to_the_letter(word, complaint, box):
    assert bad(box.run(word)) == [f"command line: {complaint}"]


@pytest.mark.parametrize("word", ["CONFIG_NAME=a \"b\"", 'CONFIG_NAME="a \\"b\\""'])
def test_command_line_has_the_last_word(word, box):
    box.write("one.config", "CONFIG_LEVEL=3\n")
    good(box.run("one.config", word, "CONFIG_LEVEL=5", "CONFIG_QUIET=n"))
    assert {"NAME": '"a \\"b\\""', "LEVEL": "5"}.items() <= box.options().items()
    assert "QUIET" not in box.options()


# --- where the files are -----------------------------------------------------------------------

def test_missing_fragment_names_those_there_are(box):
    box.write("source/configs/a.config", "")
    box.write("source/configs/b.config", "")
    assert bad(box.run("c.config")) == [
        "c.config: no such file, here or in configs/, which has: a.config b.config"]
    assert bad(box.run("c_defconfig")) == [
        "c_defconfig: no such file, here or in configs/, which has: qemu_defconfig"]


@pytest.mark.parametrize("name", ["{}/far/x.config", "far/x.config", "far/../far/x.config",
                                  "source/../far/x.config", "far/with space.config"])
def test_fragment_may_be_anywhere(name, box, tmp_path):
    (tmp_path / "far").mkdir()
    box.write("far/x.config", "CONFIG_LEVEL=3\n")
    box.write("far/with space.config", "CONFIG_LEVEL=3\n")
    good(box.run(name.format(tmp_path)))
    assert box.options()["LEVEL"] == "3"


def test_fragment_of_configs_comes_before_one_that_lies_here(box):
    box.write("source/configs/x.config", "CONFIG_LEVEL=3\n")
    box.write("x.config", "CONFIG_LEVEL=4\n")
    good(box.run("x.config"))
    assert box.options()["LEVEL"] == "3"


def test_unreadable_fragments_are_refused_by_name(box, tmp_path):
    (tmp_path / "broken.config").symlink_to("nowhere")
    (tmp_path / "folder.config").mkdir()
    path = box.write("latin.config", b'CONFIG_NAME="gr\xfcn"\n')
    assert bad(box.run("broken.config", "folder.config", "latin.config")) == [
        f"{tmp_path}/broken.config: a symbolic link to nowhere, which is not there",
        f"{tmp_path}/folder.config: Is a directory",
        f'{path}:1: not an assignment: CONFIG_NAME="gr\\xfcn"']


# --- Kconfig files -----------------------------------------------------------------------------

WRONG_TREES = [
    ('choice\n\tprompt "One of"\nconfig A\n\tbool "a"\nendchoice\n',
     r'Kconfig:1: the choice "One of" has no name'),
    ('config A\n\tbool "a"\n\tdepends on B\n', r"undefined symbol B:"),
    ('config A\n\tint "a"\n\tdefault x\n', r"non-int default"),
    ('config A\n\tbool a\n', r"Kconfig:2: .*quotes"),
    ('config A\n\tbolo "a"\n', r"Kconfig:2: error: couldn't parse 'bolo \"a\"'"),
    ('config A\n\tbool "a"\n\tdepends on (B\n', r"Kconfig:3: error: couldn't parse"),
    ('source "no/Kconfig"\n', r"Kconfig:1: 'no/Kconfig' not found"),
    ('config A\n\tbool "a"\n\tdepends on B\nconfig B\n\tbool "b"\n\tdepends on A\n',
     r"Dependency loop"),
    ('config A\n\tbool "gr\udcfcn"\n', r"Malformed utf-8 in .*Kconfig"),
]


@pytest.mark.parametrize("text, complaint", WRONG_TREES)
@pytest.mark.parametrize("goal", ["olddefconfig", "savedefconfig", "syncconfig"])
def test_doubtful_kconfig_file_is_an_error(goal, text, complaint, box):
    (box.source / "Kconfig").write_text(text, errors="surrogateescape")
    assert re.search(complaint, "\n".join(bad(box.run(goal))))
    assert not box.config.exists()


def test_missing_kconfig_file_is_named(box):
    (box.source / "Kconfig").unlink()
    assert bad(box.run("olddefconfig")) == [f"{box.source}/Kconfig: No such file or directory"]


@pytest.mark.parametrize("goal", ["olddefconfig", "savedefconfig", "syncconfig"])
def test_unmet_select_is_never_written(goal, box):
    text = "CONFIG_BROKEN=y\n"
    box.config.write_text(text)
    assert bad(box.run(goal)) == [
        "Kconfig:6: CONFIG_NET_DEBUG is selected by BROKEN (=y), but depends on NET (=n) and "
        "(LEVEL > 3 (LEVEL=2) or !QUIET (=y))"]
    assert box.config.read_text() == text and not (box.build / "defconfig").exists()


def test_default_out_of_range_is_an_error(box):
    box.write("source/Kconfig", 'config A\n\tint "a"\n\trange 1 3\n\tdefault 7\n')
    assert "default value 7 on A (defined at Kconfig:1) clamped to 3" in \
        bad(box.run("olddefconfig"))[0]
