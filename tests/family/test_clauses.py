"""The clauses of a group allow exactly the sets of members that its cardinality allows."""

from itertools import product

import pytest

from unikat.family import clauses as module
from unikat.family.load import load_family

SHEET = 'family = { id = "group", version = 1 }'


def _is_allowed(clauses, values):
    return all(any(values[abs(each) - 1] is (each > 0) for each in clause) for clause in clauses)


def _every_clause(family):
    parts = family.clauses.parts
    return [*family.clauses.hard, *(clause for part in parts for clause in part.clauses)]


def _family(size, least, most):
    members = "\n".join(f"\t\t\t\t\tM{i}" for i in range(size))
    head = "features\n\tRoot\n\t\toptional\n\t\t\tWhole\n\t\t\t\t"
    return load_family(f"{head}[{least}..{most}]\n{members}\n", SHEET)


@pytest.mark.parametrize("size", range(1, 6))
def test_a_small_group_allows_its_sets_of_members_without_further_variables(size):
    for most in range(size + 1):
        for least in range(most + 1):
            family = _family(size, least, most)
            assert family.clauses.num_vars == size + 3  # the last one always holds
            every = _every_clause(family)
            for whole, *members in product((False, True), repeat=size + 1):
                expected = least <= sum(members) <= most if whole else not any(members)
                assert _is_allowed(every, [True, whole, *members, True]) is expected


def test_a_group_of_too_many_sets_counts_to_the_same_end(monkeypatch):
    from reference.configure_sat import Naive

    sets = _family(5, 2, 3)
    monkeypatch.setattr(module, "_MOST_SETS", 0)
    counted = _family(5, 2, 3)
    assert counted.clauses.num_vars > sets.clauses.num_vars
    oracles = [Naive(each.clauses, 7) for each in (sets, counted)]
    for picks in ([], [3, 4], [3, 4, 5], [-3, -4, -5, 2], [3, -4, -5, -6]):
        first, second = (oracle.status(picks).tolist() for oracle in oracles)
        assert first == second
    for oracle in oracles:
        oracle.close()
