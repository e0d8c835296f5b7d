"""Pages that are both written and executed are allowed, unless the command line says wx=0."""

import pytest

from facet import shapes
from facet.build import build_shape
from facet.machine import direct


@pytest.fixture(scope="module")
def kernel():
    return build_shape(next(shape for shape in shapes.all_shapes() if "embedded" in shape.members))


def test_wx_0_refuses_pages_that_are_written_and_executed(kernel, boot):
    text = boot(direct(kernel, 'wx=0 run="testrun mprotect"')).finish().text
    assert "with wx=0 no written page is made executable as well" in text
    assert "facet-tests: 1 passed, 0 failed" in text


def test_without_it_they_are_allowed(kernel, boot):
    text = boot(direct(kernel, 'run="testrun mprotect"')).finish().text
    assert "what is written to it runs" in text
    assert "facet-tests: 1 passed, 0 failed" in text
