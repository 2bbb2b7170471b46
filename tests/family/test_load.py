"""A family loads with all it promises, or every fault of both texts comes back at once."""

from fractions import Fraction

import pytest

from reference.configure_golden import SHEET, UVL
from unikat.errors import InvalidFamily
from unikat.family.load import load_family

SMALL = '[family]\nid = "f"\nversion = 1\n'


def faults_of(uvl, sheet=SMALL):
    """Return the faults of two texts."""
    with pytest.raises(InvalidFamily) as caught:
        load_family(uvl, sheet)
    return caught.value.faults


def places_of(uvl, sheet=SMALL):
    """Return file, line and column of each fault."""
    return [(fault.file, fault.line, fault.column) for fault in faults_of(uvl, sheet)]


def test_the_worked_example_loads_as_written():
    family = load_family(UVL, SHEET)
    assert (family.id, family.version, family.name) == ("insole", 3, "Custom insole")
    assert family.remarks == ()
    assert [rule.id for rule in family.rules] == ["R1", "R2", "R3", "R4"]
    assert family.rules[0].text == "foam cannot be engraved"
    assert family.rules[0].source == "Engraving => Printed"
    thickness = family.feature("Thickness")
    assert (thickness.low, thickness.high, thickness.step) == (2, 6, Fraction(1, 2))
    assert (thickness.kind, thickness.unit, thickness.default) == ("Real", "mm", 3)
    assert family.feature("Foam").siblings == ("Printed", "Foam")
    assert family.feature("Foam").group == "alternative"
    assert family.feature("Body").children == ("Printed", "Foam")
    assert family.feature("Engraving").max_length == 12
    assert family.standard == {"Foam": True, "Length": 265}
    assert [step.id for step in family.routing] == ["print", "clean", "mill", "engrave", "glue"]
    assert family.renamed == {"PolyamideBody": "Printed"}


MANY_FAULTS = """namespace shoe
include
    Boolean.group-cardinality
    Warp.drive
imports
    other
features
    Shoe {price 12.5}
        mandatory
            Integer Size {min 36, max 47, unit 'cm'}
            Integer Width
            Real Heel {min 0, max 1, step 0.3}
            String Name
        alternatve
            Rubber
        optional
            Spikes {default 3}
            Spikes
            Laces cardinality [1..2]
        [3..2]
            Left
          Odd
constraints
    Spikes => Rubbr
    A => B => C
    Size + 1
    Size * Shoe > 3
    Spikes & (Laces
    sum(price, nothing) > 3
    mandatory |
"""
MANY_SHEET_FAULTS = """
family = { id = "f", version = 0, standard = { Size = 99, Hat = true } }
bom = [
  { id = "a", item = "x", quantity = "1.5", unit = "piece", wen = "true" },
  { id = "a", item = "x", quantity = "Size +", unit = "kg", parent = "b" },
]
routing = [
  { id = "s", capability = "c", seconds = "Size / (Size - 40)", after = ["t"], uses = ["z"] },
]
tool = 3
"""


def test_all_faults_of_both_texts_come_back_at_once():
    faults = faults_of(MANY_FAULTS, MANY_SHEET_FAULTS)
    found = [(fault.file, fault.line, fault.message.split(" ")[0]) for fault in faults]
    lines = [line for file, line, _ in found if file == "family.uvl"]
    assert lines == sorted(lines)
    wanted = {4, 6, 8, 10, 11, 12, 13, 14, 17, 18, 19, 20, 22, 25, 26, 27, 28, 29, 30}
    assert wanted <= set(lines)
    keys = {fault.key for fault in faults if fault.file == "family.toml"}
    assert {
        "family.version",
        "family.standard.Size",
        "family.standard.Hat",
        "bom[1].wen",
        "bom[1].quantity",
        "bom[2].id",
        "bom[2].quantity",
        "bom[2].unit",
        "bom[2].parent",
        "routing[1].seconds",
        "routing[1].after",
        "routing[1].uses",
        "tool",
    } <= keys
    assert all(fault.remedy for fault in faults)


@pytest.mark.parametrize(
    ("line", "column", "message", "text"),
    [
        (
            3,
            9,
            "second feature",
            "features\n    A\n        optional\n            B\n            A\n",
        ),
        (1, 1, "no features", "namespace x\n"),
        (2, 5, "second root", "features\n    A\n    B\n"),
        (1, 1, "never closed", "features\n    A {x (3\n        optional\n            B\n"),
    ],
)
def test_a_fault_of_the_tree_is_told(line, column, message, text):
    assert any(message in fault.message for fault in faults_of(text))


def test_a_fault_names_line_and_column():
    text = "features\n    A\n        optional\n            B\nconstraints\n    A => Bee\n"
    assert places_of(text) == [("family.uvl", 6, 10)]
    (fault,) = faults_of(text)
    assert fault.message == "unknown name 'Bee'"
    assert fault.remedy == "Declare the feature, or correct the name"


def test_a_fault_in_a_formula_names_its_place_in_the_sheet():
    sheet = SMALL + '[[price]]\nid = "p"\ncents = "1 + Hat"\n'
    (fault,) = faults_of("features\n    A\n", sheet)
    assert (fault.line, fault.column, fault.key) == (6, 14, "price[1].cents")


def test_names_below_an_unreadable_feature_are_no_further_faults():
    tree = "features\n    A\n        optional\n            B (\n            C\n"
    text = tree + "constraints\n    B => C\n"
    assert {place[1] for place in places_of(text)} == {4}


def test_a_void_family_names_a_minimal_set_of_rules():
    text = (
        "features\n    A\n        alternative\n            B\n            C\n"
        "constraints\n    B => C // R1: x\n    !C // R2: y\n    B | C // R3: z\n"
    )
    (fault,) = faults_of(text)
    assert "void" in fault.message
    assert "R1" in fault.message
    assert "R2" in fault.message
    assert "R3" not in fault.message


def test_dead_and_core_options_are_remarks_not_faults():
    text = (
        "features\n    A\n        optional\n            B\n            C\n            D\n"
        "constraints\n    !B\n    C\n"
    )
    assert load_family(text, SMALL).remarks == (
        "B is in no configuration",
        "C is in every configuration though it looks optional",
    )


ROOM = "features\n    A\n        alternative\n            B\n            C\n            D\n"


def test_a_slot_that_can_be_empty_or_filled_twice_is_a_fault():
    line = '[[routing]]\nid = "{0}"\nslot = "s"\ncapability = "c"\nseconds = "1"\nwhen = "{1}"\n'
    empty = SMALL + line.format("b", "B") + line.format("c", "C")
    (fault,) = faults_of(ROOM, empty)
    assert "slot 's' is empty" in fault.message
    twice = SMALL + line.format("b", "!C") + line.format("c", "!D")
    (fault,) = faults_of(ROOM, twice)
    assert "filled by both 'b' and 'c'" in fault.message
    right = SMALL + line.format("b", "!C") + line.format("c", "C")
    assert len(load_family(ROOM, right).routing) == 2
    only_b_c = empty + '[[slot]]\nid = "s"\nwhen = "!D"\n'
    assert load_family(ROOM, only_b_c).slots[0].id == "s"


def test_a_slot_of_bom_lines_counts_the_conditions_of_their_parents():
    line = '[[bom]]\nid = "{0}"\nitem = "i"\nquantity = "1"\nunit = "piece"\n'
    sheet = SMALL + line.format("top") + 'when = "!D"\n' + line.format("low") + 'parent = "top"\n'
    (fault,) = faults_of(ROOM, sheet + 'slot = "s"\n')
    assert "slot 's' is empty" in fault.message


def test_a_line_that_no_configuration_has_is_a_fault():
    sheet = SMALL + '[[price]]\nid = "p"\ncents = "1"\nwhen = "B & C"\n'
    (fault,) = faults_of(ROOM, sheet)
    assert fault.message == "no valid configuration has this line"


def test_steps_and_lines_that_wait_for_themselves_are_faults():
    step = '[[routing]]\nid = "{0}"\ncapability = "c"\nseconds = "1"\nafter = ["{1}"]\n'
    (fault,) = faults_of(ROOM, SMALL + step.format("x", "y") + step.format("y", "x"))
    assert "wait for each other: x, y" in fault.message
    line = '[[bom]]\nid = "{0}"\nitem = "i"\nquantity = "1"\nunit = "g"\nparent = "{1}"\n'
    assert "above itself" in faults_of(ROOM, SMALL + line.format("x", "x"))[0].message


NUMBER = """features
    A
        mandatory
            Integer N {min 0, max 50}
            Integer M {min 0, max 9}
"""


def test_what_a_recipe_cannot_build_is_a_fault_and_rules_count():
    sheet = SMALL + (
        '[[recipe]]\nid = "r"\nversion = 1\n'
        'parameters = [{ name = "n", unit = "mm", low = 0, high = 40, value = "N" }]\n'
    )
    (fault,) = faults_of(NUMBER, sheet)
    assert "can be above 40" in fault.message
    assert load_family(NUMBER + "constraints\n    N <= 40\n", sheet).recipes


def test_negative_quantities_are_a_fault():
    sheet = SMALL + '[[bom]]\nid = "b"\nitem = "i"\nquantity = "N - 3"\nunit = "g"\n'
    (fault,) = faults_of(NUMBER, sheet)
    assert "can be below 0" in fault.message
    assert load_family(NUMBER, sheet + 'when = "N >= 3"\n').bom


def test_a_standard_product_that_breaks_the_rules_is_a_fault():
    sheet = '[family]\nid = "f"\nversion = 1\nstandard = { B = true, C = true }\n'
    (fault,) = faults_of(ROOM, sheet)
    assert "standard product" in fault.message


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("N / M > 1", "division by a number that varies"),
        ("(N - 9) * M > 1", "can be negative"),
        ("min(N, M) > 1", "unknown function 'min'"),
        ("N > 1 > 2", "two comparisons"),
        ("A == 'x'", "text"),
        ("N / 0 > 1", "division by 0"),
        ("len(N) > 1", "len needs"),
        ("A + 1 > 2", "in arithmetic"),
        ("A.y > 2", "no attribute 'y'"),
        ("A.t > 2", "no number"),
        ("(" * 130 + "A" + ")" * 130, "inside each other"),
        ("N * N * N * N * N * N * N * N * N * N * N * N > 4", "2^62"),
    ],
)
def test_what_rules_cannot_say_is_refused(rule, message):
    text = NUMBER.replace("    A\n", "    A {x 1, t 'text'}\n") + f"constraints\n    {rule}\n"
    assert message in faults_of(text)[0].message


def test_a_broken_sheet_is_told_with_its_place():
    (fault,) = faults_of(ROOM, "[family]\nid = \n")
    assert (fault.file, fault.line) == ("family.toml", 2)
    assert "TOML" in fault.message


@pytest.mark.parametrize("text", ["", "\n\n", "features\n", "}", "features\n\tA {", "'", "\x00"])
def test_any_short_rubbish_is_a_fault_not_a_crash(text):
    assert faults_of(text, text)
