"""Distributed clauses mean what the rule means, and none of them is covered by another."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from unikat.family.distribute import Distributor, absorbed
from unikat.family.meaning import Every, Not, Same, Selected, Some, Truth

NAMES = "abcd"
leaves = st.sampled_from([*map(Selected, NAMES), Truth(value=True), Truth(value=False)])
rules = st.recursive(
    leaves,
    lambda rule: (
        rule.map(Not)
        | st.builds(Same, rule, rule)
        | st.lists(rule, min_size=1, max_size=3).map(lambda items: Every(tuple(items)))
        | st.lists(rule, min_size=1, max_size=3).map(lambda items: Some(tuple(items)))
    ),
    max_leaves=8,
)


def holds(node, chosen):
    if isinstance(node, Selected):
        return node.feature in chosen
    if isinstance(node, Truth):
        return node.value
    if isinstance(node, Not):
        return not holds(node.item, chosen)
    if isinstance(node, Same):
        return holds(node.left, chosen) is holds(node.right, chosen)
    return (all if isinstance(node, Every) else any)(holds(item, chosen) for item in node.items)


@given(rules)
def test_clauses_hold_exactly_when_the_rule_does(rule):
    inner = []

    def literal(node):
        if isinstance(node, Selected):
            return 1 + NAMES.index(node.feature)
        inner.append(node)
        return 10 + len(inner)

    clauses = Distributor(literal, lambda: 99, 10).clauses(rule)
    for bits in product((False, True), repeat=len(NAMES)):
        chosen = {name for name, bit in zip(NAMES, bits, strict=True) if bit}
        true = {1 + i if bit else -1 - i for i, bit in enumerate(bits)}
        true |= {(11 + i) * (1 if holds(node, chosen) else -1) for i, node in enumerate(inner)}
        assert all(true.intersection(clause) for clause in clauses) is holds(rule, chosen)


@given(st.lists(st.frozensets(st.integers(1, 5), max_size=4)))
def test_absorbed_clauses_cover_no_other_and_cover_all(clauses):
    kept = absorbed(clauses)
    assert not any(a < b for a in kept for b in kept)
    assert len(set(kept)) == len(kept)
    assert all(any(each <= clause for each in kept) for clause in clauses)
