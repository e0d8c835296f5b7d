"""`make compare KEY=VALUE...`: two designs, one workload, a verdict that can be trusted.

Exit status: 0 the comparison is complete, 1 a build, a test or determinism failed, 2 wrong use,
3 worse than the baseline, 130 interrupted (what is measured is kept).
"""

import json
import os
import signal
import sys

from . import csv_report, junit, request, schema, terminal
from .comparison import Comparison
from .model import COMPLETE, RequestError, ToolError
from .report import html

FAILED, WRONG_USE, REGRESSION, STOPPED = 1, 2, 3, 130


def text_of(result: dict) -> str:
    """A line for each part, and one for each entry of a long list."""
    parts = []
    for key, value in result.items():
        if isinstance(value, list) and value:
            text = "[\n" + ",\n".join(json.dumps(each) for each in value) + "\n]"
        else:
            text = json.dumps(value)
        parts.append(f"{json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(result: dict, folder):
    """Every report. The result is made whole before it takes the place of an older one."""
    text = text_of(result)
    schema.check(json.loads(text))
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "result.json.new"
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, folder / "result.json")
    csv_report.write(result, folder / "result.csv")
    junit.write(result, folder / "junit.xml")
    html.write(result, folder / "report.html")


def status_of(comparison: Comparison, result: dict) -> int:
    if comparison.failures or result["errors"] or result["faults"] \
            or result["stopped"] != COMPLETE:
        return FAILED
    if comparison.request.words.get("GATE") == "1" and result["gate"]["regressions"]:
        return REGRESSION
    return 0


def compare(source: str, words: list[str], console) -> int:
    comparison = Comparison(request.parse(source, words),
                            lambda text: console.print(text, markup=False))
    status = None
    # A batch system ends its jobs so: what is measured is kept then too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with terminal.progress(console) as progress:
            comparison.run(progress)
    except KeyboardInterrupt:
        status = STOPPED
    result = comparison.finish()
    write(result, comparison.out)
    terminal.show(result, console)
    console.print(f"\nReport: {comparison.out / 'report.html'}", markup=False)
    return status_of(comparison, result) if status is None else status


def main() -> int:
    source, *words = sys.argv[1:]
    console = terminal.make_console()
    try:
        return compare(source, words, console)
    except RequestError as error:
        print(f"make compare: {error}", file=sys.stderr)
        return WRONG_USE
    except (ToolError, OSError) as error:       # such as a disk that is full
        print(f"make compare: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
