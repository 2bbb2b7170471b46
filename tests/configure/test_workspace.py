"""What a workspace remembers is bounded, however many shoppers come."""

import pytest

from reference.configure_golden import UVL
from unikat.configure.workspace import Workspace
from unikat.family.load import load_family
from unikat.family.model import Clauses

SMALL = load_family(UVL, 'family = { id = "insole", version = 1 }').clauses
LARGE = Clauses(18_616, (), (), {}, {})


@pytest.mark.parametrize(("clauses", "most"), [(SMALL, 512), (LARGE, 53)])
def test_only_the_newest_answers_are_remembered_fewer_of_a_large_family(clauses, most):
    space = Workspace(clauses)
    found = []

    def ask(number):
        return space.remember(number, lambda: found.append(number) or number, int)

    for number in range(1_000):
        assert ask(number) == number
    found.clear()
    for number in reversed(range(1_000 - most, 1_000)):
        ask(number)
    assert found == []
    ask(1_000 - most - 1)
    assert found == [1_000 - most - 1]
