"""What is new since a .config was written, and the questions of config and oldconfig."""

import os

import pytest

from facet.sandbox import MENUS, Sandbox, done

OLD = ("CONFIG_NET=y\nCONFIG_BASE=0x200\nCONFIG_NAME=\"old\"\nCONFIG_RED=y\n"
       "# CONFIG_GREEN is not set\n")


@pytest.fixture
def sandbox(tmp_path):
    return Sandbox(tmp_path, MENUS)


def test_listnewconfig_prints_defaults_and_nothing_else(sandbox):
    sandbox.write("build/.config", OLD + "CONFIG_LAST_YEAR=y\n")
    said = done(sandbox.run("listnewconfig"))
    assert said.out == "CONFIG_NET_DEBUG=n\nCONFIG_QUEUE=16\nCONFIG_BLUE=n\n"
    assert sandbox.config.read_text().startswith(OLD)


def test_helpnewconfig_prints_the_help_of_what_is_new(sandbox):
    sandbox.write("build/.config", OLD)
    text = done(sandbox.run("helpnewconfig")).out
    assert "CONFIG_QUEUE:\n\nPackets that wait." in text and "Of the case." in text
    assert "Packets.\n" not in text
    assert text.count("-----\n") == 2 * len(("NET_DEBUG", "QUEUE", "COLOUR"))


def test_nothing_is_new_in_what_was_just_written(sandbox):
    done(sandbox.run("alldefconfig"))
    assert done(sandbox.run("listnewconfig")).out == ""
    assert done(sandbox.run("helpnewconfig")).out == ""
    assert done(sandbox.run("oldconfig")).out.startswith("No change")


def test_oldconfig_asks_for_what_is_new_in_linux_form(sandbox):
    sandbox.write("build/.config", OLD)
    said = done(sandbox.run("oldconfig", answers="?\ny\n65\nx\n5\n\n"))
    assert said.out.startswith("*\n* Restart config...\n*\n*\n* Network\n*\n"
                               "Network (NET) [Y/n/?] y\n"
                               "  Debugging of the network (NET_DEBUG) [N/y] (NEW) ?\n")
    assert "Queue (QUEUE) [16] (NEW) 65\n65 is out of range (4 to 64)\n" in said.out
    assert said.out.count("Queue (QUEUE) [16] (NEW)") == 3
    assert "Colour\n> 1. Red (RED)\n  2. Green (GREEN)\n  3. Blue (BLUE) (NEW)\nchoice[1-3?]: \n" \
        in said.out
    assert sandbox.options() == {"NET": "y", "NET_DEBUG": "y", "QUEUE": "5", "BASE": "0x200",
                                 "NAME": '"old"', "RED": "y"}
    assert (sandbox.build / ".config.old").read_text() == OLD


def test_config_asks_for_everything_in_linux_form(sandbox):
    sandbox.write("build/.config", OLD)
    said = done(sandbox.run("config", answers="yes\nmaybe\nn\n\nff\n200\nnew name\n3?\n?\n9\n3\n"))
    assert said.out.startswith("*\n* Sandbox\n*\n*\n* Network\n*\nNetwork (NET) [Y/n/?] yes\n")
    assert "Queue (QUEUE) [16] (NEW) \n" in said.out
    assert "Base (BASE) [0x200] ff\n0xff is out of range (0x100 to 0xff00)\n" in said.out
    assert "CONFIG_BLUE:" in said.out and "Of the case." in said.out
    assert sandbox.options() == {"NET": "y", "QUEUE": "16", "BASE": "0x200", "NAME": '"new name"',
                                 "BLUE": "y"}


def test_an_end_of_the_answers_leaves_the_configuration_alone(sandbox):
    sandbox.write("build/.config", OLD)
    for goal, text in ("oldconfig", ""), ("oldconfig", "y\n20"), ("config", "n\n"):
        said = sandbox.run(goal, answers=text)
        assert said.status == 1 and "input ended" in said.err and "Trace" not in said.err
        assert sandbox.config.read_text() == OLD
        assert os.listdir(sandbox.build) == [".config"]
