"""What load proves of the sheet: units agree, slots can hold, a step has its recipe."""

import pytest

from unikat.errors import InvalidFamily
from unikat.family.load import load_family

UVL = """\
features
    Box
        mandatory
            Integer Length {min 1, max 9, unit 'mm'}
            Integer Height {min 1, max 9, unit 'mm'}
            Integer Load {min 1, max 9, unit 'g'}
            Integer Pieces {min 1, max 9, unit 'piece'}
        optional
            Lid
            Lock
constraints
    !(Lid & Lock)
"""
LINE = '{{ id = "{id}", item = "{item}", unit = "{unit}", quantity = "{quantity}"{more} }}'


def sheet(*lines, more=""):
    bom = ", ".join(
        LINE.format(
            **{"id": f"l{i}", "item": "x", "unit": "mm", "quantity": "1", "more": "", **each}
        )
        for i, each in enumerate(lines)
    )
    return f'family = {{ id = "box", version = 1 }}\nbom = [ {bom} ]\n{more}'


def faults_of(text):
    with pytest.raises(InvalidFamily) as caught:
        load_family(UVL, text)
    return [(fault.key, fault.message) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ("Length + Height", "mm"),
        ("max(Length, Height) + 20", "mm"),
        ("Length - Height + 9", "mm"),
        ("0.5 * Load + 2 * Length", "g"),
        ("Length * Height", "g"),
        ("Pieces", "piece"),
        ("ceil(Length / 4)", "piece"),
    ],
)
def test_formulas_of_one_unit_or_with_factors_load(quantity, unit):
    load_family(UVL, sheet({"quantity": quantity, "unit": unit}))


def test_a_sum_of_two_units_is_a_fault():
    faults = faults_of(sheet({"quantity": "Length + Load"}))
    assert faults == [("bom[1].quantity", "adds mm and g")]


def test_a_formula_in_another_unit_than_its_line_is_a_fault():
    faults = faults_of(sheet({"quantity": "Length + 20", "unit": "g"}))
    assert faults == [("bom[1].quantity", "quantity is in mm, this line in g")]
    step = 'routing = [ { id = "a", capability = "cut", seconds = "Length" } ]\n'
    assert faults_of(sheet(more=step)) == [
        ("routing[1].seconds", "seconds is in mm, this line in s")
    ]


def test_an_item_has_one_unit_in_all_its_lines():
    faults = faults_of(sheet({"quantity": "1"}, {"quantity": "2", "unit": "g"}))
    assert faults == [("bom[2].unit", "x in g, but in mm in line 'l0'")]


def test_a_parameter_has_a_house_unit_and_that_of_its_number():
    recipe = (
        'recipe = [ {{ id = "r", version = 1, parameters = [ {{ name = "p", unit = "{}",'
        ' low = 0, high = 99, value = "Length" }} ] }} ]\n'
    )
    load_family(UVL, sheet(more=recipe.format("mm")))
    assert faults_of(sheet(more=recipe.format("cm")))[0][1] == "unit 'cm' is no house unit"
    assert faults_of(sheet(more=recipe.format("g"))) == [
        ("recipe[1].parameters[1].value", "value is in mm, this line in g")
    ]


def test_a_slot_that_no_configuration_has_is_a_fault():
    slot = 'slot = [ { id = "s", when = "Lid & Lock" } ]\n'
    line = {"more": ', slot = "s", when = "Lid"'}
    assert ("slot[1].when", "no valid configuration has this line") in faults_of(
        sheet(line, more=slot)
    )


def test_a_step_without_its_recipe_is_a_fault():
    text = (
        'recipe = [ {{ id = "r", version = 1, when = "{}", parameters = [] }} ]\n'
        'routing = [ {{ id = "a", capability = "c", seconds = "1", when = "Lid", recipe = "r" }} ]'
    )
    load_family(UVL, sheet(more=text.format("Lid | Lock")))
    ((key, message),) = faults_of(sheet(more=text.format("Lid & Length > 3")))
    assert key == "routing[1].recipe"
    assert message.startswith("this step is there without its recipe, such as with ")
