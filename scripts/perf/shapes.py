"""The shapes by name, and where each choice's own code lies."""

from pathlib import Path

import policies

# In the order of a shape's name. What is in its folder may differ between its members.
FOLDERS = {policy.name: policy.folder
           for policy in policies.policies(Path(__file__).resolve().parents[2])}


def fragments(source: Path) -> dict[str, list[str]]:
    """What has to be merged onto a configuration, by the shape's name."""
    return policies.shapes(policies.policies(source))
