"""The build from clean: how long it takes, in processor time, for the wall clock is shared."""

import resource

from facet.build import make

CLEAN_BUILD_CPU_S = 40          # 20 seconds on two processors


def test_build_from_clean_is_quick(tmp_path):
    """Without the compiler's cache, which would make every build look quick."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = make(f"O={tmp_path}", "qemu_defconfig", "all", environment={"CCACHE_DISABLE": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert seconds < CLEAN_BUILD_CPU_S
