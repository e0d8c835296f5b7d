"""The registry of metrics: complete, and every fault in it named."""

import re

import pytest

from facet import ROOT
from compare import registry
from compare.model import RequestError

ONE = """\
[cost]
what = "a made-up operation"
group = "made_up"
kinds = ["instructions", "virtual", "time"]
unit = "tsc"
better = "lower"
material_relative = { instructions = 0.01, virtual = 0.05, time = 0.05 }
material_absolute = 1
primary = true
"""


def test_registry_describes_every_measure_of_bench():
    metrics = registry.load()
    for source in sorted((ROOT / "usr" / "bench").glob("*.c")):
        for name in re.findall(r'\.name = "(\w+)"', source.read_text()):
            assert name in metrics, f"{source.name}: {name} has no entry in registry.toml"


def test_entry_is_read():
    metric = registry.parse(ONE)["cost"]
    assert metric.material_relative == {"instructions": 0.01, "virtual": 0.05, "time": 0.05}
    assert (metric.scale, metric.primary, metric.unit_in("time")) == ("ratio", True, "cycles")
    same = registry.parse(ONE.replace(ONE[ONE.index("{"):ONE.index("}") + 1], "0.02"))["cost"]
    assert same.material_relative == dict.fromkeys(metric.kinds, 0.02)


@pytest.mark.parametrize("old, new, fault", [
    ("unit = \"tsc\"\n", "", "registry.toml: cost: unit: missing"),
    ("unit = \"tsc\"", "unit = \"ticks\"", "unit: 'ticks' is none of tsc"),
    ("primary", "prymary", "prymary: unknown key"),
    ("= true", "= 1", "primary: true or false is wanted"),
    ("\"lower\"", "\"less\"", "better: 'less' is none of lower, higher, none"),
    ("\"virtual\", ", "\"virtual\", \"real\", ", "kinds: 'real' is none of"),
    ("\"virtual\", ", "\"time\", ", "kinds: one stands there twice"),
    ("[\"instructions\", \"virtual\", \"time\"]", "[]", "kinds: a list of at least one is wanted"),
    ("time = 0.05", "time = 5", "material_relative: a number from 0 up to below 1"),
    (", time = 0.05", "", "material_relative: the kinds there are instructions, virtual"),
    ("{ instructions = 0.01, virtual = 0.05, time = 0.05 }", "0", "no difference at all"),
    ("absolute = 1", "absolute = -1", "material_absolute: a number of at least 0"),
    ("absolute = 1", "absolute = true", "material_absolute: a number of at least 0"),
    ("primary", "scale = \"difference\"\nprimary", "material_absolute above 0 and material_rel"),
    ("a made-up operation", " ", "what: a text is wanted"),
    ("\"made_up\"", "\"Made up\"", "group: a name of"),
    ("[cost]", "[Cost]", "a name has small letters"),
    ("[cost]", "[cost", "registry.toml: Expected"),
    ("[cost]", "cost = 1\n[other]", "cost: a table is wanted"),
])
def test_every_fault_of_the_registry_is_named(old, new, fault):
    assert ONE.count(old) == 1, "the plant is in the text"
    with pytest.raises(RequestError, match=re.escape(fault)):
        registry.parse(ONE.replace(old, new))


def test_eleven_primary_metrics_are_one_too_many():
    with pytest.raises(RequestError, match="11 metrics are primary in virtual, at most 10"):
        registry.parse("".join(ONE.replace("cost", f"cost_{i}") for i in range(11)))


def test_benchmarks_are_picked_by_group_and_by_name():
    metrics = registry.load()
    assert {metric.group for metric in registry.select(metrics, ["fork"]).values()} == {"fork"}
    picked = registry.select(metrics, ["switch", "null_call"])
    assert "null_call" in picked and "yield_2" in picked and "open_close" not in picked
    assert registry.select(metrics, []).keys() == {
        name for name, metric in metrics.items() if set(metric.kinds) - set(metric.extra)}
    assert registry.select(metrics, ["fork_call*"]).keys() == {
        name for name in metrics if name.startswith("fork_call")}
    with pytest.raises(RequestError, match="called frok; there are the groups calls, files"):
        registry.select(metrics, ["fork", "frok"])


def test_what_is_dear_is_run_where_it_is_named_itself():
    metrics = registry.parse(ONE.replace("primary = true", "").replace("cost", "dear")
                             + 'extra = ["virtual"]\n')
    assert metrics["dear"].extra == ("virtual",)
    group = metrics["dear"].group
    for words in ([], [group]):
        assert "virtual" not in registry.select(metrics, words)["dear"].kinds
    for words in (["dear"], ["d*r"], [group, "dear"]):
        assert registry.select(metrics, words) == metrics
