import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import printing_layers as naive
from reference.design_samples import INSOLE, box, insole_parameters, sphere
from unikat.design import Mesh, shape_part
from unikat.printing import Fff
from unikat.printing._kernels import sum_layers
from unikat.printing.layers import cut_layers, measure_columns

PROCESS = Fff(
    plate_mm=(350.0, 350.0, 350.0),
    layer_mm=0.2,
    bead_mm=0.45,
    walls=2,
    top_layers=4,
    bottom_layers=4,
    speeds_mm_s=(20.0, 30.0, 45.0, 60.0, 60.0, 40.0),
    time_factors=(1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    accel_s_per_mm=0.0,
    material_factors=(1.0, 1.0, 1.0, 1.0, 1.0),
    setup_s=0.0,
    material_g_cm3=1.2,
    power_kw=0.2,
    p90_factor=1.1,
)


def turned(mesh, angles):
    """Turn a mesh, so that no edge lies flat."""
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        one, two = [i for i in range(3) if i != axis]
        step = np.eye(3)
        step[one, one] = step[two, two] = np.cos(angle)
        step[one, two], step[two, one] = -np.sin(angle), np.sin(angle)
        turn = turn @ step
    return Mesh(mesh.vertices @ turn.T, mesh.faces)


ANGLES = st.tuples(*[st.floats(0.0, 6.0)] * 3)


@given(ANGLES, st.floats(0.05, 4.0))
def test_the_kernel_agrees_with_its_naive_twin(angles, layer):
    mesh = turned(sphere(7.0, rounds=2), angles)
    bottom = float(mesh.vertices[:, 2].min())
    num_layers = max(round(np.ptp(mesh.vertices[:, 2]) / layer), 1)
    perimeters, areas = sum_layers(mesh.vertices, mesh.faces, bottom, layer, num_layers)
    twin = naive.sum_layers(mesh.vertices.tolist(), mesh.faces.tolist(), bottom, layer, num_layers)
    assert perimeters == pytest.approx(twin[0], rel=1e-9, abs=1e-9)
    assert areas == pytest.approx(twin[1], rel=1e-9, abs=1e-9)


def test_vertices_exactly_on_a_plane_are_cut_once():
    mesh = sphere(8.0, rounds=3)
    # Planes at -8 + (i + 1/2) * 16 / 5: the middle one passes through the equator's vertices.
    perimeters, areas = sum_layers(mesh.vertices, mesh.faces, -8.0, 3.2, 5)
    twin = naive.sum_layers(mesh.vertices.tolist(), mesh.faces.tolist(), -8.0, 3.2, 5)
    assert perimeters == pytest.approx(twin[0])
    assert areas == pytest.approx(twin[1])
    assert areas[2] == pytest.approx(64.0 * np.pi, rel=0.02)


@given(st.floats(1, 90), st.floats(1, 90), st.floats(1, 90), st.floats(0.05, 1.0))
def test_every_layer_of_a_box_is_its_outline(width, depth, height, layer):
    perimeters, areas = cut_layers(box(width, depth, height), layer)
    assert len(areas) == max(round(height / layer), 1)
    assert perimeters == pytest.approx(np.full(len(areas), 2.0 * (width + depth)))
    assert areas == pytest.approx(np.full(len(areas), width * depth))


@pytest.mark.parametrize(("layer", "error"), [(1.0, 2e-2), (0.1, 2e-3), (0.01, 2e-4)])
def test_layer_areas_times_height_near_the_volume_of_a_sphere(layer, error):
    mesh = sphere(10.0, rounds=5)
    volume = shape_volume(mesh)
    assert cut_layers(mesh, layer)[1].sum() * layer == pytest.approx(volume, rel=error)


@settings(max_examples=15)
@given(insole_parameters())
def test_layer_areas_times_height_near_the_volume_of_an_insole(parameters):
    part = shape_part(INSOLE, parameters)
    layer = part.size[2] / 2_000
    assert cut_layers(part.mesh, layer)[1].sum() * layer == pytest.approx(part.volume_mm3, rel=1e-3)


def test_a_solid_box_is_filled_with_its_own_volume():
    # Walls, skins and full fill together are the box, less what the corners of walls lose.
    columns = measure_columns(box(60.0, 40.0, 10.0), PROCESS, 1.0)
    assert columns.volumes_mm3.sum() == pytest.approx(24_000.0, rel=0.01)


def test_a_box_has_its_skins_at_bottom_and_top_only():
    columns = measure_columns(box(60.0, 40.0, 10.0), PROCESS, 0.2)
    _, _, sparse, solid, top = columns.volumes_mm3
    # 50 layers: 4 solid at the bottom, 3 solid under 1 top skin, 42 sparse.
    layer = top
    assert solid == pytest.approx(7 * layer)
    assert sparse == pytest.approx(42 * 0.2 * layer)


def shape_volume(mesh):
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    return np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0
