"""Holds a result against schema.json, which says what each of its fields means."""

import json
from pathlib import Path

import jsonschema

from .model import ToolError

PATH = Path(__file__).with_name("schema.json")
MOST_FAULTS = 5


def load() -> dict:
    return json.loads(PATH.read_text(encoding="utf-8"))


def check(result: dict):
    """ToolError names the places that are not as described: whoever reads the file counts on it."""
    faults = sorted(jsonschema.Draft202012Validator(load()).iter_errors(result),
                    key=lambda fault: list(map(str, fault.absolute_path)))
    if faults:
        raise ToolError("\n".join(f"result.json: {'/'.join(map(str, fault.absolute_path))}: "
                                  f"{fault.message[:200]}" for fault in faults[:MOST_FAULTS]))
