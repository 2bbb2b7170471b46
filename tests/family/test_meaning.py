"""Formulas are computed in exact rationals, as the language says."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_strategies import specs
from reference import configure_brute as brute
from unikat.family import resolve
from unikat.family.expression import SHEET_FUNCTIONS, Tokens, parse_expression
from unikat.family.features import read_features
from unikat.family.interval import interval
from unikat.family.lexis import Faults, read_tokens
from unikat.family.meaning import amount, exact, holds
from unikat.family.model import Facts
from unikat.family.syntax import parse_tree

UVL = """features
    A {w 2, v 1}
        optional
            B {w 3, deep {x 1}}
                optional
                    C {w 4}
            Integer N {min -3, max 9}
            Real R {min 0, max 1, step 0.1}
            String T {max_length 5}
"""


def scope_of(uvl):
    """Return the names of a family."""
    faults = Faults("family.uvl")
    features = read_features(parse_tree(uvl, faults), faults)
    assert faults.found == []
    return resolve.Scope({feature.name: feature for feature in features})


def node_of(text):
    """Parse a formula."""
    tokens = Tokens(read_tokens(text, Faults("x"), 1, 1), 1, SHEET_FUNCTIONS)
    node = parse_expression(tokens)
    tokens.end()
    return node


FACTS = Facts({"A", "B", "N", "R", "T"}, {"N": -3, "R": Fraction(3, 10)}, {"T": "abc"})


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3 - 4", 3),
        ("2 - 3 - 4", -5),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("7 / 2 / 7", Fraction(1, 2)),
        ("-N * 2", 6),
        ("R * 10", 3),
        ("1 / (N + 4)", 1),
        ("len(T) + len('xy')", 5),
        ("sum(w)", 5),
        ("sum(B, w)", 3),
        ("sum(w, B)", 3),
        ("avg(w)", Fraction(5, 2)),
        ("avg(C, w)", 0),
        ("C.w + B.w", 3),
        ("floor(-R)", -1),
        ("ceil(R) + floor(R)", 1),
        ("min(N, R, 0)", -3),
        ("max(N, R, 0)", Fraction(3, 10)),
        ("max(1, N)", 1),
    ],
)
def test_numbers(formula, value):
    assert amount(resolve.number(node_of(formula), scope_of(UVL)))(FACTS) == value


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("A & !C | C", True),
        ("!A | B & C", False),
        ("A => C", False),
        ("C => A", True),
        ("A <=> B <=> C", False),
        ("!!A", True),
        ("N", True),
        ("N < -2 & N >= -3", True),
        ("R == 0.3 & R != 0.30001", True),
        ("T == 'abc' & T != 'ab'", True),
        ("'abc' == T", True),
        ("true & !false", True),
    ],
)
def test_conditions(formula, value):
    assert holds(resolve.condition(node_of(formula), scope_of(UVL)))(FACTS) is value


@given(specs(), st.data())
def test_rules_hold_as_brute_force_says_and_numbers_stay_in_their_interval(spec, data):
    scope = scope_of(brute.print_uvl(spec))
    chosen = data.draw(st.sampled_from(list(brute.tree_configurations(spec))))
    numbers = {name: exact(each) for name, each in chosen.items() if type(each) is Fraction}
    texts = {name: each for name, each in chosen.items() if isinstance(each, str)}
    facts = Facts(set(chosen), numbers, texts)
    for rule in spec.rules:
        condition = resolve.condition(node_of(brute.print_rule(rule)), scope)
        assert holds(condition)(facts) == brute.holds(rule, chosen, spec)
        for left in numbers_in(rule):
            number = resolve.number(node_of(brute.print_rule(left)), scope)
            value = brute.number(left, chosen, spec)
            assert amount(number)(facts) == value
            low, high = interval(number, scope.features)
            assert low <= value <= high


def numbers_in(rule):
    """Return the numbers a rule compares."""
    if rule[0] in brute.COMPARE:
        return [*rule[1:]]
    return [each for part in rule[1:] if isinstance(part, tuple) for each in numbers_in(part)]
