"""What the tests stand on: building shapes, running machines, reading what they print."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "test"
