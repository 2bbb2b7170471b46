import itertools

import manifold3d
import numpy as np
import pytest
import trimesh
from hypothesis import given

from reference.design_samples import INSOLE, insole_parameters, parameters_of, read_feet
from unikat.design import shape_part
from unikat.design.pair import mirror_mesh
from unikat.design.proof import check_topology
from unikat.design.recipes import default_parameters

DEFAULTS = dict(default_parameters(INSOLE))


def manifold_of(mesh):
    # manifold3d fills the arrays it is given: it needs its own.
    return manifold3d.Manifold(
        manifold3d.Mesh64(mesh.vertices.copy(), mesh.faces.astype(np.uint64).copy())
    )


def assert_others_agree(part):
    """Two independent libraries see the same closed, outward solid."""
    for mesh, side in ((part.mesh, "right"), (mirror_mesh(part.mesh), "left")):
        solid = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
        assert solid.is_volume, side
        assert solid.volume == pytest.approx(part.volume_mm3, rel=1e-9)
        assert solid.area == pytest.approx(part.area_mm2, rel=1e-9)
        manifold = manifold_of(mesh)
        assert manifold.status() == manifold3d.Error.NoError
        assert len(manifold.decompose()) == 1


@given(insole_parameters())
def test_any_parameters_within_the_bounds_build_and_pass_the_proof(parameters):
    part = shape_part(INSOLE, parameters)
    assert part.report.is_watertight
    assert part.report.num_bodies == 1
    assert part.volume_mm3 > 0.0


def test_all_corners_of_the_bounds_build_and_pass_the_proof():
    bounds = [(p.low, p.high) for p in INSOLE.parameters]
    names = [p.name for p in INSOLE.parameters]
    for corner in itertools.product(*bounds):
        assert shape_part(INSOLE, dict(zip(names, corner, strict=True))).report.faults == ()


@pytest.mark.parametrize("pick", [0, 1])
def test_other_libraries_confirm_the_extreme_insoles(pick):
    bound = [(p.low, p.high)[pick] for p in INSOLE.parameters]
    names = [p.name for p in INSOLE.parameters]
    assert_others_agree(shape_part(INSOLE, dict(zip(names, bound, strict=True))))


def test_all_500_persons_of_the_example_get_a_watertight_insole():
    people = read_feet()
    parts = [shape_part(INSOLE, parameters_of(person)) for person in people]
    assert len(parts) == 500
    assert all(part.report.is_watertight and not part.report.faults for part in parts)
    assert min(part.volume_mm3 for part in parts) > 60e3
    assert max(part.volume_mm3 for part in parts) < 145e3


@pytest.mark.parametrize("row", range(0, 500, 50))
def test_other_libraries_confirm_the_insoles_of_people(row):
    assert_others_agree(shape_part(INSOLE, parameters_of(read_feet()[row])))


def test_the_preview_grid_is_closed_and_close_to_the_part():
    preview = INSOLE.build(DEFAULTS, INSOLE.preview_grid)
    assert check_topology(preview.faces, len(preview.vertices)).faults == ()
    solid = trimesh.Trimesh(preview.vertices, preview.faces, process=False)
    assert solid.volume == pytest.approx(shape_part(INSOLE, DEFAULTS).volume_mm3, rel=2e-3)


def test_version_1_keeps_its_shape():
    # A recipe is part of what was sold: a change of shape is a new version.
    part = shape_part(INSOLE, DEFAULTS)
    assert part.volume_mm3 == pytest.approx(91_720.793, abs=0.01)
    assert part.size == pytest.approx((266.0, 100.75773, 22.99864), abs=1e-4)


def test_the_insole_is_as_long_as_the_foot_and_4_mm():
    part = shape_part(INSOLE, {**DEFAULTS, "foot_length": 300.0})
    assert part.size[0] == pytest.approx(304.0)


@pytest.mark.parametrize("name", ["arch_height", "heel_cup_depth", "metatarsal_pad", "thickness"])
def test_more_height_takes_more_volume(name):
    more = shape_part(INSOLE, {**DEFAULTS, name: DEFAULTS[name] + 1.0})
    assert more.volume_mm3 > shape_part(INSOLE, DEFAULTS).volume_mm3
