"""Formulas in whole arithmetic are what the plain closures say."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from unikat.family import meaning
from unikat.family.model import Facts
from unikat.family.scaled import compile_formula

CONSTANTS = st.sampled_from((0, 1, -3, Fraction(1, 4), Fraction(-7, 10)))
NAMES = st.sampled_from("abc")
LEAVES = (
    st.builds(meaning.Constant, CONSTANTS)
    | st.builds(meaning.NumberOf, NAMES)
    | st.builds(meaning.Weight, NAMES, CONSTANTS)
    | st.builds(meaning.LengthOf, st.just("t"))
)
NODES = st.recursive(
    LEAVES,
    lambda node: (
        st.builds(meaning.Plus, st.lists(node, min_size=1, max_size=3).map(tuple))
        | st.builds(meaning.Times, node, node)
        | st.builds(meaning.Divide, node, st.just(meaning.Constant(3)))
        | st.builds(meaning.Rounded, st.sampled_from(("floor", "ceil")), node)
        | st.builds(
            meaning.Extreme,
            st.sampled_from(("min", "max")),
            st.lists(node, min_size=1, max_size=3).map(tuple),
        )
    ),
    max_leaves=8,
)
NUMBERS = st.dictionaries(NAMES, st.integers(-9, 9) | st.just(Fraction(5, 2)))


@given(NODES, NUMBERS, st.sets(NAMES), st.text("xy", max_size=4))
def test_a_formula_is_its_whole_part_by_its_divisor(node, numbers, selected, text):
    facts = Facts(frozenset(selected), numbers, {"t": text})
    formula = compile_formula("", node)
    assert formula.of(facts) == meaning.amount(node)(facts)
    assert Fraction(formula.whole(facts)) / formula.divisor == formula.of(facts)


def test_whole_numbers_take_no_fraction():
    node = meaning.Times(meaning.Constant(Fraction(3, 10)), meaning.NumberOf("a"))
    formula = compile_formula("0.3 * a", node)
    whole = formula.whole(Facts(frozenset(), {"a": 7}, {}))
    assert (whole, type(whole), formula.divisor) == (21, int, 10)
