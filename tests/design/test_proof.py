import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from reference import design_mesh as naive
from reference.design_samples import box, sphere
from unikat.design import Mesh
from unikat.design._kernels import count_bodies, measure_faces
from unikat.design.pair import join_meshes, mirror_mesh
from unikat.design.proof import check_mesh, check_topology


def report_of(mesh, wall=1.0):
    topology = check_topology(mesh.faces, len(mesh.vertices))
    return check_mesh(mesh, wall=wall, topology=topology)


def with_faces(mesh, faces):
    return Mesh(mesh.vertices, np.array(faces, dtype=np.int32))


@given(
    hnp.arrays(float, (9, 3), elements=st.floats(-100, 100)),
    hnp.arrays(np.int32, st.tuples(st.integers(1, 30), st.just(3)), elements=st.integers(0, 8)),
)
def test_the_kernels_agree_with_their_naive_twins(vertices, faces):
    # The volume of an open mesh depends on the origin, which is the kernel's first vertex.
    shifted = vertices - vertices[0]
    edge, _, area, volume = measure_faces(vertices, faces)
    wanted = naive.measure_faces(shifted.tolist(), faces.tolist())
    assert edge == pytest.approx(wanted[0], abs=1e-9)
    assert area == pytest.approx(wanted[2], rel=1e-9, abs=1e-9)
    assert volume == pytest.approx(wanted[3], rel=1e-9, abs=1e-6)
    assert count_bodies(faces, 9) == naive.count_bodies(faces.tolist())


@given(hnp.arrays(np.int32, (20, 3), elements=st.integers(0, 7)))
def test_the_kernel_counts_flat_faces_as_its_naive_twin(faces):
    wanted = naive.measure_faces(BOX.vertices.tolist(), faces.tolist())
    assert measure_faces(BOX.vertices, faces)[1] == wanted[1]


def test_a_box_is_proven_with_its_closed_forms():
    report = report_of(box(20.0, 10.0, 5.0))
    assert report.faults == ()
    assert report.is_watertight
    assert report.volume_mm3 == pytest.approx(1_000.0)
    assert report.area_mm2 == pytest.approx(700.0)
    assert report.min_edge == 5.0
    assert report.bounds == ((0.0, 0.0, 0.0), (20.0, 10.0, 5.0))


def test_a_fine_sphere_nears_its_closed_forms():
    report = report_of(sphere(10.0, rounds=5))
    assert report.faults == ()
    assert report.volume_mm3 == pytest.approx(4_000.0 / 3.0 * np.pi, rel=2e-3)
    assert report.area_mm2 == pytest.approx(400.0 * np.pi, rel=2e-3)


def test_a_mirrored_mesh_keeps_its_volume_and_its_proof():
    report = report_of(mirror_mesh(box(20.0, 10.0, 5.0)))
    assert report.faults == ()
    assert report.volume_mm3 == pytest.approx(1_000.0)


BOX = box(20.0, 10.0, 5.0)
WHOLE = BOX.faces.tolist()


@pytest.mark.parametrize(
    ("mesh", "fault"),
    [
        (with_faces(BOX, WHOLE[1:]), "not watertight"),
        (with_faces(BOX, [WHOLE[0][::-1], *WHOLE[1:]]), "not watertight"),
        (with_faces(BOX, [*WHOLE, WHOLE[0]]), "not watertight"),
        (with_faces(BOX, [*WHOLE, (0, 0, 1)]), "not watertight"),
        (with_faces(BOX, [face[::-1] for face in WHOLE]), "inside out"),
        (with_faces(BOX, [*WHOLE[1:], (0, 1, 99)]), "name no vertex"),
        (with_faces(BOX, np.zeros((0, 3))), "no faces"),
        (Mesh(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int32)), "no faces"),
        (join_meshes(BOX, BOX), "2 bodies"),
        (Mesh(BOX.vertices * (1.0, 1.0, 0.0), BOX.faces), "have no area"),
        (Mesh(BOX.vertices * (1.0, 1.0, 1e-4), BOX.faces), "shortest edge is 0.000500"),
        (Mesh(np.where(BOX.vertices == 20.0, np.nan, BOX.vertices), BOX.faces), "not finite"),
        (Mesh(np.where(BOX.vertices == 20.0, np.inf, BOX.vertices), BOX.faces), "not finite"),
    ],
)
def test_what_cannot_be_printed_is_refused_with_the_reason(mesh, fault):
    assert fault in "; ".join(report_of(mesh).faults)


def test_a_thin_wall_is_refused():
    assert report_of(BOX, wall=0.3).faults == ("its wall is 0.300 mm, at least 0.5 is needed",)


def test_faces_proven_for_other_vertices_are_never_followed():
    topology = check_topology(BOX.faces, len(BOX.vertices))
    short = Mesh(BOX.vertices[:4].copy(), BOX.faces)
    assert "4 vertices" in check_mesh(short, wall=1.0, topology=topology).faults[0]
