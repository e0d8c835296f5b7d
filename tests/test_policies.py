"""The shapes come out of Kconfig and the fragments: a new policy is in no list to be forgotten."""

import pytest
from policies import policies, shapes

from facet import ROOT
from facet.sandbox import OPTIONS, Sandbox


@pytest.fixture
def source(tmp_path):
    """Options with a choice, and fragments for all of its members but one."""
    sandbox = Sandbox(tmp_path, OPTIONS)
    for member in ("red", "green"):
        sandbox.write(f"source/configs/{member}.config", f"CONFIG_{member.upper()}=y\n")
    return sandbox.source


def test_choice_with_a_fragment_for_each_member_is_one_of_policies(source):
    assert policies(source) == []
    (source / "configs" / "blue.config").write_text("CONFIG_BLUE=y\n")
    policy, = policies(source)
    assert policy.name == "colour" and policy.members == ("blue", "green", "red")


def test_shape_names_a_member_of_each_choice_and_its_fragments():
    assert shapes(policies(ROOT))["rr-cow-lapic-embedded"] == [
        "sched-rr.config", "fork-cow.config", "timer-lapic.config", "programs-embedded.config"]
