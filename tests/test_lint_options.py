"""The rules about options: each fires on a planted fault, where it is, and on nothing else."""

import re

import pytest
from lint.options import check

from facet import ROOT

TREE = {
    "Kconfig": """\
mainmenu "A small tree"

choice SCHED
	prompt "Scheduler"
	default SCHED_RR
	help
	  Who runs next: one file behind include/sched.h. It reads and/or writes /dev/null.

config SCHED_RR
	bool "In turns"
	help
	  The first comes first.

	  Cost: a wait for all the
	  others.

	  Take it to begin with. Read kernel/rr.c.

config SCHED_PRIO
	bool "By rank"
	select BITMAP
	help
	  The highest comes first.

	  Cost: a bitmap.

	  Take it for response. Read kernel/prio.c.

endchoice

config BITMAP
	bool

choice RATE
	prompt "Rate"
	default RATE_SLOW
	help
	  How often.

config RATE_SLOW
	bool "Slow"
	help
	  Cost: time. Read kernel/core.c.

config RATE_FAST
	bool "Fast"
	help
	  Cost: power. Read kernel/core.c.

endchoice

config HZ
	int
	default 10 if RATE_SLOW
	default 1000 if RATE_FAST

config CHECKS
	bool "Checks"
	depends on SCHED_RR
	help
	  Looks twice. Cost: twice the time.

	  Cost: twice the time. Read include/sched.h and all of kernel/.

config DEPTH
	int "Depth"
	range 1 9 if CHECKS
	default 4
	help
	  How deep.

	  Cost: a word each. Read kernel/entry.asm.
""",
    "Makefile": "facet.elf:\n\t$(if $(CONFIG_CHECKS),echo checked)\t# not $(CONFIG_HZ)\n",
    "kernel/Makefile": "obj-y += core.o\n"
                       "obj-$(CONFIG_SCHED_RR) += rr.o\n"
                       "obj-$(CONFIG_SCHED_PRIO) \\\n\t+= prio.o\n",
    "kernel/rr.c": "int rr;\n",
    "kernel/prio.c": "int prio = IS_ENABLED(CONFIG_BITMAP);\n",
    "kernel/core.c": """\
#include <sched.h>

/* Neither #if CONFIG_CHECKS nor CONFIG_X: CONFIG_CHECKS is looked at below. */
int core(void)
{
	log("CONFIG_CHECKS #ifdef CONFIG_HZ");
	if (IS_ENABLED(CONFIG_CHECKS))
		return 0;
	return CONFIG_HZ;
}
""",
    "kernel/entry.asm": "; CONFIG_HZ is the rate\n\tmov\teax, CONFIG_DEPTH\n",
    "kernel/kernel.ld": "/* CONFIG_DEPTH */\n",
    "include/sched.h": """\
#ifndef FACET_CONFIG_H
#define FACET_CONFIG_H
#define IS_ENABLED(option) option
#ifdef CONFIG_CHECKS
int twice(void);
#endif
#endif
""",
    "configs/small_defconfig": "# Small, without CONFIG_X\nCONFIG_RATE_FAST=y\n"
                               "# CONFIG_CHECKS is not set\n",
    "configs/sched-rr.config": "CONFIG_SCHED_RR=y\n",
    "configs/sched-prio.config": "# By rank\nCONFIG_SCHED_PRIO=y\n",
    "docs/guide.md": """\
A new one, `CONFIG_<CHOICE>_<NAME>`, is declared so:

```
config SCHED_LOTTERY
	bool "By lot"
```

and used by `obj-$(CONFIG_SCHED_LOTTERY)`, beside `CONFIG_SCHED_*` of old.
""",
    "scripts/run": "#!/bin/sh\n# usage: run CONFIG_NAME=value\n"
                   "grep CONFIG_DEPTH= $KCONFIG_CONFIG\n",
    "tests/test_config.py": 'UNKNOWN = "CONFIG_NO_SUCH_THING"\n',
    "usr/tests/probe.c": 'int main(void) { return has("CONFIG_HZ=") + has("CONFIG_SCHED_"); }\n',
    "build/old/notes.md": "CONFIG_OF_LAST_YEAR\n",
}


@pytest.fixture
def lint(tmp_path, monkeypatch):
    """Lints the small tree with some files changed; what was found, as `path:line rule`."""
    monkeypatch.setenv("srctree", str(tmp_path))

    def run(changed=()):
        for name, text in {**TREE, **dict(changed)}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return [str(finding) for finding in sorted(check(tmp_path))]

    return run


def replaced(path, old, new):
    assert TREE[path].count(old) == 1
    return {path: TREE[path].replace(old, new)}


def appended(path, text):
    return {path: TREE[path] + text}


def without(option):
    """Kconfig without an option's entry."""
    kept = re.sub(rf"^config {option}\n(?:\t.*\n|\n)*", "", TREE["Kconfig"], flags=re.M)
    assert kept != TREE["Kconfig"]
    return {"Kconfig": kept}


def entry(text):
    """A further entry in Kconfig, which begins in line 73."""
    assert TREE["Kconfig"].count("\n") == 72
    return appended("Kconfig", text)


GOOD_HELP = "\thelp\n\t  What.\n\n\t  Cost: none.\n\n\t  Read kernel/core.c.\n"
USE_NEW = appended("kernel/core.c", "int new = CONFIG_NEW;\n")
CHOICE = "\tprompt \"Rate\"\n\tdefault RATE_SLOW\n\thelp\n\t  How often.\n"

FAULTS = {
    # A name that Kconfig does not define, in each kind of file.
    "C": (appended("kernel/core.c", "int depth = CONFIG_DEPHT;\n"),
          "kernel/core.c:11: unknown-option: Kconfig defines no DEPHT; did you mean DEPTH?"),
    "C comment": (appended("kernel/core.c", "/* as\n * CONFIG_DEPHT says */\n"),
                  "kernel/core.c:12: unknown-option: Kconfig defines no DEPHT; "
                  "did you mean DEPTH?"),
    "C's own": (appended("kernel/core.c", "#define CONFIG_PORT 0x20\n"),
                "kernel/core.c:11: unknown-option: Kconfig defines no PORT"),
    "header": (appended("include/sched.h", "#ifdef CONFIG_CHECK\n#endif\n"),
               "include/sched.h:8: unknown-option: Kconfig defines no CHECK; did you mean CHECKS?"),
    "NASM": (appended("kernel/entry.asm", "%ifdef CONFIG_SMP\n%endif\n"),
             "kernel/entry.asm:3: unknown-option: Kconfig defines no SMP"),
    "linker script": (appended("kernel/kernel.ld", ". = CONFIG_BASE;\n"),
                      "kernel/kernel.ld:2: unknown-option: Kconfig defines no BASE"),
    "makefile": (appended("kernel/Makefile", "obj-$(CONFIG_SCHED_PRO) += prio.o\n"),
                 "kernel/Makefile:5: unknown-option: Kconfig defines no SCHED_PRO; "
                 "did you mean SCHED_PRIO?"),
    "compiler's flag": (appended("Makefile", "CFLAGS := -DCONFIG_SMP\n"),
                        "Makefile:3: unknown-option: Kconfig defines no SMP"),
    "configuration": (appended("configs/small_defconfig", "CONFIG_DEEP=1\n"),
                      "configs/small_defconfig:4: unknown-option: Kconfig defines no DEEP; "
                      "did you mean DEPTH?"),
    "switched off": (appended("configs/small_defconfig", "# CONFIG_SMP is not set\n"),
                     "configs/small_defconfig:4: unknown-option: Kconfig defines no SMP"),
    "document": (appended("docs/guide.md", "See `CONFIG_SMP`.\n"),
                 "docs/guide.md:9: unknown-option: Kconfig defines no SMP"),
    "another document's example": ({"README.md": "Set `CONFIG_SCHED_LOTTERY`.\n"},
                                   "README.md:1: unknown-option: Kconfig defines no SCHED_LOTTERY;"
                                   " did you mean SCHED_RR?"),
    "shell script": (appended("scripts/run", "grep CONFIG_SMP .config\n"),
                     "scripts/run:4: unknown-option: Kconfig defines no SMP"),
    "a test's program": ({"usr/tests/probe.c": 'int a = has("CONFIG_SMP=y");\n'},
                         "usr/tests/probe.c:1: unknown-option: Kconfig defines no SMP"),
    "family": ({"usr/tests/probe.c": 'int a = has("CONFIG_TIMER_");\n'},
               "usr/tests/probe.c:1: unknown-option: Kconfig defines no TIMER_"),
    "help": (replaced("Kconfig", "How deep.", "How deep, without CONFIG_SMP."),
             "Kconfig:70: unknown-option: Kconfig defines no SMP"),
    "Kconfig": (replaced("Kconfig", "depends on SCHED_RR", "depends on SCHED_RR && !SMP"),
                "Kconfig:59: unknown-option: no Kconfig file defines SMP"),

    # A symbol that nothing uses: neither a comment nor a configuration nor a default for itself
    # is a use.
    "unused": ({**entry("\nconfig NEW\n\tbool \"New\"\n" + GOOD_HELP),
                **appended("kernel/core.c", "/* CONFIG_NEW */\n"),
                **appended("configs/small_defconfig", "CONFIG_NEW=y\n")},
               "Kconfig:74: unused-option: nothing is built or done differently because of NEW"),
    "unused helper": ({"kernel/prio.c": "int prio = 2; /* CONFIG_BITMAP */\n"},
                      "Kconfig:31: unused-option: nothing is built or done differently because "
                      "of BITMAP"),
    "unused member": (replaced("Kconfig", "default 10 if RATE_SLOW", "default 10"),
                      "Kconfig:40: unused-option: nothing is built or done differently because "
                      "of RATE_SLOW"),

    "IS_ENABLED of a number": (appended("kernel/core.c", "int a = IS_ENABLED(CONFIG_HZ);\n"),
                               "kernel/core.c:11: is-enabled: IS_ENABLED(CONFIG_HZ) is always 0: "
                               "it takes CONFIG_ and a bool's name"),
    "IS_ENABLED without the prefix": (appended("kernel/core.c", "int a = IS_ENABLED(CHECKS);\n"),
                                      "kernel/core.c:11: is-enabled: IS_ENABLED(CHECKS) is always "
                                      "0: it takes CONFIG_ and a bool's name"),

    # What a prompt promises.
    "no help": ({**entry("\nconfig NEW\n\tint \"New\"\n\tdefault 1\n"), **USE_NEW},
                "Kconfig:74: help-missing: NEW has a prompt and no help"),
    "empty help": ({**entry("\nconfig NEW\n\tint \"New\"\n\tdefault 1\n\thelp\n\n"), **USE_NEW},
                   "Kconfig:74: help-missing: NEW has a prompt and no help"),
    "choice without help": (replaced("Kconfig", "\thelp\n\t  How often.\n", ""),
                            "Kconfig:34: help-missing: RATE has a prompt and no help"),
    "no cost": (replaced("Kconfig", "Cost: a word each. Read", "Read"),
                "Kconfig:65: help-cost: the help of DEPTH has no paragraph `Cost: ...`"),
    "no file": (replaced("Kconfig", " Read kernel/prio.c.", ""),
                "Kconfig:19: help-file: the help of SCHED_PRIO names none of its files: "
                "kernel/prio.c"),
    "another's file": (replaced("Kconfig", "Read kernel/prio.c.", "Read kernel/rr.c."),
                       "Kconfig:19: help-file: the help of SCHED_PRIO names none of its files: "
                       "kernel/prio.c"),
    "no such file": (replaced("Kconfig", "response. Read kernel/prio.c.",
                              "response. Read kernel/prio.c and kernel/pri.c."),
                     "Kconfig:27: help-path: the help of SCHED_PRIO names kernel/pri.c, which is "
                     "not there"),
    "no such folder": (replaced("Kconfig", "all of kernel/.", "all of kernels/."),
                       "Kconfig:63: help-path: the help of CHECKS names kernels/, which is not "
                       "there"),
    "choice names no such file": (replaced("Kconfig", "include/sched.h. It", "include/sched.H. It"),
                                  "Kconfig:7: help-path: the help of SCHED names include/sched.H, "
                                  "which is not there"),
    "a helper's help": (replaced("Kconfig", "config BITMAP\n\tbool\n",
                                 "config BITMAP\n\tbool\n\thelp\n\t  See kernel/no.c.\n"),
                        "Kconfig:34: help-path: the help of BITMAP names kernel/no.c, which is not "
                        "there"),

    "select of a prompt": (replaced("Kconfig", "\tselect BITMAP\n",
                                    "\tselect BITMAP\n\tselect CHECKS\n"),
                           "Kconfig:22: select: SCHED_PRIO selects CHECKS, which has a prompt and "
                           "has dependencies"),
    "select of what depends": (replaced("Kconfig", "config BITMAP\n\tbool\n",
                                        "config BITMAP\n\tbool\n\tdepends on RATE_FAST\n"),
                               "Kconfig:21: select: SCHED_PRIO selects BITMAP, which has "
                               "dependencies"),
    "unnamed choice": (replaced("Kconfig", "choice RATE\n", "choice\n"),
                       "Kconfig:34: unnamed-choice: a choice has to have a name"),

    "no fragment": (replaced("Kconfig", "endchoice\n\nconfig BITMAP",
                             "config SCHED_NEW\n\tbool \"New\"\n" + GOOD_HELP +
                             "\nendchoice\n\nconfig BITMAP") |
                    appended("kernel/core.c", "int new = IS_ENABLED(CONFIG_SCHED_NEW);\n"),
                    "Kconfig:29: fragment: SCHED_NEW has no configs/sched-new.config"),
    "another's fragment": ({"configs/sched-rr.config": "CONFIG_SCHED_PRIO=y\n"},
                           "configs/sched-rr.config:1: fragment: does not set SCHED_RR"),

    # No conditionals over options in a source file.
    "#ifdef": (appended("kernel/core.c", "#ifdef CONFIG_CHECKS\n#endif\n"),
               "kernel/core.c:11: conditional-source"),
    "#if defined": (appended("kernel/core.c", "\n # if 1 && defined(CONFIG_CHECKS)\n#endif\n"),
                    "kernel/core.c:12: conditional-source"),
    "#if in two lines": (appended("kernel/core.c", "#if 1 && \\\n\tCONFIG_HZ > 9\n#endif\n"),
                         "kernel/core.c:11: conditional-source"),
    "#elif": (appended("kernel/core.c", "#if 0\n#elif IS_ENABLED(CONFIG_CHECKS)\n#endif\n"),
              "kernel/core.c:12: conditional-source"),
    "a program's #ifndef": ({"usr/probe.c": "#ifndef CONFIG_CHECKS\n#endif\n"},
                            "usr/probe.c:1: conditional-source"),
}


def test_a_tree_without_faults_has_no_findings(lint):
    assert lint() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_rule_fires_at_the_line(fault, lint):
    changed, expected = FAULTS[fault]
    found = lint(changed)
    assert len(found) == 1 and found[0].startswith(expected), "\n".join(found)


def test_an_option_taken_out_of_kconfig_is_found_wherever_it_is_named(lint):
    places = [finding.partition(": ")[0] for finding in lint(without("DEPTH"))]
    assert places == ["kernel/entry.asm:2", "kernel/kernel.ld:1", "scripts/run:3"]


def test_kconfig_that_cannot_be_read_is_a_finding(lint):
    found = lint(entry("\nconfig\n"))
    assert len(found) == 1 and "Kconfig:74" in found[0]


def test_a_loop_of_dependencies_is_a_finding(lint):
    found = lint(entry('\nconfig ONE\n\tbool\n\tdepends on TWO\n'
                       'config TWO\n\tbool\n\tdepends on ONE\n'))
    assert len(found) == 1 and found[0].startswith("Kconfig:0: kconfig: Dependency loop")


def test_a_build_folder_and_a_text_of_another_encoding_are_no_fault(lint, tmp_path):
    (tmp_path / "two.txt").write_bytes(b"gr\xfcn\n")
    assert lint({"out/.config": "", "out/one.c": "int one = CONFIG_ABSENT;\n"}) == []


def test_the_tree_has_no_findings(monkeypatch):
    monkeypatch.setenv("srctree", str(ROOT))
    assert [str(finding) for finding in check(ROOT)] == []
