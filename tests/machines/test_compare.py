"""The stick compares its kernels without a hand on the keyboard, by each firmware and medium."""

import dataclasses

import pytest

from facet.stick import compare
from machines.conversation import LIMIT_S, words
from machines.table import ROWS

RESETS = ("-action", "reboot=reset")


@pytest.mark.parametrize("name", ["pc-cd", "ovmf-q35-stick-xhci", "ovmf-pc-cd"])
def test_kernels_are_compared(name, boot):
    row = ROWS[name]
    hardware = dataclasses.replace(row.hardware, extra=(*row.hardware.extra, *RESETS))
    compare(boot(words(row), hardware, LIMIT_S))
