"""The pages made from Kconfig and the table of system calls, on a small tree of their own."""

import os
import re
import subprocess
import sys

import pytest

from facet import ROOT

TREE = {
    "Kconfig": """\
mainmenu "A small tree"

menu "Who and when"

choice SCHED
	prompt "Scheduler"
	default SCHED_PRIO if CHECKS || !CHECKS
	default SCHED_RR
	help
	  Who runs next.

config SCHED_RR
	bool "In turns"
	help
	  The first comes first.

	  Cost: a wait
	  for all.

	  Read kernel/rr.c, not /dev/null nor <that>.

config SCHED_PRIO
	bool "By rank"
	select BITMAP if CHECKS
	help
	  Cost: a bitmap. See SCHED_RR. Read kernel/prio.c.

endchoice

source "kernel/Kconfig"

endmenu
""",
    "kernel/Kconfig": """\
config BITMAP
	bool

config DEPTH
	int "Depth" if CHECKS
	depends on SCHED_PRIO && (CHECKS || !BITMAP)
	range 1 9 if CHECKS
	range 1 5
	default 4
	help
	  Cost: none. Read kernel/core.c.

config CHECKS
	bool "Checks"
	help
	  Cost: none. Read kernel/core.c.
""",
    "kernel/Makefile": "obj-$(CONFIG_SCHED_RR) += rr.o\nobj-$(CONFIG_SCHED_PRIO) += prio.o\n",
    "kernel/rr.c": "int rr;\n",
    "kernel/prio.c": "int prio;\n",
    "kernel/core.c": "int a = IS_ENABLED(CONFIG_BITMAP) + CONFIG_DEPTH + CONFIG_CHECKS;\n",
    "configs/sched-rr.config": "CONFIG_SCHED_RR=y\n",
    "scripts/build.mk": "CFLAGS := $(if $(CONFIG_BITMAP),-O3)\n",
    "scripts/report.py": 'ASKED = "CONFIG_DEPTH"\n',
    "kernel/syscall/table.def": 'SYSCALL(1, write, sys_write, "files", "a \\"b\\" | c")\n'
                                'SYSCALL(0, read, sys_read, "files", "")\nABSENT(9, mmap)\n',
}


@pytest.fixture
def tree(tmp_path):
    for name, text in TREE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def docs(*words):
    return subprocess.run([sys.executable, "-B", "-m", "docs", *map(str, words)], text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)


def page(tree):
    done = docs(tree)
    assert done.returncode == 0, done.stdout
    return (tree / "docs" / "options.md").read_text()


def section(text, name):
    return re.search(rf"^#+ {re.escape(name)}\n(.*?)(?=^#|\Z)", text, re.M | re.S)[1]


def facts(text, name):
    return dict(re.findall(r"^- ([\w ]+): (.*)$", section(text, name), re.M))


def test_menus_are_a_tree(tree):
    assert section(page(tree), "Menus").strip() == """\
- [Who and when](#who-and-when)
  - [SCHED](#sched): Scheduler
    - [SCHED_RR](#sched_rr): In turns
    - [SCHED_PRIO](#sched_prio): By rank
  - [BITMAP](#bitmap): (no prompt)
  - [DEPTH](#depth): Depth
  - [CHECKS](#checks): Checks"""


def test_choices_are_a_table(tree):
    assert section(page(tree), "Choices").strip().splitlines()[-2:] == [
        "| [SCHED](#sched) | [SCHED_RR](#sched_rr) | yes | [kernel/rr.c](../kernel/rr.c) | "
        "[configs/sched-rr.config](../configs/sched-rr.config) | a wait for all. |",
        "|  | [SCHED_PRIO](#sched_prio) | if [CHECKS](#checks) \\|\\| "
        r"\![CHECKS](#checks) | "
        "[kernel/prio.c](../kernel/prio.c) |  | a bitmap. See [SCHED_RR](#sched_rr). Read "
        "[kernel/prio.c](../kernel/prio.c). |"]


def test_facts_of_an_option(tree):
    text = page(tree)
    assert facts(text, "DEPTH") == {
        "type": "int",
        "default": "`4`",
        "range": "1 to 9 if [CHECKS](#checks), 1 to 5",
        "asked": "if [CHECKS](#checks)",
        "used in": "[kernel/core.c](../kernel/core.c)",
        "depends on": r"[SCHED_PRIO](#sched_prio) && ([CHECKS](#checks) || \![BITMAP](#bitmap))",
        "defined in": "[kernel/Kconfig:4](../kernel/Kconfig#L4)"}
    assert facts(text, "BITMAP") == {
        "type": "bool",
        "default": "`n`",
        "prompt": "none, it follows from other options",
        "selected by": "[SCHED_PRIO](#sched_prio) if [CHECKS](#checks)",
        "used in": "[kernel/core.c](../kernel/core.c), [scripts/build.mk](../scripts/build.mk)",
        "defined in": "[kernel/Kconfig:1](../kernel/Kconfig#L1)"}


def test_facts_of_a_choice_and_its_member(tree):
    text = page(tree)
    assert facts(text, "SCHED") == {
        "members": "[SCHED_RR](#sched_rr), [SCHED_PRIO](#sched_prio)",
        "default": r"[SCHED_PRIO](#sched_prio) if [CHECKS](#checks) || \![CHECKS](#checks), "
                   "else [SCHED_RR](#sched_rr)",
        "defined in": "[Kconfig:5](../Kconfig#L5)"}
    assert facts(text, "SCHED_PRIO") == {
        "type": "bool",
        "member of": "[SCHED](#sched)",
        "selects": "[BITMAP](#bitmap) if [CHECKS](#checks)",
        "decides": "[BITMAP](#bitmap)",
        "compiles": "[kernel/prio.c](../kernel/prio.c)",
        "used in": "[kernel/Makefile](../kernel/Makefile)",
        "defined in": "[Kconfig:22](../Kconfig#L22)"}
    assert facts(text, "SCHED_RR")["set in"] == \
        "[configs/sched-rr.config](../configs/sched-rr.config)"


def test_help_is_markdown(tree):
    assert r"Read [kernel/rr.c](../kernel/rr.c), not `/dev/null` nor \<that\>." in \
        section(page(tree), "SCHED_RR")


def test_system_calls_come_by_number(tree):
    page(tree)
    text = (tree / "docs" / "abi.md").read_text()
    assert '| 0 | `read` | files |  |\n| 1 | `write` | files | a "b" \\| c |\n' in text
    assert "2 calls are offered and 1 are not." in text and "- 9 `mmap`" in text


def test_table_of_system_calls_that_is_not_understood_is_refused(tree):
    with open(tree / "kernel/syscall/table.def", "a", encoding="ascii") as file:
        file.write("ABSENT(ten, open)\n")
    done = docs(tree)
    assert done.returncode != 0 and "table.def:4" in done.stdout


def test_two_headings_of_one_name_are_refused(tree):
    kconfig = tree / "Kconfig"
    kconfig.write_text(kconfig.read_text().replace("Who and when", "Depth"))
    done = docs(tree)
    assert done.returncode != 0 and "depth" in done.stdout


@pytest.mark.parametrize("changed, stale", [
    ({"kernel/Kconfig": TREE["kernel/Kconfig"].replace("default 4", "default 5")}, "options.md"),
    ({"kernel/rr.c": "int rr = CONFIG_DEPTH;\n"}, "options.md"),
    ({"kernel/syscall/table.def": "ABSENT(9, mmap)\n"}, "abi.md"),
    ({"docs/options.md": None}, "options.md"),
])
def test_check_fails_where_a_page_is_stale_and_writes_nothing(changed, stale, tree):
    page(tree)
    assert docs("--check", tree).returncode == 0
    for name, text in changed.items():
        if text is None:
            (tree / name).unlink()
        else:
            (tree / name).write_text(text)
    before = {path: path.read_text() for path in (tree / "docs").iterdir()}
    done = docs("--check", tree)
    assert done.returncode != 0
    assert done.stdout == f"not up to date: docs/{stale}; run `make docs`\n"
    assert {path: path.read_text() for path in (tree / "docs").iterdir()} == before
    assert docs(tree).returncode == 0 and docs("--check", tree).returncode == 0


def test_kconfig_that_cannot_be_read_is_said_in_a_line(tree):
    (tree / "kernel" / "Kconfig").write_text("config\n")
    done = docs(tree)
    assert done.returncode != 0
    assert done.stdout.startswith("docs: ") and "kernel/Kconfig:1" in done.stdout
    assert "Traceback" not in done.stdout


def test_every_link_of_the_page_leads_somewhere():
    """Within the page to a heading, as GitHub names it; outside to a file of the tree."""
    text = (ROOT / "docs" / "options.md").read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert len(anchors) == len(headings)
    links = set(re.findall(r"\]\(([^)]*)\)", text))
    assert len(links) > 100
    lost = [link for link in links if link.startswith("#") and link[1:] not in anchors]
    lost += [link for link in links if not link.startswith("#")
             and not (ROOT / "docs" / link.partition("#")[0]).exists()]
    assert lost == []
