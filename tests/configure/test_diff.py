"""A diff tells what was added, removed, renamed and changed, and what it means for choices."""

from fractions import Fraction

import pytest

from reference.configure_golden import SHEET, UVL
from unikat.configure.diff import diff
from unikat.family.load import load_family


def changes(found):
    return {
        (section.name, each.line, each.key): (each.before, each.after)
        for section in found.sections
        for each in section.changed
    }


def edited(uvl=(), sheet=(), added=""):
    new_uvl, new_sheet = UVL, SHEET
    for before, after in uvl:
        assert before in new_uvl
        new_uvl = new_uvl.replace(before, after)
    for before, after in sheet:
        assert before in new_sheet
        new_sheet = new_sheet.replace(before, after)
    return diff(load_family(UVL, SHEET), load_family(new_uvl, new_sheet + added))


def test_the_same_family_is_a_refactoring_without_changes():
    found = edited()
    assert all(section.is_empty for section in found.sections)
    assert found.comparison.relation == "refactoring"
    assert (found.comparison.only_old, found.comparison.only_new) == (None, None)


def test_a_rule_more_is_a_specialisation_with_an_example():
    found = edited([("constraints\n", "constraints\n    Foam => !HeelCup // R9: no cup on foam\n")])
    assert found.comparison.relation == "specialisation"
    assert found.comparison.only_new is None
    example = found.comparison.only_old
    assert set(example.picks) == {("Foam", True), ("HeelCup", True)}
    assert example.rules == ("R9",)
    assert {"Foam", "HeelCup"} <= example.configuration.selected
    assert next(s for s in found.sections if s.name == "rules").added == ("R9: Foam => !HeelCup",)


def test_a_narrower_number_is_a_specialisation():
    found = edited([("max 320", "max 310")])
    assert found.comparison.relation == "specialisation"
    (pick,) = found.comparison.only_old.picks
    assert (pick[0], pick[1] > 310) == ("Length", True)
    assert changes(found)["options", "Length", "max"] == ("320", "310")


def test_a_finer_step_allows_values_in_between():
    found = edited([("step 0.5", "step 0.25")])
    assert found.comparison.relation == "generalisation"
    (pick,) = found.comparison.only_new.picks
    assert pick[0] == "Thickness"
    assert pick[1] % Fraction(1, 2)


def test_prices_lines_and_steps_are_told_key_by_key():
    found = edited(
        [("HeelCup {price 600}", "HeelCup {price 700}")],
        [('item = "EVA-blank"', 'item = "EVA-plate"'), ('seconds = "420"', 'seconds = "400"')],
    )
    assert changes(found) == {
        ("options", "HeelCup", "price"): ("600", "700"),
        ("bill of materials", "foam", "item"): ("EVA-blank", "EVA-plate"),
        ("routing", "glue", "seconds"): ("420", "400"),
    }
    assert found.comparison.relation == "refactoring"


def test_a_renamed_option_is_the_same_option():
    uvl = UVL.replace("Foam", "Eva")
    sheet = SHEET.replace("Foam", "Eva").replace("renamed = {", 'renamed = { Foam = "Eva",')
    found = diff(load_family(UVL, SHEET), load_family(uvl, sheet))
    assert found.renamed == {"Foam": "Eva"}
    options = next(section for section in found.sections if section.name == "options")
    assert options.is_empty
    assert found.comparison.relation == "refactoring"
    assert found.comparison.num_common == 11


@pytest.mark.parametrize(
    ("group", "relation"),
    [("optional", "refactoring"), ("mandatory", "refactoring")],
)
def test_new_options_may_be_chosen_freely(group, relation):
    line = f"        {group}\n            Bag {{price 5}}\nconstraints"
    found = edited([("constraints", line)])
    assert found.comparison.relation == relation
    assert next(s for s in found.sections if s.name == "options").added == ("Bag",)


def test_a_new_option_that_demands_another_is_seen_through():
    options = "        optional\n            Bag\n            Case\n"
    bag = f"{options}constraints\n    Bag | Case | !HeelCup"
    assert edited([("constraints", bag)]).comparison.relation == "refactoring"
    wish = f"{options}constraints\n    Bag <=> Soft\n    Case => HeelCup\n    Bag | Case | Foam\n"
    found = edited([("constraints", wish)])
    assert found.comparison.relation == "specialisation"
    assert not {"Soft", "HeelCup", "Foam"} & found.comparison.only_old.configuration.selected
