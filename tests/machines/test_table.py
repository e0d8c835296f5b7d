"""Each PC of the table boots, answers what is typed, and is turned off."""

import pytest

from machines.conversation import converse
from machines.table import ROWS


@pytest.mark.parametrize("name", ROWS)
def test_machine(name, shell):
    converse(ROWS[name], shell)
