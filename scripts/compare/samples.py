"""The samples of all runs, sorted for judging; what contradicts itself is found here."""

from .model import Metric, ToolError


class Samples:
    """By (kind, metric, column), and by place: (host, group, round) says what belongs together."""

    def __init__(self, runs: list[dict], metrics: dict[str, Metric]):
        """`runs` as the journal holds them. One with `excluded`, the reason, does not count; nor
        does a metric in a kind that the registry does not want it in."""
        self._places: dict[tuple, dict] = {}
        self._skipped: dict[tuple, str] = {}
        for run in runs:
            if not run.get("excluded"):
                self._add(run, metrics)

    def _add(self, run: dict, metrics: dict[str, Metric]):
        key = run["key"]
        wanted = {name for name, metric in metrics.items() if key["kind"] in metric.kinds}
        for name in wanted & run["samples"].keys():
            where = f"{name} in {key['column']}, {key['kind']}, round {key['round']}"
            check(where, run["samples"][name], metrics[name])
            places = self._places.setdefault((key["kind"], name, key["column"]), {})
            place = key["host"], key["group"], key["round"]
            if place in places:
                raise ToolError(f"{where}: measured twice on {key['host']}")
            places[place] = run["samples"][name]
        for name in wanted & run["skipped"].keys():
            self._skipped[key["kind"], name, key["column"]] = run["skipped"][name]

    def by_place(self, kind: str, name: str, column: str) -> dict:
        return self._places.get((kind, name, column), {})

    def skipped(self, kind: str, name: str, column: str) -> "str | None":
        return self._skipped.get((kind, name, column))

    def tried(self, kind: str, name: str, column: str) -> bool:
        return bool(self.by_place(kind, name, column) or self.skipped(kind, name, column))


def check(where: str, samples: dict, metric: Metric):
    if samples["unit"] != metric.unit:
        raise ToolError(f"{where}: the unit is {samples['unit']}, the registry says {metric.unit}")
    if not samples["values"] or len(samples["values"]) != len(samples["interrupts"]):
        raise ToolError(f"{where}: {len(samples['values'])} values with "
                        f"{len(samples['interrupts'])} counts of interrupts")
