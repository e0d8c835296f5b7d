"""The files of `make compare` for other programs: CSV and JUnit, from what result.json says."""

import csv
import json
import re
import xml.etree.ElementTree as xml

from compare import csv_report, junit
from facet.compare_sample import result


def test_csv_sums_up_every_run(tmp_path):
    made = result("fork_with_linux")
    csv_report.write(made, tmp_path / "result.csv")
    with open(tmp_path / "result.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(csv_report.FIELDS)
    assert all(re.search(rf"\b{field}\b", csv_report.__doc__) for field in csv_report.FIELDS)
    assert len(rows) == sum(len(run["samples"]) for run in made["runs"])
    row = next(row for row in rows if (row["kind"], row["metric"], row["column"])
               == ("instructions", "null_call", "cow"))
    assert {name: row[name] for name in ("unit", "samples", "minimum", "median", "maximum",
                                         "interrupts")} == {
        "unit": "instructions", "samples": "101", "minimum": "74", "median": "74",
        "maximum": "714", "interrupts": "1"}


def junit_cases(made, path):
    junit.write(made, path)
    root = xml.parse(path).getroot()
    for suite in root.iter("testsuite"):
        assert int(suite.get("tests")) == len(suite)
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
    return {case.get("name"): [failure.text for failure in case.iter("failure")]
            for case in root.iter("testcase")}


def test_junit_fails_for_tests_and_regressions_only(tmp_path):
    made = junit_cases(result("fork_with_linux"), tmp_path / "junit.xml")
    assert not any(made.values()) and len(made) == 6
    made = junit_cases(result("failing"), tmp_path / "junit.xml")
    assert [failure for failures in made.values() for failure in failures] == [
        "fork.c: the parent's 64 pages are untouched", "74 instructions, 70 before"]


def test_junit_fails_for_what_contradicts_itself(tmp_path):
    made = json.loads(json.dumps(result("fork_with_linux")))
    made["errors"] = ["null_call in cow: pass 1 and 2 disagree"]
    made["columns"][1]["image"]["archive_sha256"] = "0" * 64
    made["columns"][2].update(image=None, tests=None, failure="it cannot be built")
    found = junit_cases(made, tmp_path / "junit.xml")
    assert found["two passes of instructions agree"] == made["errors"]
    assert found["linux"] == ["it cannot be built"]
    assert found["all columns ran the same workloads"]


def test_junit_can_be_read_whatever_a_machine_printed(tmp_path):
    made = json.loads(json.dumps(result("failing")))
    made["columns"][1]["failure"] = "no end:\n\x1b[2J\x00\x08\ufffe<&>"
    found = junit_cases(made, tmp_path / "junit.xml")
    assert ["no end:\n\ufffd[2J\ufffd\ufffd\ufffd<&>"] in found.values()
