import pytest

from reference.printing_samples import TABLES
from unikat.errors import InvalidPlant
from unikat.printing import Fff, Powder, read_process


def test_a_powder_bed_is_read_from_its_table():
    process = read_process(TABLES["print_powder"], name="print_powder")
    assert isinstance(process, Powder)
    assert process.chamber_mm == (380.0, 284.0, 380.0)
    assert process.cool_down_s == 12_400.0


def test_a_filament_printer_is_read_with_its_defaults():
    process = read_process(TABLES["print_filament"], name="print_filament")
    assert isinstance(process, Fff)
    assert process.speeds_mm_s == (20.0, 30.0, 40.0, 45.0, 45.0, 30.0)
    assert process.time_factors == (1.0,) * 6
    assert process.material_factors == (1.0,) * 5


def faults_of(table, **changes):
    changed = {key: value for key, value in {**table, **changes}.items() if value is not None}
    with pytest.raises(InvalidPlant) as caught:
        read_process(changed, name="print_x")
    return [(fault.file, fault.key, fault.message) for fault in caught.value.faults]


@pytest.mark.parametrize("kind", ["laser", 3, None])
def test_an_unknown_kind_is_a_fault(kind):
    assert [key for _, key, _ in faults_of(TABLES["print_powder"], kind=kind)] == [
        "process.print_x.kind"
    ]


def test_all_faults_of_a_table_are_told_at_once():
    faults = faults_of(
        TABLES["print_filament"],
        bead_mm=None,
        walls=1.5,
        layer_mm="thin",
        power_kw=float("nan"),
        p90_factor=0.5,
        colour=1,
    )
    assert faults == [
        ("plant.toml", "process.print_x.layer_mm", "'thin' is not a number"),
        ("plant.toml", "process.print_x.bead_mm", "is missing"),
        ("plant.toml", "process.print_x.walls", "1.5 is not allowed"),
        ("plant.toml", "process.print_x.power_kw", "nan is not a number"),
        ("plant.toml", "process.print_x.p90_factor", "0.5 is not allowed"),
        ("plant.toml", "process.print_x.colour", "is not a key of this kind"),
    ]


def test_a_layer_higher_than_its_bead_is_a_fault():
    [(_, key, message)] = faults_of(TABLES["print_filament"], layer_mm=0.8)
    assert (key, message) == ("process.print_x.layer_mm", "0.8 is higher than the bead")


def test_a_build_higher_than_its_chamber_is_a_fault():
    [(_, key, _)] = faults_of(TABLES["print_powder"], build_height_mm=400)
    assert key == "process.print_x.build_height_mm"
