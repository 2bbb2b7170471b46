"""What is measured of one part: read from family.toml, filled with what the person ordered."""

import pytest

from unikat.configure.checks import add_checks
from unikat.configure.choice import choose, complete, open_choice
from unikat.configure.variant import derive_variant
from unikat.errors import InvalidFamily, InvalidMeasurements
from unikat.family.load import load_family

UVL = """\
features
    Box
        mandatory
            Integer Length {min 1, max 9, unit 'mm', default 4}
        optional
            Lid
"""
STEPS = """\
family = { id = "box", version = 1 }
[[routing]]
id = "saw"
capability = "saw"
seconds = 60
[[routing]]
id = "plane"
capability = "plane"
when = "Lid"
after = ["saw"]
seconds = 60
[[routing]]
id = "gauge"
capability = "gauge"
after = ["plane"]
seconds = 60
"""
LENGTH = """\
[[characteristic]]
id = "length"
step = "gauge"
nominal = "2 * Length"
unit = "mm"
tolerance = 0.6
rework = ["plane", "gauge"]
"""
GIRTH = """\
[[characteristic]]
id = "girth"
step = "gauge"
measured = "waist"
when = "Lid"
unit = "mm"
tolerance = 5
sigma = 1
most_reworks = 2
"""


def checks_of(sheet, measurements, **picks):
    family = load_family(UVL, sheet)
    choice = open_choice(family)
    for name, value in picks.items():
        choice = choose(choice, name, value)
    configuration = complete(choice)
    variant = derive_variant(family, configuration)
    added = add_checks(family, configuration, measurements, variant)
    assert [step.checks for step in added.steps[:-1]] == [()] * (len(added.steps) - 1)
    return added.steps[-1].checks


def test_a_formula_gives_what_was_ordered_and_the_spread_is_a_third_of_the_tolerance():
    [check] = checks_of(STEPS + LENGTH, {}, Length=7, Lid=True)
    assert (check.ordered, check.tolerance, check.unit) == (14.0, 0.6, "mm")
    assert check.sigma == pytest.approx(0.2)
    assert (check.again, check.most_reworks) == (("plane", "gauge"), 1)


def test_rework_begins_at_the_first_of_its_steps_that_the_variant_has():
    [check] = checks_of(STEPS + LENGTH, {}, Length=7, Lid=False)
    assert check.again == ("gauge",)


def test_a_characteristic_may_be_a_measure_of_the_person_and_be_there_only_sometimes():
    both = checks_of(STEPS + LENGTH + GIRTH, {"waist": 800.0}, Lid=True)
    assert [check.characteristic for check in both] == ["length", "girth"]
    assert (both[1].ordered, both[1].sigma, both[1].again) == (800.0, 1.0, ())
    assert len(checks_of(STEPS + LENGTH + GIRTH, {}, Lid=False)) == 1
    with pytest.raises(InvalidMeasurements, match="waist is missing"):
        checks_of(STEPS + GIRTH, {}, Lid=True)


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('step = "gauge"', 'step = "weigh"', "step", "names unknown 'weigh'"),
        ('["plane", "gauge"]', '["plain"]', "rework", "names unknown 'plain'"),
        ("tolerance = 0.6", "tolerance = 0", "tolerance", "is not above 0"),
        ("tolerance = 0.6", 'tolerance = "x"', "tolerance", "is no finite number"),
        ("tolerance = 0.6", "tolerance = 1\nsigma = -1", "sigma", "is not above 0"),
        ('unit = "mm"', 'unit = "inch"', "unit", "is no house unit"),
        (
            '"2 * Length"\nunit = "mm"',
            '"Length"\nunit = "g"',
            "nominal",
            "nominal is in mm, this line in g",
        ),
        ('nominal = "2 * Length"\n', "", "", "needs either nominal or measured"),
        ("2 * Length", "2 * Width", "nominal", "unknown name 'Width'"),
        ('step = "gauge"', 'step = "gauge"\nwhen = "Lid & !Lid"', "when", "no valid"),
        ("tolerance = 0.6", "tolerance = 1\nmost_rework = 1", "most_rework", "most_rework"),
    ],
)
def test_each_fault_of_a_characteristic_is_named(old, new, key, message):
    assert old in LENGTH
    with pytest.raises(InvalidFamily) as caught:
        load_family(UVL, STEPS + LENGTH.replace(old, new))
    found = [(fault.key, fault.message) for fault in caught.value.faults]
    assert any(name.endswith(key) and message in text for name, text in found), found
