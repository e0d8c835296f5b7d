"""A panic in the middle of a line of the log: the boot after it still has all of the log."""

from facet import ROOT
from facet.debugger import needs_gdb, stop_at, waiting
from facet.machine import REAL_TIME, Hardware, direct
from machines.conversation import kernel

LIMIT_S = 240
# Beyond its size (include/facet/last_log.h) the ring's oldest bytes are written over, and counted
# off its sum, which is stored behind the last.
FULL = 26000
IN_THE_LOOP = "sum += (uint8_t)*at;"
BYTES = 12
STOP = """\
delete
hbreak last_log_write if current != 0 && current->written > {full} && size > 2 * {bytes}
continue
delete
hbreak last_log.c:{line}
ignore $bpnum {bytes}
continue
monitor mce 0 2 0xb600000000000135 5 0 0
delete
"""
SCRIPT = ("if grep -q 'kernel panic' /proc/facet/last_log; then echo the log was ke''pt; "
          "else for i in $(seq 3000); do echo line number $i >/dev/kmsg; done; "
          "echo the log was lo''st; fi")


@needs_gdb
def test_panic_within_a_line_leaves_the_log(boot, tmp_path):
    lines = (ROOT / "kernel" / "debug" / "last_log.c").read_text("utf-8").splitlines()
    line, = (i for i, text in enumerate(lines, start=1) if text.strip() == IN_THE_LOOP)
    socket = tmp_path / "gdb"
    machine = boot(direct(kernel(), f'quiet panic=-1 run="{SCRIPT}"', debug_exit=False),
                   Hardware(clock=REAL_TIME,
                            extra=("-action", "reboot=reset", *waiting(socket))), LIMIT_S)
    stop_at("last_log_write", kernel(), socket, STOP.format(full=FULL, bytes=BYTES, line=line))
    machine.expect("---- kernel panic ----")
    assert machine.expect("the log was (kept|lost)")[1] == "kept"
