"""The example family keeps its promises for any configuration a shopper can reach."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.configure.choice import choose, choose_all, complete, open_choice
from unikat.configure.picks import parse_pick
from unikat.configure.price import price
from unikat.configure.variant import derive_variant, measured_picks, recipe_calls
from unikat.errors import InvalidChoice, UnknownFeature
from unikat.family.load import load_family

FOLDER = Path(__file__).parents[2] / "examples" / "insoles"
FAMILY = load_family(
    (FOLDER / "family.uvl").read_text("utf-8"), (FOLDER / "family.toml").read_text("utf-8")
)
SHAPES = {"print_powder", "print_filament", "mill_foam"}
FEET = {"foot_length": 262.0, "foot_breadth": 99.0, "heel_breadth": 68.0, "ball_length": 190.0}


@st.composite
def choices(draw):
    """Draw a choice by random picks, refused ones passed over."""
    choice = open_choice(FAMILY)
    for feature in draw(st.lists(st.sampled_from(FAMILY.features), max_size=12)):
        value = draw(st.booleans())
        if feature.is_number:
            steps = int((feature.high - feature.low) / feature.step)
            value = feature.low + draw(st.integers(0, steps)) * feature.step
        elif feature.kind == "String":
            value = draw(st.text(alphabet="AZ é", max_size=12))
        try:
            choice = choose(choice, feature.name, value)
        except InvalidChoice:
            continue
    return choice


def test_the_family_is_as_large_as_promised():
    assert len(FAMILY.features) >= 25
    assert len(FAMILY.rules) >= 8
    assert FAMILY.remarks == ()


@given(choices())
def test_every_reachable_choice_builds(choice):
    configuration = complete(choice)
    variant = derive_variant(FAMILY, configuration)
    shapes = [step for step in variant.steps if step.capability in SHAPES]
    assert len(shapes) == 1
    assert shapes[0].after == ()
    assert [step.capability for step in variant.steps[-2:]] == ["inspect", "pack"]
    assert sum(line.module == "body" for line in variant.bom) == 1
    assert_reaches_the_end(variant)
    capabilities = [step.capability for step in variant.steps]
    assert ("glue" in capabilities) == ("cure" in capabilities) == (
        "NoCover" not in configuration.selected
    )  # fmt: skip
    assert ("engrave" in capabilities) == ("Engraving" in configuration.selected)
    assert price(FAMILY, configuration).total >= 5_400
    (call,) = recipe_calls(FAMILY, configuration, FEET)
    limits = {each.name: each for each in FAMILY.recipes[0].parameters}
    for name, value in call.parameters.items():
        assert limits[name].low <= value <= limits[name].high


def assert_reaches_the_end(variant):
    """Every step but the last is waited for, and only by steps behind it."""
    places = {step.step: i for i, step in enumerate(variant.steps)}
    for step in variant.steps:
        assert all(places[each] < places[step.step] for each in step.after)
    waited = {each for step in variant.steps for each in step.after}
    assert waited == set(places) - {"pack"}


def test_budgets_hold_back_what_costs_more():
    basic = choose(open_choice(FAMILY), "Basic", True)
    assert {basic.status("Powder"), basic.status("Filament"), basic.status("Leather")} == {
        "forbidden"
    }
    comfort = choose_all(FAMILY, {"Comfort": True, "Powder": True, "Leather": True})
    assert comfort.status("Engraving") == "forbidden"
    with pytest.raises(InvalidChoice, match="R20") as caught:
        choose(comfort, "Engraving", "ANNA")
    assert set(caught.value.picks) == {"Comfort", "Powder", "Leather"}


def test_the_standard_product_is_a_firm_foam_insole():
    configuration = complete(choose_all(FAMILY, FAMILY.standard))
    variant = derive_variant(FAMILY, configuration)
    assert [step.capability for step in variant.steps] == [
        "mill_foam", "glue", "cure", "inspect", "pack"
    ]  # fmt: skip
    assert price(FAMILY, configuration).total == 5_900


def test_every_person_of_the_sample_fits():
    with (FOLDER / "feet.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert len(rows) == 500
    for row in rows:
        person = {name: float(row[name]) for name in FEET}
        choice = choose_all(FAMILY, measured_picks(FAMILY, person))
        assert len(recipe_calls(FAMILY, complete(choice), person)) == 1


@pytest.mark.parametrize(
    ("text", "pick"),
    [
        ("Length=270", ("Length", 270)),
        (" Thickness = 3.5 ", ("Thickness", 3.5)),
        ("Powder", ("Powder", True)),
        ("!Powder", ("Powder", False)),
        ("Powder=false", ("Powder", False)),
        ("Engraving=A=B", ("Engraving", "A=B")),
    ],
)
def test_picks_are_read_as_people_type_them(text, pick):
    assert parse_pick(FAMILY, text) == pick


@pytest.mark.parametrize("text", ["Hat", "!Hat", "Hat=3", "Length=", "", "=", "Powder=3"])
def test_picks_that_name_nothing_are_refused(text):
    with pytest.raises(UnknownFeature):
        parse_pick(FAMILY, text)
