"""Configurations by rule and at random: Linux's all*config and randconfig."""

import os
import re

import kconfiglib
import pytest
from configuration import presets, randomness
from configuration.tree import load_kconfig

from facet import ROOT
from facet.build import good, read_options
from facet.sandbox import MENUS, Sandbox, done

SEEDS = range(200)


@pytest.fixture
def sandbox(tmp_path):
    return Sandbox(tmp_path, MENUS)


# --- by rule ------------------------------------------------------------------------------------

@pytest.mark.parametrize("rule, wanted", [
    ("allnoconfig", {"QUEUE": "16", "BASE": "0x1000", "NAME": '"facet"', "GREEN": "y"}),
    ("alldefconfig", {"QUEUE": "16", "BASE": "0x1000", "NAME": '"facet"', "GREEN": "y"}),
    ("allyesconfig", {"NET": "y", "NET_DEBUG": "y", "QUEUE": "16", "BASE": "0x1000",
                      "NAME": '"facet"', "GREEN": "y"}),
])
def test_rule_answers_every_option_whatever_there_was(rule, wanted, sandbox):
    sandbox.write("build/.config", "CONFIG_QUEUE=5\nCONFIG_RED=y\nCONFIG_NET=y\n")
    done(sandbox.run(rule))
    assert sandbox.options() == wanted


RULES = {"allnoconfig": "allno", "allyesconfig": "allyes", "alldefconfig": "alldef",
         "randconfig": "allrandom"}


@pytest.mark.parametrize("rule, name", RULES.items())
def test_allconfig_holds_under_each_rule(rule, name, sandbox):
    """As a path, and by `1` and nothing from the file of the rule, or from all.config."""
    fragment = "CONFIG_NET=y\n# CONFIG_NET_DEBUG is not set\nCONFIG_BLUE=y\nCONFIG_QUEUE=5\n"
    wanted = {"NET": "y", "BLUE": "y", "QUEUE": "5", "BASE": "0x1000", "NAME": '"facet"'}
    sandbox.write("build/mine", fragment)
    done(sandbox.run(rule, KCONFIG_ALLCONFIG="mine"))
    assert sandbox.options() == wanted
    sandbox.write(f"build/{name}.config", fragment)
    sandbox.write("build/all.config", "CONFIG_QUEUE=6\n")
    for value in ("1", ""):
        done(sandbox.run("alldefconfig"))
        done(sandbox.run(rule, KCONFIG_ALLCONFIG=value))
        assert sandbox.options() == wanted
    (sandbox.build / f"{name}.config").unlink()
    done(sandbox.run(rule, KCONFIG_ALLCONFIG="1"))
    assert sandbox.options()["QUEUE"] == "6"


@pytest.mark.parametrize("rule", ["allnoconfig", "randconfig"])
def test_answer_that_would_take_away_what_allconfig_asks_for_is_not_given(rule, tmp_path):
    sandbox = Sandbox(tmp_path, 'config LOG\n\tbool "Log"\n\tdefault y\n'
                                'config TIMES\n\tbool "Times in it"\n\tdepends on LOG\n')
    sandbox.write("build/all.config", "CONFIG_TIMES=y\n")
    done(sandbox.run(rule, KCONFIG_ALLCONFIG="1", KCONFIG_PROBABILITY="0"))
    assert sandbox.options() == {"LOG": "y", "TIMES": "y"}


def test_allconfig_that_is_missing_or_cannot_hold_is_refused(sandbox):
    said = sandbox.run("allnoconfig", KCONFIG_ALLCONFIG="1")
    assert said.status != 0 and "no allno.config or all.config" in said.err
    said = sandbox.run("allnoconfig", KCONFIG_ALLCONFIG="absent")
    assert said.status != 0 and "absent" in said.err
    sandbox.write("build/blue", "CONFIG_BLUE=y\n")
    said = sandbox.run("allyesconfig", KCONFIG_ALLCONFIG="blue")
    assert said.status != 0 and "blue:1:" in said.err and "NET" in said.err
    assert not sandbox.config.exists()


def test_allconfig_is_found_among_the_fragments(configure, folder):
    good(configure("allnoconfig", KCONFIG_ALLCONFIG="sched-prio.config"))
    assert "SCHED_PRIO" in read_options(folder / ".config")


# --- at random ----------------------------------------------------------------------------------

def test_same_seed_gives_the_same_bytes(sandbox):
    texts = {}
    for seed in ("42", "0x2a", "052", "43"):
        said = done(sandbox.run("randconfig", KCONFIG_SEED=seed))
        assert f"KCONFIG_SEED=0x{int(seed, 8 if seed[0] == '0' and 'x' not in seed else 0):X}\n" \
            in said.out
        texts[seed] = sandbox.config.read_bytes()
    assert texts["42"] == texts["0x2a"] == texts["052"]
    printed = re.search(r"KCONFIG_SEED=(\w+)", done(sandbox.run("randconfig")).out).group(1)
    drawn = sandbox.config.read_bytes()
    done(sandbox.run("randconfig", KCONFIG_SEED=printed))
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
        needed = [item.name for item in kconfiglib.expr_items(choice.direct_dep)
                  if not item.is_constant]
        for values in found:
            offered = all(values[name] == "y" for name in needed)
            assert [values[member.name] for member in choice.syms].count("y") == offered


def test_every_switch_is_drawn_both_ways_and_numbers_stay(drawn):
    kconf, found = drawn
    for symbol in presets.options(kconf):
        values = {values[symbol.name] for values in found}
        assert len(values) == (2 if symbol.type == presets.BOOL else 1), symbol.name


def test_numbers_are_drawn_on_request_within_their_ranges(sandbox):
    queues, bases = set(), set()
    for seed in range(8):
        done(sandbox.run("randconfig", KCONFIG_SEED=str(seed), KCONFIG_RANDOM_NUMBERS="1"))
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
    said = sandbox.run("randconfig", KCONFIG_PROBABILITY=text)
    assert said.status != 0 and f"KCONFIG_PROBABILITY={text} " in said.err
    assert not sandbox.config.exists()


def test_probability_shows_in_what_is_drawn(sandbox):
    for text, wanted in ("0", set()), ("100", {"NET", "NET_DEBUG"}):
        done(sandbox.run("randconfig", KCONFIG_PROBABILITY=text))
        assert sandbox.options().keys() & {"NET", "NET_DEBUG"} == wanted


def test_wrong_seed_is_refused(sandbox):
    said = sandbox.run("randconfig", KCONFIG_SEED="sesame")
    assert said.status != 0 and "KCONFIG_SEED=sesame" in said.err
