import numpy as np
import pytest
import trimesh
from hypothesis import given

from reference.design_samples import INSOLE, insole_parameters
from unikat.design import lay_pair, preview_pair, shape_part
from unikat.design.pair import GAP, mirror_mesh
from unikat.errors import InvalidMeasurements


@given(insole_parameters())
def test_left_and_right_mirror_each_other_and_lie_a_gap_apart(parameters):
    left, right = lay_pair(shape_part(INSOLE, parameters))
    left_y = left.mesh.vertices[:, 1] + left.shift[1]
    right_y = right.mesh.vertices[:, 1] + right.shift[1]
    assert left_y.min() - right_y.max() == pytest.approx(GAP)
    assert left_y == pytest.approx(-right_y)


def test_mirroring_twice_gives_the_mesh_back():
    mesh = INSOLE.build({p.name: p.default for p in INSOLE.parameters}, INSOLE.grid)
    again = mirror_mesh(mirror_mesh(mesh))
    assert np.array_equal(again.vertices, mesh.vertices)
    assert np.array_equal(again.faces, mesh.faces)


def test_the_preview_is_a_closed_pair_centred_on_the_origin():
    pair = preview_pair(INSOLE, {p.name: p.default for p in INSOLE.parameters})
    solid = trimesh.Trimesh(pair.vertices, pair.faces, process=False)
    assert solid.is_volume
    assert solid.bounds[0][:2] == pytest.approx(-solid.bounds[1][:2])


def test_the_preview_checks_its_parameters():
    with pytest.raises(InvalidMeasurements, match="foot_length is missing"):
        preview_pair(INSOLE, {})
