"""A few rows of the long table of `make test-machines`: those that differ most."""

import pytest

from machines.conversation import converse
from machines.table import ROWS

QUICK = [name for name, row in ROWS.items() if row.quick]


@pytest.mark.parametrize("name", QUICK)
def test_machine(name, shell):
    converse(ROWS[name], shell)
