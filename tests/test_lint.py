"""Each rule of `make lint` is seen to fire on a planted fault, and the tree itself has none.

The rules about options are test_lint_options.py's.
"""

import importlib
import shutil
import subprocess

import pytest
from lint import exceptions, tools

from facet import ROOT

GOOD = {
    "a.c": "int one(int x)\n{\n\treturn x;\n}\n",
    "a.py": '"""One."""\n\nONE = 1\n',
    "run": "#!/bin/sh\necho one\n",
    "a.asm": "\tret\n",
}
LONG = "x" * 101

# Family, file, what it holds, and the finding: line and rule.
FAULTS = [
    ("format", "a.c", "int one(int x)\n{\n    return x;\n}\n", "2: clang-format"),
    ("format", "a.c", "int  one;\n", "1: clang-format"),
    ("format", "a.c", f"/* {LONG} */\n", "1: max_line_length"),
    ("format", "a.asm", "\tret", "1: insert_final_newline"),
    ("format", "a.asm", "\tnop\n\tret \n", "2: trim_trailing_whitespace"),
    ("format", "a.asm", "        ret\n", "1: indent_style"),
    ("format", "a.asm", f"\t; {LONG}\n", "1: max_line_length"),
    ("format", "Kconfig", "config A\n        bool\n", "2: indent_style"),
    ("format", "Makefile", f"a := {LONG}\n", "1: max_line_length"),
    ("format", "a.py", '"""One."""\nif ONE:\n\tONE = 1\n', "3: indent_style"),
    ("format", "a.py", f'"""{LONG}"""\n', "1: max_line_length"),
    ("format", "a.md", "one\r\n", "1: end_of_line"),
    ("format", "a.md", b"one\n\xff\n", "2: charset"),
    ("shell", "run", "#!/bin/sh\nrm $1\n", "2: SC2086"),
    ("shell", "a.sh", "#!/bin/bash\ncd /tmp\n", "2: SC2164"),
    ("python", "a.py", '"""One."""\nimport os\n', "2: pyflakes"),
    ("python", "a.py", '"""One."""\nprint(one)\n', "2: pyflakes"),
    ("python", "a.py", '"""One."""\nprint(\n', "2: pyflakes"),
    ("python", "run", '#!/usr/bin/env python3\n"""One."""\nimport os\n', "3: pyflakes"),
    ("python", "a.py", "ONE = 1\n", "1: docstring"),
    ("sizes", "a.c", "\n" * 401, "401: file-length"),
    ("sizes", "a.py", "\n" * 401, "401: file-length"),
    *(("sizes", name, "\n" * 401, "401: file-length")
      for name in ("a.asm", "a.ld", "Makefile", "a.mk", "a.awk", "a.sh")),
    ("sizes", "a.c", "\nint one(int x)\n{\n" + "\tx++;\n" * 58 + "}\n", "2: function-length"),
    ("sizes", "a.py", "def one():\n" + "    pass\n" * 60, "1: function-length"),
]


def plant(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def tree(tmp_path):
    """A small tree with the rules' own files."""
    plant(tmp_path, GOOD)
    for name in (".clang-format", ".editorconfig"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def lint(family, tree):
    """The findings as text, without the message."""
    check = importlib.import_module(f"lint.{family}").check
    return [": ".join(str(found).split(": ")[:2]) for found in check(tree)]


@pytest.mark.parametrize("family", ["format", "shell", "python", "sizes"])
def test_a_tree_without_faults_has_no_findings(family, tree):
    assert lint(family, tree) == []


@pytest.mark.parametrize("family, name, content, finding", FAULTS,
                         ids=[f"{fault[1]}-{fault[3].split(': ')[1]}" for fault in FAULTS])
def test_rule_fires_at_the_line(family, name, content, finding, tree):
    plant(tree, {name: content})
    assert f"{name}:{finding}" in lint(family, tree)


@pytest.mark.parametrize("family", ["format", "sizes"])
def test_a_build_folder_in_the_tree_is_not_looked_at(family, tree):
    plant(tree, {"out/.config": "", "out/a.c": "\n" * 401 + f"/* {LONG} */\n"})
    assert lint(family, tree) == []


def test_a_function_and_a_file_of_the_limit_pass(tree):
    plant(tree, {"a.c": "int one(int x)\n{\n" + "\tx++;\n" * 57 + "}\n", "b.c": "\n" * 400})
    assert lint("sizes", tree) == []


def test_indentation_inside_a_python_string_is_another_languages(tree):
    plant(tree, {"a.py": '"""One."""\nONE = """\n\tone\n"""\n'})
    assert lint("format", tree) == []


def test_another_clang_format_is_a_finding(tree, monkeypatch):
    plant(tree, {"bin/clang-format": "#!/bin/sh\necho 'clang-format version 16.0.6'\n"})
    (tree / "bin/clang-format").chmod(0o755)
    monkeypatch.setenv("PATH", str(tree / "bin"), prepend=":")
    assert ".clang-format:0: clang-format-version" in lint("format", tree)


@pytest.mark.parametrize("family", ["shell", "python", "format"])
def test_a_missing_tool_is_an_error_that_names_setup(family, tree, monkeypatch):
    monkeypatch.setenv("PATH", str(tree))
    with pytest.raises(tools.MissingTool, match="is missing. `make setup` installs it."):
        lint(family, tree)


def test_analysis_finds_a_fault_in_the_kernels_c(tmp_path):
    for name in ("Kconfig", "configs", "include", "arch", "drivers", "fs", "init", "kernel", "lib",
                 "mm", "usr"):
        keep = shutil.ignore_patterns("*.c", "*.asm")
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=keep)
        else:
            shutil.copy(ROOT / name, tmp_path)
    plant(tmp_path, {"mm/planted.c": "int planted(void)\n{\n\tint a[2];\n\n\ta[2] = 1;\n"
                                     "\treturn a[2];\n}\n"})
    assert "mm/planted.c:5: arrayIndexOutOfBounds" in lint("analysis", tmp_path)


def test_analysis_without_a_configuration_is_a_finding(tree):
    plant(tree, {"mm/one.c": "int one;\n",
                 "Kconfig": 'config ONE\n\tbool "One"\n\tdepends on ABSENT\n'})
    assert lint("analysis", tree) == ["Kconfig:0: kconfig"]


def excepted(tree, text, family="shell"):
    plant(tree, {exceptions.FILE: text, "run": "#!/bin/sh\nrm $1\n"})
    check = importlib.import_module(f"lint.{family}").check
    return [finding.rule for finding in exceptions.apply(tree, family, check(tree))]


def test_an_exception_covers_its_path_and_rule_alone(tree):
    entry = '[[shell]]\npath = "{}"\nrule = "{}"\nreason = "a test"\n'
    assert excepted(tree, entry.format("run", "SC2086")) == []
    assert excepted(tree, entry.format("run", "SC1000")) == ["SC2086", "unused-exception"]
    assert excepted(tree, entry.format("other", "*")) == ["SC2086", "unused-exception"]


def test_an_exceptions_path_begins_at_the_root(tree):
    plant(tree, {"deep/run": "#!/bin/sh\nrm $1\n"})
    entry = '[[shell]]\npath = "{}"\nrule = "SC2086"\nreason = "a test"\n'
    assert excepted(tree, entry.format("run")) == ["SC2086"]
    assert excepted(tree, entry.format("*run")) == []


def test_an_exception_without_a_rule_or_a_reason_is_a_finding(tree):
    assert excepted(tree, '[[shell]]\npath = "run"\nrule = "SC2086"\n') == ["exception"]
    assert excepted(tree, '[[shell]]\npath = "run"\nreason = "a test"\n') == ["exception"]


def test_an_exception_from_a_length_has_a_ceiling(tree):
    plant(tree, {"a.c": "\n" * 450})
    entry = '[[sizes]]\npath = "a.c"\nrule = "file-length"\nreason = "a test"\n'
    assert excepted(tree, f"{entry}lines = 450\n", "sizes") == []
    assert excepted(tree, f"{entry}lines = 449\n", "sizes") == ["file-length", "unused-exception"]
    assert excepted(tree, entry, "sizes") == ["exception"]


def test_of_a_script_for_no_known_shell_only_that_is_said(tree):
    plant(tree, {"a.sh": "rm $1\n"})
    assert lint("shell", tree) == ["a.sh:1: SC2148"]


def make_lint(*arguments):
    return subprocess.run(["make", "-C", ROOT, "lint", *arguments], capture_output=True, text=True)


def test_the_tree_is_clean():
    done = make_lint()
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_family_can_be_asked_for_alone():
    done = make_lint("L=sizes")
    assert "LINT    sizes" in done.stdout and "shell" not in done.stdout
    assert "no rules are called 'nonsense'" in make_lint("L=nonsense").stderr
