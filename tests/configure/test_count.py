"""Counts and analyses of random families are those of brute force."""

import pytest
from hypothesis import assume, given

from family_strategies import specs
from reference import configure_brute as brute
from unikat.configure.analysis import analyse
from unikat.configure.count import count_configurations
from unikat.errors import InvalidFamily
from unikat.family.load import load_dimacs, load_family

SHEET = brute.SHEET


def load_or_skip(spec):
    try:
        return load_family(brute.print_uvl(spec), SHEET)
    except InvalidFamily:
        assume(False)


@given(specs())
def test_a_count_is_that_of_the_valid_sets_of_options(spec):
    family = load_or_skip(spec)
    count = count_configurations(family)
    assert count.is_exact
    assert count.number == len({frozenset(each) for each in brute.valid_configurations(spec)})


@given(specs())
def test_core_dead_and_redundant_are_those_of_brute_force(spec):
    found = analyse(load_or_skip(spec))
    valid = brute.valid_configurations(spec)
    names = [option.name for option in spec.options]
    assert set(found.core) == {name for name in names if all(name in each for each in valid)}
    assert set(found.dead) == {name for name in names if not any(name in each for each in valid)}
    for k in range(len(spec.rules)):
        fewer = spec.rules[:k] + spec.rules[k + 1 :]
        follows = len(brute.valid_configurations(spec, fewer)) == len(valid)
        assert (f"R{k}" in found.redundant) is follows


def test_large_counts_are_exact_where_components_part():
    options = "".join(f"\t\t\tF{i}\n" for i in range(90))
    rules = "".join(f"\tF{i} => F{i + 1}\n" for i in range(0, 90, 3))
    family = load_family(f"features\n\tRoot\n\t\toptional\n{options}constraints\n{rules}", SHEET)
    assert count_configurations(family).number == 3**30 * 2**30


def test_what_takes_too_long_is_counted_from_below():
    options = "\t\toptional\n" + "".join(f"\t\t\tF{i}\n" for i in range(40))
    number = "\t\tmandatory\n\t\t\tInteger N {min 0, max 9}\n"
    text = f"features\n\tRoot\n{options}{number}constraints\n\tF0 => N > 3\n"
    count = count_configurations(load_family(text, SHEET))
    assert (count.number, count.is_exact) == (1_000, False)


CNF = """\
c 1 Sole
c 2 Rubber
c 3 Leather
p cnf 4 4
1 0
2 3 0
-2
-3 0 4 -2 0
"""


def test_a_dimacs_text_is_a_family_of_optional_variables():
    family = load_dimacs(CNF, SHEET)
    assert [feature.name for feature in family.features[1:]] == ["Sole", "Rubber", "Leather", "x4"]
    assert [rule.source for rule in family.rules][2] == "!Rubber | !Leather"
    assert count_configurations(family).number == 3
    assert family.remarks == ("Sole is in every configuration though it looks optional",)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("1 0\n", "no problem line"),
        ("p cnf two 3\n", "no first problem line"),
        ("p cnf 2 1\np cnf 2 1\n1 0\n", "no first problem line"),
        ("p cnf 2 1\n1 3 0\n", "'3' is no literal"),
        ("p cnf 2 1\n1 x 0\n", "'x' is no literal"),
        ("p cnf 2 1\n1 2\n", "has no end"),
        ("p cnf 2 2\n1 0\n-1 0\n", "void"),
        ("p cnf 2 1\n0\n", "void"),
        ("p cnf 999999999 1\n1 0\n", "more than"),
        ("p cnf 2 900\n" + "y 0\n" * 900, "'y' is no literal"),
    ],
)
def test_faults_of_a_dimacs_text_are_told(text, word):
    with pytest.raises(InvalidFamily, match=word):
        load_dimacs(text, SHEET)
