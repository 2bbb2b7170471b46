import dataclasses

import pytest

from reference.design_samples import INSOLE, parameters_of, read_feet
from reference.printing_samples import FFF
from unikat.design import shape_part
from unikat.printing.calibrate import PrintRun, fit_calibration
from unikat.printing.estimate import estimate_print
from unikat.printing.layers import measure_columns

PARTS = [shape_part(INSOLE, parameters_of(person)) for person in read_feet()[::40]]
PLAIN = dataclasses.replace(FFF, setup_s=0.0, accel_s_per_mm=0.0)


def runs_of(machine):
    """Prints of another machine that is exactly as `machine` says."""
    for part in PARTS:
        actual = estimate_print(part, machine, copies=1)
        columns = measure_columns(part.mesh, machine, part.density)
        yield PrintRun(columns, actual.p50, actual.volume_mm3)


def errors(process, machine):
    for part in PARTS:
        wanted = estimate_print(part, machine)
        got = estimate_print(part, process)
        yield abs(got.p50 / wanted.p50 - 1.0), abs(got.mass_g / wanted.mass_g - 1.0)


def test_a_machine_slower_by_one_factor_is_found():
    machine = dataclasses.replace(PLAIN, time_factors=(1.12,) * 6, material_factors=(1.05,) * 5)
    fitted = fit_calibration(tuple(runs_of(machine)), PLAIN)
    assert max(time for time, _ in errors(fitted, machine)) < 0.001
    assert max(mass for _, mass in errors(fitted, machine)) < 0.001


def test_a_machine_with_slow_turns_and_skins_is_found():
    machine = dataclasses.replace(
        PLAIN, time_factors=(1.0, 1.3, 1.1, 1.2, 1.4, 1.2), accel_s_per_mm=0.2
    )
    fitted = fit_calibration(tuple(runs_of(machine)), PLAIN)
    assert max(time for time, _ in errors(fitted, machine)) < 0.005


def test_factors_are_never_negative():
    runs = [dataclasses.replace(run, seconds=1.0) for run in runs_of(PLAIN)]
    fitted = fit_calibration(runs, PLAIN)
    assert min((*fitted.time_factors, fitted.accel_s_per_mm, *fitted.material_factors)) >= 0.0


@pytest.mark.parametrize("num_runs", [1, 2])
def test_few_runs_lean_to_one_factor(num_runs):
    machine = dataclasses.replace(PLAIN, time_factors=(1.4,) * 6)
    fitted = fit_calibration(tuple(runs_of(machine))[:num_runs], PLAIN)
    assert max(time for time, _ in errors(fitted, machine)) < 0.001
