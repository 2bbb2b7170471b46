"""plant.toml is read whole, and every fault of it is told at once, with its line and a remedy."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.errors import InvalidPlant
from unikat.plant import load_plant
from unikat.printing import read_process
from unikat.terms import DAY, HOUR, WEEK

SMALL = Path(__file__).with_name("small.toml").read_text()
EXAMPLE = (Path(__file__).parents[2] / "examples/insoles/plant.toml").read_text()


def faults_of(text):
    with pytest.raises(InvalidPlant) as caught:
        load_plant(text)
    return caught.value.faults


def test_the_example_plant_loads_with_its_processes():
    plant = load_plant(EXAMPLE)
    assert len(plant.units) == 23
    assert plant.transporters == ("R1", "R2")
    assert plant.needs_of("glue") == ("finisher", "glue_press")
    assert plant.eligible_units("print_powder") == ("P1", "P2")
    for capability, table in plant.processes.items():
        read_process(table, name=capability)
    for a in plant.work_centers:
        for b in plant.work_centers:
            assert (30 <= plant.travel[a][b] <= 120) == (a != b)


def test_a_plant_reads_as_written():
    plant = load_plant(SMALL)
    day = plant.calendars["day"].open
    assert day[:2] == ((8 * HOUR, 12 * HOUR), (12 * HOUR + 1_800, 16 * HOUR))
    assert len(day) == 10
    two_shift = plant.calendars["two_shift"].open
    assert two_shift[1] == (10 * HOUR + 1_800, 18 * HOUR)  # the shifts touch: one window
    assert plant.calendars["always"].open == ((0, WEEK),)
    assert plant.duration("P2", 9_000) == 11_250
    assert plant.setup_s("P1", "white", "black") == 1_800
    assert plant.setup_s("P1", None, "black") == 600
    assert plant.setup_s("T1", None, "black") == 0
    assert plant.travel_s("P2", "T1") == 90
    assert plant.units["P1"].reliability.mtbf_s == 360_000
    assert plant.units["T1"].reliability.mtbf_s == 0
    assert plant.resources["jig"].calendar == "always"


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("frozen_s  = 3_600", "frozen_s  = -1", "frozen_s", "-1 is below 0"),
        ("frozen_s  = 3_600", "frozen_s  = true", "frozen_s", "no whole number"),
        ("frozen_s  = 3_600", "frozen = 3_600", "frozen", "unknown key frozen"),
        ("kwh = 19,", "kwh = nan,", "rates.energy_cents_per_kwh", "nan is not allowed"),
        ("kwh = 56.0", "kwh = inf", "rates.carbon_g_per_kwh", "inf is not allowed"),
        ("mon-sun 00:00-24:00", "mon-sun 0-24", "calendar.always.open", "no span of the week"),
        ("mon-sun 00:00-24:00", "mon 23:30-24:30", "calendar.always.open", "beyond 24:00"),
        ("14:00-22:00", "13:00-22:00", "calendar.two_shift.open", "lies inside another span"),
        ("12:00-12:30", "17:00-17:30", "calendar.day.breaks", "outside its shift"),
        ("[900, 900, 0]", "[900, 900]", "setup.colour.change_s", "not 3 x 3"),
        ("[0, 1_200, 900]", "[0, 9_200, 900]", "setup.colour.change_s", "only 1800 s by way of"),
        ("[600, 600, 600]", "[9_600, 600, 600]", "setup.colour.change_s", "the start to black"),
        ("[[0, 1_200", "[[5, 1_200", "setup.colour.change_s", "black to black takes 5 s"),
        ('"trim", "regrind"', '"trim", "trim"', "work_center.trim.capabilities", "twice"),
        ('units = ["T1"]', 'units = ["P1"]', "work_center.P1", "is taken by unit of print"),
        ('units = ["T1"]', 'units = ["dock"]', "work_center.dock", "a place every floor has"),
        ('units = ["T1"]', "units = []", "work_center.trim.units", "the array is empty"),
        ('units = ["T1"]', "units = 3", "work_center.trim.units", "3 is no array"),
        ('setup = "colour"', 'setup = "color"', "work_center.print.setup", "unknown setup"),
        ('calendar = "always", setup', 'calendar = "x", setup', "work_center.print.calendar", "x"),
        ("is_interruptible = true", "is_interruptible = 1", "work_center.bench", "neither true"),
        ("P2 = {", "P9 = {", "unit.P9", "unknown to the work centers"),
        ("permille = 800", "permille = 0", "unit.P2.pace_permille", "below 1"),
        ("mttr_s = 5_400", "mttr_s = 0", "reliability.print.mttr_s", "never repaired"),
        ("count = 2, calendar", "count = 0, calendar", "resource.finisher.count", "below 1"),
        ('["trim", "press"]', '["weld"]', "resource.jig.needed_by", "has the capability weld"),
        ('kind = "tool"', 'kind = "toool"', "resource.nozzle_04.kind", "unknown kind"),
        ('needed_by = ["print_tpu"]', 'from = "a", to = "b"', "resource.nozzle_04.from", "not sup"),
        ('{ kind = "robot" }', "{ stops = [] }", "transporter.R1.stops", "share one matrix"),
        ('"bench"]\n', '"bank"]\n', "travel.bank", "unknown to the work centers"),
        ("[0, 0, 40]", "[0, 0]", "travel.travel_s", "not 3 x 3"),
        ("[0, 0, 40]", "[0, 0, -4]", "travel.travel_s", "-4 is below 0"),
    ],
)
def test_a_fault_names_its_line_its_key_and_a_remedy(old, new, key, words):
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    fault = next(f for f in faults_of(text) if f.key.startswith(key) and words in f.message)
    lines = text.splitlines()
    table = f"[{fault.key.split('.')[0]}]"  # where the id itself is the fault
    assert new.split("\n")[0] in lines[fault.line - 1] or lines[fault.line - 1] == table
    assert fault.remedy


def test_all_faults_are_told_at_once_in_reading_sequence():
    text = SMALL.replace("count = 2", "count = 0").replace("12:00-12:30", "17:00-17:30")
    text = text.replace("frozen_s  = 3_600", "")
    faults = faults_of(text)
    assert len(faults) == 1 + 5 + 3
    assert [f.line for f in faults] == sorted(f.line for f in faults)


def test_text_that_is_no_toml_is_one_fault_with_its_line():
    (fault,) = faults_of('site = "a"\nhorizon_s = 3 3\n')
    assert (fault.line, fault.file) == (2, "plant.toml")
    assert "not valid TOML" in fault.message


@pytest.mark.parametrize(
    "text", ["", "work_center = 3", "x" * 1_000_001, "x" * 999_999, "[" * 99_999]
)
def test_a_text_that_is_no_plant_is_refused(text):
    assert faults_of(text)


def test_a_night_shift_ends_on_the_next_day():
    night = 'night = { open = ["sun 22:00-06:00"] }\n'
    plant = load_plant(SMALL.replace("[calendar]\n", "[calendar]\n" + night))
    assert plant.calendars["night"].open == ((0, 6 * HOUR), (6 * DAY + 22 * HOUR, WEEK))


@given(st.data())
def test_a_damaged_text_is_a_plant_or_an_invalid_plant(data):
    at = data.draw(st.integers(0, len(SMALL)))
    length = data.draw(st.integers(0, 30))
    new = data.draw(st.sampled_from(["", "0", "-1", '"', "[", "{}", "nan", "=", "\n", "[]", "x"]))
    with suppress(InvalidPlant):
        load_plant(SMALL[:at] + new + SMALL[at + length :])
