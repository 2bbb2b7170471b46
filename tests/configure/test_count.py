"""Counts, shares and analyses of random families are those of brute force."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given

from family_strategies import specs
from reference import configure_brute as brute
from unikat.configure.analysis import analyse
from unikat.configure.count import Count, count_configurations, find_diagram
from unikat.errors import InvalidFamily
from unikat.family.load import load_dimacs, load_family

SHEET = brute.SHEET


def load_or_skip(spec):
    try:
        return load_family(brute.print_uvl(spec), SHEET)
    except InvalidFamily:
        assume(False)


def without_texts(spec, chosen):
    texts = {option.name for option in spec.options if option.kind == "String"}
    return frozenset((name, True if name in texts else value) for name, value in chosen.items())


@given(specs())
def test_what_is_counted_shared_and_analysed_is_what_brute_force_finds(spec):
    family = load_or_skip(spec)
    valid = brute.valid_configurations(spec)
    check_counts(family, spec, valid)
    check_shares(family, {frozenset(each) for each in valid})
    check_analysis(analyse(family), spec, valid)


def check_counts(family, spec, valid):
    sets = {frozenset(each) for each in valid}
    assert count_configurations(family) == Count(len(sets), is_exact=True)
    bound = count_configurations(family, num_clauses=0)
    assert 1 <= bound.number <= len(sets)
    values = count_configurations(family, has_values=True)
    assert values == Count(len({without_texts(spec, each) for each in valid}), is_exact=True)


def check_shares(family, sets):
    prepared, diagram = find_diagram(family)
    shares = diagram.shares()
    for i, feature in enumerate(family.features, start=1):
        share = Fraction(sum(feature.name in each for each in sets), len(sets))
        assert share == (1 if i in prepared.true else shares.get(i, 0))
    drawn = diagram.draw(Random(1)) | {each for each in prepared.true if each > 0}
    assert frozenset(f.name for i, f in enumerate(family.features, start=1) if i in drawn) in sets


def check_analysis(found, spec, valid):
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


def test_values_of_numbers_count_when_asked_for():
    options = "\t\toptional\n" + "".join(f"\t\t\tF{i}\n" for i in range(40))
    number = "\t\tmandatory\n\t\t\tInteger N {min 0, max 9}\n"
    text = f"features\n\tRoot\n{options}{number}constraints\n\tF0 => N > 3\n"
    family = load_family(text, SHEET)
    assert count_configurations(family).number == 2**40
    assert count_configurations(family, has_values=True).number == 2**39 * (10 + 6)


def test_a_cancelled_count_is_a_bound():
    rules = "".join(f"\tF{i} | F{(i * 7 + 3) % 60} | F{(i * 11 + 5) % 60}\n" for i in range(60))
    options = "".join(f"\t\t\tF{i}\n" for i in range(60))
    text = f"features\n\tRoot\n\t\toptional\n{options}constraints\n{rules}"
    family = load_family(text, SHEET)
    bound = count_configurations(family, is_cancelled=lambda: True)
    assert not bound.is_exact
    assert 1 <= bound.number < 2**60
    assert str(bound).startswith("at least 10^")


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
