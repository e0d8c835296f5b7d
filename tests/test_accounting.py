"""Every frame is accounted: testrun compares the free memory before and after each test."""

import re

import pytest

from facet import archive, shapes
from facet.build import build_shape
from facet.machine import direct


@pytest.fixture(scope="module")
def kernel():
    return build_shape(next(shape for shape in shapes.all_shapes() if "initrd" in shape.members))


def test_a_test_that_leaves_memory_behind_fails(kernel, boot, tmp_path):
    """It passes all its points; the file that it leaves is found by the memory it takes."""
    root = archive.make_archive(tmp_path / "litter.cpio",
                                {"/tests/litter": archive.compile_program("litter")})
    text = boot(direct(kernel, "init=/bin/testrun litter", root)).finish().text
    assert "ok 1 - writes a file" in text
    before, after = map(int, re.search(r"litter: (\d+) KiB were free before, (\d+) KiB after",
                                       text).groups())
    assert after < before
    assert "not ok - litter leaks" in text and "0 passed, 1 failed" in text
