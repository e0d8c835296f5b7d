"""result.csv: the samples of every run, summed up, a row each, for whatever draws or computes.

    controlled              no: the columns differ in more than what was asked for
    kind, group, metric     how it was gained, the benchmarks of the run, what was measured
    column, host            the configuration, the machine
    round, order            only rows of one round are to be compared; the run was its n-th
    seed                    what moved the run's phase or linked its image
    started, seconds        of the run: since 1970, and how long
    unit                    of the five figures behind it
    samples                 how many there are
    minimum, median, maximum, mean, first
    interrupts              in the windows of all samples together
    excluded                why the run does not count, or nothing
"""

import csv

from .model import Metric
from .registry import make_metric
from .statistics import median

FIELDS = ("controlled", "kind", "group", "metric", "column", "host", "round", "order", "seed",
          "started", "seconds", "unit", "samples", "minimum", "median", "maximum", "mean", "first",
          "interrupts", "excluded")


def rows(result: dict):
    metrics = {name: make_metric(name, entry) for name, entry in result["registry"].items()}
    for run in result["runs"]:
        for name, samples in run["samples"].items():
            if samples["values"]:
                yield {"controlled": "yes" if result["controlled"] else "no",
                       **row(run, name, samples, metrics.get(name))}


def row(run: dict, name: str, samples: dict, metric: "Metric | None") -> dict:
    values = samples["values"]
    known = {field: run.get(field) for field in ("order", "seed", "started", "seconds", "excluded")}
    return {**run["key"], **known, "metric": name,
            "unit": metric.unit_in(run["key"]["kind"]) if metric else samples["unit"],
            "samples": len(values), "minimum": min(values), "median": median(values),
            "maximum": max(values), "mean": sum(values) / len(values), "first": values[0],
            "interrupts": sum(samples["interrupts"])}


def write(result: dict, path):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(result))
