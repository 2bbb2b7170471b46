"""Imported models take their place in the tree, rules and all, under the name they are given."""

import re
from pathlib import Path

import pytest

from unikat.configure.count import count_configurations
from unikat.errors import InvalidFamily
from unikat.family.load import load_family
from unikat.family.preamble import import_names

SHEET = 'family = { id = "pair", version = 1 }\n'
PAIR = """namespace pair
imports
    parts.sole as left
    parts.sole as right
features
    Pair
        mandatory
            left.Sole
            right.Sole {price 7, colour 'red'}
                optional
                    Logo {price 1}
constraints
    left.Soft => right.Soft // R9: as soft on both sides
"""
SOLE = """features
    Sole {price 3}
        mandatory
            Integer Thick {min 2, max 6}
        alternative
            Soft {price 2}
            Hard
constraints
    Soft => Thick >= 4 // R1: soft soles are thick
    sum(price) <= 8 & true
"""


def load(uvl=PAIR, sheet=SHEET, **texts):
    """Load a family whose imports are `parts.<name>`."""
    return load_family(uvl, sheet, imported={f"parts.{name}": each for name, each in texts.items()})


def faults_of(uvl=PAIR, **texts):
    """Return place and message of each fault."""
    with pytest.raises(InvalidFamily) as caught:
        load(uvl, **texts)
    return [(each.file, each.line, each.column, each.message) for each in caught.value.faults]


def test_a_model_imported_twice_gives_two_copies_with_their_rules():
    family = load(sole=SOLE)
    assert [each.name for each in family.features] == [
        "Pair",
        "left.Sole",
        "left.Thick",
        "left.Soft",
        "left.Hard",
        "right.Sole",
        "right.Thick",
        "right.Soft",
        "right.Hard",
        "Logo",
    ]
    assert [rule.id for rule in family.rules] == [
        "left.R1",
        "left.line 10",
        "right.R1",
        "right.line 10",
        "R9",
    ]
    assert family.rules[3].source == "sum(right.Sole, price) <= 8 & true"
    assert family.rules[2].text == "soft soles are thick"
    assert family.feature("right.Hard").siblings == ("right.Soft", "right.Hard")
    assert family.feature("left.Thick").parent == "left.Sole"


def test_attributes_at_the_reference_win_over_those_of_the_imported_root():
    family = load(sole=SOLE)
    assert family.feature("left.Sole").attributes == {"price": 3}
    assert family.feature("right.Sole").attributes == {"price": 7, "colour": "red"}


def test_imported_rules_hold_for_each_copy():
    # left hard: right hard, or soft with room for its price of 7 + 2; soft right is too dear
    assert count_configurations(load(sole=SOLE)).number == 2
    cheap = PAIR.replace("price 7", "price 1")
    assert count_configurations(load(cheap, sole=SOLE)).number == 6


def test_the_sheet_names_imported_features():
    sheet = SHEET + (
        '[[price]]\nid = "p"\ncents = "left.Thick * sum(right.Sole, price) + left.Soft.price"\n'
        'when = "left.Soft | right.Hard"\n'
    )
    cheap = PAIR.replace("price 7", "price 1")
    assert load(cheap, sheet, sole=SOLE).prices[0].id == "p"


def test_imports_of_imports_and_quoted_names():
    inner = 'features\n\t"X 1"\n\t\toptional\n\t\t\tY\nconstraints\n\tY => "X 1" // R: y\n'
    middle = 'imports\n\tparts.inner as "in ner"\nfeatures\n\tM\n\t\tor\n\t\t\t"in ner"."X 1"\n'
    outer = "imports\n\tparts.middle\nfeatures\n\tO\n\t\toptional\n\t\t\tparts.middle.M\n"
    family = load(outer, inner=inner, middle=middle)
    assert [each.name for each in family.features][1:] == [
        "parts.middle.M",
        'parts.middle."in ner"."X 1"',
        'parts.middle."in ner".Y',
    ]
    assert family.rules[0].id == 'parts.middle."in ner".R'
    assert family.features[2].title == "parts.middle.in ner.X 1"


IMPORT = "imports\n    parts.{0}\nfeatures\n    {0}\n        optional\n            parts.{0}.R\n"


@pytest.mark.parametrize(
    ("change", "texts", "place", "message"),
    [
        (("sole as left", "x as left"), {"sole": SOLE}, ("family.uvl", 3, 5), "no 'parts/x.uvl'"),
        (("right.Sole", "right.Soft"), {"sole": SOLE}, ("family.uvl", 9, 13), "is not the root"),
        (("left.Sole", "left.Slo"), {"sole": SOLE}, ("family.uvl", 8, 13), "is not the root"),
        (("as right", "as left"), {"sole": SOLE}, ("family.uvl", 4, 19), "second import known"),
        (("left.Sole", "L"), {"sole": SOLE}, ("family.uvl", 3, 5), "has no place among"),
        (("left.Sole", "right.Sole"), {"sole": SOLE}, ("family.uvl", 9, 13), "has its place in"),
        (("left.Sole", "Real left.Sole"), {"sole": SOLE}, ("family.uvl", 8, 18), "is a Boolean"),
        (("parts.sole as l", '"../s" as l'), {"sole": SOLE}, ("family.uvl", 3, 5), "names no file"),
        (("sole as left", "sole as a.b"), {"sole": SOLE}, ("family.uvl", 3, 19), "has a dot"),
        (("sole as left", "sole left"), {"sole": SOLE}, ("family.uvl", 3, 16), "not expected"),
        (("parts.sole as left", "parts."), {"sole": SOLE}, ("family.uvl", 3, 11), "a name is"),
        (("", ""), {"sole": ""}, ("parts/sole.uvl", 1, 1), "no features"),
        (
            ("", ""),
            {"sole": SOLE.replace("Soft =>", "Sofft =>")},
            ("parts/sole.uvl", 9, 5),
            "unknown name",
        ),
        (
            ("", ""),
            {"sole": SOLE.replace("max 6", "max 6, unit 'cm'")},
            ("parts/sole.uvl", 4, 42),
            "unit 'cm'",
        ),
        (
            ("", ""),
            {"sole": SOLE.replace("Hard", "Hard {")},
            ("parts/sole.uvl", 7, 18),
            "never closed",
        ),
        (
            ("", ""),
            {"sole": IMPORT.format("a"), "a": IMPORT.format("sole")},
            ("parts/a.uvl", 2, 5),
            "circle: parts/sole.uvl -> parts/a.uvl -> parts/sole.uvl",
        ),
        (("", ""), {"sole": IMPORT.format("sole")}, ("parts/sole.uvl", 2, 5), "in a circle"),
    ],
)
def test_a_fault_names_the_file_and_comes_once(change, texts, place, message):
    found = [each for each in faults_of(PAIR.replace(*change, 1), **texts) if message in each[3]]
    assert [each[:3] for each in found] == [place]


def test_faults_of_all_files_come_together():
    broken = PAIR.replace("Logo {price 1}", "Logo {price 1.5}").replace("left.Soft", "left.Sft")
    inner = SOLE.replace("min 2", "min 9").replace("sum(price)", "sum(prize)")
    places = [each[:2] for each in faults_of(broken, sole=inner)]
    assert places == [
        ("family.uvl", 11),
        ("family.uvl", 13),
        ("parts/sole.uvl", 4),
        ("parts/sole.uvl", 10),
    ]


def test_copies_of_copies_are_bounded():
    texts = {"a0": "features\n\tR\n"}
    for i in range(30):
        lines = f"imports\n\tparts.a{i} as x\n\tparts.a{i} as y\n"
        texts[f"a{i + 1}"] = lines + "features\n\tR\n\t\toptional\n\t\t\tx.R\n\t\t\ty.R\n"
    top = "imports\n\tparts.a30 as x\nfeatures\n\tT\n\t\toptional\n\t\t\tx.R\n"
    assert any("more than 100000 features" in each[3] for each in faults_of(top, **texts))
    chain = {
        f"a{i}": IMPORT.format(f"a{i + 1}").replace(f"    a{i + 1}\n", "    R\n") for i in range(60)
    }
    assert "in a circle" in faults_of(IMPORT.format("a0"), **chain)[0][3]


def test_names_of_imports_are_found_without_reading_the_rest():
    assert import_names(PAIR) == ("parts.sole",)
    assert import_names('// x\nimports // y\n\ta // z\n\n\t"b-1".c as d\nfeatures\n\tA') == (
        "a",
        "b-1.c",
    )
    assert import_names("features\n\timports\n") == ()
    assert import_names("imports") == ()


def test_the_example_of_the_guide_loads():
    guide = Path(__file__).parents[2] / "docs" / "guides" / "family.md"
    (text,) = re.findall(r"```\n(imports.*?)```", guide.read_text("utf-8"), re.DOTALL)
    family = load(text, sole=SOLE.replace("<= 8", "<= 900"))
    assert family.feature("right.Sole").attributes["price"] == 700
