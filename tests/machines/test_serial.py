"""A megabyte over the serial line arrives as it was sent, as fast as the machine takes it. What is
quick to see of the line's flow is in tests/test_serial_flow.py."""

import hashlib
import random

from facet.build import build
from facet.machine import direct

SIZE, PIECE = 1 << 20, 1024
LIMIT_S = 300


def test_a_megabyte_is_what_was_sent(shell):
    built = build("qemu_defconfig", ("qemu_defconfig",))
    session = shell(direct(built), limit_s=LIMIT_S)
    text = "".join(random.Random(1).choices("0123456789abcdefghijklmnopqrstuvwxyz", k=SIZE))
    session.start(f"stty raw -echo; echo started; head -c {SIZE} | sha256sum; stty -raw echo")
    for start in range(0, SIZE, PIECE):
        session.machine.type(text[start:start + PIECE])
    found = session.machine.expect(r"([0-9a-f]{64})  -")
    assert found[1] == hashlib.sha256(text.encode()).hexdigest()
