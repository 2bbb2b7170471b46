import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.design_samples import INSOLE, insole_parameters, parameters_of, read_feet
from reference.printing_samples import FFF, POWDER
from unikat.design import shape_part
from unikat.design.recipes import default_parameters
from unikat.errors import Unprintable
from unikat.printing import estimate_print

DEFAULTS = dict(default_parameters(INSOLE))
PART = shape_part(INSOLE, DEFAULTS)


@given(insole_parameters(), st.sampled_from([POWDER, FFF]))
def test_every_insole_has_an_estimate_whose_p90_is_not_below_its_p50(parameters, process):
    estimate = estimate_print(shape_part(INSOLE, parameters), process)
    assert 0 < estimate.p50 <= estimate.p90
    assert isinstance(estimate.p50, int)
    assert isinstance(estimate.p90, int)
    assert min(estimate.mass_g, estimate.volume_mm3, estimate.energy_kwh) > 0.0


@given(insole_parameters())
def test_a_powder_part_has_the_time_of_its_build_whatever_its_shape(parameters):
    assert estimate_print(shape_part(INSOLE, parameters), POWDER).p50 == 3_600 + 20_000 + 12_400


def test_powder_mass_is_volume_by_density_and_energy_goes_with_volume():
    estimate = estimate_print(PART, POWDER)
    assert estimate.mass_g == pytest.approx(2 * PART.volume_mm3 / 1_000 * 0.3 * 1.01)
    build_kwh = 5.0 * 36_000 / 3_600
    used_mm3 = 0.11 * 380 * 284 * 160
    assert estimate.energy_kwh == pytest.approx(build_kwh * 2 * PART.volume_mm3 / used_mm3)


def test_a_pair_of_filament_insoles_takes_4_to_8_hours():
    people = read_feet()[::25]
    hours = [
        estimate_print(shape_part(INSOLE, parameters_of(person)), FFF).p50 / 3_600
        for person in people
    ]
    assert min(hours) > 3.5
    assert max(hours) < 8.0


def test_each_copy_takes_the_same_and_setup_comes_once():
    one, two, four = (estimate_print(PART, FFF, copies=copies) for copies in (1, 2, 4))
    assert two.p50 - one.p50 == pytest.approx(one.p50 - 600, abs=2)
    assert four.p50 - 600 == pytest.approx(2 * (two.p50 - 600), abs=2)
    assert four.mass_g == pytest.approx(4 * one.mass_g)


@settings(max_examples=20)
@given(insole_parameters(), st.floats(0.1, 0.9))
def test_denser_fill_takes_longer_and_weighs_more(parameters, density):
    thin = shape_part(INSOLE, {**parameters, "density": density})
    dense = shape_part(INSOLE, {**parameters, "density": density + 0.1})
    assert estimate_print(thin, FFF).p50 < estimate_print(dense, FFF).p50
    assert estimate_print(thin, FFF).mass_g < estimate_print(dense, FFF).mass_g


def test_solid_filament_weighs_what_its_volume_weighs():
    solid = shape_part(INSOLE, {**DEFAULTS, "density": 1.0})
    estimate = estimate_print(solid, FFF)
    # At 0.3 mm layers the slopes of the insole make steps: a few percent of the volume.
    assert estimate.volume_mm3 == pytest.approx(2 * solid.volume_mm3, rel=0.04)


def test_calibration_scales_what_it_is_for():
    slow = dataclasses.replace(FFF, time_factors=(2.0,) * 6, accel_s_per_mm=0.24, setup_s=1_200.0)
    assert estimate_print(PART, slow).p50 == pytest.approx(2 * estimate_print(PART, FFF).p50, abs=2)
    thick = dataclasses.replace(FFF, material_factors=(1.1,) * 5)
    assert estimate_print(PART, thick).mass_g == pytest.approx(
        1.1 * estimate_print(PART, FFF).mass_g
    )
    assert estimate_print(PART, thick).p50 == estimate_print(PART, FFF).p50


def test_a_part_larger_than_the_plate_or_the_chamber_is_refused():
    with pytest.raises(Unprintable, match="the plate 200 x 210 x 120 mm"):
        estimate_print(PART, dataclasses.replace(FFF, plate_mm=(210.0, 200.0, 120.0)))
    with pytest.raises(Unprintable, match="larger printer"):
        estimate_print(PART, dataclasses.replace(POWDER, chamber_mm=(90.0, 99.0, 380.0)))


def test_a_part_may_lie_across_the_plate_but_not_stand():
    across = dataclasses.replace(FFF, plate_mm=(110.0, 270.0, 30.0))
    assert estimate_print(PART, across).p50 > 0
    with pytest.raises(Unprintable):
        estimate_print(PART, dataclasses.replace(FFF, plate_mm=(110.0, 30.0, 300.0)))
