"""BOM lines, steps, prices and recipe calls: the worked example to the gram, second and cent."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.configure_golden import SHEET, UVL
from unikat.configure.choice import choose, choose_all, complete, open_choice
from unikat.configure.price import price, round_cents
from unikat.configure.variant import derive_variant, measured_picks, recipe_calls
from unikat.errors import InvalidChoice, InvalidMeasurements
from unikat.family.load import load_family

GOLDEN = {
    "Printed": True,
    "Medium": True,
    "HeelCup": True,
    "Engraving": "ANNA",
    "Length": 300,
    "Thickness": 3.5,
}


@pytest.fixture(scope="module")
def family():
    return load_family(UVL, SHEET)


def lines_of(variant):
    return {line.line: (line.item, line.quantity, line.unit) for line in variant.bom}


def works_of(variant):
    return {step.step: step.work for step in variant.steps}


def test_picks_of_the_worked_example_narrow_the_choice(family):
    foam = choose(open_choice(family), "Foam", True)
    assert foam.bounds("Length") == (200, 300)
    assert {foam.status(name) for name in ("Engraving", "Soft", "Medium", "Firm")} == {"forbidden"}
    with pytest.raises(InvalidChoice) as caught:
        choose(foam, "Engraving", "ANNA")
    assert (caught.value.picks, caught.value.rules) == (("Foam",), ("R1",))
    assert choose(open_choice(family), "Soft", True).bounds("Thickness") == (4, 6)


def test_the_worked_example_is_exact(family):
    configuration = complete(choose_all(family, GOLDEN))
    variant = derive_variant(family, configuration)
    assert lines_of(variant) == {
        "powder": ("PA12-powder", 23.625, "g"),
        "cover": ("textile-roll", 320.0, "mm"),
        "cup": ("heel-cup", 1.0, "piece"),
    }
    assert works_of(variant) == {"print": 8100, "clean": 900, "engrave": 50, "glue": 420}
    assert [(line.text, line.cents) for line in price(family, configuration).lines] == [
        ("Insole", 3900),
        ("Printed", 3500),
        ("HeelCup", 600),
        ("Engraving", 400),
        ("long size", 40),
    ]
    assert price(family, configuration).total == 8440


def test_the_standard_product_is_exact(family):
    configuration = complete(choose_all(family, family.standard))
    variant = derive_variant(family, configuration)
    assert lines_of(variant) == {
        "foam": ("EVA-blank", 1.0, "piece"),
        "cover": ("textile-roll", 285.0, "mm"),
    }
    assert works_of(variant) == {"mill": 770, "glue": 420}
    assert [step.after for step in variant.steps] == [(), ("mill",)]
    assert [step.setup for step in variant.steps] == ["foam", None]
    assert price(family, configuration).total == 3900


def test_an_absent_step_hands_its_predecessors_on(family):
    plain = {name: value for name, value in GOLDEN.items() if name != "Engraving"}
    variant = derive_variant(family, complete(choose_all(family, plain)))
    assert {step.step: step.after for step in variant.steps} == {
        "print": (),
        "clean": ("print",),
        "glue": ("clean",),
    }
    assert variant.steps[-1].items == ("textile-roll", "heel-cup")


CHAIN = """
features
    A
        optional
            B
            Integer N {min 0, max 5}
"""
CHAIN_SHEET = """
family = { id = "a", version = 1 }
bom = [
  { id = "screw", item = "screw", quantity = "2 * N", unit = "piece", parent = "cup" },
  { id = "cup", item = "cup", quantity = "3", unit = "piece", when = "B" },
]
routing = [
  { id = "last", capability = "c", seconds = "1", after = ["first", "second"] },
  { id = "second", capability = "c", seconds = "N / 3", after = ["first"] },
  { id = "first", capability = "c", seconds = "1" },
]
"""


def test_quantities_multiply_below_a_parent_and_vanish_with_it():
    family = load_family(CHAIN, CHAIN_SHEET)
    with_cup = derive_variant(family, complete(choose_all(family, {"B": True, "N": 4})))
    assert {line.line: line.quantity for line in with_cup.bom} == {"screw": 24, "cup": 3}
    assert derive_variant(family, complete(choose_all(family, {"N": 4}))).bom == ()


def test_only_the_latest_predecessors_stay_and_seconds_round_up():
    family = load_family(CHAIN, CHAIN_SHEET)
    variant = derive_variant(family, complete(choose_all(family, {"N": 4})))
    assert [(step.step, step.after, step.work) for step in variant.steps] == [
        ("first", (), 1),
        ("second", ("first",), 2),
        ("last", ("second",), 1),
    ]


@given(st.fractions(-(10**6), 10**6))
def test_cents_round_half_away_from_zero(amount):
    cents = round_cents(amount)
    assert abs(cents - amount) <= Fraction(1, 2)
    assert round_cents(-amount) == -cents
    if abs(cents - amount) == Fraction(1, 2):
        assert abs(cents) > abs(amount)


def test_recipe_parameters_come_from_formulas(family):
    (call,) = recipe_calls(family, complete(choose_all(family, GOLDEN)), {})
    assert (call.recipe, call.version) == ("insole-shell", 1)
    assert dict(call.parameters) == {"length": 300, "thickness": 3.5, "infill": 0.25}
    assert recipe_calls(family, complete(choose_all(family, family.standard)), {}) == ()


MEASURED = (
    'measured = [{ feature = "Length", from = "foot" }]\n'
    + SHEET.replace(
        '{ name = "length", unit = "mm", low = 200, high = 320, value = "Length" }',
        '{ name = "foot", unit = "mm", low = 200, high = 320, measured = "foot" },'
        '{ name = "girth", unit = "mm", low = 150, high = 300, measured = "girth" }',
    )
)  # fmt: skip


def test_measures_fill_features_and_parameters():
    family = load_family(UVL, MEASURED)
    assert measured_picks(family, {"foot": 264.5}) == {"Length": 265}
    (call,) = recipe_calls(
        family, complete(choose_all(family, GOLDEN)), {"foot": 264.5, "girth": 240}
    )
    assert dict(call.parameters) == {
        "foot": 264.5,
        "girth": 240,
        "thickness": 3.5,
        "infill": 0.25,
    }


@pytest.mark.parametrize("foot", [199.9, 320.1, float("nan"), float("inf"), -float("inf"), None])
def test_impossible_measures_are_named_all_at_once(foot):
    family = load_family(UVL, MEASURED)
    measures = {} if foot is None else {"foot": foot}
    with pytest.raises(InvalidMeasurements, match=r"foot .*allowed: 200 to 320 mm"):
        measured_picks(family, measures)
    with pytest.raises(InvalidMeasurements, match=r"foot .*girth is missing"):
        recipe_calls(family, complete(choose_all(family, GOLDEN)), measures)


def test_a_line_with_this_or_that_is_there_once_and_lines_keep_their_sequence():
    uvl = """features
    Root
        mandatory
            Integer Size {min 1, max 9}
        optional
            A
            B
"""
    sheet = """family = { id = "f", version = 1 }
bom = [
  { id = "c", when = "B | A | Size > 3", item = "C", unit = "piece", quantity = "2" },
  { id = "b", when = "Size > 3", item = "B", unit = "mm", quantity = "Size" },
  { id = "a", item = "A", unit = "g", quantity = "1.5" },
]
"""
    family = load_family(uvl, sheet)
    found = {}
    for picks in ({"A": True, "B": True, "Size": 5}, {"A": True, "Size": 1}, {"Size": 2}):
        variant = derive_variant(family, complete(choose_all(family, picks)))
        found[len(found)] = [(line.line, line.quantity) for line in variant.bom]
    assert found == {
        0: [("c", 2), ("b", 5), ("a", 1.5)],
        1: [("c", 2), ("a", 1.5)],
        2: [("a", 1.5)],
    }
