"""Reasons name rules first, then groups, then what belongs to what, and no more than is needed."""

import pytest

from unikat.configure.choice import choose, choose_all, open_choice
from unikat.configure.explain import blocking_picks, explain, explain_status
from unikat.errors import UnknownFeature
from unikat.family.load import load_family

SHEET = '[family]\nid = "shoe"\nversion = 1\n'
UVL = """\
features
    Shoe
        mandatory
            Sole
                mandatory
                    Tread
                        alternative
                            Flat
                            Deep
                optional
                    Heel
                        optional
                            Wedge
                                optional
                                    Gel
        optional
            Lining
            Laces
constraints
    Gel => Lining // R1: gel needs a lining
    Lining => Laces // R2: a lining needs laces
    Deep => Lining // R3: deep treads are lined
"""


@pytest.fixture(scope="module")
def opened():
    return open_choice(load_family(UVL, SHEET))


def test_a_chain_of_parents_is_told_as_one_relation(opened):
    conflict = explain(choose(opened, "Gel", value=True), "Heel", value=False)
    assert (conflict.picks, conflict.rules) == (("Gel",), ())
    assert conflict.relations == ("Gel belongs to Heel",)
    assert conflict.text.endswith("(Gel belongs to Heel)")


def test_a_chain_of_mandatory_parts_is_told_as_one_relation(opened):
    conflict = explain(choose(opened, "Flat", value=False), "Deep", value=False)
    assert conflict.relations == ("exactly one of Flat, Deep", "Shoe always has Tread")


def test_rules_in_a_row_are_all_named_and_no_others(opened):
    conflict = explain(choose_all(opened.family, {"Gel": True, "Flat": True}), "Laces", value=False)
    assert (conflict.picks, conflict.rules, conflict.relations) == (("Gel",), ("R1", "R2"), ())


def test_of_two_sets_of_picks_the_younger_one_is_named(opened):
    choice = choose_all(opened.family, {"Gel": True, "Deep": True})
    assert explain(choice, "Laces", value=False).picks == ("Deep",)
    assert blocking_picks(choice, "Laces", value=False) == ("Deep",)
    assert blocking_picks(choice, "Laces", value=True) == ()


def test_why_an_option_is_forced_or_forbidden(opened):
    choice = choose(opened, "Laces", value=False)
    why = explain_status(choice, "Gel")
    assert (why.value, why.picks, why.rules) == (True, ("Laces",), ("R1", "R2"))
    why = explain_status(choice, "Flat")
    assert (why.value, why.picks, why.rules) == (False, ("Laces",), ("R2", "R3"))
    assert explain_status(opened, "Laces").text == "nothing forbids it"
    assert explain_status(choice, "Laces").text == "nothing forbids it"
    assert explain_status(opened, "Tread").relations == ("Shoe always has Tread",)


def test_an_unknown_option_is_told(opened):
    with pytest.raises(UnknownFeature, match="Sock"):
        blocking_picks(opened, "Sock", value=True)
