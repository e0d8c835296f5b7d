"""junit.xml: what must hold in a comparison, as continuous integration shows it.

A difference is no failure. A configuration that does not build or fails its tests is one, and so
are a measurement that contradicts itself, unequal workloads, and a regression against a baseline.
"""

import pathlib
import re
import xml.etree.ElementTree as xml

from .report.view import View
from .report.words import KIND_TITLES

# A machine prints what it likes, and XML 1.0 has no way to write these down (section 2.2).
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def case(suite: str, name: str, failures=(), skipped="", seconds=None):
    element = xml.Element("testcase", classname=f"compare.{suite}", name=name)
    if seconds is not None:
        element.set("time", f"{seconds:.3f}")
    for failure in failures:
        xml.SubElement(element, "failure", message=failure.splitlines()[0]).text = failure
    if skipped:
        xml.SubElement(element, "skipped", message=skipped)
    return element


def functional(column: dict):
    tests = column["tests"]
    failures = [column["failure"]] if column.get("failure") else []
    if tests is None:
        return case("functional", column["name"], failures, "" if failures else "not run")
    return case("functional", f"{column['name']}: {tests['passed'] + tests['failed']} user tests",
                failures, seconds=tests["seconds"])


def gates(result: dict):
    gate = result.get("gate")
    if not gate:
        return
    failed = {(each["kind"], each["metric"], each["column"]) for each in gate["regressions"]}
    for each in gate["regressions"]:
        yield case("regression", f"{each['metric']} of {each['column']}, "
                   f"{KIND_TITLES[each['kind']].lower()}", [each["note"]])
    yield case("regression", f"{gate['checked'] - len(failed)} figures are no worse than in "
               f"{gate['baseline']}")


def suites(result: dict):
    yield "functional", [functional(column) for column in result["columns"]]
    workloads = View(result).workloads()
    yield "determinism", [
        case("determinism", "two passes of instructions agree", result.get("errors", ()),
             "" if any(run["key"]["kind"] == "instructions" for run in result["runs"])
             or result.get("errors") else "no instructions were measured"),
        case("determinism", "all machines did what they should", result.get("faults", ())),
        case("determinism", "all columns ran the same workloads",
             ["; ".join(f"{name}: {archive}" for name, archive in workloads.items())]
             if len({*workloads.values()}) > 1 else [])]
    yield "regression", list(gates(result))


def write(result: dict, path):
    root = xml.Element("testsuites", name="make compare")
    about = xml.SubElement(root, "properties")
    xml.SubElement(about, "property", name="controlled",
                   value="yes" if result["controlled"] else "no: the columns differ in more than "
                   "what was asked for")
    for name, cases in suites(result):
        count = {tag: sum(each.find(tag) is not None for each in cases)
                 for tag in ("failure", "skipped")}
        suite = xml.SubElement(root, "testsuite", name=name, tests=str(len(cases)), errors="0",
                               failures=str(count["failure"]), skipped=str(count["skipped"]))
        suite.extend(cases)
    xml.indent(root)
    text = FORBIDDEN.sub("\ufffd", xml.tostring(root, encoding="unicode"))
    pathlib.Path(path).write_text(f"<?xml version='1.0' encoding='utf-8'?>\n{text}",
                                  encoding="utf-8")
