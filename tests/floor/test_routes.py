from sites import FOLDER
from unikat.edge.main import load_models
from unikat.family.load import load_family
from unikat.floor.routes import family_routes

UVL = """features
    Thing
        mandatory
            Body
                alternative
                    Printed
                    Milled
        optional
            Painted
            String Text {max_length 3}
            Integer Size {min 1, max 3}
constraints
    Text => Milled
"""
SHEET = """[family]
id = "thing"
version = 1
name = "Thing"
[[routing]]
id = "print"
capability = "print"
when = "Printed"
seconds = "60"
[[routing]]
id = "mill"
capability = "mill"
when = "Milled"
seconds = "60"
[[routing]]
id = "paint"
capability = "paint"
when = "Painted{more}"
after = ["print", "mill"]
seconds = "60"
[[routing]]
id = "engrave"
capability = "engrave"
when = "Text"
after = ["paint"]
seconds = "60"
"""


def test_every_valid_combination_of_the_options_that_conditions_name_is_a_route():
    found = family_routes(load_family(UVL, SHEET.replace("{more}", "")))
    assert found.is_complete
    assert sorted(found.routes) == [
        ("mill",),
        ("mill", "engrave"),
        ("mill", "paint"),
        ("mill", "paint", "engrave"),
        ("print",),
        ("print", "paint"),
    ]


def test_conditions_that_compare_numbers_may_hide_routes_and_it_says_so():
    found = family_routes(load_family(UVL, SHEET.replace("{more}", " & Size >= 2")))
    assert not found.is_complete
    assert ("print",) in found.routes


def test_too_many_ways_are_cut_off_and_it_says_so():
    found = family_routes(load_family(UVL, SHEET.replace("{more}", "")), most=2)
    assert not found.is_complete
    assert len(found.routes) == 2


def test_the_example_family_has_ten_routes():
    found = family_routes(load_models(FOLDER).family)
    assert found.is_complete
    assert len(found.routes) == 10
    assert ("mill_foam", "inspect", "pack") in found.routes
