import dataclasses
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.design_samples import INSOLE, box
from unikat.design import Mesh, mesh_hash, shape_part
from unikat.design.recipes import default_parameters
from unikat.errors import InvalidMeasurements, Unprintable

DEFAULTS = dict(default_parameters(INSOLE))
NAMES = st.sampled_from([p.name for p in INSOLE.parameters])


@given(NAMES, st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 0.0499, 1e9]))
def test_a_value_that_is_not_finite_or_out_of_bounds_is_refused_by_name(name, value):
    parameter = next(p for p in INSOLE.parameters if p.name == name)
    if parameter.low <= value <= parameter.high:
        return
    with pytest.raises(InvalidMeasurements, match=f"{name} is .*give .* to"):
        shape_part(INSOLE, {**DEFAULTS, name: value})


def test_all_faults_of_the_parameters_are_told_at_once():
    wrong = {**DEFAULTS, "foot_length": 20.0, "arch_height": math.nan, "colour": 1.0}
    del wrong["density"]
    with pytest.raises(InvalidMeasurements) as caught:
        shape_part(INSOLE, wrong)
    assert str(caught.value) == (
        "recipe insole version 1: foot_length is 20 mm, give 200 to 330 mm; "
        "arch_height is nan mm, give 0 to 40 mm; density is missing, give 0.1 to 1; "
        "colour is not a parameter"
    )


def test_equal_parameters_give_equal_keys_and_meshes():
    one = shape_part(INSOLE, DEFAULTS)
    other = shape_part(INSOLE, dict(reversed(DEFAULTS.items())))
    assert one.recipe_key == other.recipe_key
    assert mesh_hash(one) == mesh_hash(other)


@pytest.mark.parametrize("name", [p.name for p in INSOLE.parameters if p.name != "density"])
def test_another_parameter_is_another_key_and_another_mesh(name):
    one = shape_part(INSOLE, DEFAULTS)
    other = shape_part(INSOLE, {**DEFAULTS, name: DEFAULTS[name] - 0.05})
    assert one.recipe_key != other.recipe_key
    assert mesh_hash(one) != mesh_hash(other)


def test_a_recipe_that_fails_its_proof_is_unprintable():
    def build_open(_parameters, _grid):
        whole = box(10.0, 10.0, 10.0)
        return Mesh(whole.vertices, whole.faces[1:].copy())

    broken = dataclasses.replace(INSOLE, name="broken", build=build_open)
    with pytest.raises(Unprintable, match=r"recipe broken version 1: 3 edges .* not watertight"):
        shape_part(broken, DEFAULTS)


def test_a_recipe_whose_faces_vary_is_proven_anew_for_each_part():
    def build_varying(parameters, _grid):
        whole = box(10.0, 10.0, 10.0)
        is_whole = parameters["thickness"] == DEFAULTS["thickness"]
        return whole if is_whole else Mesh(whole.vertices, whole.faces[1:].copy())

    varying = dataclasses.replace(INSOLE, name="varying", build=build_varying)
    varying = dataclasses.replace(varying, measure_wall=lambda _mesh: 10.0)
    assert shape_part(varying, DEFAULTS).volume_mm3 == pytest.approx(1_000.0)
    with pytest.raises(Unprintable, match="not watertight"):
        shape_part(varying, {**DEFAULTS, "thickness": 4.0})


def test_a_part_cannot_be_changed():
    part = shape_part(INSOLE, DEFAULTS)
    with pytest.raises(ValueError, match="read-only"):
        part.mesh.vertices[0, 0] = 1.0


def test_importing_design_and_printing_loads_no_compiler_and_no_solver():
    heavy = "{'numba', 'scipy', 'manifold3d', 'lib3mf', 'trimesh'}"
    code = f"import sys, unikat.design, unikat.printing; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
