import io
import json

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings

from reference.design_samples import INSOLE, box, insole_parameters
from unikat.design import preview_pair, write_glb
from unikat.design.recipes import default_parameters
from unikat.errors import UnikatError

PAIR = preview_pair(INSOLE, default_parameters(INSOLE))


def load(content):
    return trimesh.load(io.BytesIO(content), file_type="glb")


def test_a_box_is_in_metres_with_y_up():
    low, high = load(write_glb(box(20.0, 10.0, 5.0), "#ffffff")).bounds
    assert low == pytest.approx([0.0, 0.0, -0.010], abs=1e-7)
    assert high == pytest.approx([0.020, 0.005, 0.0], abs=1e-7)


def test_a_preview_is_read_back_as_the_same_two_solids():
    solid = load(write_glb(PAIR, "#4060a0")).to_geometry()
    assert solid.is_volume
    assert solid.body_count == 2
    assert len(solid.faces) == len(PAIR.faces) == 13_448


def test_a_preview_is_small_enough_for_a_page():
    assert len(write_glb(PAIR, "#4060a0")) <= 250_000


def test_the_material_has_the_colour():
    content = write_glb(PAIR, "#ff0000")
    head = json.loads(content[20 : 20 + int.from_bytes(content[12:16], "little")])
    colour = head["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"]
    assert colour == [1.0, 0.0, 0.0, 1.0]


def test_the_parts_of_the_file_are_aligned_and_counted():
    content = write_glb(box(1.0, 1.0, 1.0), "#000000")
    assert len(content) == int.from_bytes(content[8:12], "little")
    assert len(content) % 4 == 0


@settings(max_examples=10)
@given(insole_parameters())
def test_normals_are_unit_vectors(parameters):
    mesh = preview_pair(INSOLE, parameters)
    content = write_glb(mesh, "#ffffff")
    start = 20 + int.from_bytes(content[12:16], "little") + 8 + mesh.vertices.size * 4
    normals = np.frombuffer(content, "<f4", mesh.vertices.size, start).reshape(-1, 3)
    assert np.linalg.norm(normals, axis=1) == pytest.approx(np.ones(len(normals)), abs=1e-6)


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345678", ""])
def test_another_form_of_colour_is_refused(colour):
    with pytest.raises(UnikatError, match="#rrggbb"):
        write_glb(PAIR, colour)
