"""Real programs of Debian's packages, unmodified, print on Facet what they print on Linux."""

import difflib

import pytest

from facet import sessions, shapes
from facet.build import build_shape

SHELLS = {"ash": "busybox ash", "bash": "bash", "bash-static": "bash-static", "dash": "dash",
          "mksh": "mksh", "zsh": "zsh-static"}
SESSIONS = {
    **{f"language-{name}": f"{shell} /sessions/language" for name, shell in SHELLS.items()},
    "tools": "bash /sessions/tools",
    "lua": "lua5.4 /sessions/lua.lua",
    "perl": "perl /sessions/perl.pl",
    "python": "python3.11 /sessions/python.py",
    "project": "bash /sessions/project",
    "large": "bash /sessions/large",
    "sqlite": "bash /sessions/sqlite",
}


def initrd_shape():
    return next(each for each in shapes.all_shapes()
                if each.boot_line["programs"] == "initrd" and each.boot_line["fork"] == "cow")


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """(on Facet, on Linux)"""
    kernel = build_shape(initrd_shape())
    initrd = sessions.archive(sessions.userland(), SESSIONS)
    folder = tmp_path_factory.mktemp("sessions")
    return (sessions.on_facet(kernel, initrd, folder / "facet.log"),
            sessions.on_linux(initrd, folder / "linux.log"))


@pytest.mark.xdist_group("sessions")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("session", SESSIONS)
def test_program_prints_what_it_prints_on_linux(answers, session):
    facet, linux = (each.get(session) for each in answers)
    assert linux, "Linux did not come so far"
    assert facet, "Facet did not come so far"
    difference = "\n".join(difflib.unified_diff(linux.text.splitlines(), facet.text.splitlines(),
                                                "Linux", "Facet", lineterm="", n=1))
    assert not difference, difference
    assert facet.status == linux.status
