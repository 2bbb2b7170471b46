"""The guide's example runs as it is printed."""

import doctest
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs/guides/promise.md"


def test_the_example_of_the_guide_runs():
    found = doctest.testfile(str(GUIDE), module_relative=False)
    assert found.attempted >= 12
    assert found.failed == 0
