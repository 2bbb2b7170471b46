"""What else is possible in a feature's place: all of it, each completed, each difference exact."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings

from family_strategies import specs
from reference import configure_brute as brute
from reference.configure_golden import SHEET, UVL
from unikat.configure.alternatives import alternatives
from unikat.configure.choice import choose_all, complete, open_choice
from unikat.configure.price import price
from unikat.errors import InvalidFamily, UnknownFeature
from unikat.family.load import load_family


@pytest.fixture(scope="module")
def insole():
    return load_family(UVL, SHEET)


def test_members_of_a_group_with_their_differences(insole):
    found = alternatives(choose_all(insole, {"Printed": True, "Firm": True}), "Printed")
    assert [(each.feature, each.value, each.difference) for each in found] == [
        ("Foam", True, 3900 - (3900 + 3500 + 300))
    ]


def test_a_number_has_its_bounds_and_its_neighbours(insole):
    found = alternatives(choose_all(insole, {"Length": 295}), "Length")
    assert [each.value for each in found] == [200, 294, 296, 320]
    assert [each.difference for each in found] == [-20, -4, 4, 100]


def test_an_option_has_its_opposite(insole):
    [cup] = alternatives(open_choice(insole), "HeelCup")
    assert (cup.feature, cup.value, cup.difference) == ("HeelCup", True, 600)


def test_an_unknown_feature_is_refused(insole):
    with pytest.raises(UnknownFeature):
        alternatives(open_choice(insole), "Wheel")


@settings(max_examples=12)
@given(specs(max_options=6))
def test_each_alternative_is_valid_and_none_is_missing(spec):
    valid = brute.valid_configurations(spec)
    try:
        family = load_family(brute.print_uvl(spec), brute.SHEET)
    except InvalidFamily:
        assume(False)
    choice = open_choice(family)
    now = complete(choice)
    for option in spec.options:
        found = alternatives(choice, option.name)
        for each in found:
            value = each.value
            kept = {**dict.fromkeys(each.configuration.selected, True)}
            kept.update(dict(each.configuration.numbers))
            assert brute.agrees(kept, each.feature, value)
            assert each.difference == (
                price(family, each.configuration).total - price(family, now).total
            )
        if option.kind == "Boolean" and option.group and option.group[1] == "optional":
            other = option.name not in now.selected
            is_possible = any((option.name in each) is other for each in valid)
            assert [each.value for each in found] == [other] * is_possible
        if option.grid and option.name in now.selected:
            values = {Fraction(each[option.name]) for each in valid if option.name in each}
            assert {min(values), max(values)} <= {each.value for each in found} | {
                dict(now.numbers)[option.name]
            }
