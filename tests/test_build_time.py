"""How long builds take, in processor time, for the wall clock is shared.

The limits are what a machine with two processors at rest needs less than half of: other work on the
same core makes the same build cost more.
"""

import resource
import shutil
import subprocess
import sys

from facet import ROOT, shapes
from facet.build import make
from facet.tree import copy_tree

# The kernel and its programs: 12 seconds on two processors; and each program of tests.
CLEAN_BUILD_CPU_S = 24 + 0.3 * len(list((ROOT / "usr" / "tests").glob("*.c")))
SHAPES_CPU_S = 120              # 60 seconds on two processors
NO_OP_CPU_S = 0.5
FLIP_CPU_S = 3


def processor_s(work) -> float:
    """What it costs to run this."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_build_from_clean_is_quick(tmp_path):
    """Without the compiler's cache, which would make every build look quick."""
    def clean_build():
        done = make(f"O={tmp_path}", "qemu_defconfig", "all", environment={"CCACHE_DISABLE": "1"})
        assert done.returncode == 0, done.stdout

    assert processor_s(clean_build) < CLEAN_BUILD_CPU_S


def test_small_builds_are_quick(tmp_path):
    """Nothing to do, and a choice flipped, without the compiler's cache. The least of three counts:
    only that is the build's own."""
    tree = copy_tree(tmp_path)
    tree.make("build", "qemu_defconfig", "facet.elf")
    idle = min(processor_s(lambda: tree.make("build", "facet.elf")) for _ in range(3))
    flips = [processor_s(lambda name=name: tree.make("build", f"sched-{name}.config", "facet.elf",
                                                     CCACHE_DISABLE="1"))
             for name in ("prio", "rr", "prio")]
    assert idle < NO_OP_CPU_S and min(flips) < FLIP_CPU_S


def test_all_shapes_are_quick_and_each_is_itself(tmp_path):
    """With the compiler's cache, by which they share what they have in common."""
    def build_all():
        done = make(f"O={tmp_path / 'build'}", "qemu_defconfig", "shapes")
        assert done.returncode == 0, done.stdout

    seconds = processor_s(build_all)
    kernels = {path.parent.name: path for path in tmp_path.glob("build/shapes/*/facet.elf")}
    assert set(kernels) == {shape.name for shape in shapes.all_shapes()}
    assert len({path.read_bytes() for path in kernels.values()}) == len(kernels)
    for shape in shapes.all_shapes():
        said = subprocess.run([sys.executable, ROOT / "scripts" / "extract-config",
                               kernels[shape.name]], stdout=subprocess.PIPE, text=True, check=True)
        for choice, member in shape.boot_line.items():
            assert f"CONFIG_{choice}_{member}".upper() + "=y" in said.stdout.splitlines()
    if shutil.which("ccache"):
        assert seconds < SHAPES_CPU_S
